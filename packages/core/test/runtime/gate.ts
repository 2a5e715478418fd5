import { join } from 'node:path'
import type { ActionEventInit } from '../../src/action/action-event.ts'
import { decodeBody } from '../../src/audit/decode-body.ts'
import type { RecordBody } from '../../src/audit/record-body.ts'
import { ActionRuntime, type ActionRuntimeOptions } from '../../src/compose/action-runtime.ts'
import { ApprovalEngine } from '../../src/compose/approval-engine.ts'
import { CapabilitySystem } from '../../src/compose/capability-system.ts'
import { ImmutableAuditTrail } from '../../src/compose/immutable-audit-trail.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'

/** A gate over a memory engine with a fixed key, and a look at what it recorded. */
export interface Gate {
  readonly runtime: ActionRuntime
  readonly approvals: ApprovalEngine
  readonly engine: BaseDBEngine
  readonly records: () => Promise<readonly RecordBody[]>
}

/** The policy that most tests of the runtime judge by. */
export const POLICY = join(import.meta.dirname, 'policy.yaml')

/** Opens a gate. */
export async function gate(options: Partial<ActionRuntimeOptions> & { readonly policy?: string } = {}): Promise<Gate> {
  const { policy = POLICY, engine = new MemoryEngine(), ...others } = options
  const { approvalEngine = new ApprovalEngine({ machine: others.machine }), ...rest } = others
  const capabilitySystem = new CapabilitySystem()
  await capabilitySystem.loadPolicy(policy)
  const signer = ed25519Signer('test', new Uint8Array(32).fill(7))
  const auditTrail = new ImmutableAuditTrail()
  const runtime = new ActionRuntime({ capabilitySystem, approvalEngine, auditTrail, engine, signer, ...rest })
  return {
    runtime,
    approvals: approvalEngine,
    engine,
    records: async () => {
      const found = await engine.records({ chain: 'main', from: 0, limit: 10_000 })
      return found.map(({ body }) => decodeBody(body))
    },
  }
}

const CONTEXT = { actor: 'agent', environment: 'production', risk: 'low' } as const

/** An allowed read. */
export const read = (init: Partial<ActionEventInit> = {}): ActionEventInit => ({
  ...CONTEXT,
  action: 'read',
  resource: 'filesystem.workspace',
  args: { file: 'a.txt' },
  ...init,
})

/** A payment: up to 1,000 allowed, beyond it a human is asked. */
export const pay = (amount: unknown, init: Partial<ActionEventInit> = {}): ActionEventInit => ({
  ...CONTEXT,
  action: 'execute',
  resource: 'payment.high_value',
  args: { amount },
  ...init,
})

/** A denied delete. */
export const wipe = (init: Partial<ActionEventInit> = {}): ActionEventInit => ({
  ...CONTEXT,
  action: 'delete',
  resource: 'filesystem.workspace',
  args: { command: 'rm -rf /srv' },
  ...init,
})
