import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import type { Files } from '../../src/kernel/files.ts'
import { type Machine, machine } from '../../src/kernel/ports.ts'
import { codeOf, testFolder, testPath } from './folder.ts'
import { oneRecord, oneValue } from './sample-commit.ts'

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

/** Opens and closes; the code of what went wrong. */
async function openingCode(path: string, options: { machine?: Machine; readOnly?: boolean } = {}): Promise<unknown> {
  const engine = new SqliteEngine({ path, waitMs: 200, ...options })
  const code = await codeOf(engine.open())
  await engine.close()
  return code
}

async function made(path: string): Promise<string> {
  const engine = new SqliteEngine({ path })
  await engine.commit({ append: oneRecord(0, 0), ...oneValue('k', '1') })
  await engine.close()
  return path
}

function asUser(userId: number): Machine {
  const own = machine()
  return { ...own, host: { ...own.host, userId: () => userId } }
}

function withFiles(files: Partial<Files>): Machine {
  const own = machine()
  return { ...own, files: { ...own.files, ...files } }
}

function systemFault(code: string): () => never {
  return () => {
    throw new CapFenceError('IO', 'cannot create', { cause: Object.assign(new Error(code), { code }) })
  }
}

describe('the file', () => {
  test('is-made-for-its-owner-alone', async () => {
    const path = join(testFolder(), 'new', 'deep', 'capfence.db')
    const engine = new SqliteEngine({ path })
    await engine.commit(oneValue('k', '1'))
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
    expect([dirname(path), dirname(dirname(path))].map(modeOf)).toEqual(['700', '700'])
    await engine.close()
  })

  test('is-never-readable-by-others-not-even-for-a-moment', async () => {
    const modes: string[] = []
    const path = testPath()
    const own = machine().files
    // Looked at when SQLite has not been loaded yet.
    const facts: Files['facts'] = (at) => {
      if (at === path && existsSync(path)) modes.push(modeOf(path))
      return own.facts(at)
    }
    expect(await openingCode(path, { machine: withFiles({ facts }) })).toBeUndefined()
    expect(new Set(modes)).toEqual(new Set(['600']))
  })

  test('keeps-the-settings-that-durability-needs', async () => {
    const database = new DatabaseSync(await made(testPath()))
    expect(database.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
    database.close()
  })

  test('has-its-real-path-as-identity', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    const engine = new SqliteEngine({ path: join(folder, 'link', 'capfence.db') })
    const before = engine.identity
    await engine.open()
    expect(engine.identity).toBe(before)
    expect(engine.identity).toBe(new SqliteEngine({ path: join(folder, 'real', 'capfence.db') }).identity)
    await engine.close()
  })

  test.each(['660', '602', '666'])('is-refused-when-others-may-write-it: %s', async (mode) => {
    const path = await made(testPath())
    chmodSync(path, mode)
    expect(await openingCode(path)).toBe('ENGINE_UNSAFE')
  })

  test('may-be-read-by-others-where-its-owner-lets-them', async () => {
    const path = await made(testPath())
    chmodSync(path, 0o644)
    expect(await openingCode(path)).toBeUndefined()
  })

  test.each(['-wal', '-shm', '-journal'])('is-refused-when-others-may-write-its-%s', async (suffix) => {
    const path = await made(testPath())
    writeFileSync(path + suffix, '')
    chmodSync(path + suffix, 0o666)
    expect(await openingCode(path)).toBe('ENGINE_UNSAFE')
  })

  test('is-refused-when-it-belongs-to-another-user', async () => {
    const path = await made(testPath())
    expect(await openingCode(path, { machine: asUser(4_000_000) })).toBe('ENGINE_UNSAFE')
  })

  test('is-refused-where-it-is-no-file', async () => {
    const folder = testFolder()
    symlinkSync(join(folder, 'nothing'), join(folder, 'link.db'))
    expect(await openingCode(folder)).toBe('ENGINE_FAILED')
    expect(await openingCode(join(folder, 'link.db'))).toBe('ENGINE_FAILED')
    expect(() => new SqliteEngine({ path: '' })).toThrow(CapFenceError)
  })

  test.each([
    ['EACCES', 'ENGINE_FAILED'],
    ['EROFS', 'ENGINE_FAILED'],
    ['ENOSPC', 'ENGINE_FULL'],
  ])('says-what-to-do-when-the-system-answers-%s', async (system, code) => {
    expect(await openingCode(testPath(), { machine: withFiles({ create: systemFault(system) }) })).toBe(code)
    expect(await openingCode(testPath(), { machine: withFiles({ folder: systemFault(system) }) })).toBe(code)
  })

  test('is-refused-in-a-folder-that-cannot-be-made', async () => {
    const path = join(testPath(), 'below', 'a-file.db')
    writeFileSync(dirname(dirname(path)), 'a file')
    expect(await openingCode(path)).toBe('ENGINE_FAILED')
  })
})

