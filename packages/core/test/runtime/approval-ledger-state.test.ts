import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { grantsKey } from '../../src/approval/grants.ts'
import type { StateEntry } from '../../src/approval/state-store.ts'
import { rebuildState } from '../../src/compose/rebuild.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import type { Json } from '../../src/kernel/json.ts'
import { decision } from '../audit/trail.ts'
import { scratchFolder } from '../support/scratch.ts'
import { alice, approvalGate, bob, forge, onlyRequest, policyText, saved } from './approval-gate.ts'
import { addFalse, bodies, known, verified } from './approval-trail.ts'
import { type Gate, pay, read } from './gate.ts'

const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const

// Sets members of every object in a state value that has them.
const setting =
  (members: Record<string, Json>) =>
  (value: string): string =>
    JSON.stringify(JSON.parse(value), (_key, found: unknown) =>
      typeof found === 'object' && found !== null && Object.keys(members).every((name) => Object.hasOwn(found, name))
        ? { ...found, ...members }
        : found,
    )

async function lastSeq({ engine }: Gate): Promise<number> {
  return (await bodies(engine)).length - 1
}

async function expectBad({ engine }: Gate, seq: number, what: string): Promise<void> {
  const report = await verified(engine)
  expect(report).toMatchObject({ status: 'tampered', firstBad: { chain: 'main', seq } })
  expect(report.firstBad?.what).toContain(what)
}

// What a database writer did to the state is undone, and nothing is left to complain of.
async function expectRestored({ engine }: Gate): Promise<void> {
  expect((await rebuildState(engine, await known(engine))).changed).toBeGreaterThan(0)
  const report = await verified(engine)
  expect(report.status).toBe('authentic')
  expect(report.notes.join()).not.toContain('rebuild')
}

