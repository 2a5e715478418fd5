import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { machine } from '@capfence/core'
import picocolors from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { Output } from '../src/output.ts'
import { progressLine } from '../src/trail/verify-progress.ts'
import { readVerifyState, writeVerifyState } from '../src/trail/verify-state.ts'
import { type Ended, capfence, home, temporaryFolder } from './command.ts'
import { makeTrail } from './trail.ts'

const NO_OUTPUT: Output = {
  paint: picocolors.createColors(false),
  closed: false,
  failure: undefined,
  write: async () => undefined,
}

const OPS = fileURLToPath(new URL('../../../policies/ops.yaml', import.meta.url))
const READ = {
  actor: 'agent',
  environment: 'production',
  risk: 'low',
  action: 'read',
  resource: 'filesystem.workspace',
  args: { path: 'a' },
}

const CHAIN = {
  chain: 'main',
  origin: 'capfence.local/0/main',
  status: 'authentic',
  exitCode: 0,
  newestAt: 0,
  notes: [],
} as const

interface Setup {
  readonly folder: string
  readonly run: (...args: readonly string[]) => Promise<Ended>
  /** Lets the agent do more. */
  readonly more: (count: number) => Promise<void>
  readonly sql: (statement: string) => void
}

async function setup(): Promise<Setup> {
  const folder = temporaryFolder()
  const env = home(folder)
  const more = async (count: number): Promise<void> => {
    await makeTrail(
      { folder, policy: OPS, env },
      Array.from({ length: count }, () => READ),
    )
  }
  await more(3)
  return {
    folder,
    more,
    run: (...args) => capfence(['verify', '--db', 'trail.db', ...args], { cwd: folder, env }),
    sql: (statement) => {
      const connection = new DatabaseSync(join(folder, 'trail.db'))
      connection.exec(statement)
      connection.close()
    },
  }
}

interface Report {
  readonly notes: readonly string[]
  readonly records: number
  readonly chains: readonly { readonly origin: string; readonly records: number; readonly root: string }[]
}

async function headOf({ run }: Setup): Promise<string> {
  const report = JSON.parse((await run('--json')).stdout) as Report
  const [chain] = report.chains
  if (chain === undefined) throw new Error('no chain')
  return `${chain.origin}:${String(chain.records)}:${chain.root}`
}

// Everything that this user has: the database, and what stands in the state folder beside it.
function copyAll(folder: string): { restore(): void } {
  const kept = join(folder, 'kept')
  mkdirSync(kept)
  const heads = join(folder, 'state/capfence/heads')
  copyFileSync(join(folder, 'trail.db'), join(kept, 'trail.db'))
  for (const name of readdirSync(heads)) copyFileSync(join(heads, name), join(kept, name))
  return {
    restore: () => {
      for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `trail.db${end}`), { force: true })
      for (const name of readdirSync(kept))
        copyFileSync(join(kept, name), join(name === 'trail.db' ? folder : heads, name))
    },
  }
}

describe('a head that whoever verifies expects', () => {
  test('is-complete-up-to-it-without-any-head-file', async () => {
    const all = await setup()
    const head = await headOf(all)
    rmSync(join(all.folder, 'state'), { recursive: true })
    expect((await all.run()).code).toBe(3)
    const found = await all.run('--expect-head', head)
    expect(found.code).toBe(0)
    expect(found.stdout).toContain('as given by --expect-head')
  })

  test.each([
    ['another-root', (head: string) => head.replace(/:[^:]+$/, `:${Buffer.alloc(32).toString('base64')}`), 'forked'],
    ['more-records', (head: string) => head.replace(/:(\d+):/, ':400:'), 'remembers 400'],
    ['another-trail', (head: string) => head.replace('capfence.local/', 'elsewhere.local/'), 'is gone'],
  ])('is-exit-4-with-%s', async (_name, change, words) => {
    const all = await setup()
    const found = await all.run('--expect-head', change(await headOf(all)))
    expect(found.code).toBe(4)
    expect(found.stdout).toContain(words)
  })

  test('is-read-from-a-checkpoint-that-a-pinned-key-signed', async () => {
    const all = await setup()
    const db = new DatabaseSync(join(all.folder, 'trail.db'))
    const row = db.prepare(`SELECT value FROM state WHERE key = 'checkpoint/main'`).get()
    db.close()
    const { note } = JSON.parse(String(row?.['value'])) as { note: string }
    writeFileSync(join(all.folder, 'good.note'), note)
    writeFileSync(join(all.folder, 'forged.note'), note.replace('capfence.local', 'kapfence.local'))
    rmSync(join(all.folder, 'state'), { recursive: true })
    expect((await all.run('--expect-head', 'good.note')).code).toBe(0)
    for (const name of ['forged.note', 'missing.note', 'trail.db', 'a:b:c']) {
      expect((await all.run('--expect-head', name)).code).toBe(2)
    }
  })
})

