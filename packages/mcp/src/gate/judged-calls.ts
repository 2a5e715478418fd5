import { randomUUID } from 'node:crypto'
import { type ActionRuntime, CallRefusedError, type GuardedCall, guard } from '@capfence/core'
import { errorMessage, refusalMessage } from './answers.ts'
import { ToolFailedError, handOn } from './hand-on.ts'
import type { JudgedMethods } from './judged-methods.ts'
import { type McpCallInit, mcpCall } from './mcp-call.ts'
import type { McpOptions } from './mcp-options.ts'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type Notification,
  type Request,
  type RequestId,
} from './message.ts'
import type { Arrived, OpenRequests } from './open-requests.ts'
import { type Objection, refuseOnRecord } from './refuse-on-record.ts'

/** What the judged requests of one connection need. */
export interface CallsInit {
  readonly runtime: ActionRuntime
  readonly options: McpOptions
  readonly methods: JudgedMethods
  readonly open: OpenRequests
  /** Throws or rejects where the server cannot take a message. */
  readonly toServer: (message: unknown, extra?: unknown) => void | Promise<void>
  /** Never rejects. */
  readonly toClient: (message: unknown, extra?: unknown) => Promise<void>
  /** Never throws. */
  readonly onFault: (cause: unknown) => void
}

/** The judged requests of one connection. */
export interface JudgedCalls {
  /** Judges a request, hands it on where it may run, and its answer back. Never rejects. */
  readonly judge: (request: Request, extra: unknown) => Promise<void>
  /** Records that a judged method came without an id, and runs nothing. Never rejects. */
  readonly refuseUnanswerable: (message: Notification, extra: unknown) => Promise<void>
  /** The client gave up the request with this id. `unsent`: it is judged still, and the server never hears of it. */
  readonly cancel: (id: unknown) => 'unsent' | 'sent' | 'unknown'
  /** The error for another request with the id of one that is under way here. */
  readonly clash: (id: RequestId) => object | undefined
  /** Gives up whatever is under way, and waits until that is on the record. */
  readonly close: () => Promise<void>
}

/** A request on its way. */
interface Attempt {
  readonly request: Request
  readonly extra: unknown
  readonly giveUp: AbortController
  isSent: boolean
}

/** None under way. */
export function judgedCalls(init: CallsInit): JudgedCalls {
  const { runtime, options, methods, open, toClient } = init
  const connection = randomUUID()
  const attempts = new Set<Attempt>()
  const running = new Set<Promise<void>>()
  const underWay = (id: unknown): readonly Attempt[] => [...attempts].filter(({ request }) => request.id === id)

  async function judge(request: Request, extra: unknown): Promise<void> {
    // Not where the same call is made again: what becomes of that the core knows.
    if (underWay(request.id).length === 0 && open.has(request.id)) return toClient(inUse(request.id))
    const attempt: Attempt = { request, extra, giveUp: new AbortController(), isSent: false }
    attempts.add(attempt)
    const { message, extra: beside } = await answerTo(attempt)
    attempts.delete(attempt)
    // MCP: what was given up is not answered.
    return attempt.giveUp.signal.aborted ? undefined : toClient(message, beside)
  }

  async function answerTo(attempt: Attempt): Promise<Arrived> {
    const { request } = attempt
    try {
      return shared(attempt, await gated(attempt).catch(arrivedOf))
    } catch (cause) {
      if (cause instanceof CallRefusedError) return only(refusalMessage(request, cause.verdict))
      if (!attempt.giveUp.signal.aborted) init.onFault(cause)
      return only(errorMessage(request.id, INTERNAL_ERROR, 'the request could not be handed on'))
    }
  }

  async function gated(attempt: Attempt): Promise<Arrived> {
    const { request, extra, giveUp } = attempt
    const wanted = methods.callOf(request.method, request.params)
    if (wanted === undefined) return only(errorMessage(request.id, INVALID_PARAMS, 'invalid params'))
    const asked = askedOf(options, { wanted, request, extra, connection, signal: giveUp.signal })
    if ('why' in asked) throw new CallRefusedError(await refuseOnRecord(runtime, options.server, asked))
    return guard(runtime, asked, (args, { signal }) => {
      const either = signal === giveUp.signal ? signal : AbortSignal.any([signal, giveUp.signal])
      either.throwIfAborted()
      attempt.isSent = true
      return handOn(init, { request, params: wanted.paramsFor(args), extra, signal: either })
    })
  }

  async function refuseNameless({ method, params }: Notification, extra: unknown): Promise<void> {
    const wanted = nameless(methods, method, params)
    const request = { id: undefined, method, params }
    const call = calledBy(options, { wanted, request, extra, connection: undefined, signal: undefined })
    const why = 'it came without an id, so nobody could be told its result'
    await refuseOnRecord(runtime, options.server, { tool: wanted.tool, why, caller: call ?? options })
  }

  async function whileOpen(work: Promise<void>): Promise<void> {
    running.add(work)
    try {
      await work
    } finally {
      running.delete(work)
    }
  }

  return {
    judge: (request, extra) => whileOpen(judge(request, extra)),
    refuseUnanswerable: (message, extra) => whileOpen(refuseNameless(message, extra)),
    cancel: (id) => {
      const given = underWay(id)
      const isSent = given.some((attempt) => attempt.isSent)
      for (const { giveUp } of given) giveUp.abort(new DOMException('the client gave the request up', 'AbortError'))
      if (given.length === 0) return 'unknown'
      return isSent ? 'sent' : 'unsent'
    },
    clash: (id) => (underWay(id).length > 0 ? inUse(id) : undefined),
    close: async () => {
      for (const { giveUp } of attempts) giveUp.abort(new DOMException('the connection was closed', 'AbortError'))
      await Promise.all(running)
    },
  }
}

function askedOf(options: McpOptions, init: McpCallInit): GuardedCall | Objection {
  const { tool, server } = init.wanted
  const call = calledBy(options, init)
  if (call === undefined) return { tool, why: 'the host could not say who calls', caller: options }
  const why = server === undefined ? undefined : options.pins?.objection(tool)
  return why === undefined ? call : { tool, why, caller: call }
}

/** Undefined where the host's own code threw: it may have quoted anything. */
function calledBy(options: McpOptions, init: McpCallInit): GuardedCall | undefined {
  try {
    return mcpCall(options, init)
  } catch {
    return undefined // refused on the record
  }
}

/** What a call without an id asks for, as far as it is needed to refuse it. */
function nameless(methods: JudgedMethods, method: string, params: unknown): McpCallInit['wanted'] {
  try {
    const { tool = method, server } = methods.callOf(method, params) ?? {}
    return { tool, server, args: {} }
  } catch {
    return { tool: method, server: undefined, args: {} } // it cannot even be copied
  }
}

function arrivedOf(cause: unknown): Arrived {
  if (cause instanceof ToolFailedError) return cause.arrived
  throw cause
}

function inUse(id: RequestId): object {
  return errorMessage(id, INVALID_REQUEST, 'invalid request: a request with this `id` is open')
}

function only(message: object): Arrived {
  return { message, extra: undefined }
}

// The answer to a call that was made again is that of the first one; each is its reader's own.
function shared({ isSent }: Attempt, { message, extra }: Arrived): Arrived {
  if (typeof message !== 'object') throw new TypeError('the runtime gave what no server sent')
  return isSent ? { message, extra } : { message: structuredClone(message), extra }
}
