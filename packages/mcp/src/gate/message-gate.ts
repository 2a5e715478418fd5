import type { ActionRuntime } from '@capfence/core'
import { errorMessage } from './answers.ts'
import { judgedCalls } from './judged-calls.ts'
import { judgedMethods } from './judged-methods.ts'
import type { McpOptions } from './mcp-options.ts'
import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  type Message,
  METHOD_NOT_FOUND,
  type Notification,
  type Request,
  type Response,
  isRequestId,
  own,
  readMessage,
} from './message.ts'
import { type Arrived, type OpenRequest, openRequests } from './open-requests.ts'
import { toolLists } from './tool-lists.ts'

/** The two ends of a connection that a gate stands in. */
export interface GatePeers {
  readonly toServer: (message: unknown, extra?: unknown) => void | Promise<void>
  readonly toClient: (message: unknown, extra?: unknown) => void | Promise<void>
  /** Told where an end threw or rejected over a message; a call that could not be handed on is answered with an error. */
  readonly onFault?: ((cause: unknown) => void) | undefined
}

/**
 * The gate of one connection between an MCP client and a server: messages in, messages out, each parsed JSON. What is
 * not judged is handed on at once, before anything is awaited, with all that it holds.
 */
export interface MessageGate {
  /**
   * Takes one message that the client sent. What may go on is handed to `toServer`, the gate's own answers to
   * `toClient`. Resolves when the message is dealt with, for a call when it is answered; never rejects. A judgement
   * holds up nothing but its own call, so do not wait for one message before you hand in the next.
   */
  readonly fromClient: (message: unknown, extra?: unknown) => Promise<void>
  /** Takes one message that the server sent. Never rejects. */
  readonly fromServer: (message: unknown, extra?: unknown) => Promise<void>
  /** The connection ends: what is being judged never runs, open calls end with an outcome. */
  readonly close: () => Promise<void>
}

const MAYBE_ANSWERED = 'the server sent what is no message; it may have been the answer'

const NOTHING: Promise<void> = Promise.resolve()

type Invalid = Extract<Message, { kind: 'invalid' }>

/** A gate for one connection. `OPTION_INVALID` where the options cannot be right. */
export function messageGate(runtime: ActionRuntime, options: McpOptions, peers: GatePeers): MessageGate {
  const methods = judgedMethods(options)
  const open = openRequests()
  const lists = toolLists(runtime, options)
  const onFault = teller(peers)
  const toServer = told(peers.toServer, onFault)
  const toClient = told(peers.toClient, onFault)
  const calls = judgedCalls({
    runtime,
    options,
    methods,
    open,
    toServer: peers.toServer,
    toClient,
    onFault,
  })
  let isClosed = false

  function notified(message: Notification, extra: unknown): Promise<void> {
    // A call whose result nobody could be told: it never runs.
    if (methods.judges(message.method)) return calls.refuseUnanswerable(message, extra)
    if (methods.resembles(message.method)) return NOTHING
    if (message.method === 'notifications/cancelled' && gaveUp(message.params) === 'unsent') return NOTHING
    return toServer(message.whole, extra)
  }

  function gaveUp(params: unknown): 'unsent' | 'sent' | 'unknown' {
    const id = own(params, 'requestId')
    const where = calls.cancel(id)
    // The server need not answer any more, and what it answers nobody waits for.
    if (where === 'unknown' && isRequestId(id)) open.abandon(id)
    return where
  }

  function requested(message: Request, extra: unknown): Promise<void> {
    if (methods.judges(message.method)) return calls.judge(message, extra)
    const refused = methods.resembles(message.method)
      ? errorMessage(message.id, METHOD_NOT_FOUND, 'method not found: methods are told apart by case')
      : (calls.clash(message.id) ?? open.begin(openOf(message, extra)))
    return refused === undefined ? toServer(message.whole, extra) : toClient(refused)
  }

  function answered(message: Response, extra: unknown): Promise<void> {
    if (message.id === null) return toClient(message.whole, extra)
    const request = open.end(message.id)
    if (request === undefined) return NOTHING // an answer to nothing that was asked
    const answer = request.method === 'tools/list' ? lists.told(message.whole, request) : message.whole
    return handBack(request, { message: answer, extra })
  }

  // Two readers could take it for two messages, so it goes nowhere. Who may have waited for it waits no longer.
  function unreadable({ id, why }: Invalid): Promise<void> {
    onFault(new Error(`the server sent what is no message (${why})`))
    const request = id === null ? undefined : open.end(id)
    if (request === undefined) return NOTHING
    return handBack(request, {
      message: errorMessage(request.id, INTERNAL_ERROR, MAYBE_ANSWERED),
      extra: undefined,
    })
  }

  function handBack({ answer }: OpenRequest, arrived: Arrived): Promise<void> {
    if (answer === undefined) return toClient(arrived.message, arrived.extra)
    answer(arrived)
    return NOTHING
  }

  function taken(given: unknown, extra: unknown): Promise<void> {
    const message = readMessage(given)
    if (message.kind === 'invalid') return unreadable(message)
    return message.kind === 'response' ? answered(message, extra) : toClient(message.whole, extra)
  }

  // Servers before 2025-06-18 may answer in batches.
  function takenAll(given: unknown, extra: unknown): Promise<unknown> {
    if (!Array.isArray(given)) return taken(given, extra)
    return Promise.all((given as readonly unknown[]).map((each) => safely(() => taken(each, extra))))
  }

  function sent(given: unknown, extra: unknown): Promise<void> {
    const message = readMessage(given)
    switch (message.kind) {
      case 'request':
        return requested(message, extra)
      case 'notification':
        return notified(message, extra)
      case 'response':
        return toServer(message.whole, extra)
      case 'invalid':
        return toClient(errorMessage(message.id, INVALID_REQUEST, message.why))
      default:
        return message satisfies never
    }
  }

  // What cannot even be read goes nowhere.
  async function safely(work: () => Promise<unknown>): Promise<void> {
    if (isClosed) return
    try {
      await work()
    } catch (cause) {
      onFault(cause)
    }
  }

  return {
    fromClient: (message, extra) => safely(() => sent(message, extra)),
    fromServer: (message, extra) => safely(() => takenAll(message, extra)),
    close: async () => {
      isClosed = true
      await calls.close()
    },
  }
}

function openOf({ id, method, params }: Request, extra: unknown): OpenRequest {
  return { id, method, params, extra }
}

/** An end that never rejects: what it throws is told. */
function told(
  end: GatePeers['toClient'],
  onFault: (cause: unknown) => void,
): (message: unknown, extra?: unknown) => Promise<void> {
  return async (message, extra) => {
    try {
      await end(message, extra)
    } catch (cause) {
      onFault(cause)
    }
  }
}

function teller({ onFault }: GatePeers): (cause: unknown) => void {
  return (cause) => {
    try {
      onFault?.(cause)
    } catch {
      // A listener that throws itself is no reason to break a connection, and there is nobody else to tell.
    }
  }
}
