import { copyFileSync, truncateSync, writeFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Checkpoint } from '../../src/audit/checkpoint.ts'
import { entryHash, genesisEntry } from '../../src/audit/entry.ts'
import { appendLeaf, frontierRoot } from '../../src/audit/merkle.ts'
import { formatRowSignature, parseRowSignature } from '../../src/audit/row-signature.ts'
import { logLeaf } from '../../src/audit/seal.ts'
import type { VerifyTrailOptions } from '../../src/compose/verify-trail.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { alice, approvalGate, machineAt } from '../runtime/approval-gate.ts'
import { addFalse, known } from '../runtime/approval-trail.ts'
import { read } from '../runtime/gate.ts'
import { type StoredTrail, copyOf, sharedFolder, storedTrail, verifyFile } from './stored-trail.ts'
import { decision, testSigner } from './trail.ts'

const shared = sharedFolder()
let trail: StoredTrail
beforeAll(async () => {
  trail = await storedTrail(shared.folder)
})
afterAll(() => shared.remove())

interface Row {
  readonly seq: number
  readonly body: string
  readonly entry: Uint8Array
  readonly sig: Uint8Array
}

const rowsOf = (db: DatabaseSync): readonly Row[] =>
  db.prepare('SELECT seq, body, entry, sig FROM record ORDER BY seq').all() as unknown as Row[]

// What whoever can write the database, but has no key, does to cover up: chain and tree are hashes that anyone computes.
function mend(db: DatabaseSync, sigOf: (row: Row, entry: Uint8Array) => Uint8Array = ({ sig }) => sig): void {
  const head = db.prepare('SELECT origin, vkey FROM chain').get() as unknown as { origin: string; vkey: string }
  let entry = genesisEntry(head.origin, head.vkey)
  let frontier: readonly Uint8Array[] = []
  const rows = rowsOf(db)
  const put = db.prepare('UPDATE record SET seq = ?, entry = ?, sig = ? WHERE seq = ?')
  for (const [at, row] of rows.entries()) {
    entry = entryHash(entry, row.body)
    const sig = sigOf(row, entry)
    frontier = appendLeaf(frontier, at, logLeaf(entry, sig))
    put.run(at, entry, sig, row.seq)
  }
  db.prepare('UPDATE chain SET size = ?, entry = ?, frontier = ?').run(rows.length, entry, Buffer.concat(frontier))
}

// The same with a key of one's own: the signatures verify, but nobody pinned it.
function resign(db: DatabaseSync): void {
  const thief = testSigner(9, 'thief')
  db.exec(`UPDATE record SET body = replace(body, body ->> '$.key', '${thief.keyId}')`)
  const first = testSigner(9, 'thief').vkey
  db.prepare(`UPDATE record SET body = replace(body, body ->> '$.vkey', ?) WHERE seq = 0`).run(first)
  db.prepare('UPDATE chain SET vkey = ?').run(first)
  mend(db, ({ sig }) => {
    const parsed = parseRowSignature(sig)
    return parsed === undefined ? sig : formatRowSignature({ ...parsed, rootSignature: new Uint8Array(64) })
  })
}

const sql =
  (statement: string) =>
  (db: DatabaseSync): void => {
    db.exec(statement)
  }
const mended =
  (statement: string) =>
  (db: DatabaseSync): void => {
    db.exec(statement)
    mend(db)
  }

// A NOT NULL column holds a NULL only where the schema was changed, which is found before any row is read.
const nulled =
  (table: string, column: string) =>
  (db: DatabaseSync): void => {
    const { sql: made } = db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(table) as { sql: string }
    const loose = made
      .replaceAll(' not null', '')
      .replace(/primary key \([^)]*\)/, 'check (1)')
      .replace(', without rowid', '')
    db.exec(`DROP VIEW trail; ALTER TABLE ${table} RENAME TO old; ${loose};
      INSERT INTO ${table} SELECT * FROM old; DROP TABLE old; UPDATE ${table} SET ${column} = NULL WHERE seq = 1`)
  }

