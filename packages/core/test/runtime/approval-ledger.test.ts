import { describe, expect, test } from 'vitest'
import { actionDigest } from '../../src/action/action-digest.ts'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import type { StatementKind } from '../../src/approval/statement.ts'
import type { DecisionDraft, StatementDraft } from '../../src/audit/record-draft.ts'
import { type Said, signStatement } from '../../src/compose/sign-statement.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { machine } from '../../src/kernel/ports.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { decision } from '../audit/trail.ts'
import {
  type ApprovalGateOptions,
  alice,
  approvalGate,
  bob,
  forge,
  mallory,
  onlyRequest,
  policyText,
} from './approval-gate.ts'
import { addFalse, bodies, verified } from './approval-trail.ts'
import { type Gate, pay } from './gate.ts'

const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const

interface Opened extends Gate {
  /** The digest of the policy that decides. */
  readonly policy: string
  readonly origin: string
}

async function opened(options: ApprovalGateOptions = {}): Promise<Opened> {
  const gate = await approvalGate(options)
  await gate.runtime.execute(pay(1))
  const [first, second] = await gate.records()
  const policy = second?.kind === 'decision' ? second.policy : null
  return { ...gate, policy: policy ?? '', origin: first?.origin ?? '' }
}

// A decision as the gate would have recorded it, had it found these statements good.
function approved(
  { policy }: Opened,
  grants: readonly string[],
  { draft = {}, init = {} }: { draft?: Partial<DecisionDraft>; init?: Partial<ActionEventInit> } = {},
): DecisionDraft {
  const event = ActionEvent.create({ ...pay(5000), ...init })
  const rules = { rule: 'big', rules: ['big'] }
  return decision({
    ...rules,
    event,
    digest: actionDigest(event),
    decision: 'allow',
    code: 'approved',
    policy,
    grants,
    outcome: 'caller',
    ...draft,
  })
}

// A statement, signed and recorded as applied.
async function applied(
  { origin }: Opened,
  said: Said,
  { by = alice, ...draft }: Partial<Omit<StatementDraft, 'by'>> & { readonly by?: Signer } = {},
): Promise<StatementDraft> {
  const { statement, sig } = await signStatement(said, { origin, by, machine: machine(), hint: {} })
  const name = by === alice ? 'alice' : by === bob ? 'bob' : 'mallory'
  return {
    kind: 'statement',
    writer: 'w',
    statement: { ...statement } as unknown as JsonObject, // plain JSON
    sig,
    assurance: 'separate',
    refused: null,
    digest: undefined,
    ...draft,
    by: name,
  }
}

function textIn(statement: JsonObject, name: string): string {
  const text = statement[name]
  return typeof text === 'string' ? text : ''
}

const idOf = ({ statement }: StatementDraft): string => textIn(statement, 'id')

async function granted({ approvals }: Opened, more: Record<string, unknown> = {}, by = alice): Promise<string> {
  return (await approvals.grant({ ...HOUR, ...more }, { by })).id
}

async function expectBad({ engine }: Opened, seq: number, what: string): Promise<void> {
  const report = await verified(engine)
  expect(report).toMatchObject({ status: 'tampered', firstBad: { chain: 'main', seq } })
  expect(report.firstBad?.what).toContain(what)
}

