import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ActionRuntimeOptions } from '../../src/compose/action-runtime.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { type Machine, machine } from '../../src/kernel/ports.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { scratchFolder } from '../support/scratch.ts'
import { type Gate, gate } from './gate.ts'

const signer = (name: string, digit: number): Signer => ed25519Signer(name, new Uint8Array(32).fill(digit))

/** Approvers of the tests; `mallory` is nobody's. */
export const alice: Signer = signer('alice', 1)
export const bob: Signer = signer('bob', 2)
export const mallory: Signer = signer('mallory', 3)

/** A policy of approvals: payments above 1,000 ask; `rest` is more of the file. */
export function policyText(
  parts: { readonly approval?: string; readonly rest?: string; readonly approvers?: string } = {},
): string {
  const { approval = '', rest = '', approvers = `alice: "${alice.vkey}", bob: "${bob.vkey}"` } = parts
  return `version: 1
approvers: { ${approvers} }
require_approval:
  - { id: big, capability: payment.execute.high_value, amount_gt: 1000${approval === '' ? '' : `, approval: ${approval}`} }
${rest === '' ? 'allow:' : rest}
  - { id: small-payments, capability: payment.execute.high_value, amount_lte: 1000 }
  - filesystem.read.workspace
`
}

/** What a gate with approvals is opened with. */
export interface ApprovalGateOptions extends Partial<Omit<ActionRuntimeOptions, 'engine'>> {
  readonly text?: string
  readonly engine?: BaseDBEngine
}

/** Opens a gate over a policy's text. */
export async function approvalGate({ text = policyText(), ...options }: ApprovalGateOptions = {}): Promise<Gate> {
  const policy = join(scratchFolder(), 'policy.yaml')
  writeFileSync(policy, text)
  return gate({ policy, ...options })
}

/** A clock that a test sets. */
export interface SetClock {
  now: number
}

/** This machine with a clock that is set by hand; timers and the monotonic clock stay real. */
export function machineAt(clock: SetClock): Machine {
  const real = machine()
  return { ...real, clock: { ...real.clock, now: () => clock.now } }
}

/** A memory engine on a clock that is set by hand. */
export function engineAt(clock: SetClock): MemoryEngine {
  const real = machine()
  return new MemoryEngine({ machine: { ids: real.ids, clock: { now: () => clock.now } } })
}

/** The one request that waits. */
export async function onlyRequest({ approvals }: Gate): Promise<string> {
  const [request, ...others] = await approvals.pending()
  if (request === undefined || others.length > 0) throw new Error('not exactly one request waits')
  return request.id
}

/** Rewrites one state value past the gate, as whoever can write the database may. */
export async function forge(
  engine: BaseDBEngine,
  prefix: string,
  change: (value: string) => string | null,
): Promise<void> {
  for (const { key, value, version } of await engine.list({ prefix, limit: 100 })) {
    await engine.commit({ expect: [{ key, version }], write: [{ key, value: change(value) }] })
  }
}

/** All state below a prefix, to be put back later. */
export async function saved(engine: BaseDBEngine, prefix: string): Promise<() => Promise<void>> {
  const rows = await engine.list({ prefix, limit: 100 })
  return async () => {
    for (const { key, value } of rows) {
      const { state } = await engine.read({ keys: [key] })
      await engine.commit({ expect: [{ key, version: state.get(key)?.version ?? 0 }], write: [{ key, value }] })
    }
  }
}
