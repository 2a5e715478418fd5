import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { commitTo } from '../../src/engine/sqlite/commit-to.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { openSession } from '../../src/engine/sqlite/open-session.ts'
import { readState } from '../../src/engine/sqlite/reads.ts'
import { isCapFenceError } from '../../src/kernel/errors.ts'
import { machine } from '../../src/kernel/ports.ts'
import { codeOf, testPath } from './folder.ts'
import { allRecords, appendOne, oneRecord, oneValue } from './sample-commit.ts'

/** Runs SQL past the engine. */
function plant(path: string, sql: string): void {
  const database = new DatabaseSync(path, { defensive: false })
  database.exec(sql)
  database.close()
}

async function made(): Promise<string> {
  const path = testPath()
  const engine = new SqliteEngine({ path })
  await appendOne(engine, 'first')
  await engine.close()
  return path
}

/** Code and message of what a promise rejects with. */
async function faultOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'none'
  } catch (cause) {
    return isCapFenceError(cause) ? `${cause.code}: ${cause.message}` : String(cause)
  }
}

async function openingFault(path: string, readOnly: boolean): Promise<string> {
  const engine = new SqliteEngine({ path, waitMs: 0, readOnly })
  const fault = await faultOf(engine.open())
  await engine.close()
  return fault
}

const IGNORE = `create trigger evil before insert on record begin select raise(ignore); end`

/** Edits the stored text of a definition, as a file editor could. */
function redefined(table: string, from: string, to: string): string {
  return `pragma writable_schema = on;
    update sqlite_schema set sql = replace(sql, '${from}', '${to}') where name = '${table}';
    pragma writable_schema = off`
}

describe('a schema that is not ours', () => {
  test.each([
    ['a trigger', IGNORE, 'trigger `evil`'],
    ['a view', 'create view evil as select * from record', 'view `evil`'],
    ['an index', 'create index evil on record (body)', 'index `evil`'],
    ['a table', 'create table evil (a)', 'table `evil`'],
    ['a table without its view', 'drop view trail', 'view `trail`'],
    ['a table of another shape', 'alter table record add column evil text', 'table `record`'],
    ['a view in place of a table', 'drop table state; create view state as select 1 as key', 'view `state`'],
    ['a rule that was taken out', redefined('record', 'check (seq >= 0)', ''), 'table `record`'],
    ['a history of another shape', 'alter table capfence_migration add column evil text', 'table `capfence_migration`'],
  ])('is-refused-by-writers-and-readers-and-named: %s', async (_what, sql, named) => {
    const path = await made()
    plant(path, sql)
    for (const readOnly of [true, false]) {
      const fault = await openingFault(path, readOnly)
      expect(fault).toMatch(/^ENGINE_TAMPERED: /)
      expect(fault).toContain(named)
    }
  })

  test('is-refused-before-anything-is-made-in-it', async () => {
    const path = testPath()
    plant(path, `create table theirs (a); pragma application_id = ${String(0x4346656e)}`)
    const engine = new SqliteEngine({ path, waitMs: 0 })
    expect(await codeOf(engine.open())).toMatch(/^ENGINE_(CORRUPT|TAMPERED|UNSAFE)$/)
    await engine.close()
    const database = new DatabaseSync(path)
    expect(database.prepare('select name from sqlite_schema').all()).toHaveLength(1)
    database.close()
  })

  test('stops-the-very-next-commit-of-a-running-engine-and-none-after-it-is-gone', async () => {
    const path = await made()
    const engine = new SqliteEngine({ path, waitMs: 0 })
    await engine.open()
    plant(path, IGNORE)
    const fault = await faultOf(appendOne(engine, 'ignored'))
    expect(fault).toMatch(/^ENGINE_TAMPERED: .*trigger `evil`/)
    expect(await codeOf(engine.commit(oneValue('k', '1')))).toBe('ENGINE_TAMPERED')
    plant(path, 'drop trigger evil')
    await appendOne(engine, 'second')
    expect((await allRecords(engine)).map(({ text }) => text)).toEqual(['first', 'second'])
    await engine.close()
  })

  test('stops-a-commit-also-when-the-schema-version-is-set-back', async () => {
    const path = await made()
    const engine = new SqliteEngine({ path, waitMs: 0 })
    await engine.open()
    const database = new DatabaseSync(path, { defensive: false })
    const version = Number(database.prepare('pragma schema_version').get()?.['schema_version'])
    // Every row of ours is inserted: only the schema gives this one away.
    database.exec(`create trigger evil after insert on record begin delete from record where seq = 0; end`)
    await engine.read({ chain: 'main', keys: [] }) // this connection has now read the trigger
    database.exec(`pragma schema_version = ${String(version)}`)
    database.close()
    expect(await codeOf(appendOne(engine, 'ignored'))).toBe('ENGINE_TAMPERED')
    await engine.close()
  })

  test.each([false, true])('is-told-to-who-verifies-with-a-long-open-engine (read-only: %s)', async (readOnly) => {
    const path = await made()
    const writer = new SqliteEngine({ path })
    await writer.open()
    const engine = new SqliteEngine({ path, readOnly, waitMs: 0 })
    expect(await engine.chains()).toHaveLength(1)
    plant(path, IGNORE)
    expect(await codeOf(engine.chains())).toBe('ENGINE_TAMPERED')
    await Promise.all([engine.close(), writer.close()])
  })

  test('is-no-matter-of-other-commits', async () => {
    const path = await made()
    const [one, other] = [new SqliteEngine({ path }), new SqliteEngine({ path })]
    for (let round = 0; round < 5; round++) {
      await appendOne(one, 'one')
      await appendOne(other, 'other')
    }
    expect(await allRecords(one)).toHaveLength(11)
    await Promise.all([one.close(), other.close()])
  })
})

