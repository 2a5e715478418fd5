import {
  ActionRuntime,
  ApprovalEngine,
  CapabilitySystem,
  ImmutableAuditTrail,
  type Machine,
  type Signer,
  machine,
} from '@capfence/core'
import { type DecisionBody, type RecordBody, decodeBody, ed25519Signer } from '@capfence/core/audit'
import { MemoryEngine } from '@capfence/core/memory'
import { parsePolicyText } from '@capfence/core/policy'
import type { LangChainOptions } from '../src/index.ts'

/** The approver that the policy names. */
const alice: Signer = ed25519Signer('alice', new Uint8Array(32).fill(1))

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
tools:
  read: { capability: filesystem.read.workspace }
  wipe: { capability: filesystem.delete.workspace }
  pay: { capability: payment.execute.card, amount: amount }
  delegate: { capability: agent.call.helper }
deny:
  - { id: no-wiping, capability: filesystem.delete.workspace }
require_approval:
  - { id: big-payments, capability: payment.execute.card, amount_gt: 1000 }
allow:
  - filesystem.read.workspace
  - { id: small-payments, capability: payment.execute.card, amount_lte: 1000 }
  - agent.call.helper
`

/** Who calls, in every test. */
export const HOST: LangChainOptions = { actor: 'agent', environment: 'test' }

/** A gate over an engine in memory, and a look at what it recorded. */
export interface TestGate {
  readonly runtime: ActionRuntime
  readonly approvals: ApprovalEngine
  readonly clock: { now: number }
  readonly records: () => Promise<readonly RecordBody[]>
  readonly decisions: () => Promise<readonly DecisionBody[]>
  /** What was decided and what became of it, in order. */
  readonly trail: () => Promise<readonly string[]>
  /** Approves or rejects the requests that wait and say so. */
  readonly answer: (how: 'approve' | 'reject', which?: (amount: unknown) => boolean) => Promise<void>
}

/** Opens a gate that shares nothing with any other. */
export async function openGate(): Promise<TestGate> {
  const clock = { now: 1_800_000_000_000 }
  const real = machine()
  const ports: Machine = { ...real, clock: { ...real.clock, now: () => clock.now } }
  const engine = slow(new MemoryEngine({ machine: ports }))
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText(POLICY))
  const approvals = new ApprovalEngine({ machine: ports })
  const runtime = new ActionRuntime({
    capabilitySystem,
    approvalEngine: approvals,
    auditTrail: new ImmutableAuditTrail({ machine: ports }),
    engine,
    signer: ed25519Signer('writer', new Uint8Array(32).fill(2)),
    machine: ports,
  })
  const records = async (): Promise<readonly RecordBody[]> =>
    (await engine.records({ chain: 'main', from: 0, limit: 10_000 })).map(({ body }) => decodeBody(body))
  return {
    runtime,
    approvals,
    clock,
    records,
    decisions: async () => (await records()).flatMap((body) => (body.kind === 'decision' ? [body] : [])),
    trail: async () => (await records()).flatMap(told),
    answer: async (how, which = () => true) => {
      for (const { id } of await approvals.pending()) {
        const { event } = await approvals.show(id)
        if (which(event.args['amount'])) await approvals[how](id, { by: alice })
      }
    },
  }
}

function told(body: RecordBody): readonly string[] {
  if (body.kind === 'decision') return [body.decision]
  return body.kind === 'outcome' ? [body.outcome] : []
}

// As a database is: a judgement lasts some turns of the event loop, in which whoever waits may exchange things.
function slow(engine: MemoryEngine): MemoryEngine {
  const commit = engine.commit.bind(engine)
  engine.commit = async (wanted) => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    return commit(wanted)
  }
  return engine
}
