import {
  ActionRuntime,
  ApprovalEngine,
  type BaseDBEngine,
  CallRefusedError,
  CapabilitySystem,
  ImmutableAuditTrail,
} from '@capfence/core'
import { ed25519Signer } from '@capfence/core/audit'
import { parsePolicyText } from '@capfence/core/policy'
import { same } from './claims.ts'
import { delegate } from './delegate.ts'
import type { EngineCase } from './engine-case.ts'
import { type TwoHandles, onTwoHandles } from './two-handles.ts'

const CALLS = 50
const alice = ed25519Signer('alice', new Uint8Array(32).fill(1))
const writer = ed25519Signer('writer', new Uint8Array(32).fill(2))

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
require_approval:
  - { id: big, capability: payment.execute.card, amount_gt: 1000 }
allow:
  - { id: small, capability: payment.execute.card, amount_lte: 1000, limit: { sum: amount, max: 500, per: 24h, by: actor } }
`

interface Gate {
  readonly runtime: ActionRuntime
  readonly approvals: ApprovalEngine
}

async function openGate(engine: BaseDBEngine): Promise<Gate> {
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText(POLICY))
  const approvalEngine = new ApprovalEngine()
  const runtime = new ActionRuntime({
    capabilitySystem,
    approvalEngine,
    auditTrail: new ImmutableAuditTrail(),
    // As if it were gone with the process, so that nothing is remembered in this user's folders.
    engine: { ...delegate(engine), ephemeral: true },
    signer: writer,
    deadlineMs: 60_000,
  })
  return { runtime, approvals: approvalEngine }
}

/** Pays, and says `ran` or why not. */
async function pay({ runtime }: Gate, id: string, amount: number): Promise<string> {
  const context = { actor: 'agent', environment: 'test', risk: 'low' } as const
  let started = false
  try {
    await runtime.run({ ...context, id, action: 'execute', resource: 'payment.card', args: { amount, id } }, () => {
      started = true
    })
  } catch (cause) {
    if (started || !(cause instanceof CallRefusedError)) throw cause
    return cause.verdict.reason.code
  }
  return started ? 'ran' : 'nothing ran, and nothing was refused'
}

/** Fifty payments at once through two runtimes on two handles; answers how often each answer was given. */
async function race(handles: TwoHandles, amount: number): Promise<Readonly<Record<string, number>>> {
  const gates = await Promise.all(handles.map((engine) => openGate(engine)))
  const [first] = gates
  for (const [index, gate] of gates.entries()) await pay(gate, `warm-${String(index)}`, 0)
  await first?.approvals.grant(
    { actor: 'agent', capability: 'payment.execute.*', durationMs: 600_000, uses: 1 },
    { by: alice },
  )
  const calls = Array.from({ length: CALLS / 2 }, (_none, call) => String(call))
  const said = await Promise.all(
    gates.flatMap((gate, index) => calls.map((call) => pay(gate, `${String(index)}-${call}`, amount))),
  )
  await Promise.all(gates.map(({ runtime }) => runtime.close()))
  const counts: Record<string, number> = {}
  for (const answer of said) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

/** What a runtime over the engine promises of authority that is used up. */
export const runtimeCases: readonly EngineCase[] = [
  onTwoHandles('lets-one-of-fifty-calls-use-a-grant', async (handles) => {
    const expected = { ran: 1, policy_ask: CALLS - 1 }
    same(sorted(await race(handles, 5_000)), sorted(expected), 'the answers to fifty calls at a grant of one use')
  }),
  onTwoHandles('charges-a-limit-for-each-of-fifty-calls', async (handles) => {
    const expected = { ran: 5, limit_exhausted: CALLS - 5 }
    same(sorted(await race(handles, 100)), sorted(expected), 'the answers to fifty calls that may spend for five')
  }),
]

function sorted(counts: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  return Object.entries(counts).toSorted(([left], [right]) => (left < right ? -1 : 1))
}
