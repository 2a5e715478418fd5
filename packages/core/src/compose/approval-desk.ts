import type { Application } from '../approval/application.ts'
import { type Envelope, INBOX, inboxWrite } from '../approval/inbox.ts'
import { openWriterKey } from '../audit/writer-key.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import type { Signer } from '../kernel/signer.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type DeskOptions, lastRules, trailKey, withWriter } from './with-writer.ts'

/** What became of a statement that was handed in. `waiting`: in the inbox, for the next writer to apply. */
export type HandedIn = 'applied' | 'waiting'

/** Takes signed statements to the trail. */
export interface ApprovalDesk {
  /** The name of the trail that statements are signed for; begins it where it has not begun. */
  origin(): Promise<string>
  /** The longest that a grant may live under the policy in force, in milliseconds. */
  maxGrantMs(): Promise<number>
  /** Hands a statement in; `APPROVAL_REFUSED` where it does not hold. */
  submit(envelope: Envelope): Promise<HandedIn>
}

/**
 * The desk of a process that judges nothing, such as the command line: where the writer's key is readable it records
 * statements itself, else it leaves them in the inbox. By the policy that decided last, else by this user's `trust.json`.
 */
export function approvalDesk({ engine, machine }: DeskOptions): ApprovalDesk {
  async function withKey<Value>(signer: Signer, use: (runtime: Runtime) => Promise<Value>): Promise<Value> {
    const known = await lastRules(engine)
    return withWriter({ engine, machine, signer, rules: () => known }, use)
  }

  return {
    origin: async () => {
      await engine.open()
      const begun = (await engine.read({ chain: 'main', keys: [] })).head?.head.origin
      if (begun !== undefined) return begun
      await withKey(openWriterKey(machine).signer, (runtime) => runtime.sync())
      const { head } = await engine.read({ chain: 'main', keys: [] })
      if (head === undefined) throw new CapFenceError('ENGINE_FAILED', 'the trail could not be begun')
      return head.head.origin
    },
    maxGrantMs: async () => (await lastRules(engine)).maxGrantMs,
    submit: async (envelope) => {
      const signer = await trailKey({ engine, machine })
      if (signer === undefined) return leaveInInbox(engine, envelope)
      return accepted(await withKey(signer, (runtime) => runtime.submit(envelope)))
    },
  }
}

/** `applied`, or `APPROVAL_REFUSED` with why. */
export function accepted(application: Application): 'applied' {
  if (application.refused === undefined) return 'applied'
  throw new CapFenceError('APPROVAL_REFUSED', `this has no effect: ${application.refused}`)
}

const ATTEMPTS = 50

async function leaveInInbox(engine: BaseDBEngine, envelope: Envelope): Promise<'waiting'> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { state } = await engine.read({ keys: [INBOX] })
    const found = state.get(INBOX)
    const write = inboxWrite(found?.value, envelope)
    if (write === undefined) {
      throw new CapFenceError(
        'APPROVAL_REFUSED',
        'the inbox is full: no agent has run for a while, so nothing there was applied; start one, then try again',
      )
    }
    const expect = [{ key: INBOX, version: found?.version ?? 0 }]
    if ((await commitOnce(engine, { expect, write: [write] })) === 'committed') return 'waiting'
  }
  throw new CapFenceError('ENGINE_BUSY', 'the inbox kept changing; try again')
}

async function commitOnce(engine: BaseDBEngine, commit: Parameters<BaseDBEngine['commit']>[0]): Promise<string> {
  try {
    return (await engine.commit(commit)).kind
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'ENGINE_BUSY') return 'busy'
    throw cause
  }
}
