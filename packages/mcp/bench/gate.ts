import {
  type ActionEventInit,
  ActionRuntime,
  ApprovalEngine,
  type BaseDBEngine,
  CapabilitySystem,
  ImmutableAuditTrail,
} from '@capfence/core'
import { ed25519Signer } from '@capfence/core/audit'
import { parsePolicyText } from '@capfence/core/policy'

/** A runtime over an engine, whose policy allows the tool of the bench. */
export async function benchRuntime(engine: BaseDBEngine): Promise<ActionRuntime> {
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText('version: 1\nallow:\n  - mcp.bench.echo\n'))
  return new ActionRuntime({
    capabilitySystem,
    approvalEngine: new ApprovalEngine(),
    auditTrail: new ImmutableAuditTrail(),
    engine,
    signer: ed25519Signer('bench', new Uint8Array(32).fill(1)),
  })
}

/** The event of the bench's only call. */
export function echoEvent(runtime: ActionRuntime, number: number): ActionEventInit {
  const context = { actor: 'bench', environment: 'bench', risk: 'medium', server: 'bench' } as const
  return runtime.toolEvent({ ...context, tool: 'echo', args: { text: 'hello', number } })
}
