import {
  type Back,
  type BackEvents,
  type Message,
  type OpenBack,
  answeredId,
  cancelledId,
  lostAnswer,
  requestId,
} from './back.ts'
import type { Command } from './child.ts'
import { type Handshake, handshake } from './handshake.ts'
import { type Life, type LifeOptions, beginLife } from './life.ts'
import { resolvesWithin, waitFor } from './time.ts'

/** A server that is a process, and what to do when it ends. */
export interface ChildBackOptions {
  readonly command: Command
  readonly maxMessageBytes: number
  /** How often in a row to start it again; 5 where left out. */
  readonly restarts?: number | undefined
  /** The wait before the first new start, doubled for each one after; 250 ms where left out. */
  readonly backoffMs?: number | undefined
}

const DEFAULT_RESTARTS = 5
const DEFAULT_BACKOFF_MS = 250
const MAX_BACKOFF_MS = 10_000
const REPLAY_TIMEOUT_MS = 30_000
const LIST_CHANGED: Message = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

/**
 * Starts a server, speaks to it in lines, and starts it again where it ends by itself. A new one knows nothing of the
 * session: it is told how the session began, and what the old one had not answered is answered with an error.
 */
export function childBack(options: ChildBackOptions): OpenBack {
  return (events) => open(options, events)
}

async function open(options: ChildBackOptions, events: BackEvents): Promise<Back> {
  const began = handshake()
  const closing = new AbortController()
  let failures = 0
  const lifeOptions: LifeOptions = {
    ...options,
    receive: (message) => {
      if (answeredId(message) !== undefined) failures = 0 // it works
      return events.message(message, {})
    },
    say: events.say,
  }
  const reborn = async (): Promise<Life | undefined> => {
    const life = await beginLife(lifeOptions)
    if (closing.signal.aborted || !(await replay(life, began))) {
      await life.child.stop()
      return undefined
    }
    return life
  }
  const again = async (how: string): Promise<Life | undefined> => {
    const { restarts = DEFAULT_RESTARTS, backoffMs = DEFAULT_BACKOFF_MS } = options
    while (failures < restarts) {
      await waitFor(Math.min(backoffMs * 2 ** failures, MAX_BACKOFF_MS), closing.signal)
      if (closing.signal.aborted) return undefined
      failures += 1
      const life = await reborn().catch((cause: unknown) => {
        events.say(`cannot start the server again: ${String(cause)}`)
      })
      if (life !== undefined) return life
    }
    events.closed(`the server ${how}, and starting it again ${String(restarts)} times did not help`)
    return undefined
  }
  let current: Promise<Life | undefined>
  const supervise = async (first: Life): Promise<void> => {
    for (let life: Life | undefined = first; life !== undefined; life = await current) {
      const how = await life.over
      if (closing.signal.aborted) return
      events.say(`the server ${how}; it is started again`)
      current = again(how)
      const why = `the MCP server ${how} before it answered; it may or may not have done what it was asked`
      for (const id of life.pending) await events.message(lostAnswer(id, why), {})
      // What it offers now may not be what it offered before.
      if ((await current) !== undefined) await events.message(LIST_CHANGED, {})
    }
  }
  const first = await beginLife(lifeOptions)
  current = Promise.resolve(first)
  const supervised = supervise(first)
  return {
    send: async (message) => {
      began.note(message)
      const life = await current
      const id = requestId(message)
      const cancelled = cancelledId(message)
      if (life !== undefined) {
        if (cancelled !== undefined) life.pending.delete(cancelled) // most servers never answer it
        if (id !== undefined) life.pending.add(id)
        await life.child.writer.write(message)
      } else if (id !== undefined) await events.message(lostAnswer(id, 'the MCP server is gone'), {})
    },
    close: async () => {
      closing.abort()
      await (await current)?.child.stop()
      await supervised
    },
  }
}

// False where the new server ended, or did not answer in time.
async function replay({ child, over, answerTo }: Life, began: Handshake): Promise<boolean> {
  const wanted = began.replay()
  if (wanted === undefined) return true
  const answer = answerTo(wanted.id)
  await child.writer.write(wanted.first)
  const settled = Promise.race([answer.then((message) => 'result' in message), over.then(() => false)])
  if (!(await resolvesWithin(settled, REPLAY_TIMEOUT_MS)) || !(await settled)) return false
  if (wanted.second !== undefined) await child.writer.write(wanted.second)
  return true
}
