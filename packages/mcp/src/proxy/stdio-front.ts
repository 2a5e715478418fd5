import type { Readable, Writable } from 'node:stream'
import { parseMessage } from '../gate/parse-message.ts'
import { type Connection, type ProxyOptions, openConnection } from './connection.ts'
import { lineWriter } from './line-writer.ts'
import { type Line, takeLines } from './lines.ts'
import { resolvesWithin } from './time.ts'

/** The host's side of a proxy that speaks over standard input and output. */
export interface StdioProxyOptions extends ProxyOptions {
  readonly input: Readable
  readonly output: Writable
  readonly maxMessageBytes: number
  /** Ends the proxy as if the host had left. */
  readonly signal: AbortSignal
}

const LAST_ANSWERS_MS = 1_000

/** Why a proxy is over. */
export type StdioEnd = { readonly by: 'host' } | { readonly by: 'server'; readonly why: string }

/**
 * Stands between a host and a server until one of them leaves, and resolves when the server has ended and everything is
 * on the record. Rejects where there is no server to be had. Nothing but messages is written to `output`.
 */
export async function stdioProxy(options: StdioProxyOptions): Promise<StdioEnd> {
  const { input, output, signal } = options
  const writer = lineWriter(output)
  const left = Promise.withResolvers<StdioEnd>()
  const connection = await openConnection(options, {
    toClient: (message) => writer.write(message),
    closed: (why) => {
      left.resolve({ by: 'server', why })
    },
  })
  const leave = (): void => {
    left.resolve({ by: 'host' })
  }
  // A host that crashed may leave its end of the input open.
  output.once('close', leave)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    // Whoever leaves first: a server that does not read must not keep a host that wants to go.
    return await Promise.race([left.promise, takeAll(connection, options)])
  } finally {
    signal.removeEventListener('abort', leave)
    input.destroy()
    writer.release()
    await connection.close()
    await finish(output)
  }
}

async function takeAll(connection: Connection, { input, maxMessageBytes }: StdioProxyOptions): Promise<StdioEnd> {
  try {
    await takeLines(input, maxMessageBytes, (line) => take(line, connection, maxMessageBytes))
    // A host that has asked all it wanted may still wait for the answers.
    await resolvesWithin(connection.settled(), LAST_ANSWERS_MS)
  } catch (cause) {
    if (!input.destroyed) throw cause // one that is cut off is one that left
  }
  return { by: 'host' }
}

// What was written gets out, but nobody waits for a host that does not read.
async function finish(output: Writable): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    output.end(resolve)
    output.once('close', resolve)
  })
  if (!(await resolvesWithin(ended, LAST_ANSWERS_MS))) output.destroy()
}

function take(line: Line, connection: Connection, maxBytes: number): Promise<void> {
  if ('problem' in line) return connection.tell(unreadable(line.problem, maxBytes))
  const { text } = line
  if (text.trim() === '') return Promise.resolve()
  const parsed = parseMessage(text, maxBytes)
  return parsed.kind === 'refused' ? connection.tell(parsed.answer) : connection.fromClient(parsed.message, text.length)
}

function unreadable(problem: Extract<Line, { problem: string }>['problem'], maxBytes: number): object {
  const why = problem === 'too_long' ? `a message has at most ${String(maxBytes)} bytes` : 'a message is UTF-8'
  return { jsonrpc: '2.0', id: null, error: { code: -32_600, message: `invalid request: ${why}` } }
}
