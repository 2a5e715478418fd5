import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { type Machine, machine } from '../../src/kernel/ports.ts'
import { nodeArguments, startChild } from './child.ts'
import { codeOf, testFolder, testPath } from './folder.ts'
import { allRecords, appendOne, oneValue } from './sample-commit.ts'

const ANOTHER_USER: Machine = { ...machine(), host: { ...machine().host, userId: () => 4_000_000 } }

async function grown(path: string, count = 3): Promise<string> {
  const engine = new SqliteEngine({ path })
  for (let index = 0; index < count; index++) await appendOne(engine, String(index))
  await engine.close()
  return path
}

/** How many records a process of another user reads. */
function readAs(uid: number, path: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, nodeArguments('count', path), { encoding: 'utf8', uid })
  return stderr === '' ? stdout.trim() : stderr
}

describe('a reader', () => {
  test('never-makes-a-file-that-is-missing', async () => {
    const path = join(testFolder(), 'none', 'capfence.db')
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await codeOf(reader.open())).toBe('ENGINE_FAILED')
    expect(await codeOf(reader.chains())).toBe('ENGINE_FAILED')
    expect(existsSync(dirname(path))).toBe(false)
    await reader.close()
  })

  test('changes-nothing-and-leaves-nothing-behind', async () => {
    const path = await grown(testPath())
    const { mtimeMs } = statSync(path)
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await allRecords(reader)).toHaveLength(3)
    expect(await codeOf(reader.commit(oneValue('k', '1')))).toBe('ENGINE_FAILED')
    expect(readdirSync(dirname(path))).toEqual(['capfence.db'])
    await reader.close()
    expect(statSync(path).mtimeMs).toBe(mtimeMs)
    expect(readdirSync(dirname(path))).toEqual(['capfence.db'])
  })

  test('reads-what-nobody-may-write-and-what-another-user-owns', async () => {
    const path = await grown(testPath())
    chmodSync(path, 0o400)
    chmodSync(dirname(path), 0o500)
    const reader = new SqliteEngine({ path, readOnly: true, machine: ANOTHER_USER })
    expect(await allRecords(reader)).toHaveLength(3)
    await reader.close()
    chmodSync(dirname(path), 0o700)
  })

  test('sees-what-a-live-writer-has-just-stored', async () => {
    const path = testPath()
    const writer = new SqliteEngine({ path })
    await appendOne(writer, 'first')
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await allRecords(reader)).toHaveLength(1)
    await appendOne(writer, 'second')
    expect(await allRecords(reader)).toHaveLength(2)
    await writer.close()
    expect(await allRecords(reader)).toHaveLength(2)
    await reader.close()
  })

  test('notices-a-writer-that-comes-after-it', async () => {
    const path = await grown(testPath())
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await allRecords(reader)).toHaveLength(3)
    const writer = new SqliteEngine({ path })
    await appendOne(writer, 'later')
    expect(await allRecords(reader)).toHaveLength(4)
    await writer.close()
    await grown(path, 2)
    expect(await allRecords(reader)).toHaveLength(6)
    await reader.close()
  })

  test('reads-what-a-killed-writer-left-in-its-log', async () => {
    const path = testPath()
    const child = startChild('append', path, 'a', '100000')
    await child.printed(10)
    child.process.kill('SIGKILL')
    await child.ended
    expect(existsSync(`${path}-wal`)).toBe(true)
    const reader = new SqliteEngine({ path, readOnly: true })
    expect((await allRecords(reader)).length).toBeGreaterThanOrEqual(child.lines.length - 1)
    await reader.close()
  })

  test('refuses-an-empty-file-and-leaves-it-empty', async () => {
    const path = testPath()
    copyFileSync('/dev/null', path)
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await codeOf(reader.open())).toBe('ENGINE_FAILED')
    await reader.close()
    expect(statSync(path).size).toBe(0)
  })

  test('reads-a-file-whose-name-looks-like-an-address', async () => {
    const path = await grown(join(testFolder(), 'a b?immutable=0#%20.db'))
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await allRecords(reader)).toHaveLength(3)
    await reader.close()
  })

  test('reads-along-as-another-user-where-the-owner-lets-it', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can become another user')
    const path = await grown(testPath())
    chmodSync(path, 0o644)
    chmodSync(dirname(path), 0o755)
    const writer = new SqliteEngine({ path })
    await appendOne(writer, 'live')
    // The reader's own process: an unprivileged user, while a writer is alive.
    const nobody = 65_534
    const run = (): string => readAs(nobody, path)
    expect(run()).toBe('4')
    await writer.close()
    expect(run()).toBe('4')
    expect(readdirSync(dirname(path))).toEqual(['capfence.db'])
    chownSync(path, nobody, nobody)
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await allRecords(reader)).toHaveLength(4)
    await reader.close()
  })
})

describe('the view for people', () => {
  test('shows-what-the-bodies-say', async () => {
    const database = new DatabaseSync(await grown(testPath()))
    const rows = database.prepare('select chain, seq, kind from trail order by seq').all()
    expect(rows.map((row) => ({ ...row }))).toEqual([0, 1, 2].map((seq) => ({ chain: 'main', seq, kind: 'decision' })))
    database.close()
  })
})