interface Found {
  readonly exitCode?: number
  readonly seq?: number
  readonly what?: string
  readonly code?: string
}

// 0 opened · 1, 2 read · 3 denied · 4 asks · 5 approval · 6, 7 payment · 8 grant · 9 suspension · 10 asks · 11, 12 read
const MATRIX: readonly (readonly [string, (db: DatabaseSync) => void, Found])[] = [
  [
    'edit a body',
    sql(`UPDATE record SET body = replace(body, 'agent', 'angel') WHERE seq = 3`),
    { exitCode: 1, seq: 3 },
  ],
  [
    'edit a body and mend',
    mended(`UPDATE record SET body = replace(body, 'deny', 'allow') WHERE seq = 3`),
    { exitCode: 1, seq: 3, what: 'does not verify' },
  ],
  [
    'edit the last body and mend',
    mended(`UPDATE record SET body = replace(body, 'succeeded', 'failed') WHERE seq = 12`),
    { exitCode: 1, seq: 12 },
  ],
  [
    'edit the opening and mend',
    mended(`UPDATE record SET body = replace(body, 'sqlite', 'sqlote') WHERE seq = 0`),
    { exitCode: 1, seq: 0 },
  ],
  [
    'downgrade v',
    mended(`UPDATE record SET body = replace(body, '"v":1', '"v":0') WHERE seq = 3`),
    { exitCode: 1, seq: 3, what: 'version' },
  ],
  ['delete the first', sql(`DELETE FROM record WHERE seq = 0`), { exitCode: 1, seq: 0, what: 'is missing' }],
  ['delete one', sql(`DELETE FROM record WHERE seq = 3`), { exitCode: 1, seq: 3, what: 'is missing' }],
  [
    'delete one and mend',
    mended(`DELETE FROM record WHERE seq = 3`),
    { exitCode: 1, seq: 3, what: 'was signed as record 4' },
  ],
  [
    'insert a copy',
    sql(
      `UPDATE record SET seq = seq + 100 WHERE seq > 3; UPDATE record SET seq = seq - 99 WHERE seq > 100; INSERT INTO record SELECT chain, 4, body, entry, sig FROM record WHERE seq = 3`,
    ),
    { exitCode: 1, seq: 4, what: 'was signed as record 3' },
  ],
  [
    'duplicate the last row and mend',
    mended(`INSERT INTO record SELECT chain, 13, body, entry, sig FROM record WHERE seq = 12`),
    { exitCode: 1, seq: 13, what: 'was signed as record 12' },
  ],
  [
    'swap two rows',
    sql(
      `UPDATE record SET seq = 100 WHERE seq = 3; UPDATE record SET seq = 3 WHERE seq = 4; UPDATE record SET seq = 4 WHERE seq = 100`,
    ),
    { exitCode: 1, seq: 3 },
  ],
  [
    'swap two rows and mend',
    mended(
      `UPDATE record SET seq = 100 WHERE seq = 3; UPDATE record SET seq = 3 WHERE seq = 4; UPDATE record SET seq = 4 WHERE seq = 100`,
    ),
    { exitCode: 1, seq: 3 },
  ],
  [
    'swap two signatures',
    sql(
      `UPDATE record SET sig = (SELECT sig FROM record AS other WHERE other.seq = 7 - record.seq) WHERE seq IN (3, 4)`,
    ),
    { exitCode: 1, seq: 3, what: 'does not verify' },
  ],
  [
    'strip a signature',
    sql(`UPDATE record SET sig = x'' WHERE seq = 3`),
    { exitCode: 1, seq: 3, what: 'no signature' },
  ],
  [
    'strip all signatures and mend',
    (db) => mend(db, () => new Uint8Array()),
    { exitCode: 1, seq: 0, what: 'no signature' },
  ],
  ['sign all anew with a foreign key', resign, { exitCode: 1, seq: 0, what: 'not a trusted one' }],
  ['blank a hash', sql(`UPDATE record SET entry = zeroblob(32) WHERE seq = 3`), { exitCode: 1, seq: 3 }],
  [
    'blank all hashes',
    sql(`UPDATE record SET entry = zeroblob(32); UPDATE chain SET entry = zeroblob(32), frontier = x''`),
    { exitCode: 1, seq: 0 },
  ],
  ['cut the tail', sql(`DELETE FROM record WHERE seq > 9`), { exitCode: 4, seq: 10 }],
  [
    'cut the tail and mend',
    mended(`DELETE FROM record WHERE seq > 9; DELETE FROM value WHERE seq > 9`),
    { exitCode: 4, seq: 10, what: 'remembers 13' },
  ],
  [
    'cut inside a commit and mend',
    mended(`DELETE FROM record WHERE seq > 0; DELETE FROM value WHERE seq > 0`),
    { exitCode: 4, seq: 1 },
  ],
  ['delete all records', sql(`DELETE FROM record`), { exitCode: 4, seq: 0 }],
  [
    'delete all rows of all tables',
    sql(`DELETE FROM record; DELETE FROM value; DELETE FROM state; DELETE FROM chain`),
    { exitCode: 4 },
  ],
  [
    'append a forged row',
    sql(
      `INSERT INTO record SELECT chain, 13, replace(body, '"seq":12', '"seq":13'), entry, sig FROM record WHERE seq = 12`,
    ),
    { exitCode: 1, seq: 13, what: 'beyond the end' },
  ],
  [
    'append a forged row and mend',
    mended(
      `INSERT INTO record SELECT chain, 13, replace(body, '"seq":12', '"seq":13'), entry, sig FROM record WHERE seq = 12`,
    ),
    { exitCode: 1, seq: 13, what: 'does not verify' },
  ],
  [
    'move a row to a chain that is not there',
    sql(`UPDATE record SET chain = 'other' WHERE seq = 12`),
    { code: 'ENGINE_TAMPERED' },
  ],
  [
    'move a row to a chain that was made for it',
    sql(
      `INSERT INTO chain SELECT 'other', origin, vkey, 1, entry, frontier, version FROM chain; UPDATE record SET chain = 'other', seq = 0 WHERE seq = 12`,
    ),
    { exitCode: 1 },
  ],
  [
    'give the trail another name',
    sql(`UPDATE chain SET origin = replace(origin, 'capfence', 'kapfence')`),
    { exitCode: 1, seq: 0, what: 'another trail' },
  ],
  [
    'lower the size in the head row',
    sql(`UPDATE chain SET size = 12`),
    { exitCode: 1, seq: 12, what: 'beyond the end' },
  ],
  ['raise the size in the head row', sql(`UPDATE chain SET size = 14`), { exitCode: 4, seq: 13 }],
  [
    'edit a kept argument',
    sql(`UPDATE value SET value = '"b.txt"' WHERE seq = 1 AND path = '/file'`),
    { exitCode: 1, seq: 1, what: 'not the one it committed to' },
  ],
  [
    'edit a salt',
    sql(`UPDATE value SET salt = zeroblob(16) WHERE seq = 1 AND path = '/file'`),
    { exitCode: 1, seq: 1 },
  ],
  [
    'add a kept argument',
    sql(`INSERT INTO value VALUES ('main', 1, '/more', zeroblob(16), '1')`),
    { exitCode: 1, seq: 1, what: 'never committed' },
  ],
  [
    'forget the use of an approval',
    sql(
      `UPDATE state SET value = replace(value, '"used":1', '"used":0') WHERE key LIKE 'grant/%' OR key LIKE 'request/%'`,
    ),
    { exitCode: 1 },
  ],
  ['lift a suspension', sql(`DELETE FROM state WHERE key LIKE 'suspen%'`), { exitCode: 1, seq: 9 }],
  [
    'edit a checkpoint',
    sql(`UPDATE state SET value = replace(value, 'capfence.local', 'kapfence.local') WHERE key = 'checkpoint/main'`),
    { exitCode: 1, seq: 12, what: 'checkpoint' },
  ],
  ['blank a checkpoint', sql(`UPDATE state SET value = '' WHERE key LIKE 'checkpoint/main%'`), { exitCode: 1 }],
  [
    'cut the tail and mend, with a checkpoint over more',
    mended(`DELETE FROM record WHERE seq > 9; DELETE FROM value WHERE seq > 9`),
    { exitCode: 4, seq: 10 },
  ],
  [
    'a trigger that runs inside our statements',
    sql(`CREATE TRIGGER evil AFTER INSERT ON record BEGIN DELETE FROM record WHERE seq = 3; END`),
    { code: 'ENGINE_TAMPERED' },
  ],
  ...['body', 'entry', 'sig', 'seq', 'chain'].map(
    (column) => [`allow NULL in record.${column}`, nulled('record', column), { code: 'ENGINE_TAMPERED' }] as const,
  ),
  ...['path', 'salt', 'value'].map(
    (column) => [`allow NULL in value.${column}`, nulled('value', column), { code: 'ENGINE_TAMPERED' }] as const,
  ),
]