describe('decisions that nobody approved', () => {
  test('a-use-of-what-was-never-granted', async () => {
    const gate = await opened()
    const seq = await addFalse(gate.engine, approved(gate, ['grt-00000000000000000000']))
    await expectBad(gate, seq, 'no record before it applied')
  })

  test('an-approval-that-names-no-statement', async () => {
    const gate = await opened()
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [])), 'rests on no statement')
  })

  test('approvals-that-a-denial-uses-up', async () => {
    const gate = await opened()
    const id = await granted(gate)
    const draft = { decision: 'deny', code: 'policy_deny', outcome: 'none' } as const
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id], { draft })), 'lets nothing run')
  })

  test.each([
    ['a-question-that-runs', { enforced: true }, 'does not allow'],
    ['a-question-that-runs-unenforced', { enforced: false }, 'unenforced'],
  ] as const)('%s', async (_name, enforced, what) => {
    const gate = await opened()
    const draft = { ...enforced, decision: 'require_approval', code: 'policy_ask' } as const
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [], { draft })), what)
  })

  test('an-honest-use-is-no-fault', async () => {
    const gate = await opened()
    await addFalse(gate.engine, approved(gate, [await granted(gate)]))
    // The state knows nothing of that use: it would let the grant be used once more.
    const report = await verified(gate.engine)
    expect(report.firstBad?.what).toContain('gone from the state')
  })

  test('a-grant-that-was-used-up', async () => {
    const gate = await opened()
    const id = await granted(gate, { uses: 1 })
    await gate.runtime.execute(pay(5000))
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id])), 'was used up')
  })

  test('a-grant-that-was-taken-back', async () => {
    const gate = await opened()
    const id = await granted(gate)
    await gate.approvals.revoke(id, { by: bob })
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id])), 'took back')
  })

  test('a-grant-that-had-expired', async () => {
    const gate = await opened()
    const id = await granted(gate, { durationMs: 60_000 })
    const { now } = await gate.engine.read({ keys: [] })
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id]), now + 60_000), 'had expired')
  })

  test.each([
    ['another actor', { actor: 'other' }],
    ['another session', { session: 's2' }],
    ['another environment', { environment: 'staging' }],
    ['another tenant', { tenant: 't2' }],
    ['another capability', { resource: 'payment.low_value' }],
  ] as const)('a-grant-that-is-for-%s', async (_name, init) => {
    const gate = await opened()
    const id = await granted(gate, { session: 's1', environment: 'production', tenant: 't1' })
    const draft = approved(gate, [id], { init: { session: 's1', tenant: 't1', ...init } })
    await expectBad(gate, await addFalse(gate.engine, draft), 'does not cover it')
  })

  test('a-grant-that-its-approver-uses', async () => {
    const gate = await opened()
    const id = await granted(gate)
    const init = { actorChain: ['ALICE'] }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id], { init })), 'its own actor, or one above it')
  })

  test('a-grant-of-a-key-that-the-policy-does-not-trust', async () => {
    const gate = await opened()
    const scope = { actor: 'agent', capability: HOUR.capability, session: null, environment: null, tenant: null }
    const { now } = await gate.engine.read({ keys: [] })
    const said = { kind: 'grant', scope: { ...scope, args: null }, uses: null, expires_at: now + 60_000 } as const
    const draft = await applied(gate, said, { by: mallory })
    await addFalse(gate.engine, draft)
    const id = idOf(draft)
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id])), 'whom its policy trusts')
  })

  test('a-quorum-of-two-with-one-signature', async () => {
    const gate = await opened({ text: policyText({ approval: '{ quorum: 2 }' }) })
    const id = await granted(gate)
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id])), '1 of the 2 approvers')
  })

  test('a-quorum-of-two-with-two-grants-of-one-key', async () => {
    const gate = await opened({ text: policyText({ approval: '{ quorum: 2 }' }) })
    const ids = [await granted(gate), await granted(gate)]
    await expectBad(gate, await addFalse(gate.engine, approved(gate, ids)), '1 of the 2 approvers')
  })

  test('an-approver-whom-the-rule-does-not-list', async () => {
    const gate = await opened({ text: policyText({ approval: '{ approvers: [alice] }' }) })
    const id = await granted(gate, {}, bob)
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id])), '0 of the 1 approvers')
  })

  test('a-rule-that-asks-for-nothing', async () => {
    const gate = await opened()
    const id = await granted(gate)
    const draft = { rule: 'small-payments', rules: ['small-payments'] }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id], { draft })), 'asks for no approval')
  })
})

describe('approvals of another action, or too often', () => {
  async function answered(options: ApprovalGateOptions = {}): Promise<{ gate: Opened; id: string; request: string }> {
    const gate = await opened(options)
    await gate.runtime.execute(pay(5000))
    const request = await onlyRequest(gate)
    const { id } = await gate.approvals.approve(request, { by: alice })
    return { gate, id, request }
  }

  test('other-arguments', async () => {
    const { gate, id } = await answered()
    const init = { args: { amount: 9000 } }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id], { init })), 'is for another action')
  })

  test('another-context', async () => {
    const { gate, id } = await answered()
    const init = { session: 's9' }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id], { init })), 'is for another action')
  })

  test('used-twice', async () => {
    const { gate, id } = await answered()
    await gate.runtime.execute(pay(5000))
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id])), 'used already')
  })

  test('used-after-its-time', async () => {
    const { gate, id } = await answered({ text: policyText({ approval: '{ expires_in: 5m }' }) })
    const { now } = await gate.engine.read({ keys: [] })
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [id]), now + 301_000), '0 of the 1 approvers')
  })

  test('approved-after-a-no', async () => {
    const gate = await opened()
    await gate.runtime.execute(pay(5000))
    const request = await onlyRequest(gate)
    await gate.approvals.reject(request, { by: bob })
    const rejected = (await bodies(gate.engine)).at(-1)
    const digest = rejected?.kind === 'statement' ? textIn(rejected.statement, 'digest') : ''
    const { now } = await gate.engine.read({ keys: [] })
    const said = { kind: 'approve', request, digest, uses: 1, expires_at: now + 60_000 } as const
    await expectBad(gate, await addFalse(gate.engine, await applied(gate, said)), 'rejected')
  })
})

