import { keyPath, readKey } from '../audit/key-file.ts'
import { KEY_FILE_VARIABLE } from '../audit/places.ts'
import { DEFAULT_WRITER, openWriterKey } from '../audit/writer-key.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import type { LossAcceptance } from '../runtime/accepted-loss.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import type { LeaseTimes } from '../runtime/lease.ts'
import { type Runtime, createRuntime } from '../runtime/runtime.ts'
import type { ApprovalRules } from '../runtime/statement-job.ts'
import { lastPolicy } from './last-policy.ts'

/** A trail that is to be written by a process that judges nothing, such as the command line. */
export interface DeskOptions {
  readonly engine: BaseDBEngine
  readonly machine: Machine
}

/** Who writes, and what for. */
export interface Writing extends DeskOptions {
  readonly signer: Signer
  /** Whose statements count, of those that wait in the inbox or are handed in. */
  readonly rules: () => ApprovalRules
  readonly acceptLoss?: LossAcceptance | undefined
  /** After which silence a writer is dead; the usual times where left out. */
  readonly leaseTimes?: LeaseTimes | undefined
}

/** The most that a grant may live where no policy says otherwise. */
const DEFAULT_MAX_GRANT_MS = 86_400_000

/** Whose statements count: by the policy that decided last, else by this user's `trust.json`. */
export async function lastRules(engine: BaseDBEngine): Promise<ApprovalRules> {
  return (await lastPolicy(engine)) ?? { approvers: undefined, maxGrantMs: DEFAULT_MAX_GRANT_MS }
}

/** The same, told only where a statement is there to be judged: what concerns none needs no policy. */
export async function lateRules(engine: BaseDBEngine): Promise<() => ApprovalRules> {
  try {
    const known = await lastRules(engine)
    return () => known
  } catch (cause) {
    return () => {
      throw cause
    }
  }
}

/** Hands a runtime over that records what people say, and closes it in the end. */
export async function withWriter<Value>(
  { rules, ...by }: Writing,
  use: (runtime: Runtime) => Promise<Value>,
): Promise<Value> {
  const runtime = createRuntime({ ...by, policy: () => undefined, approvalRules: rules })
  try {
    return await use(runtime)
  } finally {
    await runtime.close()
  }
}

/** The key that the trail is written with, where this user can read it; none is made here. */
export async function trailKey({ engine, machine }: DeskOptions): Promise<Signer | undefined> {
  const { head } = await engine.read({ chain: 'main', keys: [] })
  const signer = ownKey(machine)
  return signer?.vkey === head?.head.vkey ? signer : undefined
}

/** The key that this user writes trails with; undefined where there is none. */
export function ownKey(machine: Machine): Signer | undefined {
  const named = machine.host.env(KEY_FILE_VARIABLE)
  try {
    const isNamed = named !== undefined && named !== ''
    return isNamed ? openWriterKey(machine).signer : readKey(machine, keyPath(machine, DEFAULT_WRITER))
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'KEY_MISSING') return undefined
    throw cause
  }
}
