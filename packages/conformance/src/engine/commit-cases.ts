import type { BaseDBEngine, Commit } from '@capfence/core'
import { committed, rejection, same } from './claims.ts'
import { type EngineCase, engineCase } from './engine-case.ts'
import { append, begin, contents, head, put, record, stateCommit, value } from './samples.ts'

/** The commit must answer this conflict and leave the store as it was. */
async function refused(engine: BaseDBEngine, commit: Commit, changed: string): Promise<void> {
  const before = await contents(engine)
  same(await engine.commit(commit), { kind: 'conflict', changed }, 'the answer to a stale commit')
  same(await contents(engine), before, 'the store after a refused commit')
}

/** What a commit stores, and what it refuses. */
export const commitCases: readonly EngineCase[] = [
  engineCase('stores-a-commit-whole', async ({ engine }) => {
    const whole = append({ from: 0, count: 3, headVersion: 0, values: 2 })
    const commit = { append: whole, expect: [], write: [{ key: 'call/a', value: '1' }] }
    const version = committed(await engine.commit(commit), 'a commit that begins a chain')
    const read = await engine.read({ chain: 'main', keys: ['call/a'] })
    same(read.head, { head: whole.head, version }, 'the head')
    same(read.state.get('call/a')?.value, '1', 'the state that was written')
    same(await engine.records({ chain: 'main', from: 0, limit: 10 }), whole.records, 'the records')
    same(await engine.values({ chain: 'main', from: 0, to: 10 }), whole.values, 'the values')
    same(await engine.chains(), [whole.head], 'the chains')
  }),
  engineCase('refuses-a-stale-head-and-stores-nothing', async ({ engine }) => {
    const first = await begin(engine)
    const next = append({ from: 1, count: 2, headVersion: first, values: 1 })
    committed(await engine.commit({ append: next, expect: [], write: [] }), 'a commit on the newest head')
    const stale = append({ from: 3, count: 2, headVersion: first, values: 1 })
    await refused(engine, { append: stale, expect: [], write: [{ key: 'k', value: '1' }] }, 'head')
  }),
  engineCase('refuses-to-begin-a-chain-that-is-there', async ({ engine }) => {
    await begin(engine)
    const again = append({ from: 0, count: 1, headVersion: 0 })
    await refused(engine, { append: again, expect: [], write: [{ key: 'k', value: '1' }] }, 'head')
  }),
  engineCase('refuses-a-head-version-of-a-chain-that-is-not-there', async ({ engine }) => {
    const nothing = append({ from: 0, count: 1, headVersion: 7 })
    await refused(engine, { append: nothing, expect: [], write: [{ key: 'k', value: '1' }] }, 'head')
  }),
  engineCase('refuses-a-stale-expectation-and-stores-nothing', async ({ engine }) => {
    const headVersion = await begin(engine)
    const versions = await put(engine, { k: 'old' })
    await put(engine, { k: 'new' })
    await refused(
      engine,
      {
        append: append({ from: 1, count: 2, headVersion, values: 1 }),
        expect: [{ key: 'k', version: versions.get('k') ?? 0 }],
        write: [
          { key: 'k', value: 'mine' },
          { key: 'other', value: '1' },
        ],
      },
      'k',
    )
  }),
  engineCase('names-the-first-expectation-that-changed', async ({ engine }) => {
    await begin(engine)
    const versions = await put(engine, { a: '1', b: '1', c: '1' })
    const expect = [
      { key: 'c', version: versions.get('c') ?? 0 },
      { key: 'b', version: 999_999 },
      { key: 'a', version: 999_999 },
    ]
    await refused(engine, { expect, write: [] }, 'b')
    await refused(engine, { append: append({ from: 1, count: 1, headVersion: 0 }), expect, write: [] }, 'head')
  }),
  engineCase('takes-version-0-for-an-absent-key', async ({ engine }) => {
    const claim = (version: number): Commit => ({ expect: [{ key: 'k', version }], write: [{ key: 'k', value: '1' }] })
    await refused(engine, claim(5), 'k')
    committed(await engine.commit(claim(0)), 'a commit that expects an absent key to be absent')
    await refused(engine, claim(0), 'k')
    await put(engine, { k: null })
    committed(await engine.commit(claim(0)), 'a commit that expects a removed key to be absent')
  }),
  engineCase('never-uses-a-version-twice', async ({ engine }) => {
    const seen: number[] = []
    let headVersion = 0
    for (let round = 0; round < 4; round++) {
      const next = append({ from: round, count: 1, headVersion })
      headVersion = committed(await engine.commit({ append: next, ...stateCommit({ a: 'x', b: 'x' }) }), 'a commit')
      const { state } = await engine.read({ keys: ['a', 'b'] })
      seen.push(headVersion, ...[...state.values()].map(({ version }) => version))
      await put(engine, { a: null, b: null })
    }
    same(seen.length, 12, 'how many versions were given')
    same(new Set(seen).size, seen.length, `how many of the versions ${String(seen)} are distinct`)
    same(seen.includes(0), false, 'whether 0, the version of what is absent, was given')
    await refused(engine, { expect: [{ key: 'a', version: seen[1] ?? 0 }], write: [] }, 'a')
  }),
  engineCase('keeps-the-version-of-what-a-commit-does-not-write', async ({ engine }) => {
    const headVersion = await begin(engine)
    const versions = await put(engine, { k: '1' })
    await put(engine, { other: '1' })
    await begin(engine, { chain: 'second' })
    const read = await engine.read({ chain: 'main', keys: ['k'] })
    same(read.state.get('k')?.version, versions.get('k'), 'the version of an untouched key')
    same(read.head?.version, headVersion, 'the version of an untouched head')
    const commit = {
      append: append({ from: 1, count: 1, headVersion }),
      expect: [{ key: 'k', version: versions.get('k') ?? 0 }],
      write: [],
    }
    committed(await engine.commit(commit), 'a commit on what nobody changed')
  }),
  engineCase('changes-state-without-a-record', async ({ engine }) => {
    await put(engine, { k: '1' })
    same(await engine.chains(), [], 'the chains after a commit of state')
    same((await engine.read({ chain: 'main', keys: [] })).head, undefined, 'the head of a chain that has not begun')
  }),
  engineCase('keeps-chains-apart', async ({ engine }) => {
    const first = await begin(engine, { chain: 'first', count: 2, values: 1 })
    await begin(engine, { chain: 'second', count: 5, values: 1 })
    const next = append({ chain: 'first', from: 2, count: 1, headVersion: first })
    committed(await engine.commit({ append: next, expect: [], write: [] }), 'a commit to the first of two chains')
    const sizes = (await engine.chains()).map(({ chain, size }) => [chain, size])
    same(
      sizes,
      [
        ['first', 3],
        ['second', 5],
      ],
      'the chains, by name',
    )
    same((await engine.records({ chain: 'first', from: 0, limit: 9 })).length, 3, 'the records of the first chain')
    same((await engine.values({ chain: 'second', from: 0, to: 9 })).length, 5, 'the values of the second chain')
    same(await engine.records({ chain: 'third', from: 0, limit: 9 }), [], 'the records of no chain')
  }),
  engineCase('stores-commits-of-any-size', async ({ engine }) => {
    let headVersion = 0
    let from = 0
    for (const count of [1, 15, 16, 37, 256]) {
      const whole = append({ from, count, headVersion, values: 3 })
      const write = Array.from({ length: count * 2 }, (_, index) => ({
        key: `call/${String(from)}/${String(index)}`,
        value: 'x',
      }))
      const expect = write.map(({ key }) => ({ key, version: 0 }))
      const what = `of a commit of ${String(count)} records`
      headVersion = committed(await engine.commit({ append: whole, expect, write }), `the answer ${what}`)
      same(await engine.records({ chain: 'main', from, limit: 300 }), whole.records, `the records ${what}`)
      same(await engine.values({ chain: 'main', from, to: from + count }), whole.values, `the values ${what}`)
      const { state } = await engine.read({ keys: write.map(({ key }) => key) })
      same(state.size, count * 2, `the number of keys ${what}`)
      from += count
    }
  }),
  engineCase('refuses-a-malformed-commit-and-stores-nothing', async ({ engine }) => {
    const headVersion = await begin(engine, { count: 2 })
    const before = await contents(engine)
    const good = append({ from: 2, count: 2, headVersion })
    const malformed: Readonly<Record<string, Commit>> = {
      'records with a gap': { append: { ...good, records: [record(2), record(4)] }, expect: [], write: [] },
      'records that do not follow the head': {
        append: append({ from: 5, count: 1, headVersion }),
        expect: [],
        write: [],
      },
      'a head that does not count its records': { append: { ...good, head: head('main', 9) }, expect: [], write: [] },
      'a value of no record': { append: { ...good, values: [value(7, '/a')] }, expect: [], write: [] },
      'an empty key': stateCommit({ '': '1' }),
      'a key of 513 bytes': stateCommit({ [`k/${'é'.repeat(255)}x`]: '1' }),
      'a key with a lone surrogate': stateCommit({ 'k/\uD800': '1' }),
      'a key with a NUL': stateCommit({ 'a\0b': '1' }),
      'a value with a lone surrogate': stateCommit({ k: '\uDC00' }),
    }
    for (const [what, commit] of Object.entries(malformed)) {
      await rejection(() => engine.commit({ ...commit, write: [{ key: 'z', value: '1' }, ...commit.write] }), what)
      same(await contents(engine), before, `the store after ${what}`)
    }
  }),
]
