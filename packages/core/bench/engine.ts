import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MemoryEngine } from '../src/engine/memory/index.ts'
import { SqliteEngine } from '../src/engine/sqlite/index.ts'
import type { Commit } from '../src/runtime/base-db-engine.ts'
import { median, shown, table } from './median.ts'

/** What a decision with two arguments stores: a record, two values and the digest, a call's claim and its open mark. */
const VALUES = ['#digest', '/command', '/path']
const BODY_BYTES = 830

/** A round's commits are measured one by one, engines in turn, so that a slow disk is slow for all of them. */
interface Subject {
  readonly name: string
  commit(rows: Rows): Promise<void>
  close(): Promise<void>
}

interface Rows {
  /** The chain's size after them. */
  readonly size: number
  readonly records: readonly { seq: number; body: string; entry: Uint8Array; sig: Uint8Array }[]
  readonly values: readonly { seq: number; path: string; salt: Uint8Array; value: string }[]
  readonly state: readonly { key: string; value: string }[]
}

const ENTRY = new Uint8Array(32).fill(7)
const SALT = new Uint8Array(16).fill(9)

function rows(size: number, from: number): Rows {
  const seqs = Array.from({ length: size }, (_, index) => from + index)
  // A row's signature carries its path in the commit's tree: a hash a level.
  const sig = new Uint8Array(72 + 32 * Math.ceil(Math.log2(size)))
  return {
    size: from + size,
    records: seqs.map((seq) => ({ seq, body: `{"seq":${String(seq)}}`.padEnd(BODY_BYTES), entry: ENTRY, sig })),
    values: seqs.flatMap((seq) => VALUES.map((path) => ({ seq, path, salt: SALT, value: `"${path}".${String(seq)}` }))),
    state: seqs.flatMap((seq) => [
      { key: `call/${scattered(seq)}`, value: '{"chain":"main","digest":"0011","seq":1,"status":"running","v":1}' },
      { key: `open/writer/main/${String(seq)}`, value: '1' },
    ]),
  }
}

/** Keys of calls are hashes: they fall anywhere in the tree. */
function scattered(seq: number): string {
  return Math.imul(seq, 0x9e3779b1).toString(16).padStart(9, '0').repeat(7)
}

async function engineSubject(name: string, engine: MemoryEngine | SqliteEngine): Promise<Subject> {
  await engine.open()
  let headVersion = 0
  return {
    name,
    commit: async ({ records, values, state, size }) => {
      const head = { chain: 'main', origin: 'o/main', vkey: 'k', size, entry: ENTRY, frontier: [ENTRY] }
      const expect = state.map(({ key }) => ({ key, version: 0 }))
      const commit: Commit = { append: { headVersion, head, records, values }, expect, write: state }
      const result = await engine.commit(commit)
      if (result.kind !== 'committed') throw new Error(`the commit met a conflict at ${result.changed}`)
      headVersion = result.headVersion
    },
    close: () => engine.close(),
  }
}

/** The floor: the same bytes, inserted with raw `node:sqlite` in one transaction; nothing is checked. */
function floorSubject(path: string): Subject {
  const database = new DatabaseSync(path)
  database.exec(`pragma journal_mode = wal; pragma synchronous = full;
    create table record (chain text, seq integer, body text, entry blob, sig blob, primary key (chain, seq)) strict;
    create table value (chain text, seq integer, path text, salt blob, value text, primary key (chain, seq, path)) strict, without rowid;
    create table state (key text primary key, value text, version integer) strict, without rowid`)
  const begin = database.prepare('begin immediate')
  const end = database.prepare('commit')
  const addRecord = database.prepare('insert into record values (?, ?, ?, ?, ?)')
  const addValue = database.prepare('insert into value values (?, ?, ?, ?, ?)')
  const addState = database.prepare('insert into state values (?, ?, ?)')
  return {
    name: 'floor: node:sqlite',
    commit: async ({ records, values, state, size }) => {
      begin.run()
      for (const { seq, body, entry, sig } of records) addRecord.run('main', seq, body, entry, sig)
      for (const { seq, path: pointer, salt, value } of values) addValue.run('main', seq, pointer, salt, value)
      for (const { key, value } of state) addState.run(key, value, size)
      end.run()
    },
    close: async () => {
      database.close()
    },
  }
}

async function timesOf(subjects: readonly Subject[], size: number, rounds: number): Promise<readonly number[][]> {
  const times = subjects.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const batch = rows(size, round * size)
      const startedAt = performance.now()
      await subject.commit(batch)
      times[index]?.push(performance.now() - startedAt)
    }
  }
  return times
}

/** Commits a second of each engine beside the bare floor, for 1 and 256 records a commit. */
export async function benchEngines(): Promise<void> {
  for (const { size, rounds } of [
    { size: 1, rounds: 2000 },
    { size: 256, rounds: 150 },
  ]) {
    const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
    const subjects = [
      await engineSubject('memory', new MemoryEngine()),
      await engineSubject('sqlite', new SqliteEngine({ path: join(folder, 'engine.db') })),
      floorSubject(join(folder, 'floor.db')),
    ]
    const medians = (await timesOf(subjects, size, rounds)).map(median)
    await Promise.all(subjects.map((subject) => subject.close()))
    rmSync(folder, { recursive: true })
    const floor = medians.at(-1) ?? Number.NaN
    table(`Engines, ${String(size)} records a commit (median of ${String(rounds)} commits)`, [
      ['', 'ms a commit', 'commits/s', 'records/s', 'of the floor'],
      ...subjects.map(({ name }, index) => {
        const ms = medians[index] ?? Number.NaN
        return [name, ms.toFixed(3), shown(1000 / ms), shown((1000 / ms) * size), (floor / ms).toFixed(2)]
      }),
    ])
  }
}
