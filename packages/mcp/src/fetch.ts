import type { ActionRuntime } from '@capfence/core'
import { httpExchange } from './fetch/http-exchange.ts'
import { type Posted, parsedPost, readPost } from './fetch/post-body.ts'
import type { McpOptions } from './gate/mcp-options.ts'
import { MAX_MESSAGE_BYTES } from './gate/parse-message.ts'

/** What serves MCP over HTTP, such as the `fetch` of what `createMcpHandler` gives. */
export type FetchHandler = (request: Request, options?: never) => Promise<Response>

/** How requests over HTTP are guarded. */
export interface FetchOptions extends McpOptions {
  /** The most bytes that a message may have; 4 MiB where left out. */
  readonly maxBytes?: number | undefined
}

/** What the SDK's handler takes beside the request. */
interface Beside {
  readonly authInfo?: unknown
  readonly parsedBody?: unknown
}

// They have no body that a server would read a message in.
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

/**
 * The same handler behind the gate: the body of each request is judged, and what is served is made anew of what was
 * judged. Each request is a connection of its own; `McpRequest.extra` is `{ request, authInfo }`.
 */
export function guardFetch<Fetch extends FetchHandler>(
  runtime: ActionRuntime,
  serve: Fetch,
  options: FetchOptions,
): Fetch {
  const { maxBytes = MAX_MESSAGE_BYTES, ...host } = options
  const handle = serve as unknown as (request: Request, beside?: Beside) => Promise<Response> // as the SDK has it
  const guarded = async (request: Request, beside?: Beside): Promise<Response> => {
    if (BODILESS.has(request.method)) return handle(request, beside)
    const isParsed = beside?.parsedBody !== undefined
    const posted: Posted = isParsed ? parsedPost(request, beside.parsedBody) : await readPost(request, maxBytes)
    if (posted.kind === 'refused') return Response.json(posted.answer, { status: posted.status })
    return httpExchange({
      runtime,
      options: host,
      message: posted.message,
      extra: { request, authInfo: beside?.authInfo },
      signal: request.signal,
      serve: (message, signal) => {
        const anew = requestWith(request, JSON.stringify(message), signal)
        return handle(anew, isParsed ? { ...beside, parsedBody: message } : beside)
      },
    })
  }
  return guarded as unknown as Fetch
}

function requestWith({ url, method, headers }: Request, body: string, signal: AbortSignal): Request {
  const kept = new Headers(headers)
  for (const name of ['content-length', 'transfer-encoding']) kept.delete(name)
  return new Request(url, { method, headers: kept, body, signal })
}