describe('a commit that stores less than it was given', () => {
  test.each(['record', 'value', 'chain', 'state'])('is-ENGINE_TAMPERED-and-stores-nothing: %s', async (table) => {
    const path = await made()
    const session = await openSession({ path, waitMs: 0, readOnly: false, machine: machine() })
    const { head, state } = readState(session, { chain: 'main', keys: ['count'] })
    // On this very connection, so that only what it stores can give it away.
    session.database.run(`create trigger evil before insert on ${table} begin select raise(ignore); end`)
    const commit = { append: oneRecord(1, head?.version ?? 0), expect: [], write: [{ key: 'k', value: '1' }] }
    expect(() => commitTo(session, commit)).toThrow(expect.objectContaining({ code: 'ENGINE_TAMPERED' }))
    session.database.settle()
    expect(readState(session, { chain: 'main', keys: ['count', 'k'] })).toMatchObject({ head, state })
    session.database.close()
  })
})

describe('rows that nobody looks at', () => {
  const unchecked = 'pragma ignore_check_constraints = on;'
  const record = (chain: string, seq: number): string =>
    `insert into record select '${chain}', ${String(seq)}, body, entry, sig from record where seq = 0 and chain = 'main'`
  const value = (chain: string, seq: number): string =>
    `insert into value values ('${chain}', ${String(seq)}, '/a', x'00', '1')`

  test.each([record('main', -1), value('main', -1)])('cannot-be-stored-before-the-first: %s', async (sql) => {
    const path = await made()
    expect(() => {
      plant(path, sql)
    }).toThrow(/CHECK/)
  })

  test.each([
    ['a record before the first', unchecked + record('main', -1), 'record -1 of the chain `main`'],
    ['a value before the first', unchecked + value('main', -5), 'value of record -5 of the chain `main`'],
    ['a record of an unknown chain', record('evil', 7), 'record 7 of the chain `evil`'],
    ['a record of a chain that sorts last', record('zzz', 0), 'record 0 of the chain `zzz`'],
    ['a record of a chain without a name', record('', 3), 'record 3 of the chain ``'],
    ['a value of an unknown chain', value('evil', 2), 'value of record 2 of the chain `evil`'],
    ['all of a chain but its head', 'delete from chain', 'record 0 of the chain `main`'],
    ['the first of several', [record('b', 4), record('b', 2), record('c', 0)].join(';'), 'record 2 of the chain `b`'],
  ])('are-named-where-chains-are-asked-for: %s', async (_what, sql, named) => {
    const path = await made()
    plant(path, sql)
    for (const readOnly of [true, false]) {
      const engine = new SqliteEngine({ path, readOnly })
      const fault = await faultOf(engine.chains())
      expect(fault).toMatch(/^ENGINE_TAMPERED: /)
      expect(fault).toContain(named)
      await engine.close()
    }
  })

  test('are-not-in-the-view-for-people', async () => {
    const path = await made()
    plant(path, [unchecked, record('main', -1), ';', record('evil', 0)].join(''))
    const database = new DatabaseSync(path)
    expect(database.prepare('select chain, seq from trail').all()).toEqual([{ chain: 'main', seq: 0 }])
    database.close()
  })

  test('are-found-by-the-keys-alone-however-many-rows-there-are', async () => {
    const path = await made()
    plant(
      path,
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)
        insert into record select 'main', i, '{}', x'00', x'00' from n`,
    )
    const engine = new SqliteEngine({ path, readOnly: true })
    await engine.chains()
    const startedAt = performance.now()
    await engine.chains()
    expect(performance.now() - startedAt).toBeLessThan(20)
    await engine.close()
  })

  test('are-none-where-several-chains-have-their-heads', async () => {
    const path = await made()
    const engine = new SqliteEngine({ path })
    for (const chain of ['', 'b', 'main2', 'é']) {
      const append = oneRecord(0, 0)
      await engine.commit({ append: { ...append, head: { ...append.head, chain } }, expect: [], write: [] })
    }
    expect(await engine.chains()).toHaveLength(5)
    await engine.close()
  })
})
