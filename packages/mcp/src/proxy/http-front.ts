import { type Server, type ServerResponse, createServer } from 'node:http'
import type { ProxyOptions } from './connection.ts'
import { type HttpAccess, checkPlace, checkToken } from './http-check.ts'
import { type Exchange, refuse, takeDelete, takeGet, takePost } from './http-methods.ts'
import { httpSessions } from './http-sessions.ts'
import { pool } from './pool.ts'

/** How much a proxy takes on. */
export interface HttpLimits {
  /** The most bytes of one message. */
  readonly maxBodyBytes: number
  readonly maxSessions: number
  /** The most requests of HTTP at a time, those that listen among them. */
  readonly maxOpen: number
  /** How long a client may take to send a request. */
  readonly requestMs: number
  /** How long a session may go unused. */
  readonly idleMs: number
  /** How long a client may leave unread what it was sent. */
  readonly stallMs: number
}

/** The clients' side of a proxy that speaks Streamable HTTP. */
export interface HttpProxyOptions extends ProxyOptions {
  readonly access: HttpAccess
  /** Hands on what a client presents in the header Authorization. */
  readonly forwardsAuthorization: boolean
  readonly limits: HttpLimits
  /** True for a server that is started: it is kept for the next request where each stands alone. */
  readonly isProcess: boolean
  readonly listen: { readonly host: string; readonly port: number }
}

/** A proxy that listens. */
export interface HttpProxy {
  readonly port: number
  /** Ends all sessions, and resolves when everything is on the record. */
  readonly close: () => Promise<void>
}

const PATH = '/mcp'
const SWEEP_MS = 30_000
const KEPT = 4

/** Listens for clients. Rejects where it cannot. */
export async function httpProxy(options: HttpProxyOptions): Promise<HttpProxy> {
  const { limits, listen } = options
  const sessions = httpSessions(() => performance.now())
  const lent = options.isProcess ? pool(options.openBack, { keep: KEPT, say: options.say }) : undefined
  const alone = { ...options, openBack: lent?.openBack ?? options.openBack }
  const server = createServer({ requestTimeout: limits.requestMs, headersTimeout: limits.requestMs })
  server.maxConnections = limits.maxOpen * 2 // those that ask nothing must not use up what the trail needs
  let open = 0
  server.on('request', (request, response) => {
    open += 1
    response.once('close', () => {
      open -= 1
    })
    handle({ options, alone, sessions, request, response }, open > limits.maxOpen).catch((cause: unknown) => {
      options.say(`a request failed: ${cause instanceof Error ? cause.message : String(cause)}`)
      response.destroy()
    })
  })
  const sweeping = setInterval(() => {
    void sessions.sweep(limits.idleMs)
  }, SWEEP_MS)
  sweeping.unref()
  const port = await started(server, listen)
  return {
    port,
    close: async () => {
      clearInterval(sweeping)
      const closed = new Promise((resolve) => server.close(resolve))
      await sessions.endAll()
      await lent?.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function started(server: Server, listen: HttpProxyOptions['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : listen.port)
    })
  })
}

async function handle(asked: Omit<Exchange, 'credential'>, isTooMuch: boolean): Promise<void> {
  const { options, request, response } = asked
  const elsewhere = checkPlace(request, options.access)
  if (elsewhere !== undefined) return refuse(asked, elsewhere)
  if (request.headers.origin !== undefined) setCrossOrigin(response, request.headers.origin)
  if (request.method === 'OPTIONS') return void response.writeHead(204).end()
  const credential = checkToken(request, options.access)
  if (typeof credential !== 'string') return refuse(asked, credential)
  if (request.url?.split('?', 1)[0] !== PATH) return refuse(asked, { status: 404, why: `MCP is spoken at ${PATH}` })
  if (isTooMuch) return refuse(asked, { status: 503, why: 'too many requests are open' })
  const take = isMethod(request.method) ? TAKERS[request.method] : undefined
  if (take === undefined) return refuse(asked, { status: 405, why: 'MCP has no such method' })
  return await take({ ...asked, credential })
}

const TAKERS = { POST: takePost, GET: takeGet, DELETE: takeDelete } as const

function isMethod(method: string | undefined): method is keyof typeof TAKERS {
  return method !== undefined && Object.hasOwn(TAKERS, method)
}

// Only for the pages that may call at all.
function setCrossOrigin(response: ServerResponse, origin: string): void {
  const allowed =
    'content-type, accept, authorization, last-event-id, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name'
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE')
  response.setHeader('access-control-allow-headers', allowed)
  response.setHeader('access-control-expose-headers', 'mcp-session-id')
  response.setHeader('vary', 'origin')
}
