import { type ActionRuntime, CallRefusedError, guard } from '@capfence/core'
import { randomUUID } from 'node:crypto'
import { errorMessage, refusalMessage } from './answers.ts'
import { handOn, ToolFailedError, UnsentError } from './hand-on.ts'
import type { JudgedMethods } from './judged-methods.ts'
import type { McpOptions } from './mcp-options.ts'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type Notification,
  type Request,
  type RequestId,
  own,
} from './message.ts'
import { mcpCall } from './mcp-call.ts'
import type { Arrived, OpenRequests } from './open-requests.ts'
import { refuseOnRecord } from './refuse-on-record.ts'

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
  readonly onFault: ((cause: unknown) => void) | undefined
}

/** The judged requests of one connection. */
export interface JudgedCalls {
  /** Judges a request, hands it on where it may run, and its answer back. Never rejects. */
  readonly judge: (request: Request, extra: unknown) => Promise<void>
  /** Records that a judged method came without an id, and runs nothing. Never rejects. */
  readonly refuseUnanswerable: (message: Notification) => Promise<void>
  /** The client gave up what these params name. `unsent`: it is judged still, and the server never hears of it. */
  readonly cancel: (params: unknown) => 'unsent' | 'sent' | 'unknown'
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
  const withinRunning = async (work: Promise<void>): Promise<void> => {
    running.add(work)
    await work
    running.delete(work)
  }

  async function judge(request: Request, extra: unknown): Promise<void> {
    // Not where the same call is made again: what becomes of that the core knows.
    if (underWay(request.id).length === 0 && open.has(request.id)) return toClient(inUse(request.id))
    const attempt: Attempt = { request, extra, giveUp: new AbortController(), isSent: false }
    attempts.add(attempt)
    const arrived = await answerTo(attempt)
    attempts.delete(attempt)
    // MCP: what was given up is not answered.
    return attempt.giveUp.signal.aborted ? undefined : toClient(arrived.message, arrived.extra)
  }

  async function answerTo(attempt: Attempt): Promise<Arrived> {
    const { request } = attempt
    try {
      return await gated(attempt)
    } catch (cause) {
      if (cause instanceof CallRefusedError) return only(refusalMessage(request, cause.verdict))
      if (cause instanceof ToolFailedError) return attempt.isSent ? cause.arrived : repeated(cause.arrived)
      init.onFault?.(cause instanceof UnsentError ? cause.cause : cause)
      return only(errorMessage(request.id, INTERNAL_ERROR, 'CapFence could not hand the request on'))
    }
  }

  async function gated(attempt: Attempt): Promise<Arrived> {
    const { request, extra, giveUp } = attempt
    const wanted = methods.callOf(request.method, request.params)
    if (wanted === undefined) return only(errorMessage(request.id, INVALID_PARAMS, 'invalid params'))
    const { tool, server, paramsFor } = wanted
    const why = server === undefined ? undefined : options.pins?.objection(tool)
    if (why !== undefined) throw new CallRefusedError(await refuseOnRecord(runtime, options, { tool, why }))
    const call = await mcpCall(runtime, options, { ...wanted, request, extra, connection })
    const arrived = await guard(runtime, { ...call, signal: giveUp.signal }, (args, { signal }) => {
      attempt.isSent = true
      return handOn(init, { request: { ...request, params: paramsFor(args) }, extra, signal })
    })
    return attempt.isSent ? arrived : repeated(arrived)
  }

  return {
    judge: (request, extra) => withinRunning(judge(request, extra)),
    refuseUnanswerable: (message) => withinRunning(refuseNameless(runtime, options, message)),
    cancel: (params) => {
      const given = underWay(own(params, 'requestId'))
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