const WAYS: readonly (readonly [string, VerifyTrailOptions])[] = [
  ['as a rule', {}],
  ['deep and strict', { deep: true, strict: true }],
]
const close = (db: DatabaseSync): void => {
  if (db.isOpen) db.close()
}

let copies = 0
async function attacked(
  attack: (db: DatabaseSync) => void,
  options: VerifyTrailOptions = {},
): ReturnType<typeof verifyFile> {
  const { path, database } = copyOf(trail, `copy-${String(copies++)}.db`)
  attack(database)
  close(database)
  return verifyFile(path, { ...trail.known, ...options })
}

describe.each(WAYS)('in a file, verified %s', (_way, options) => {
  test('a-trail-as-it-was-written-is-authentic', async () => {
    expect(await attacked(() => undefined, options)).toMatchObject({ exitCode: 0, records: 13 })
  })

  test.each(MATRIX)('is-found: %s', async (_name, attack, { exitCode, seq, what, code }) => {
    const found = await attacked(attack, options)
    if (code !== undefined) return expect(found).toEqual({ code })
    expect(found).toMatchObject({ exitCode, ...(seq === undefined ? {} : { firstBad: { seq } }) })
    if (what !== undefined && 'firstBad' in found) expect(found.firstBad?.what).toContain(what)
  })
})

