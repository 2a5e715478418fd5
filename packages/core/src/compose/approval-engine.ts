import type { ActionEvent, ActionEventInit } from '../action/action-event.ts'
import type { PendingApproval } from '../action/verdict.ts'
import { type HeldGrant, isLiveGrant } from '../approval/grants.ts'
import { type PendingRequest, isSigned, isWaiting } from '../approval/requests.ts'
import type { Statement } from '../approval/statement.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import type { ApprovalNotice } from '../notify/approval-notice.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type ApprovalDesk, type HandedIn, accepted } from './approval-desk.ts'
import {
  type Suspension,
  allGrants,
  allRequests,
  findGrant,
  findRequest,
  saltedOf,
  standingSuspension,
  suspensions,
} from './approval-state.ts'
import { type Bindable, commonEngine } from './bind.ts'
import { type GrantInit, grantSaid } from './grant-said.ts'
import { refuseAgents } from './refuse-agents.ts'
import { type ShownRequest, checkShown, shownRequest } from './shown-request.ts'
import { type Said, signStatement } from './sign-statement.ts'
import { type Answer, type WaitOptions, waitForAnswer } from './wait-for-answer.ts'

/** Who says something to a request or an actor, and why. */
export interface ApproverInit {
  /** The approver's key. Whether it counts is for the policy's `approvers`, or this user's `trust.json`, to say. */
  readonly by: Signer
  /** Recorded for good. */
  readonly reason?: string | undefined
}

/** A statement that was handed in. */
export interface Handed {
  /** The statement's id; of a grant, what `revoke` takes. */
  readonly id: string
  /** `waiting`: this user cannot write the trail, so the next writer records and applies it. */
  readonly state: HandedIn
  /** What was signed. */
  readonly statement: Statement
  /** What whoever signed should know: a grant that could satisfy no rule of the policy that decided last. */
  readonly note?: string | undefined
}

/** What an `ApprovalEngine` is made of. */
export interface ApprovalEngineOptions {
  readonly engine?: BaseDBEngine | undefined
  readonly machine?: Machine | undefined
  /** Told of each new request once it is durable, never of arguments; what it throws changes nothing. */
  readonly notify?: ((notice: ApprovalNotice) => void | Promise<void>) | undefined
}

/**
 * Questions to humans and their signed answers. Bound to a runtime, or given an engine of its own, it lists requests and
 * takes approvals, rejections, grants, revocations and suspensions to the trail.
 */
export class ApprovalEngine implements Bindable {
  #engine: BaseDBEngine | undefined
  #runtime: Runtime | undefined
  #desk: ApprovalDesk | undefined
  readonly #machine: Machine
  readonly #notify: ApprovalEngineOptions['notify']

  constructor(options: ApprovalEngineOptions = {}) {
    this.#engine = options.engine
    this.#machine = options.machine ?? machine()
    this.#notify = options.notify
  }

  get engine(): BaseDBEngine | undefined {
    return this.#engine
  }

  bind(engine: BaseDBEngine, runtime?: Runtime): void {
    this.#engine = commonEngine([this.#engine, engine])
    this.#runtime = runtime ?? this.#runtime
  }

