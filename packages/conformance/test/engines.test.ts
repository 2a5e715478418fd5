import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type EngineFixture, engineCases, engineMutants, type MakeEngine, memoryFixture } from '@capfence/conformance'
import type { ValuePage } from '@capfence/core'
import { SqliteEngine } from '@capfence/core/sqlite'
import { describe, expect, test } from 'vitest'

async function sqliteFixture(): Promise<EngineFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-engine-'))
  const path = join(folder, 'capfence.db')
  const handles = [new SqliteEngine({ path })]
  const [engine] = handles as [SqliteEngine] // of one
  await engine.open()
  return {
    engine,
    another: () => {
      const handle = new SqliteEngine({ path })
      handles.push(handle)
      return handle
    },
    erase: async (page) => {
      erase(path, page)
    },
    dispose: async () => {
      await Promise.all(handles.map((handle) => handle.close()))
      rmSync(folder, { recursive: true })
    },
  }
}

function erase(path: string, { chain, from, to }: ValuePage): void {
  const database = new DatabaseSync(path)
  database.prepare('delete from value where chain = ? and seq >= ? and seq < ?').run(chain, from, to)
  database.close()
}

const ENGINES: readonly { readonly name: string; readonly make: MakeEngine }[] = [
  { name: 'memory', make: memoryFixture },
  { name: 'sqlite', make: sqliteFixture },
]

describe.each(ENGINES)('the $name engine', ({ make }) => {
  test.each(engineCases)('$id', async ({ run }) => {
    await run(make)
  })
})

describe('wrong engines', () => {
  const caseById = new Map(engineCases.map((engineCase) => [engineCase.id, engineCase]))

  test.each(engineMutants)('$id fails $fails', async ({ make, fails }) => {
    const named = caseById.get(fails)
    if (named === undefined) throw new Error(`there is no case ${fails}`)
    await expect(named.run(make)).rejects.toThrow()
  })

  test('every-case-fails-on-some-wrong-engine', () => {
    const proven = new Set(engineMutants.map(({ fails }) => fails))
    expect(engineCases.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([])
  })
})
