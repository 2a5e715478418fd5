import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Verdict } from '../../src/action/verdict.ts'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, read } from './gate.ts'

interface Place {
  readonly home: string
  readonly db: string
}

const REASON = 'the disk died'

function place(): Place {
  const home = scratchFolder()
  return { home, db: join(home, 'trail.db') }
}

// A process of its own, as far as memory goes: what it knows is what stands on disk.
async function within<Value>({ home, db }: Place, use: (fence: CapFence) => Promise<Value>): Promise<Value> {
  const fence = await openCapFence({ policy: POLICY, db, machine: homeIn(home), onFault: () => undefined })
  try {
    return await use(fence)
  } finally {
    await fence.close()
  }
}

async function decide(at: Place, times = 1): Promise<Verdict | undefined> {
  return within(at, async ({ runtime }) => {
    let last: Verdict | undefined
    for (let round = 0; round < times; round++) last = await runtime.execute(read())
    return last
  })
}

const accept = (at: Place): Promise<string | undefined> =>
  within(at, ({ trail }) => trail.acceptLoss({ reason: REASON }))
const verify = (at: Place): Promise<number> => within(at, async ({ trail }) => (await trail.verify()).exitCode)

function sql({ db }: Place, statement: string): void {
  const database = new DatabaseSync(db)
  database.exec(statement)
  database.close()
}

function bodies({ db }: Place): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(db, { readOnly: true })
  const rows = database.prepare('SELECT body FROM record ORDER BY seq').all()
  database.close()
  return rows.map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>)
}

function removeDatabase({ home }: Place): void {
  for (const name of readdirSync(home)) if (name.startsWith('trail.db')) rmSync(join(home, name))
}

function headFiles({ home }: Place): readonly string[] {
  const heads = join(home, 'state/capfence/heads')
  return readdirSync(heads)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(heads, name))
}

/** Ways to lose records, and what stays remembered of them. */
const LOSSES: readonly (readonly [string, (at: Place) => Promise<void>, object | null])[] = [
  [
    'restored-copy',
    async (at) => {
      copyFileSync(at.db, join(at.home, 'yesterday.db'))
      await decide(at, 2)
      removeDatabase(at)
      copyFileSync(join(at.home, 'yesterday.db'), at.db)
    },
    { size: 6 },
  ],
  [
    'deleted',
    async (at) => {
      removeDatabase(at)
    },
    { size: 4 },
  ],
  [
    'emptied',
    async (at) => {
      sql(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
    },
    { size: 4 },
  ],
  [
    'exchanged',
    async (at) => {
      const other = { home: at.home, db: join(at.home, 'other.db') }
      await decide(other)
      removeDatabase(at)
      copyFileSync(other.db, at.db)
    },
    { size: 4 },
  ],
  [
    'torn-head-file',
    async (at) => {
      const file = headFiles(at).find((path) => !path.includes('place-')) ?? ''
      writeFileSync(file, readFileSync(file, 'utf8').slice(0, 30))
    },
    null,
  ],
  [
    'emptied-head-and-place-files',
    async (at) => {
      for (const file of headFiles(at)) writeFileSync(file, '')
    },
    null,
  ],
]

test.each(LOSSES)('goes-on-only-with-a-person-s-word-and-tells-it: %s', async (_what, lose, remembered) => {
  const at = place()
  await decide(at, 3)
  await lose(at)
  const denied = await decide(at)
  expect(denied?.authorized).toBe(false)
  expect(['audit_rollback', 'fault_audit']).toContain(denied?.reason.code)
  const { message } = denied?.reason ?? { message: '' }
  expect(message).toContain('capfence audit accept-loss')
  expect(await accept(at)).toBeTypeOf('string')
  expect(await decide(at)).toMatchObject({ authorized: true })
  const told = bodies(at).filter(({ kind }) => kind === 'loss_accepted')
  expect(told).toMatchObject([{ reason: REASON, remembered }])
  expect(await verify(at)).toBe(0)
  // Once only: what is lost later is lost anew.
  expect(await accept(at)).toBeUndefined()
  sql(at, `DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain`)
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
})

test('records-nothing-where-nothing-is-lost', async () => {
  const at = place()
  expect(await accept(at)).toBeUndefined()
  await decide(at, 2)
  expect(await accept(at)).toBeUndefined()
  expect(bodies(at).map(({ kind }) => kind)).toEqual(['opened', 'decision', 'decision'])
})

test('does-not-take-over-what-was-tampered-with', async () => {
  const at = place()
  await decide(at, 3)
  await within(at, async (fence) => {
    sql(
      at,
      `DELETE FROM record WHERE seq = 3; UPDATE chain SET size = 3, entry = (SELECT entry FROM record WHERE seq = 2)`,
    )
    await expect(fence.trail.acceptLoss({ reason: REASON })).rejects.toMatchObject({ code: 'AUDIT_CORRUPT' })
  })
  expect(await decide(at)).toMatchObject({ authorized: false })
})

test('refuses-agents-and-those-without-the-key', async () => {
  const at = place()
  await decide(at, 2)
  sql(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
  const agent = homeIn(at.home, { CAPFENCE_AGENT: '1' })
  const fence = await openCapFence({ policy: POLICY, db: at.db, machine: agent })
  await expect(fence.trail.acceptLoss({ reason: REASON })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  await fence.close()
  await within(at, async ({ trail }) => {
    await expect(trail.acceptLoss({ reason: '' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
  rmSync(join(at.home, 'config'), { recursive: true })
  await within(at, async ({ trail }) => {
    await expect(trail.acceptLoss({ reason: REASON })).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })
})

test('lets-no-process-go-on-that-has-seen-more', async () => {
  const at = place()
  await decide(at, 1)
  await within(at, async (fence) => {
    await fence.runtime.execute(read())
    await fence.runtime.execute(read())
    sql(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
    expect(await accept(at)).toBeTypeOf('string')
    expect(await fence.runtime.execute(read())).toMatchObject({
      authorized: false,
      reason: { code: 'audit_rollback' },
    })
  })
  expect(await decide(at)).toMatchObject({ authorized: true })
  expect(await verify(at)).toBe(0)
})

test('is-recorded-once-where-several-say-it-at-once', async () => {
  const at = place()
  await decide(at, 3)
  sql(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
  const said = await Promise.all([accept(at), accept(at), accept(at), accept(at)])
  const told = bodies(at).filter(({ kind }) => kind === 'loss_accepted')
  expect(told.length).toBeGreaterThan(0)
  expect(told).toHaveLength(said.filter((found) => found !== undefined).length)
  expect(await decide(at)).toMatchObject({ authorized: true })
  expect(await verify(at)).toBe(0)
})

test('lets-nothing-run-where-what-is-remembered-could-not-be-put-right', async () => {
  const at = place()
  await decide(at, 3)
  sql(at, 'DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain')
  const real = homeIn(at.home)
  const files = {
    ...real.files,
    replace: () => {
      throw new CapFenceError('IO', 'the disk is full')
    },
  }
  const fence = await openCapFence({ policy: POLICY, db: at.db, machine: { ...real, files }, onFault: () => undefined })
  await expect(fence.trail.acceptLoss({ reason: REASON })).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
  await fence.close()
  expect(await decide(at)).toMatchObject({ authorized: false, reason: { code: 'audit_rollback' } })
  expect(await accept(at)).toBeTypeOf('string')
  expect(await decide(at)).toMatchObject({ authorized: true })
  expect(await verify(at)).toBe(0)
})