  /** Requests that wait for a human now, oldest first. */
  async pending(): Promise<readonly PendingRequest[]> {
    const { engine, now } = await this.#open()
    const all = await allRequests(engine)
    return all
      .filter((request) => isWaiting(request, now) && !isSigned(request))
      .toSorted((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
  }

  /** Grants that can still be used, the first to end first. */
  async grants(): Promise<readonly HeldGrant[]> {
    const { engine, now } = await this.#open()
    const all = await allGrants(engine)
    return all
      .filter((grant) => isLiveGrant(grant, now))
      .toSorted((left, right) => left.statement.expires_at - right.statement.expires_at)
  }

  /** The suspensions that stand. */
  async suspensions(): Promise<readonly Suspension[]> {
    const { engine } = await this.#open()
    return suspensions(engine)
  }

  /** A request with the very action that will run once it is approved. `APPROVAL_REFUSED` where they do not agree. */
  async show(requestId: string): Promise<ShownRequest> {
    const { engine } = await this.#open()
    return shownRequest(engine, await findRequest(engine, requestId))
  }

  /**
   * Asks for approval ahead of the call, and records the question. `APPROVAL_REFUSED` where no approval would help, or
   * none is needed.
   */
  async request(event: ActionEvent | ActionEventInit): Promise<PendingApproval> {
    if (this.#runtime === undefined) throw unbound()
    const verdict = await this.#runtime.request(event)
    if (verdict.decision === 'require_approval') return verdict.approval
    const why = verdict.authorized ? 'no approval is needed now' : 'no approval would help'
    throw new CapFenceError('APPROVAL_REFUSED', `${why} (${verdict.reason.code}): ${verdict.reason.message}`)
  }

  /**
   * Signs a request: what `show` shows, and nothing else, may then run once. Of a request that was shown before, what
   * was shown is signed; should it stand for another action by now, the approval has no effect.
   */
  async approve(asked: string | ShownRequest, { by, reason }: ApproverInit): Promise<Handed> {
    const { request } = typeof asked === 'string' ? await this.show(asked) : checkShown(asked)
    const { id, digest, expiresAt, grantMs, actor } = request
    const said = {
      kind: 'approve',
      request: id,
      digest: saltedOf(request),
      uses: 1,
      expires_at: expiresAt + grantMs,
    } as const
    return this.#handIn(said, { by, reason, hint: { digest, actor } })
  }

  /** Ends a request: the same action is refused until the request would have expired. */
  async reject(requestId: string, { by, reason }: ApproverInit): Promise<Handed> {
    const { engine } = await this.#open()
    const request = await findRequest(engine, requestId)
    const { id, digest, actor } = request
    const said = { kind: 'reject', request: id, digest: saltedOf(request) } as const
    return this.#handIn(said, { by, reason, hint: { digest, actor } })
  }

  /** Pre-authorizes an actor for what a pattern covers; always for a time, at most 24 hours unless the policy says more. */
  async grant(grant: GrantInit, { by, reason }: ApproverInit): Promise<Handed> {
    const { engine, now } = await this.#open()
    const said = await grantSaid(grant, now)
    const handed = await this.#handIn(said, { by, reason, hint: {} })
    const { grantNote } = await import('./last-policy.ts')
    const note = await grantNote(engine, said.scope.capability)
    return note === undefined ? handed : { ...handed, note }
  }

  /** Takes back a grant, or an approval that was not used. */
  async revoke(grantId: string, { by, reason }: ApproverInit): Promise<Handed> {
    const { engine } = await this.#open()
    return this.#handIn({ kind: 'revoke', grant: grantId }, { by, reason, hint: await findGrant(engine, grantId) })
  }

  /** Stops an actor, or with null all actors, at the next call of every process on the engine. */
  suspend(actor: string | null, { by, reason }: ApproverInit): Promise<Handed> {
    return this.#handIn({ kind: 'suspend', actor }, { by, reason, hint: {} })
  }

  /** Lifts the suspension of an actor, or with null the one of all actors. */
  async resume(actor: string | null, { by, reason }: ApproverInit): Promise<Handed> {
    const { engine } = await this.#open()
    const suspension = await standingSuspension(engine, actor)
    return this.#handIn({ kind: 'resume', actor, suspension }, { by, reason, hint: {} })
  }

  /** Resolves once a request has its answer. The call itself is judged again: an approval is no verdict. */
  async waitFor(requestId: string, options: WaitOptions = {}): Promise<Answer> {
    const { engine } = await this.#open()
    const request = await findRequest(engine, requestId)
    const runtime = this.#runtime
    const sync = runtime === undefined ? undefined : () => runtime.sync()
    const parts = { engine, clock: this.#machine.clock, sync }
    return waitForAnswer(request, parts, options)
  }

  /** For the runtime that this engine is bound to: a request is durable. */
  asked(
    { id, actor, capability, terms, createdAt, expiresAt }: PendingRequest,
    fault: (message: string) => void,
  ): void {
    if (this.#notify === undefined) return
    const notice = { requestId: id, actor, capability, rules: terms.map(({ rule }) => rule), createdAt, expiresAt }
    void notified(this.#notify, notice).catch((cause: unknown) => {
      fault(`request \`${id}\`: ${messageOf(cause)}`)
    })
  }

  async #handIn(
    said: Said,
    { by, reason, hint }: ApproverInit & { readonly hint: { digest?: string | undefined; actor?: string | undefined } },
  ): Promise<Handed> {
    refuseAgents(this.#machine)
    const { engine } = await this.#open()
    const runtime = this.#runtime
    const desk = await this.#openDesk(engine)
    if (runtime !== undefined) await runtime.sync()
    const envelope = await signStatement(said, {
      origin: await desk.origin(),
      by,
      reason,
      machine: this.#machine,
      hint,
    })
    const state = runtime === undefined ? await desk.submit(envelope) : accepted(await runtime.submit(envelope))
    return { id: envelope.statement.id, state, statement: envelope.statement }
  }

  async #openDesk(engine: BaseDBEngine): Promise<ApprovalDesk> {
    // Imported late: an agent that only asks need not load it.
    const { approvalDesk } = await import('./approval-desk.ts')
    this.#desk ??= approvalDesk({ engine, machine: this.#machine })
    return this.#desk
  }

  async #open(): Promise<{ readonly engine: BaseDBEngine; readonly now: number }> {
    if (this.#engine === undefined) throw unbound()
    await this.#engine.open()
    return { engine: this.#engine, now: await this.#engine.now() }
  }
}

function unbound(): CapFenceError {
  return new CapFenceError(
    'ENGINE_MISMATCH',
    'this ApprovalEngine has no engine yet; hand it to an ActionRuntime first',
  )
}

async function notified(notify: NonNullable<ApprovalEngineOptions['notify']>, notice: ApprovalNotice): Promise<void> {
  await notify(notice)
}
