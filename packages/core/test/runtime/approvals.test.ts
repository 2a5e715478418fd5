import { expect, test } from 'vitest'
import { CallRefusedError } from '../../src/action/call-refused-error.ts'
import { alice, approvalGate, bob, mallory, onlyRequest, policyText } from './approval-gate.ts'
import { pay, read } from './gate.ts'

const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const

test('an-approved-request-runs-once-and-only-once', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, records } = opened
  const ran: unknown[] = []
  const tool = (args: Record<string, unknown>): number => ran.push(args['amount'])
  await expect(runtime.run(pay(5000), tool)).rejects.toThrow(CallRefusedError)
  expect(ran).toEqual([])
  await approvals.approve(await onlyRequest(opened), { by: alice, reason: 'invoice 17' })
  await runtime.run(pay(5000), tool)
  await expect(runtime.run(pay(5000), tool)).rejects.toMatchObject({ verdict: { decision: 'require_approval' } })
  expect(ran).toEqual([5000])
  const all = await records()
  expect(all.map(({ kind }) => kind)).toEqual(['opened', 'decision', 'statement', 'decision', 'outcome', 'decision'])
  const statement = all[2]
  expect(statement).toMatchObject({
    kind: 'statement',
    by: 'alice',
    refused: null,
    statement: { kind: 'approve', reason: 'invoice 17' },
  })
  expect(all[3]).toMatchObject({ code: 'approved', rule: 'big', decision: 'allow' })
  expect(all[3]).toHaveProperty('grants', [statement?.kind === 'statement' ? statement.statement['id'] : undefined])
})

test('a-question-is-asked-once-while-it-waits', async () => {
  const { runtime, approvals } = await approvalGate()
  const first = await runtime.execute(pay(5000))
  const again = await runtime.execute(pay(5000))
  const other = await runtime.execute(pay(6000))
  expect(first.decision === 'require_approval' && again.decision === 'require_approval').toBe(true)
  expect(first).toHaveProperty('approval')
  expect(again).toMatchObject({ approval: first.decision === 'require_approval' ? first.approval : {} })
  expect(await approvals.pending()).toHaveLength(2)
  expect(other.decision).toBe('require_approval')
})

test('the-text-for-the-model-says-that-it-waits-and-that-nothing-else-helps-and-holds-no-argument', async () => {
  const { runtime } = await approvalGate()
  const refusal: unknown = await runtime
    .run(pay(5000, { args: { amount: 5000, iban: 'SECRET' } }), () => 1)
    .catch((error: unknown) => error)
  const text = String(refusal)
  expect(text).toMatch(/waits for a human's approval \(request req-[0-9a-f]{20}, until .*Z\)/)
  expect(text).toContain('repeating, rephrasing or another route will not help')
  expect(text).not.toMatch(/SECRET|5000/)
})

test('a-rejected-call-is-refused-until-its-request-would-have-expired', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  await approvals.reject(await onlyRequest(opened), { by: bob })
  for (let time = 0; time < 3; time++) {
    expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'deny', reason: { code: 'approval_rejected' } })
  }
  expect(await approvals.pending()).toEqual([])
  await approvals.grant(HOUR, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'approval_rejected' } })
  expect(await runtime.execute(pay(5001))).toMatchObject({ decision: 'allow' })
})

test('a-grant-counts-its-uses', async () => {
  const { runtime, approvals } = await approvalGate()
  await approvals.grant({ ...HOUR, uses: 2 }, { by: alice })
  const answers = []
  for (const amount of [2000, 3000, 4000]) answers.push((await runtime.execute(pay(amount))).decision)
  expect(answers).toEqual(['allow', 'allow', 'require_approval'])
})

test('a-grant-without-uses-lasts-until-it-ends', async () => {
  const { runtime, approvals } = await approvalGate()
  await approvals.grant(HOUR, { by: alice })
  for (let amount = 2000; amount < 2020; amount++) {
    expect(await runtime.execute(pay(amount))).toMatchObject({ reason: { code: 'approved' } })
  }
})

test('a-revoked-grant-ends-at-once', async () => {
  const { runtime, approvals } = await approvalGate()
  const { id } = await approvals.grant(HOUR, { by: alice })
  expect(await runtime.execute(pay(2000))).toMatchObject({ decision: 'allow' })
  await approvals.revoke(id, { by: bob, reason: 'no longer' })
  expect(await runtime.execute(pay(2001))).toMatchObject({ decision: 'require_approval' })
  expect(await approvals.grants()).toEqual([])
  await expect(approvals.revoke(id, { by: bob })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
})

test('an-approval-can-be-taken-back-before-it-is-used', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  const { id } = await approvals.approve(await onlyRequest(opened), { by: alice })
  await approvals.revoke(id, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
})

test.each([
  ['session', { session: 's-1' }, { session: 's-2' }],
  ['environment', { environment: 'Production' }, { environment: 'staging' }],
  ['tenant', { tenant: 'acme' }, { tenant: 'other' }],
  ['args', { args: '{"to": "ACME", "amount": {"lte": 3000}}' }, { args: { amount: 2500, to: 'EVE' } }],
] as const)('a-grant-for-a-%s-is-for-no-other', async (_what, scope, other) => {
  const { runtime, approvals } = await approvalGate()
  await approvals.grant({ ...HOUR, ...scope }, { by: alice })
  const own = { session: 's-1', tenant: 'acme', args: { amount: 2500, to: 'ACME' } }
  expect(await runtime.execute(pay(2500, { ...own, ...other }))).toMatchObject({ decision: 'require_approval' })
  expect(await runtime.execute(pay(2500, own))).toMatchObject({ decision: 'allow' })
  const { session: _session, tenant: _tenant, ...without } = own
  const expected = 'session' in scope || 'tenant' in scope ? 'require_approval' : 'allow'
  expect(await runtime.execute(pay(2500, without))).toMatchObject({ decision: expected })
})

test('a-grant-satisfies-no-deny-and-no-default', async () => {
  const { runtime, approvals } = await approvalGate({
    text: policyText({ rest: 'deny: [{ capability: payment.execute.high_value, environment: staging }]\nallow:' }),
  })
  await approvals.grant({ ...HOUR, capability: '*.*.*' }, { by: alice })
  expect(await runtime.execute(pay(5000, { environment: 'staging' }))).toMatchObject({
    reason: { code: 'policy_deny' },
  })
  expect(await runtime.execute(read({ resource: 'filesystem.etc' }))).toMatchObject({
    reason: { code: 'policy_default' },
  })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
})

test('a-pattern-grant-satisfies-no-rule-that-asks-out-of-ignorance', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  await approvals.grant(HOUR, { by: alice })
  expect(await runtime.execute(pay('a lot'))).toMatchObject({ reason: { code: 'policy_ask_unknown' } })
  await approvals.approve(await onlyRequest(opened), { by: alice })
  expect(await runtime.execute(pay('a lot'))).toMatchObject({ decision: 'allow', reason: { code: 'approved' } })
})