// What `quick` says it does not look at.
const NOT_QUICK = /kept argument|salt|grant|approval|suspension/
test.each(MATRIX.filter(([name]) => !NOT_QUICK.test(name)))(
  'is-found-by-quick-too: %s',
  async (_name, attack, { exitCode, seq, code }) => {
    const found = await attacked(attack, { quick: true })
    if (code !== undefined) return expect(found).toEqual({ code })
    expect(found).toMatchObject({ exitCode, ...(seq === undefined ? {} : { firstBad: { seq } }) })
  },
)

describe('without any head outside', () => {
  test('a-stored-checkpoint-still-tells-of-a-tail-that-was-cut', async () => {
    const cut = mended(`DELETE FROM record WHERE seq > 9; DELETE FROM value WHERE seq > 9`)
    expect(await attacked(cut, { heads: [] })).toMatchObject({
      exitCode: 4,
      firstBad: { seq: 10, what: expect.stringContaining('a checkpoint covers 13') as string },
    })
  })

  test('a-checkpoint-that-was-deleted-raises-no-alarm-for-it-proved-nothing-that-records-do-not', async () => {
    expect(await attacked(sql(`DELETE FROM state WHERE key LIKE 'checkpoint/%'`))).toMatchObject({ exitCode: 0 })
  })
})