describe('an action that was rejected', () => {
  async function rejected(): Promise<{ gate: Opened; seq: number }> {
    const gate = await opened()
    await gate.runtime.execute(pay(5000))
    await gate.approvals.reject(await onlyRequest(gate), { by: bob })
    return { gate, seq: (await bodies(gate.engine)).length }
  }

  test('is-not-asked-again', async () => {
    const { gate, seq } = await rejected()
    await forge(gate.engine, 'request/', () => null)
    const again = await approvalGate({ engine: gate.engine })
    await again.runtime.execute(pay(5000))
    await expectBad(gate, seq, 'asks again')
  })

  test('is-not-granted-either', async () => {
    const { gate, seq } = await rejected()
    const id = await granted(gate)
    expect(await addFalse(gate.engine, approved(gate, [id]))).toBe(seq + 1)
    await expectBad(gate, seq + 1, 'rejected this very action')
  })
})

describe('statements that should not have been applied', () => {
  test('a-broken-signature', async () => {
    const gate = await opened()
    const draft = await applied(gate, { kind: 'suspend', actor: 'agent' })
    const sig = `${draft.sig.startsWith('A') ? 'B' : 'A'}${draft.sig.slice(1)}`
    await expectBad(gate, await addFalse(gate.engine, { ...draft, sig }), 'signature does not verify')
  })

  test('a-statement-for-another-trail', async () => {
    const gate = await opened()
    const draft = await applied({ ...gate, origin: 'capfence.local/other/main' }, { kind: 'suspend', actor: 'agent' })
    await expectBad(gate, await addFalse(gate.engine, draft), 'for another trail')
  })

  test('no-statement-at-all', async () => {
    const gate = await opened()
    const draft = await applied(gate, { kind: 'suspend', actor: 'agent' })
    const statement = { ...draft.statement, more: 1 }
    await expectBad(gate, await addFalse(gate.engine, { ...draft, statement }), 'holds no statement')
  })

  test('a-grant-applied-twice', async () => {
    const gate = await opened()
    await granted(gate)
    const body = (await bodies(gate.engine)).at(-1)
    if (body?.kind !== 'statement') throw new Error('no statement')
    const { statement, sig, by, assurance, refused } = body
    const draft = { kind: 'statement', writer: 'w', statement, sig, by, assurance, refused, digest: undefined } as const
    await expectBad(gate, await addFalse(gate.engine, draft), 'applied already')
  })

  test.each([
    ['a-request-that-nobody-asked', { kind: 'reject', request: 'req-00000000000000000000', digest: 'a'.repeat(64) }],
    ['a-revocation-of-nothing', { kind: 'revoke', grant: 'grt-00000000000000000000' }],
    ['a-resume-of-nothing', { kind: 'resume', actor: 'agent', suspension: 'sus-00000000000000000000' }],
  ] as const satisfies readonly (readonly [string, Said & { kind: StatementKind }])[])('%s', async (_name, said) => {
    const gate = await opened()
    await expectBad(gate, await addFalse(gate.engine, await applied(gate, said)), '`')
  })

  test('what-was-refused-changes-nothing', async () => {
    const gate = await opened()
    await addFalse(gate.engine, await applied(gate, { kind: 'suspend', actor: null }, { refused: 'no' }))
    await gate.runtime.execute(pay(2))
    expect((await verified(gate.engine)).status).toBe('authentic')
  })
})