describe('state that gives more than the trail', () => {
  test('a-use-that-is-gone', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
    await gate.runtime.execute(pay(5000))
    const used = await lastSeq(gate)
    await forge(gate.engine, 'grants/', setting({ used: 0 }))
    await gate.runtime.execute(read())
    await expectBad(gate, used, 'that use is gone')
    await expectRestored(gate)
  })

  test('a-use-of-approvals-that-is-gone', async () => {
    const gate = await approvalGate()
    await gate.runtime.execute(pay(5000))
    await gate.approvals.approve(await onlyRequest(gate), { by: alice })
    await gate.runtime.execute(pay(5000))
    const used = await lastSeq(gate)
    await forge(gate.engine, 'request/', setting({ used: 0, returned: 0 }))
    await expectBad(gate, used, 'that use is gone')
    await expectRestored(gate)
  })

  test('a-use-that-was-given-back-by-nobody', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
    await gate.runtime.execute(pay(5000))
    const used = await lastSeq(gate)
    await forge(gate.engine, 'grants/', setting({ returned: 1 }))
    await expectBad(gate, used, 'gave back more')
    await expectRestored(gate)
  })

  test('a-revocation-that-is-gone', async () => {
    const gate = await approvalGate()
    const { id } = await gate.approvals.grant(HOUR, { by: alice })
    const putBack = await saved(gate.engine, 'grants/')
    await gate.approvals.revoke(id, { by: bob })
    const revoked = await lastSeq(gate)
    await putBack()
    await expectBad(gate, revoked, 'took back')
    await expectRestored(gate)
    expect(await gate.runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  })

  test('a-rejection-that-is-gone', async () => {
    const gate = await approvalGate()
    await gate.runtime.execute(pay(5000))
    const putBack = await saved(gate.engine, 'request/')
    await gate.approvals.reject(await onlyRequest(gate), { by: bob })
    const rejected = await lastSeq(gate)
    await putBack()
    await expectBad(gate, rejected, 'rejected')
    await forge(gate.engine, 'request/', () => null)
    await expectBad(gate, rejected, 'no longer says so')
    await expectRestored(gate)
  })

  test('an-approval-that-was-taken-back-and-counts-again', async () => {
    const gate = await approvalGate({ text: policyText({ approval: '{ quorum: 2 }' }) })
    await gate.runtime.execute(pay(5000))
    const { id } = await gate.approvals.approve(await onlyRequest(gate), { by: alice })
    await gate.approvals.revoke(id, { by: bob })
    const revoked = await lastSeq(gate)
    await forge(gate.engine, 'request/', setting({ revoked: [] }))
    await expectBad(gate, revoked, 'took back the approval')
    await expectRestored(gate)
  })

  test('a-suspension-that-is-gone', async () => {
    const gate = await approvalGate()
    await gate.approvals.suspend('agent', { by: alice })
    const suspended = await lastSeq(gate)
    await forge(gate.engine, 'suspension', () => null)
    await expectBad(gate, suspended, 'suspended `agent`')
    await expectRestored(gate)
  })

  test('a-resume-put-back-after-a-new-suspension', async () => {
    const gate = await approvalGate()
    await gate.approvals.suspend(null, { by: alice })
    await gate.approvals.resume(null, { by: alice })
    const putBack = await saved(gate.engine, 'suspension')
    await gate.approvals.suspend(null, { by: alice })
    const suspended = await lastSeq(gate)
    await putBack()
    await expectBad(gate, suspended, 'suspended all actors')
    await expectRestored(gate)
  })

  test.each([
    ['emptied', '{"v":1,"per":3600000,"buckets":[]}'],
    ['deleted', null],
  ])('a-counter-that-was-%s', async (_name, value) => {
    const limit = '{ sum: amount, max: 100, per: 1h, by: [actor] }'
    const rest = `allow:\n  - { id: few, capability: payment.execute.high_value, limit: ${limit} }`
    const gate = await approvalGate({ text: policyText({ rest }) })
    await gate.runtime.execute(pay(60))
    const charged = await lastSeq(gate)
    await forge(gate.engine, 'limit/', () => value)
    await expectBad(gate, charged, 'counts less')
    await expectRestored(gate)
  })

  test.each([
    ['deleted', null],
    ['set-back', '1'],
  ])('a-mark-that-was-%s', async (_name, value) => {
    const after = '{ capability: [filesystem.read.workspace], within: 1h, by: actor }'
    const rest = `deny:\n  - { id: no, capability: payment.execute.high_value, after: ${after} }\nallow:`
    const gate = await approvalGate({ text: policyText({ rest }) })
    await gate.runtime.execute(read())
    const marked = await lastSeq(gate)
    expect((await verified(gate.engine)).status).toBe('authentic')
    await forge(gate.engine, 'after/', () => value)
    await expectBad(gate, marked, '`after` conditions look for')
    await expectRestored(gate)
    expect(await gate.runtime.execute(pay(1))).toMatchObject({ decision: 'deny', reason: { rule: 'no' } })
  })

  test('a-saved-grant-put-back-after-it-was-used', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
    const putBack = await saved(gate.engine, 'grants/')
    await gate.runtime.execute(pay(5000))
    const used = await lastSeq(gate)
    await putBack()
    await expectBad(gate, used, 'that use is gone')
  })

  test('a-grant-that-no-record-applied', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant(HOUR, { by: alice })
    const granted = await lastSeq(gate)
    await forge(gate.engine, 'grants/', (value) => value.replace(/grt-[0-9a-f]{20}/, 'grt-00000000000000000000'))
    await expectBad(gate, granted, 'does not apply the grant')
    await expectRestored(gate)
  })

  test('a-grant-that-was-changed', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant({ ...HOUR, session: 's1' }, { by: alice })
    const granted = await lastSeq(gate)
    await forge(gate.engine, 'grants/', setting({ session: null }))
    await expectBad(gate, granted, 'otherwise than it stands')
  })

  test('a-request-that-lives-longer', async () => {
    const gate = await approvalGate()
    await gate.runtime.execute(pay(5000))
    const asked = await lastSeq(gate)
    await forge(gate.engine, 'request/', setting({ expiresAt: 9_000_000_000_000 }))
    await expectBad(gate, asked, 'otherwise than it stands')
  })

  test('a-use-that-is-gone-from-a-file', async () => {
    const path = join(scratchFolder(), 'trail.db')
    const engine = new SqliteEngine({ path })
    const gate = await approvalGate({ engine })
    await gate.approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
    await gate.runtime.execute(pay(5000))
    const used = await lastSeq(gate)
    const file = new DatabaseSync(path)
    file.exec(`UPDATE state SET value = replace(value, '"used":1', '"used":0') WHERE key LIKE 'grants/%'`)
    file.close()
    await expectBad(gate, used, 'that use is gone')
    await expectRestored(gate)
    await gate.runtime.close()
    await engine.close()
  })
})

