import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import { webhookTarget } from '../notify/webhook-url.ts'
import { type HeadSink, type SinkMode, headInLine } from './head-sink.ts'

/** An append-only file, best on another disk or made append-only by the system (`chattr +a`). */
export interface FileSinkOptions {
  readonly path: string
  readonly mode: SinkMode
  readonly machine?: Pick<Machine, 'files'> | undefined
}

// Of a file that many trails share, the newest head of one may lie further back; then it is not known.
const MAX_END_BYTES = 1_048_576

/** Appends each head to a file, synced before it counts; the highest one is read back where no head file is there. */
export function fileSink(options: FileSinkOptions): HeadSink {
  const { path, mode } = options
  const { files } = options.machine ?? machine()
  return {
    name: `the file \`${path}\``,
    mode,
    // What a process that was killed wrote by half must not spoil the next line.
    keep: async (line) => files.append(path, `\n${line}`, 0o600),
    newest: async (origin) => {
      const lines = files.end(path, MAX_END_BYTES)?.split('\n') ?? []
      let newest: { readonly line: string; readonly size: number } | undefined
      for (const line of lines) {
        const head = headInLine(line, origin)
        if (head !== undefined && head.size >= (newest?.size ?? 0)) newest = { line, size: head.size }
      }
      return newest?.line
    },
  }
}

/** Standard output, a journal, syslog: whatever takes a line. */
export interface LineSinkOptions {
  readonly write: (line: string) => void | Promise<void>
  readonly mode: SinkMode
  readonly name?: string
}

/** Hands each head to a function, as one line that begins with `capfence-head `. */
export function lineSink({ write, mode, name = 'the log' }: LineSinkOptions): HeadSink {
  return { name, mode, keep: async (line) => write(`capfence-head ${line}`) }
}

/** A service that takes heads. */
export interface HttpSinkOptions {
  /** https; http only to 127.0.0.1, [::1] or localhost. */
  readonly url: string
  /** The only hosts that may be told, each as `host` or `host:port`; the url's must be one of them. */
  readonly hosts: readonly string[]
  readonly mode: SinkMode
  /** Such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long it may take to answer; 2,000 unless told. */
  readonly timeoutMs?: number
  readonly machine?: Pick<Machine, 'net'> | undefined
}

/** Posts each head to a service, which keeps it where it answers 2xx. No redirect is followed. */
export function httpSink(options: HttpSinkOptions): HeadSink {
  const { href, host } = webhookTarget(options.url, options.hosts)
  const { mode, timeoutMs = 2_000 } = options
  const { net } = options.machine ?? machine()
  const headers = { 'content-type': 'application/json', ...options.headers }
  return {
    name: `\`${host}\``,
    mode,
    keep: async (line) => {
      const { status } = await net.post({ url: href, headers, body: line, timeoutMs })
      if (status < 200 || status > 299) throw new CapFenceError('IO', `it answered ${String(status)}`)
    },
  }
}