test('a-quorum-of-two-wants-two-approvers-of-the-rule', async () => {
  const opened = await approvalGate({ text: policyText({ approval: '{ quorum: 2 }' }) })
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  await approvals.approve(request, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({
    decision: 'require_approval',
    approval: { requestId: request },
  })
  await approvals.approve(request, { by: bob })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
})

test('two-grants-by-two-approvers-make-a-quorum-and-both-are-used', async () => {
  const { runtime, approvals } = await approvalGate({ text: policyText({ approval: '{ quorum: 2 }' }) })
  await approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  await approvals.grant({ ...HOUR, uses: 3 }, { by: bob })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
  expect(await runtime.execute(pay(5001))).toMatchObject({ decision: 'require_approval' })
  expect((await approvals.grants()).map(({ used }) => used)).toEqual([1])
})

test('only-approvers-that-the-rule-lists-count', async () => {
  const opened = await approvalGate({ text: policyText({ approval: '{ approvers: ["ali*"] }' }) })
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  await approvals.approve(request, { by: bob })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  await approvals.approve(request, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
})

test('what-never-ran-gives-its-grant-use-and-its-charge-back', async () => {
  const text = policyText({
    rest: 'deny: [{ id: few, capability: payment, limit: { count: true, max: 1, per: 1h, by: actor } }]\nallow:',
  })
  const { runtime, approvals } = await approvalGate({ text })
  await approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  const first = await runtime.execute(pay(5000))
  expect(first).toMatchObject({ decision: 'allow' })
  expect(await runtime.execute(pay(5001))).toMatchObject({ reason: { code: 'policy_deny', rule: 'few' } })
  await runtime.report(first, 'not_executed')
  expect(await runtime.execute(pay(5002))).toMatchObject({ decision: 'allow' })
  expect(await runtime.execute(pay(5003))).toMatchObject({ decision: 'deny' })
})

test('an-abort-before-the-start-gives-the-approval-back', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  const stop = new AbortController()
  const run = runtime.run(pay(5000), () => expect.unreachable(), { signal: stop.signal })
  queueMicrotask(() => stop.abort())
  await expect(run).rejects.toMatchObject({ verdict: { reason: { code: 'cancelled' } } })
  expect(await runtime.run(pay(5000), () => 'ran')).toBe('ran')
})

test('a-request-can-be-made-ahead-of-the-call', async () => {
  const { runtime, approvals, records } = await approvalGate()
  const { requestId } = await approvals.request(pay(5000))
  await approvals.approve(requestId, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
  const before = (await records()).length
  await expect(approvals.request(pay(500))).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  await expect(approvals.request(read({ resource: 'filesystem.etc' }))).rejects.toMatchObject({
    code: 'APPROVAL_REFUSED',
  })
  expect(await records()).toHaveLength(before)
})

test('a-preview-uses-nothing-up', async () => {
  const { runtime, approvals, records } = await approvalGate()
  await approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  const before = (await records()).length
  expect(await runtime.preview(pay(5000))).toMatchObject({ decision: 'allow', code: 'approved' })
  expect(await runtime.preview(pay(5000))).toMatchObject({ decision: 'allow', code: 'approved' })
  expect(await records()).toHaveLength(before)
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
})

test('waiting-ends-with-the-answer-or-the-signal', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  const stop = new AbortController()
  const aborted = approvals.waitFor(request, { signal: stop.signal, everyMs: 5 })
  stop.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  const answer = approvals.waitFor(request, { everyMs: 5 })
  await approvals.approve(request, { by: alice })
  expect(await answer).toBe('approved')
  await runtime.execute(pay(6000))
  const second = await onlyRequest(opened)
  const no = approvals.waitFor(second, { everyMs: 5 })
  await approvals.reject(second, { by: alice })
  expect(await no).toBe('rejected')
})

test('an-untrusted-signature-is-recorded-and-changes-nothing', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, records } = opened
  await runtime.execute(pay(5000))
  await expect(approvals.approve(await onlyRequest(opened), { by: mallory })).rejects.toMatchObject({
    code: 'APPROVAL_REFUSED',
  })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  expect((await records()).find(({ kind }) => kind === 'statement')).toMatchObject({
    by: null,
    refused: expect.stringContaining('not signed by an approver') as string,
  })
})