describe('state that gives less', () => {
  test('is-a-note-and-comes-back', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant(HOUR, { by: alice })
    await forge(gate.engine, 'grants/', () => null)
    const report = await verified(gate.engine)
    expect(report.status).toBe('authentic')
    expect(report.notes.join()).toContain('`capfence rebuild` restores it')
    await expectRestored(gate)
    expect(await gate.runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
  })

  test('a-damaged-list-of-suspensions-comes-back', async () => {
    const gate = await approvalGate()
    await gate.approvals.suspend('other', { by: alice })
    await forge(gate.engine, 'suspension', () => 'no JSON')
    expect((await verified(gate.engine)).notes.join()).toContain('the list of suspensions')
    await expectRestored(gate)
  })
})

describe('rebuilding', () => {
  test('a-rejected-action-stays-rejected', async () => {
    const gate = await approvalGate()
    await gate.runtime.execute(pay(5000))
    await gate.approvals.reject(await onlyRequest(gate), { by: bob })
    await forge(gate.engine, 'request/', () => null)
    await rebuildState(gate.engine, await known(gate.engine))
    const { runtime } = await approvalGate({ engine: gate.engine })
    expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'deny', reason: { code: 'approval_rejected' } })
  })

  test('a-request-comes-back-with-its-approval', async () => {
    const gate = await approvalGate({ text: policyText({ approval: '{ quorum: 2 }' }) })
    await gate.runtime.execute(pay(5000))
    await gate.approvals.approve(await onlyRequest(gate), { by: alice })
    await forge(gate.engine, 'request/', () => null)
    await forge(gate.engine, 'backlog/', () => null)
    await rebuildState(gate.engine, await known(gate.engine))
    await gate.approvals.approve(await onlyRequest(gate), { by: bob })
    expect(await gate.runtime.execute(pay(5000))).toMatchObject({ decision: 'allow', reason: { code: 'approved' } })
    expect((await verified(gate.engine)).status).toBe('authentic')
  })

  test('leaves-calls-leases-and-policies-alone', async () => {
    const gate = await approvalGate()
    await gate.runtime.run(read(), () => 1)
    const all = async (): Promise<readonly StateEntry[]> => {
      const prefixes = ['call/', 'lease/', 'open/', 'policy/']
      return (await Promise.all(prefixes.map((prefix) => gate.engine.list({ prefix, limit: 9 })))).flat()
    }
    const before = await all()
    expect(before.length).toBeGreaterThan(2)
    await gate.approvals.grant(HOUR, { by: alice })
    await forge(gate.engine, 'grants/', () => null)
    await rebuildState(gate.engine, await known(gate.engine))
    expect(await all()).toEqual(before)
    expect((await gate.engine.read({ keys: [grantsKey('agent')] })).state.size).toBe(1)
  })

  test('refuses-a-trail-that-cannot-be-believed', async () => {
    const gate = await approvalGate()
    await gate.runtime.execute(read())
    await addFalse(gate.engine, decision({ code: 'approved' }))
    await expect(rebuildState(gate.engine, await known(gate.engine))).rejects.toMatchObject({ code: 'AUDIT_CORRUPT' })
  })

  test('refuses-a-trail-that-lost-records', async () => {
    const gate = await approvalGate()
    await gate.runtime.execute(read())
    const { trust, heads } = await known(gate.engine)
    const longer = heads.map((head) => ({ ...head, size: head.size + 1 }))
    await expect(rebuildState(gate.engine, { trust, heads: longer })).rejects.toMatchObject({ code: 'AUDIT_ROLLBACK' })
  })

  test('refuses-where-there-is-no-trail', async () => {
    const { engine } = await approvalGate()
    await expect(rebuildState(engine)).rejects.toMatchObject({ code: 'AUDIT_ROLLBACK' })
  })
})
