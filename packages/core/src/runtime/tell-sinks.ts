import { type HeadRecord, formatHead } from '../audit/head-file.ts'
import { type HeadSink, headInLine } from '../audit/head-sink.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import type { Clock } from '../kernel/ports.ts'
import { orTimeout, withinTime } from './time-limit.ts'

/** The sinks of one process. */
export interface Sinks {
  /** Tells of a head that is durable. Rejects, `IO`, where a required sink does not keep it. */
  told(head: HeadRecord): Promise<void>
  /** The highest head of a trail that a sink keeps. Rejects where a required one cannot be read. */
  newest(origin: string): Promise<HeadRecord | undefined>
  /** Resolves once nothing waits to be told, or the time for it is over. */
  settled(): Promise<void>
}

/** What telling needs. */
export interface SinkOptions {
  readonly sinks: readonly HeadSink[]
  readonly clock: Clock
  /** How long one sink may take. */
  readonly limitMs: number
  /** Told of sinks that need not be there, and are not. */
  readonly fault: (message: string) => void
}

/** Tells all sinks: required ones are waited for, the others learn the newest head as soon as they took the last one. */
export function tellSinks({ sinks, clock, limitMs, fault }: SinkOptions): Sinks {
  const required = sinks.filter(({ mode }) => mode === 'required')
  const pumps = sinks.filter(({ mode }) => mode !== 'required').map((sink) => pump(sink))

  async function keep(sink: HeadSink, line: string): Promise<void> {
    try {
      await withinTime(sink.keep(line), 'it', { clock, limitMs })
    } catch (cause) {
      throw lost(sink, cause)
    }
  }

  // One head at a time, always the newest: what came while the last one was on its way is skipped.
  function pump(sink: HeadSink): { push(line: string): void; settled(): Promise<void> } {
    let next: string | undefined
    let running: Promise<void> | undefined
    const drain = async (): Promise<void> => {
      for (let line = next; line !== undefined; line = next) {
        next = undefined
        try {
          await keep(sink, line)
        } catch (cause) {
          fault(messageOf(cause))
        }
      }
      running = undefined
    }
    return {
      push: (line) => {
        next = line
        running ??= drain()
      },
      settled: async () => {
        await running
      },
    }
  }

  async function newestOf(sink: HeadSink, origin: string): Promise<HeadRecord | undefined> {
    if (sink.newest === undefined) return undefined
    try {
      const line = await withinTime(sink.newest(origin), 'it', { clock, limitMs })
      return line === undefined ? undefined : headInLine(line, origin)
    } catch (cause) {
      if (sink.mode === 'required') throw lost(sink, cause)
      fault(lost(sink, cause).message)
      return undefined
    }
  }

  return {
    told: async (head) => {
      if (sinks.length === 0) return
      const line = formatHead(head)
      for (const waiting of pumps) waiting.push(line)
      await Promise.all(required.map((sink) => keep(sink, line)))
    },
    newest: async (origin) => {
      const heads = await Promise.all(sinks.map((sink) => newestOf(sink, origin)))
      return heads.reduce((high, head) => ((head?.size ?? -1) > (high?.size ?? -1) ? head : high), undefined)
    },
    settled: async () => {
      await orTimeout(Promise.all(pumps.map((waiting) => waiting.settled())), { clock, limitMs })
    },
  }
}

function lost({ name }: HeadSink, cause: unknown): CapFenceError {
  return new CapFenceError('IO', `the head of the trail could not be kept by ${name}: ${messageOf(cause)}`, { cause })
}