describe('a state that is remembered', () => {
  test('finds-a-database-and-head-file-that-were-restored-together', async () => {
    const all = await setup()
    const first = await all.run('--state', 'auditor.state')
    expect(first.code).toBe(0)
    expect(first.stdout).toContain('head: none in auditor.state yet')
    expect(statSync(join(all.folder, 'auditor.state')).mode & 0o777).toBe(0o600)
    const yesterday = copyAll(all.folder)
    await all.more(2)
    const second = await all.run('--state', 'auditor.state')
    expect(second.code).toBe(0)
    expect(second.stdout).toContain('remembered in auditor.state')
    const kept = readFileSync(join(all.folder, 'auditor.state'), 'utf8')
    yesterday.restore()
    expect((await all.run()).code).toBe(0)
    const third = await all.run('--state', 'auditor.state', '--json')
    expect(third.code).toBe(4)
    expect(JSON.parse(third.stdout)).toMatchObject({ status: 'truncated', first_bad: { chain: 'main', seq: 4 } })
    expect(readFileSync(join(all.folder, 'auditor.state'), 'utf8')).toBe(kept)
  })

  test('finds-a-trail-that-forked-after-it-was-restored', async () => {
    const all = await setup()
    const yesterday = copyAll(all.folder)
    await all.more(2)
    await all.run('--state', 'auditor.state')
    yesterday.restore()
    await all.more(4)
    expect((await all.run()).code).toBe(0)
    const forked = await all.run('--state', 'auditor.state')
    expect(forked.code).toBe(4)
    expect(forked.stdout).toContain('forked or rewritten')
  })

  test('finds-a-trail-that-was-begun-anew', async () => {
    const all = await setup()
    await all.run('--state', 'auditor.state')
    for (const end of ['', '-wal', '-shm']) rmSync(join(all.folder, `trail.db${end}`), { force: true })
    rmSync(join(all.folder, 'state'), { recursive: true })
    await all.more(5)
    const anew = await all.run('--state', 'auditor.state')
    expect(anew.code).toBe(4)
    expect(anew.stdout).toContain('is gone')
  })

  test.each([
    ['emptied', () => ''],
    ['cut', (text: string) => text.slice(0, -4)],
    ['without-its-heads', (text: string) => `${text.split('\n')[0] ?? ''}\n`],
    ['with-another-size', (text: string) => text.replace(/:(\d+):/, ':0$1:')],
  ])('that-is-%s-is-exit-2-and-stays-as-it-is', async (_name, damage) => {
    const all = await setup()
    await all.run('--state', 'auditor.state')
    const path = join(all.folder, 'auditor.state')
    const damaged = damage(readFileSync(path, 'utf8'))
    writeFileSync(path, damaged)
    const found = await all.run('--state', 'auditor.state')
    expect(found.code).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe(damaged)
  })

  test('never-goes-back-where-two-runs-end-in-another-order-than-they-began', () => {
    const path = join(temporaryFolder(), 'auditor.state')
    const reach = (records: number): Parameters<typeof writeVerifyState>[2] => ({
      chains: [{ ...CHAIN, records, root: new Uint8Array(32).fill(records) }],
    })
    for (const records of [5, 9, 7]) writeVerifyState(machine(), path, reach(records))
    expect(readVerifyState(machine(), path)).toMatchObject([{ origin: CHAIN.origin, size: 9 }])
  })

  test('remembers-nothing-of-a-trail-that-was-tampered-with', async () => {
    const all = await setup()
    all.sql(`UPDATE record SET body = replace(body, 'agent', 'angel') WHERE seq = 2`)
    expect((await all.run('--state', 'auditor.state')).code).toBe(1)
    expect(readdirSync(all.folder)).not.toContain('auditor.state')
  })
})

describe('how-deep-it-looks', () => {
  test('is-told', async () => {
    const { run } = await setup()
    expect((await run('--deep')).stdout).toContain('the signature of each record')
    expect((await run('--strict')).stdout).toContain('canonical to the letter')
    const quick = await run('--quick')
    expect(quick.code).toBe(0)
    expect(quick.stdout).toContain('not checked (quick)')
    expect((await run('--quick', '--strict')).code).toBe(2)
  })
})

describe('the-age-of-the-newest-record', () => {
  test('fails-where-it-is-too-old', async () => {
    const { run } = await setup()
    expect((await run('--max-age', '1h')).code).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const old = await run('--max-age', '1s')
    expect(old.code).toBe(4)
    expect(old.stdout).toContain('older than was demanded')
    expect((await run('--max-age', 'soon')).code).toBe(2)
  })
})

describe('a-long-run', () => {
  test('tells-how-far-it-is-on-one-line-and-takes-it-away-again', async () => {
    const written: string[] = []
    const err = { ...NO_OUTPUT, write: async (text: string) => void written.push(text) }
    const line = progressLine(err, true)
    line.onProgress?.({ chain: 'main', records: 256, total: 4096 })
    expect(written).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 210))
    line.onProgress?.({ chain: 'main', records: 1024, total: 4096 })
    await line.end()
    expect(written).toEqual(['\r\u001b[Kverified 1,024 of 4,096 records (25 %)', '\r\u001b[K'])
  })

  test('says-nothing-where-nobody-would-see-it', () => {
    expect(progressLine(NO_OUTPUT, false).onProgress).toBeUndefined()
  })
})
