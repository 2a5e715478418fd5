import { randomUUID } from 'node:crypto'
import { type ActionRuntime, CallRefusedError, type GuardedCall, guard } from '@capfence/core'
import { errorMessage, refusalMessage } from './answers.ts'
import { type Caller, ToolFailedError, handOn } from './hand-on.ts'
import type { JudgedMethods } from './judged-methods.ts'
import { type McpCallInit, hostOf, mcpCall } from './mcp-call.ts'
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
interface Attempt extends Caller {
  readonly request: Request
  readonly extra: unknown
  isSent: boolean
}

/** None under way. */
export function judgedCalls(init: CallsInit): JudgedCalls {
  const { runtime, options, methods, open, toClient } = init
  const host = hostOf(options)
  const connection = randomUUID()
  const attempts = new Set<Attempt>()
  const running = new Set<Promise<void>>()
  const isUnderWay = (id: unknown): boolean => {
    for (const { request } of attempts) if (request.id === id) return true
    return false
  }

  async function judge(request: Request, extra: unknown): Promise<void> {
    // Not where the same call is made again: what becomes of that the core knows.
    if (open.has(request.id) && !isUnderWay(request.id)) return toClient(inUse(request.id))
    const attempt: Attempt = { request, extra, giveUp: new AbortController(), leave: undefined, isSent: false }
    attempts.add(attempt)
    const { message, extra: beside } = await answerTo(attempt)
    attempts.delete(attempt)
    // MCP: what was given up is not answered.
    return attempt.giveUp.signal.aborted ? undefined : toClient(message, beside)
  }

  async function answerTo(attempt: Attempt): Promise<Arrived> {
    const { request } = attempt
    try {
      return shared(attempt, await gated(attempt))
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
    const asked = askedOf({ wanted, request, extra, connection, signal: giveUp.signal })
    if ('why' in asked) throw new CallRefusedError(await refuseOnRecord(runtime, options.server, asked))
    try {
      return await guard(runtime, asked, (args, { signal }) => {
        giveUp.signal.throwIfAborted()
        signal.throwIfAborted()
        attempt.isSent = true
        return handOn(init, { request, params: wanted.paramsFor(args), extra, caller: attempt, signal })
      })
    } catch (cause) {
      if (cause instanceof ToolFailedError) return cause.arrived
      throw cause
    }
  }

  function askedOf(asked: McpCallInit): GuardedCall | Objection {
    const { tool, server } = asked.wanted
    const call = calledBy(host, asked)
    if (call === undefined) return { tool, why: 'the host could not say who calls', caller: options }
    const why = server === undefined ? undefined : options.pins?.objection(tool)
    return why === undefined ? call : { tool, why, caller: call }
  }

  async function refuseNameless({ method, params }: Notification, extra: unknown): Promise<void> {
    const wanted = nameless(methods, method, params)
    const request = { id: undefined, method, params }
    const call = calledBy(host, { wanted, request, extra, connection: undefined, signal: undefined })
    const why = 'it came without an id, so nobody could be told its result'
    await refuseOnRecord(runtime, options.server, { tool: wanted.tool, why, caller: call ?? options })
  }

  function whileOpen(work: Promise<void>): Promise<void> {
    const forget = (): void => void running.delete(work)
    running.add(work)
    work.then(forget, forget)
    return work
  }

  function giveUpOn(attempt: Attempt, why: string): void {
    const reason = new DOMException(why, 'AbortError')
    attempt.giveUp.abort(reason)
    attempt.leave?.(reason)
  }

  return {
    judge: (request, extra) => whileOpen(judge(request, extra)),
    refuseUnanswerable: (message, extra) => whileOpen(refuseNameless(message, extra)),
    cancel: (id) => {
      const given = [...attempts].filter(({ request }) => request.id === id)
      const isSent = given.some((attempt) => attempt.isSent)
      for (const attempt of given) giveUpOn(attempt, 'the client gave the request up')
      if (given.length === 0) return 'unknown'
      return isSent ? 'sent' : 'unsent'
    },
    clash: (id) => (isUnderWay(id) ? inUse(id) : undefined),
    close: async () => {
      for (const attempt of attempts) giveUpOn(attempt, 'the connection was closed')
      await Promise.all(running)
    },
  }
}

/** Undefined where the host's own code threw: it may have quoted anything. */
function calledBy(host: ReturnType<typeof hostOf>, init: McpCallInit): GuardedCall | undefined {
  try {
    return mcpCall(host, init)
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