describe('suspensions and limits', () => {
  const LIMITED = policyText({
    rest: 'allow:\n  - { id: few, capability: payment.execute.high_value, session: [s1], limit: { sum: amount, max: 100, per: 1h, by: [actor] } }',
  })

  test('an-allow-of-a-suspended-actor', async () => {
    const gate = await opened()
    await gate.approvals.suspend('agent', { by: alice })
    const draft = { code: 'policy_allow', rule: 'small-payments', rules: ['small-payments'] }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [], { draft })), 'suspended `agent`')
  })

  test('an-allow-below-a-suspended-actor', async () => {
    const gate = await opened()
    await gate.approvals.suspend('boss', { by: alice })
    const draft = { code: 'policy_allow', rule: 'small-payments', rules: ['small-payments'] }
    const init = { actorChain: ['boss'] }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [], { draft, init })), 'suspended `boss`')
  })

  test('an-allow-while-all-are-suspended', async () => {
    const gate = await opened()
    await gate.approvals.suspend(null, { by: alice })
    const draft = { code: 'policy_allow', rule: 'small-payments', rules: ['small-payments'] }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [], { draft })), 'suspended all actors')
  })

  test('a-limit-that-was-passed', async () => {
    const gate = await opened({ text: LIMITED })
    await gate.runtime.execute(pay(60, { session: 's1' }))
    const last = (await bodies(gate.engine)).at(-1)
    const charge = last?.kind === 'decision' ? last.charges?.[0] : undefined
    const charges = [{ rule: 'few', counter: charge?.counter ?? '', perMs: 3_600_000, amount: '60' }]
    const draft = { code: 'policy_allow', rule: 'few', rules: ['few'], charges }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [], { draft })), 'passes the limit of `few`')
  })

  test('a-limit-that-was-not-charged', async () => {
    const gate = await opened({ text: LIMITED })
    const draft = { code: 'policy_allow', rule: 'few', rules: ['few'] }
    await expectBad(gate, await addFalse(gate.engine, approved(gate, [], { draft })), 'charges nothing to its limit')
  })
})

describe('what cannot be proven', () => {
  test('without-the-policy-no-quorum-is-known-and-the-report-says-so', async () => {
    const gate = await opened()
    await granted(gate)
    await gate.runtime.execute(pay(5000))
    await forge(gate.engine, 'policy/', () => null)
    const report = await verified(gate.engine)
    expect(report.status).toBe('authentic')
    expect(report.notes.join()).toContain('no longer kept')
  })

  test('a-key-that-nobody-pinned-leaves-the-trail-consistent-only', async () => {
    const text = `version: 1
require_approval:
  - { id: big, capability: payment.execute.high_value }
`
    const gate = await opened({ text })
    const { now } = await gate.engine.read({ keys: [] })
    const scope = { actor: 'agent', capability: HOUR.capability, session: null, environment: null, tenant: null }
    const said = { kind: 'grant', scope: { ...scope, args: null }, uses: 9, expires_at: now + 60_000 } as const
    const grant = await applied(gate, said, { by: mallory })
    await addFalse(gate.engine, grant)
    await addFalse(gate.engine, approved(gate, [idOf(grant)]))
    await forge(gate.engine, 'grants/', () => null)
    const unknown = await verified(gate.engine)
    expect(unknown.status).toBe('integrity_only')
    expect(unknown.notes.join()).toContain(mallory.keyId)
    const pinned = await verified(gate.engine, { approvers: new Map([['mallory', mallory.vkey]]) })
    expect(pinned.status).toBe('authentic')
  })

  test('a-key-that-goes-by-another-name-now-leaves-the-trail-consistent-only', async () => {
    const text = `version: 1
require_approval:
  - { id: big, capability: payment.execute.high_value, approval: { approvers: [mal*] } }
`
    const gate = await opened({ text })
    const { now } = await gate.engine.read({ keys: [] })
    const scope = { actor: 'agent', capability: HOUR.capability, session: null, environment: null, tenant: null }
    const said = { kind: 'grant', scope: { ...scope, args: null }, uses: 9, expires_at: now + 60_000 } as const
    const grant = await applied(gate, said, { by: mallory })
    await addFalse(gate.engine, grant)
    await addFalse(gate.engine, approved(gate, [idOf(grant)]))
    await forge(gate.engine, 'grants/', () => null)
    const renamed = await verified(gate.engine, { approvers: new Map([['other', mallory.vkey]]) })
    expect(renamed.status).toBe('integrity_only')
  })
})