describe('whole files', () => {
  test('a-zero-byte-file-is-no-trail', async () => {
    const { path, database } = copyOf(trail, 'zero.db')
    database.close()
    truncateSync(path)
    expect(await verifyFile(path, trail.known)).toEqual({ code: 'ENGINE_FAILED' })
  })

  test('a-file-that-is-no-database-is-not-read-as-one', async () => {
    const { path, database } = copyOf(trail, 'noise.db')
    database.close()
    writeFileSync(path, 'x'.repeat(8192))
    expect(await verifyFile(path, trail.known)).toHaveProperty('code')
  })

  test('yesterdays-copy-is-found-by-the-head-file-and-with-that-restored-too-by-what-an-auditor-remembers', async () => {
    const own = sharedFolder()
    const yesterday = await storedTrail(own.folder)
    const old = `${yesterday.path}.old`
    copyFileSync(yesterday.path, old)
    const engine = new SqliteEngine({ path: yesterday.path })
    await engine.open()
    await addFalse(engine, decision())
    const now = await known(engine)
    const [head] = await engine.chains()
    if (head === undefined) throw new Error('no head')
    const remembered: Checkpoint = { origin: head.origin, size: head.size, root: frontierRoot(head.frontier) }
    await engine.close()
    expect(await verifyFile(yesterday.path, { ...now, checkpoints: [remembered] })).toMatchObject({ exitCode: 0 })
    expect(await verifyFile(old, now)).toMatchObject({ exitCode: 4, firstBad: { seq: 13 } })
    expect(await verifyFile(old, yesterday.known)).toMatchObject({ exitCode: 0 })
    expect(await verifyFile(old, { ...yesterday.known, checkpoints: [remembered] })).toMatchObject({
      exitCode: 4,
      firstBad: { seq: 13 },
    })
    own.remove()
  })

  test('a-fork-that-the-right-key-signed-is-found-by-what-an-auditor-remembers', async () => {
    const own = sharedFolder()
    const base = await storedTrail(own.folder)
    const sides = await Promise.all(
      ['left', 'right'].map(async (side) => {
        const path = `${base.path}.${side}`
        copyFileSync(base.path, path)
        const engine = new SqliteEngine({ path })
        await engine.open()
        await addFalse(engine, decision({ message: side }))
        const [head] = await engine.chains()
        await engine.close()
        if (head === undefined) throw new Error('no head')
        return { path, head: { origin: head.origin, size: head.size, root: frontierRoot(head.frontier) } }
      }),
    )
    const [left, right] = sides
    if (left === undefined || right === undefined) throw new Error('no fork')
    const { trust } = base.known
    expect(await verifyFile(left.path, { trust, checkpoints: [left.head] })).toMatchObject({ exitCode: 0 })
    expect(await verifyFile(right.path, { trust, checkpoints: [left.head] })).toMatchObject({
      exitCode: 4,
      firstBad: { seq: 13, what: expect.stringContaining('forked') as string },
    })
    own.remove()
  })
})

describe('no false alarm', () => {
  test('where-the-clock-was-set-back', async () => {
    const own = sharedFolder()
    const engine = new SqliteEngine({ path: `${own.folder}/trail.db` })
    const clock = { now: Date.now() }
    for (const now of [clock.now, clock.now - 3_600_000]) {
      clock.now = now
      const gate = await approvalGate({ engine, machine: machineAt(clock) })
      await gate.runtime.execute(read())
      await gate.runtime.close()
    }
    await addFalse(engine, decision(), clock.now - 86_400_000)
    const report = await verifyFile(`${own.folder}/trail.db`, await known(engine))
    await engine.close()
    expect(report).toMatchObject({ exitCode: 0 })
    own.remove()
  })

  test('where-the-private-key-is-not-there', async () => {
    // Nothing in these tests has it but the writer's own process; verifying asks for public keys alone.
    expect(await verifyFile(trail.path, trail.known)).toMatchObject({ exitCode: 0 })
    expect(
      await verifyFile(trail.path, { ...trail.known, trust: [...(trail.known.trust ?? []), alice.vkey] }),
    ).toMatchObject({
      exitCode: 0,
    })
  })
})
