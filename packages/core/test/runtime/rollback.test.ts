import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Verdict } from '../../src/action/verdict.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, read } from './gate.ts'

interface Place {
  readonly home: string
  readonly db: string
}

function place(): Place {
  const home = scratchFolder()
  return { home, db: join(home, 'trail.db') }
}

// A process of its own, as far as memory goes: what it knows is what stands on disk.
async function decide({ home, db }: Place, times = 1): Promise<Verdict | undefined> {
  const fence = await openCapFence({ policy: POLICY, db, machine: homeIn(home) })
  let last: Verdict | undefined
  for (let round = 0; round < times; round++) last = await fence.runtime.execute(read())
  await fence.close()
  return last
}

function edit({ db }: Place, sql: string): void {
  const database = new DatabaseSync(db)
  database.exec(sql)
  database.close()
}

async function verify({ home, db }: Place): Promise<number> {
  const fence = await openCapFence({ policy: POLICY, db, machine: homeIn(home) })
  const { exitCode } = await fence.trail.verify()
  await fence.close()
  return exitCode
}

test('a-restored-older-copy-is-not-extended', async () => {
  const at = place()
  await decide(at, 3)
  copyFileSync(at.db, join(at.home, 'yesterday.db'))
  await decide(at, 2)
  for (const name of readdirSync(at.home)) if (name.startsWith('trail.db')) rmSync(join(at.home, name))
  copyFileSync(join(at.home, 'yesterday.db'), at.db)
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  expect(await verify(at)).toBe(4)
})

test('a-cut-tail-is-not-extended-though-its-head-row-was-mended', async () => {
  const at = place()
  await decide(at, 3)
  edit(
    at,
    `DELETE FROM record WHERE seq = 3; UPDATE chain SET size = 3, entry = (SELECT entry FROM record WHERE seq = 2)`,
  )
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  expect([1, 4]).toContain(await verify(at))
})

test('a-head-row-that-does-not-match-the-records-is-not-extended', async () => {
  const at = place()
  await decide(at, 3)
  edit(at, `UPDATE chain SET entry = zeroblob(32)`)
  const verdict = await decide(at)
  expect(verdict?.authorized).toBe(false)
  expect(['audit_rollback', 'fault_audit']).toContain(verdict?.reason.code)
})

test('a-running-process-notices-that-its-trail-was-rewritten', async () => {
  const at = place()
  const fence = await openCapFence({ policy: POLICY, db: at.db, machine: homeIn(at.home) })
  for (let round = 0; round < 3; round++) await fence.runtime.execute(read())
  // The head file goes too: what is left is what this process remembers.
  rmSync(join(at.home, 'state'), { recursive: true })
  edit(
    at,
    `DELETE FROM record WHERE seq >= 2; UPDATE chain SET size = 2, entry = (SELECT entry FROM record WHERE seq = 1)`,
  )
  expect(await fence.runtime.execute(read())).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  await fence.close()
})

test('a-lost-head-file-is-adopted-on-the-record', async () => {
  const at = place()
  await decide(at, 2)
  rmSync(join(at.home, 'state'), { recursive: true })
  expect(await decide(at)).toMatchObject({ authorized: true })
  const database = new DatabaseSync(at.db, { readOnly: true })
  const kinds = database.prepare('SELECT kind FROM trail ORDER BY seq').all().map(({ kind }) => kind) // prettier-ignore
  database.close()
  expect(kinds).toEqual(['opened', 'decision', 'decision', 'head_adopted', 'decision'])
  expect(await verify(at)).toBe(0)
})

test('a-damaged-head-file-lets-nothing-run', async () => {
  const at = place()
  await decide(at)
  const heads = join(at.home, 'state/capfence/heads')
  const [name = ''] = readdirSync(heads).filter((entry) => entry.endsWith('.json'))
  writeFileSync(join(heads, name), readFileSync(join(heads, name), 'utf8').slice(0, 40))
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'fault_audit' } })
})

test('a-trail-of-another-key-is-not-extended', async () => {
  const at = place()
  await decide(at)
  rmSync(join(at.home, 'config'), { recursive: true })
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'fault_signer' } })
})

test('a-database-that-is-no-database-lets-nothing-run', async () => {
  const at = place()
  writeFileSync(at.db, 'this is not a database, though it is long enough to be looked at as one '.repeat(20), {
    mode: 0o600,
  })
  const opened = openCapFence({ policy: POLICY, db: at.db, machine: homeIn(at.home) })
  await expect(opened).rejects.toMatchObject({ code: 'ENGINE_CORRUPT' })
})

test('a-trail-that-was-deleted-as-a-whole-is-not-begun-anew', async () => {
  const at = place()
  await decide(at, 3)
  for (const name of readdirSync(at.home)) if (name.startsWith('trail.db')) rmSync(join(at.home, name))
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  expect(await verify(at)).toBe(4)
})

test('a-trail-whose-rows-were-all-deleted-is-not-begun-anew', async () => {
  const at = place()
  await decide(at, 3)
  edit(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  expect(await verify(at)).toBe(4)
})

test('another-trail-of-the-same-key-does-not-pass-for-this-one', async () => {
  const at = place()
  await decide(at, 3)
  const other = { home: at.home, db: join(at.home, 'other.db') }
  await decide(other)
  for (const name of readdirSync(at.home)) if (name.startsWith('trail.db')) rmSync(join(at.home, name))
  copyFileSync(other.db, at.db)
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  expect(await verify(at)).toBe(4)
})

test('a-forged-tree-in-the-head-row-is-not-extended', async () => {
  const at = place()
  await decide(at, 3)
  edit(at, 'UPDATE chain SET frontier = zeroblob(length(frontier))')
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'fault_audit' } })
})

test('a-process-that-never-wrote-does-not-begin-anew-what-another-had-begun', async () => {
  const at = place()
  const options = { policy: POLICY, db: at.db, machine: homeIn(at.home), deadlineMs: 1_000, onFault: () => undefined }
  const early = await openCapFence(options)
  const lock = new DatabaseSync(at.db)
  lock.exec('BEGIN IMMEDIATE')
  expect(await early.runtime.execute(read())).toMatchObject({ authorized: false })
  lock.exec('ROLLBACK')
  lock.close()
  await decide(at, 3)
  edit(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
  const verdict = await early.runtime.execute(read())
  expect(verdict).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  await early.close()
})
