import type { Append, BaseDBEngine, CommitResult } from '@capfence/core'
import { committed, same } from './claims.ts'
import type { EngineCase } from './engine-case.ts'
import { engineCase } from './engine-case.ts'
import { append, begin, contents, put } from './samples.ts'
import { type TwoHandles, kinds, onTwoHandles } from './two-handles.ts'

const CHAINS = ['first', 'second'] as const
const ROUNDS = 50

/** The next record of a chain, as its newest head asks for it. */
async function next(engine: BaseDBEngine, chain: string): Promise<Append> {
  const { head } = await engine.read({ chain, keys: [] })
  return append({ chain, from: head?.head.size ?? 0, count: 1, headVersion: head?.version ?? 0, values: 1 })
}

interface Spending {
  readonly key: string
  /** What both expect. */
  readonly version: number
}

/** Two handles that spend one version at once, each with a record of its own chain: one must win, the other leave no trace. */
async function spendTwice(handles: TwoHandles, { key, version }: Spending): Promise<void> {
  const [engine] = handles
  const appends = await Promise.all(CHAINS.map((chain) => next(engine, chain)))
  const spend = (by: BaseDBEngine, index: number): Promise<CommitResult> =>
    by.commit({
      append: appends[index],
      expect: [{ key, version }],
      write: [
        { key, value: `spent by ${String(index)}` },
        { key: `trace/${String(index)}`, value: key },
      ],
    })
  const results = await Promise.all(handles.map(spend))
  same(
    kinds(results),
    { committed: 1, conflict: 1 },
    `the answers to two that spend version ${String(version)} of a key`,
  )
  const loser = results.findIndex(({ kind }) => kind === 'conflict')
  same(results[loser], { kind: 'conflict', changed: key }, 'the answer to the one who came late')
  const { state } = await engine.read({ keys: [key, `trace/${String(loser)}`] })
  same(state.get(key)?.value, `spent by ${String(1 - loser)}`, 'who spent it')
  same(state.get(`trace/${String(loser)}`)?.value === key, false, 'whether the one who came late wrote anything else')
  const sizes = (await engine.chains()).map(({ size }) => size)
  const before = appends.map(({ head }) => head.size - 1)
  same(
    sizes,
    before.map((size, index) => (index === loser ? size : size + 1)),
    'the sizes of both chains',
  )
  const chain = CHAINS[loser] ?? ''
  same(await engine.values({ chain, from: before[loser] ?? 0, to: 1_000 }), [], 'the values of the one who came late')
}

async function beginBoth(engine: BaseDBEngine): Promise<void> {
  for (const chain of CHAINS) await begin(engine, { chain })
}

/** A commit that expects a version which is gone; it must leave everything as it was, also what it would have removed. */
async function refuses(engine: BaseDBEngine, { key, version }: Spending, what: string): Promise<void> {
  const before = await contents(engine)
  const write = [
    { key, value: 'mine' },
    { key: 'kept', value: null },
    { key: 'new', value: '1' },
  ]
  const commit = { append: await next(engine, 'main'), expect: [{ key, version }], write }
  same(await engine.commit(commit), { kind: 'conflict', changed: key }, what)
  same(await contents(engine), before, `the store after ${what}`)
}

/**
 * What grants and limits rest on: a version of a state key is spent once, whatever chains the spenders write to. With a
 * chain a writer, no head stands between them.
 */
export const spendingCases: readonly EngineCase[] = [
  onTwoHandles('spends-a-version-once', async (handles) => {
    const [engine] = handles
    await beginBoth(engine)
    for (let round = 0; round < ROUNDS; round++) {
      const key = `grant/${String(round % 5)}`
      const version = (await put(engine, { [key]: 'unused' })).get(key) ?? 0
      await spendTwice(handles, { key, version })
    }
  }),
  onTwoHandles('spends-an-absence-once', async (handles) => {
    await beginBoth(handles[0])
    for (let round = 0; round < ROUNDS; round++) {
      const key = `call/${String(round % 5)}`
      await put(handles[0], { [key]: null })
      await spendTwice(handles, { key, version: 0 })
    }
  }),
  onTwoHandles('spends-one-of-several-versions-once', async (handles) => {
    // Each expects what nobody else writes, too: that must not hide the one that both spend.
    const [engine] = handles
    for (let round = 0; round < ROUNDS; round++) {
      const versions = await put(engine, { grant: 'unused', 'own/0': '0', 'own/1': '1' })
      const expected = (key: string): Spending => ({ key, version: versions.get(key) ?? 0 })
      const results = await Promise.all(
        handles.map((by, index) => {
          const own = `own/${String(index)}`
          const write = [own, 'grant'].map((key) => ({ key, value: 'spent' }))
          return by.commit({ expect: [expected(own), expected('grant')], write })
        }),
      )
      same(kinds(results), { committed: 1, conflict: 1 }, 'the answers to two that share one of two expectations')
      const { state } = await engine.read({ keys: ['own/0', 'own/1'] })
      same([...state.values()].filter(({ value }) => value === 'spent').length, 1, 'how many wrote what is theirs')
    }
  }),
  engineCase('refuses-a-version-whose-value-is-back', async ({ engine }) => {
    await begin(engine)
    const version = (await put(engine, { k: 'x', kept: '1' })).get('k') ?? 0
    await put(engine, { k: 'y' })
    await put(engine, { k: 'x' })
    await refuses(engine, { key: 'k', version }, 'a commit on an older version with the same value')
  }),
  engineCase('counts-a-write-of-the-same-value', async ({ engine }) => {
    await begin(engine)
    const before = (await put(engine, { k: 'x', kept: '1' })).get('k') ?? 0
    const commit = { expect: [{ key: 'k', version: before }], write: [{ key: 'k', value: 'x' }] }
    committed(await engine.commit(commit), 'a commit that writes what is there already')
    await refuses(engine, { key: 'k', version: before }, 'a commit on the version before')
  }),
  engineCase('refuses-a-version-of-a-key-that-was-made-again', async ({ engine }) => {
    await begin(engine)
    const version = (await put(engine, { k: 'x', kept: '1' })).get('k') ?? 0
    await put(engine, { k: null })
    await refuses(engine, { key: 'k', version }, 'a commit on a key that was removed')
    await put(engine, { k: 'x' })
    await refuses(engine, { key: 'k', version }, 'a commit on a key that was removed and made again')
    await refuses(engine, { key: 'k', version: 0 }, 'a commit on the absence of a key that was made again')
  }),
]
