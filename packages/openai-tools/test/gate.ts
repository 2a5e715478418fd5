import {
  ActionRuntime,
  ApprovalEngine,
  CapabilitySystem,
  type HostOptions,
  ImmutableAuditTrail,
  type Signer,
} from '@capfence/core'
import { type DecisionBody, type RecordBody, decodeBody, ed25519Signer } from '@capfence/core/audit'
import { MemoryEngine } from '@capfence/core/memory'
import { parsePolicyText } from '@capfence/core/policy'

/** The approver of the tests. */
const alice: Signer = ed25519Signer('alice', new Uint8Array(32).fill(1))

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
tools:
  read: { capability: filesystem.read.workspace }
  pay: { capability: payment.execute.card, amount: amount }
  wipe: { capability: filesystem.delete.workspace }
  mcp.files.read: { capability: filesystem.read.workspace }
  mcp.files.wipe: { capability: filesystem.delete.workspace }
  mcp.files.pay: { capability: payment.execute.card, amount: amount }
deny:
  - { id: no-wiping, capability: filesystem.delete.workspace }
require_approval:
  - { id: big-payments, capability: payment.execute.card, amount_gt: 1000 }
allow:
  - { id: reading, capability: filesystem.read.workspace }
  - { id: small-payments, capability: payment.execute.card, amount_lte: 1000 }
`

/** Who calls, in every test. */
export const HOST: Pick<HostOptions<unknown>, 'actor' | 'environment'> = { actor: 'agent', environment: 'test' }

/** A gate over an engine in memory, and a look at what it recorded. */
export interface Gate {
  readonly runtime: ActionRuntime
  readonly approvals: ApprovalEngine
  readonly records: () => Promise<readonly RecordBody[]>
  readonly decisions: () => Promise<readonly DecisionBody[]>
  /** Approves the one request that waits. */
  readonly approve: () => Promise<void>
}

/** Opens a gate that shares nothing with any other. */
export async function gate(): Promise<Gate> {
  const engine = new MemoryEngine()
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText(POLICY))
  const approvals = new ApprovalEngine()
  const runtime = new ActionRuntime({
    capabilitySystem,
    approvalEngine: approvals,
    auditTrail: new ImmutableAuditTrail(),
    engine,
    signer: ed25519Signer('test', new Uint8Array(32).fill(7)),
  })
  const records = async (): Promise<readonly RecordBody[]> =>
    (await engine.records({ chain: 'main', from: 0, limit: 1000 })).map(({ body }) => decodeBody(body))
  return {
    runtime,
    approvals,
    records,
    decisions: async () => (await records()).flatMap((body) => (body.kind === 'decision' ? [body] : [])),
    approve: async () => {
      const [request] = await approvals.pending()
      if (request === undefined) throw new Error('no request waits')
      await approvals.approve(request.id, { by: alice })
    },
  }
}
