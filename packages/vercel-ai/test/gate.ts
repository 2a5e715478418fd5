import type { ScriptedCall } from '@capfence/conformance'
import { ActionRuntime, ApprovalEngine, CapabilitySystem, ImmutableAuditTrail } from '@capfence/core'
import { type DecisionBody, type RecordBody, decodeBody, ed25519Signer } from '@capfence/core/audit'
import { MemoryEngine } from '@capfence/core/memory'
import { parsePolicyText } from '@capfence/core/policy'

/** The approver of these tests. */
export const alice = ed25519Signer('alice', new Uint8Array(32).fill(1))

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
tools:
  pay: { capability: payment.execute.card, amount: amount }
  read: { capability: filesystem.read.workspace }
  code: { capability: code.run.sandbox }
require_approval:
  - { id: big, capability: payment.execute.card, amount_gt: 1000 }
allow:
  - { id: small, capability: payment.execute.card, amount_lte: 1000 }
  - filesystem.read.workspace
  - code.run.sandbox
  - mcp.files.read
`

/** A gate in memory, with what it recorded. */
export interface Gate {
  readonly runtime: ActionRuntime
  readonly approvals: ApprovalEngine
  readonly host: { readonly actor: string; readonly environment: string }
  readonly records: () => Promise<readonly RecordBody[]>
  readonly decisions: () => Promise<readonly DecisionBody[]>
}

/** Opens a gate of a test's own. */
export async function gate(): Promise<Gate> {
  const engine = new MemoryEngine()
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText(POLICY))
  const approvals = new ApprovalEngine()
  const signer = ed25519Signer('writer', new Uint8Array(32).fill(2))
  const auditTrail = new ImmutableAuditTrail()
  const runtime = new ActionRuntime({ capabilitySystem, approvalEngine: approvals, auditTrail, engine, signer })
  const records = async (): Promise<readonly RecordBody[]> =>
    (await engine.records({ chain: 'main', from: 0, limit: 1000 })).map(({ body }) => decodeBody(body))
  return {
    runtime,
    approvals,
    host: { actor: 'agent', environment: 'test' },
    records,
    decisions: async () => (await records()).flatMap((body) => (body.kind === 'decision' ? [body] : [])),
  }
}

/** A scripted call. */
export function call(id: string, tool: string, args: ScriptedCall['args'] = {}): ScriptedCall {
  return { id, tool, args }
}
