import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commitTo } from '../../src/engine/sqlite/commit-to.ts'
import type { Database } from '../../src/engine/sqlite/database.ts'
import { demandAll } from '../../src/engine/sqlite/settings.ts'
import type { Statements } from '../../src/engine/sqlite/statements.ts'
import { afterPrefix, textOf, storedText } from '../../src/engine/sqlite/stored-text.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'

/** Texts of the code points where the two orders part. */
const oddText = fc
  .array(
    fc.constantFrom('a', 'z', '/', '\u0001', '\uD7FF', '\uE000', '\uFFFF', '\u{10000}', '\u{10FFFE}', '\u{10FFFF}'),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''))
const anyText = fc.oneof(oddText, fc.string({ unit: 'binary', maxLength: 8 }))
/** The engine refuses keys with a NUL; paths of values may hold one. */
const anyKey = anyText.filter((text) => !text.includes('\0'))

/** The order of SQLite: UTF-8 bytes. */
function byBytes(left: string, right: string): number {
  return Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)))
}

function byUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

describe('stored texts', () => {
  test('give-back-every-text-and-hold-no-NUL', () => {
    fc.assert(fc.property(anyText, (text) => textOf(storedText(text)) === text && !storedText(text).includes('\0')))
  })

  test('are-in-the-order-of-code-units-for-a-database-that-compares-bytes', () => {
    fc.assert(
      fc.property(
        anyKey,
        anyKey,
        (left, right) => byBytes(storedText(left), storedText(right)) === byUnits(left, right),
      ),
      { numRuns: 2000 },
    )
  })

  test('have-a-prefix-where-and-only-where-the-key-has-it', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (prefix, key) => {
        const [from, stored, to] = [storedText(prefix), storedText(key), afterPrefix(storedText(prefix))]
        const isInRange = byBytes(stored, from) >= 0 && byBytes(stored, to) < 0
        return isInRange === key.startsWith(prefix)
      }),
      { numRuns: 2000 },
    )
  })

  test('are-the-keys-themselves-where-the-orders-agree', () => {
    expect(storedText('call/0011aabb é \u{1F600}')).toBe('call/0011aabb é \u{1F600}')
  })
})

describe('settings', () => {
  test('are-refused-when-they-do-not-stick', () => {
    const stubborn = { all: () => [{ journal_mode: 'delete' }] }
    expect(() => {
      demandAll(stubborn, { journal_mode: 'wal' })
    }).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
    expect(() => {
      demandAll({ all: () => [] }, { synchronous: 2 })
    }).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
  })
})

describe('a COMMIT that fails', () => {
  const locked = Object.assign(new Error('database is locked'), { errcode: 5 })

  function failingCommit(isOpen: boolean): Database {
    return {
      all: () => [{ version: 1 }],
      run: (sql) => {
        if (sql === 'commit') throw locked
        return 1
      },
      isOpen: () => isOpen,
      settle: () => true,
      prepare: () => {
        throw new Error('unused')
      },
      close: () => undefined,
    }
  }

  const commit = { expect: [], write: [{ key: 'k', value: '1' }] }
  const statements = {} as Statements // the fake reads none
  const schema = { demand: () => undefined, demandIfWritten: () => undefined }

  test('may-be-tried-again-only-while-its-transaction-is-open', () => {
    expect(() => commitTo({ database: failingCommit(true), statements, schema }, commit)).toThrow(locked)
    expect(() => commitTo({ database: failingCommit(false), statements, schema }, commit)).toThrow(CapFenceError)
  })
})

test('importing-the-engine-loads-neither-kysely-nor-sqlite', () => {
  const engine = fileURLToPath(new URL('../../src/engine/sqlite/index.ts', import.meta.url))
  const script = `import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ resolve: (name, context, next) => { seen.push(name); return next(name, context) } })
    const { SqliteEngine } = await import(${JSON.stringify(engine)})
    new SqliteEngine({ path: '/nowhere/capfence.db' })
    console.log(JSON.stringify(seen.filter((name) => !name.startsWith('.'))))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const seen = JSON.parse(stdout) as readonly string[]
  expect(seen).toContain(engine)
  expect(seen.filter((name) => /kysely|sqlite$/.test(name))).toEqual([])
})
