import { machine } from '../kernel/ports.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { ActionRuntime, type ActionRuntimeOptions } from './action-runtime.ts'
import { ApprovalEngine } from './approval-engine.ts'
import { CapabilitySystem } from './capability-system.ts'
import { ImmutableAuditTrail } from './immutable-audit-trail.ts'

/** What `openCapFence` takes beside a runtime's own options. */
export interface OpenOptions extends Pick<
  ActionRuntimeOptions,
  'signer' | 'sinks' | 'deadlineMs' | 'leaseTimes' | 'onFault' | 'machine'
> {
  /** The policy file. */
  readonly policy: string
  /** An engine, or the path of a SQLite file; the project's default database where left out. */
  readonly db?: string | BaseDBEngine
}

/** A runtime with the parts it was made of. */
export interface CapFence {
  readonly runtime: ActionRuntime
  readonly capabilities: CapabilitySystem
  readonly approvals: ApprovalEngine
  readonly trail: ImmutableAuditTrail
  /** Ends the runtime, and the engine where `openCapFence` made it. */
  readonly close: () => Promise<void>
}

/** The short way to a runtime: loads the policy, opens the engine, and throws where either cannot be had. */
export async function openCapFence({ policy, db, ...options }: OpenOptions): Promise<CapFence> {
  const ports = options.machine ?? machine()
  const capabilities = new CapabilitySystem({ machine: ports })
  await capabilities.loadPolicy(policy)
  const made = typeof db === 'string' ? await sqliteEngine(db, options) : undefined
  const engine = made ?? (typeof db === 'string' ? undefined : db)
  const approvals = new ApprovalEngine()
  const trail = new ImmutableAuditTrail({ machine: ports })
  const parts = { capabilitySystem: capabilities, approvalEngine: approvals, auditTrail: trail }
  const runtime = new ActionRuntime({ ...parts, ...options, ...(engine === undefined ? {} : { engine }) })
  await trail.engine?.open()
  await runtime.ready()
  return {
    runtime,
    capabilities,
    approvals,
    trail,
    close: async () => {
      await runtime.close()
      await made?.close()
    },
  }
}

async function sqliteEngine(path: string, { machine: ports }: Pick<OpenOptions, 'machine'>): Promise<BaseDBEngine> {
  const { SqliteEngine } = await import('../engine/sqlite/index.ts')
  return new SqliteEngine(ports === undefined ? { path } : { path, machine: ports })
}
