import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { byteBuffer } from './byte-buffer.ts'

/** What to ask of an HTTP server. */
export interface HttpRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
  /** How long the server may be silent before it begins to answer; without end where left out. */
  readonly timeoutMs?: number | undefined
}

/** An answer, whose body is read no faster than it is asked for. */
export interface HttpAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: IncomingMessage
}

/** Asks, and follows no redirect: where a credential goes was decided by whoever gave it. */
export function httpRequest({ url, method, headers, body, signal, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  const ask = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asked = ask(url, { method, headers, signal })
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => asked.destroy(new Error(`no answer within ${String(timeoutMs)} ms`)), timeoutMs)
    asked.once('response', (answer) => {
      clearTimeout(timer)
      resolve({
        status: answer.statusCode ?? 0,
        header: (name) => {
          const value = answer.headers[name]
          return Array.isArray(value) ? value[0] : value
        },
        body: answer,
      })
    })
    asked.once('error', (cause) => {
      clearTimeout(timer)
      reject(cause)
    })
    asked.end(body)
  })
}

/** The whole body as bytes; rejects where it is longer than that. */
export async function bodyOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const held = byteBuffer()
  let sizeBytes = 0
  for await (const part of stream) {
    sizeBytes += part.length
    if (sizeBytes > maxBytes) throw new BodyTooLongError()
    held.add(part)
  }
  return held.take()
}

/** A body that is longer than it may be. */
export class BodyTooLongError extends Error {
  constructor() {
    super('the body is too long')
  }
}
