import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import type { Files } from '../../src/kernel/files.ts'
import { type Machine, machine } from '../../src/kernel/ports.ts'
import { codeOf, testPath } from './folder.ts'
import { allRecords, appendOne, oneValue } from './sample-commit.ts'

/** An engine that has just stored a record. */
async function running(path: string, options: { machine?: Machine; readOnly?: boolean } = {}): Promise<SqliteEngine> {
  const engine = new SqliteEngine({ path, waitMs: 200, ...options })
  await appendOne(engine, 'first')
  return engine
}

function removeAll(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}

async function textsIn(path: string): Promise<readonly string[]> {
  const reader = new SqliteEngine({ path, readOnly: true })
  const texts = (await allRecords(reader)).map(({ text }) => text)
  await reader.close()
  return texts
}

/** This machine, where `step` happens just before the file at `path` is looked at while `isArmed`. */
function withStep(path: string, step: () => void): { machine: Machine; arm: (lookups: number) => void } {
  const own = machine()
  let lookups = 0
  const facts: Files['facts'] = (at) => {
    if (at === path && lookups > 0 && --lookups === 0) step()
    return own.files.facts(at)
  }
  return {
    machine: { ...own, files: { ...own.files, facts } },
    arm: (count) => {
      lookups = count
    },
  }
}

describe('a database that is taken away under a running engine', () => {
  test.each([
    ['removed with all that stands beside it', removeAll],
    ['removed alone', (path: string) => rmSync(path)],
    ['moved', (path: string) => renameSync(path, `${path}.moved`)],
    [
      'replaced by its copy',
      (path: string) => {
        copyFileSync(path, `${path}.copy`)
        renameSync(`${path}.copy`, path)
      },
    ],
    ['robbed of its log', (path: string) => rmSync(`${path}-wal`)],
    ['robbed of its index', (path: string) => rmSync(`${path}-shm`)],
  ])('takes-no-commit-when-it-was-%s', async (_what, act) => {
    const path = testPath()
    const engine = await running(path)
    act(path)
    expect(await codeOf(engine.commit(oneValue('k', '1')))).toBe('ENGINE_CORRUPT')
    await engine.close()
  })

  test('stores-nothing-more-in-the-file-that-was-moved', async () => {
    const path = testPath()
    const engine = await running(path)
    const moved = `${path}.moved`
    for (const suffix of ['', '-wal', '-shm']) renameSync(path + suffix, moved + suffix)
    expect(await codeOf(engine.commit(oneValue('k', '1')))).toBe('ENGINE_CORRUPT')
    await engine.close()
    const reader = new SqliteEngine({ path: moved, readOnly: true })
    expect([...(await reader.read({ keys: ['k', 'count'] })).state.keys()]).toEqual(['count'])
    await reader.close()
  })

  test('is-not-read-either', async () => {
    const path = testPath()
    const engine = await running(path)
    removeAll(path)
    expect(await codeOf(engine.read({ chain: 'main', keys: [] }))).toBe('ENGINE_CORRUPT')
    await engine.close()
  })

  test('never-answers-committed-when-it-goes-during-the-commit', async () => {
    const path = testPath()
    const { machine: stepping, arm } = withStep(path, () => removeAll(path))
    const engine = await running(path, { machine: stepping })
    arm(2) // the first look is before the transaction, the second after the commit
    expect(await codeOf(engine.commit(oneValue('k', '1')))).toBe('ENGINE_CORRUPT')
    expect(existsSync(path)).toBe(false)
    await engine.close()
  })

  test('is-opened-anew-by-the-next-call', async () => {
    const path = testPath()
    const engine = await running(path)
    removeAll(path)
    expect(await codeOf(engine.commit(oneValue('k', '1')))).toBe('ENGINE_CORRUPT')
    await appendOne(engine, 'second')
    expect(await textsIn(path)).toEqual(['second'])
    await engine.close()
    expect(readdirSync(dirname(path))).toEqual(['capfence.db'])
  })

  test('is-given-up-once-however-many-calls-wait-for-it', async () => {
    const path = testPath()
    const engine = await running(path)
    removeAll(path)
    const codes = await Promise.all([1, 2, 3].map((n) => codeOf(engine.commit(oneValue(`k${String(n)}`, '1')))))
    // The others come later: they open the new file, and what they are told is true of it.
    expect(codes).toEqual(['ENGINE_CORRUPT', undefined, undefined])
    const { state } = await engine.read({ keys: ['k1', 'k2', 'k3'] })
    expect([...state.keys()]).toEqual(['k2', 'k3'])
    await engine.close()
    expect(readdirSync(dirname(path))).toEqual(['capfence.db'])
  })

  test('leaves-the-log-of-its-successor-alone', async () => {
    const path = testPath()
    const old = await running(path)
    removeAll(path)
    const successor = await running(path)
    await appendOne(successor, 'second')
    const { ino, size } = statSync(`${path}-wal`)
    expect(await codeOf(old.commit(oneValue('k', '1')))).toBe('ENGINE_CORRUPT')
    await old.close()
    expect(statSync(`${path}-wal`)).toMatchObject({ ino, size })
    await successor.close()
    expect(await textsIn(path)).toEqual(['first', 'second'])
  })

  test('keeps-what-was-committed-before-its-log-was-removed', async () => {
    const path = testPath()
    const engine = await running(path)
    await appendOne(engine, 'second')
    rmSync(`${path}-wal`)
    expect(await codeOf(engine.commit(oneValue('k', '1')))).toBe('ENGINE_CORRUPT')
    await appendOne(engine, 'third')
    await engine.close()
    expect(await textsIn(path)).toEqual(['first', 'second', 'third'])
  })

  test('never-takes-a-commit-of-a-newcomer-that-misses-its-log', async () => {
    const path = testPath()
    const engine = await running(path)
    rmSync(`${path}-wal`)
    const newcomer = new SqliteEngine({ path, waitMs: 0 })
    expect(await codeOf(newcomer.commit(oneValue('k', '1')))).toMatch(/^ENGINE_(IO|FAILED|CORRUPT|BUSY)$/)
    await newcomer.close()
    await engine.close()
  })

  test('is-read-anew-by-a-reader', async () => {
    const path = testPath()
    const engine = await running(path)
    const reader = new SqliteEngine({ path, readOnly: true })
    expect(await allRecords(reader)).toHaveLength(1)
    removeAll(path)
    expect(await codeOf(reader.chains())).toBe('ENGINE_FAILED')
    const successor = await running(path)
    await appendOne(successor, 'second')
    expect(await allRecords(reader)).toHaveLength(2)
    await Promise.all([engine.close(), successor.close(), reader.close()])
  })

  test('is-not-opened-half-when-it-is-replaced-at-that-moment', async () => {
    const path = testPath()
    const first = await running(path)
    await first.close()
    const { machine: stepping, arm } = withStep(path, () => {
      copyFileSync(path, `${path}.copy`)
      removeAll(path)
      renameSync(`${path}.copy`, path)
    })
    const engine = new SqliteEngine({ path, machine: stepping })
    arm(3) // looks at the path: safe to write, what is opened, what was opened
    await appendOne(engine, 'second')
    await engine.close()
    expect(await textsIn(path)).toEqual(['first', 'second'])
  })
})