describe('a damaged file', () => {
  test('is-fresh-when-it-is-empty', async () => {
    const path = testPath()
    writeFileSync(path, '', { mode: 0o600 })
    expect(await openingCode(path)).toBeUndefined()
  })

  test.each([
    ['text', Buffer.from('this is no database\n'.repeat(400))],
    ['noise', Buffer.from(Array.from({ length: 8192 }, (_, index) => (index * index * 31 + 7) % 256))],
    ['two bytes', Buffer.from('SQ')],
  ])('is-ENGINE_CORRUPT-when-it-holds: %s', async (_what, bytes) => {
    const path = testPath()
    writeFileSync(path, bytes, { mode: 0o600 })
    expect(await openingCode(path)).toBe('ENGINE_CORRUPT')
    expect(await openingCode(path, { readOnly: true })).toBe('ENGINE_CORRUPT')
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('is-ENGINE_CORRUPT-when-its-pages-are-overwritten', async () => {
    const path = await made(testPath())
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xa5)]))
    expect(await openingCode(path)).toBe('ENGINE_CORRUPT')
  })

  test('is-ENGINE_CORRUPT-when-it-holds-records-past-its-head-and-locks-nobody-out', async () => {
    const path = await made(testPath())
    const database = new DatabaseSync(path)
    database.exec(`insert into record select chain, 1, body, entry, sig from record`)
    database.close()
    const engine = new SqliteEngine({ path })
    const { head } = await engine.read({ chain: 'main', keys: [] })
    expect(await codeOf(engine.commit({ append: oneRecord(1, head?.version ?? 0), expect: [], write: [] }))).toBe(
      'ENGINE_CORRUPT',
    )
    const other = new SqliteEngine({ path, waitMs: 0 })
    expect((await other.commit(oneValue('other', '1'))).kind).toBe('committed')
    expect((await engine.commit(oneValue('mine', '1'))).kind).toBe('committed')
    await Promise.all([engine.close(), other.close()])
  })

  test.each([
    ['a number beyond 2^53', 'update chain set size = 9007199254740993'],
    ['no version counter', 'delete from meta'],
  ])('is-ENGINE_CORRUPT-when-it-holds-%s', async (_what, sql) => {
    const path = await made(testPath())
    const database = new DatabaseSync(path)
    database.exec(sql)
    database.close()
    const engine = new SqliteEngine({ path })
    const calls = [engine.chains(), engine.commit(oneValue('k', '2'))]
    const codes = await Promise.all(calls.map(codeOf))
    expect(codes).toContain('ENGINE_CORRUPT')
    await engine.close()
  })

  test('is-left-alone-when-it-belongs-to-another-program', async () => {
    const path = testPath()
    const database = new DatabaseSync(path)
    database.exec('create table theirs (a); insert into theirs values (1)')
    database.close()
    chmodSync(path, 0o600)
    const before = readFileSync(path)
    expect(await openingCode(path)).toBe('ENGINE_FAILED')
    expect(await openingCode(path, { readOnly: true })).toBe('ENGINE_FAILED')
    expect(readFileSync(path)).toEqual(before)
    expect(readdirSync(dirname(path))).toEqual(['capfence.db'])
  })

  test('is-refused-when-a-newer-version-wrote-it', async () => {
    const path = await made(testPath())
    const database = new DatabaseSync(path)
    database.exec(`insert into capfence_migration values ('0999_future', '2030-01-01T00:00:00.000Z')`)
    database.close()
    expect(await openingCode(path)).toBe('ENGINE_FAILED')
    expect(await openingCode(path, { readOnly: true })).toBe('ENGINE_FAILED')
  })
})
