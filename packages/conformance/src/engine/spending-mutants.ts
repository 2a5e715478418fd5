import type { BaseDBEngine, Commit, CommitResult, ReadWanted, StateExpectation } from '@capfence/core'
import { type EngineMutant, type Wrong, mutant } from './engine-mutant.ts'

/** The first of some expectations that does not hold now. */
async function firstChanged(
  engine: BaseDBEngine,
  expect: readonly StateExpectation[],
): Promise<StateExpectation | undefined> {
  const { state } = await engine.read({ keys: expect.map(({ key }) => key) })
  return expect.find(({ key, version }) => (state.get(key)?.version ?? 0) !== version)
}

/** Checks some expectations in a step of their own, with other callers in between, and the others as they should be. */
async function checkedApart(
  engine: BaseDBEngine,
  commit: Commit,
  apart: (expectation: StateExpectation) => boolean,
): Promise<CommitResult> {
  const changed = await firstChanged(engine, commit.expect.filter(apart))
  if (changed !== undefined) return { kind: 'conflict', changed: changed.key }
  await Promise.resolve()
  return engine.commit({ ...commit, expect: commit.expect.filter((expectation) => !apart(expectation)) })
}

/** Takes a version for good where the value is still, or again, the one that stood at it. */
function comparingValues(engine: BaseDBEngine): Partial<BaseDBEngine> {
  const valueByVersion = new Map<number, string>()
  const read = async (wanted: ReadWanted): ReturnType<BaseDBEngine['read']> => {
    const found = await engine.read(wanted)
    for (const { version, value } of found.state.values()) valueByVersion.set(version, value)
    return found
  }
  return {
    read,
    commit: async (commit) => {
      const { state } = await read({ keys: commit.expect.map(({ key }) => key) })
      const expect = commit.expect.map(({ key, version }) => {
        const found = state.get(key)
        const isSame = found !== undefined && found.value === valueByVersion.get(version)
        return { key, version: isSame ? found.version : version }
      })
      return engine.commit({ ...commit, expect })
    },
  }
}

/** Leaves out writes that change no value, with their versions. */
function savingWrites(engine: BaseDBEngine): Partial<BaseDBEngine> {
  return {
    commit: async (commit) => {
      const { state } = await engine.read({ keys: commit.write.map(({ key }) => key) })
      const write = commit.write.filter(({ key, value }) => state.get(key)?.value !== value)
      return engine.commit({ ...commit, write })
    },
  }
}

/** Gives a key that is made again the version that it had before. */
function remembering(engine: BaseDBEngine): Partial<BaseDBEngine> {
  const firstByKey = new Map<string, number>()
  const shown = ({ key, version }: StateExpectation): number => firstByKey.get(key) ?? version
  return {
    read: async (wanted) => {
      const { state, ...rest } = await engine.read(wanted)
      const entries = [...state.values()].map((entry) => ({ ...entry, version: shown(entry) }))
      return { ...rest, state: new Map(entries.map((entry) => [entry.key, entry])) }
    },
    commit: async (commit) => {
      const { state } = await engine.read({ keys: commit.expect.map(({ key }) => key) })
      const expect = commit.expect.map((wanted) => {
        const found = state.get(wanted.key)
        return found !== undefined && shown(found) === wanted.version ? found : wanted
      })
      const removed = commit.write.filter(({ value }) => value === null).map(({ key }) => key)
      const before = await engine.read({ keys: removed })
      const result = await engine.commit({ ...commit, expect })
      for (const entry of before.state.values()) firstByKey.set(entry.key, shown(entry))
      return result
    },
  }
}

/** Resolves once a chain has gone on, or after a while. */
async function chainMoves(engine: BaseDBEngine, chain: string | undefined): Promise<void> {
  const versionNow = async (): Promise<number | undefined> => (await engine.read({ chain, keys: [] })).head?.version
  const before = await versionNow()
  for (let turn = 0; turn < 5_000 && (await versionNow()) === before; turn++) await nextTurn()
}

/**
 * Reads state and head at two moments, and lets a commit rest on the head alone: with a database that shows each query
 * what is newest, that is a grant used twice. Every second handle is the slow one.
 */
function headAlone(): Wrong {
  let handles = 0
  return (engine) => {
    const isSlow = handles++ % 2 === 1
    return {
      read: async (wanted) => {
        const { state, now } = await engine.read(wanted)
        if (isSlow && wanted.keys.length > 1) await chainMoves(engine, wanted.chain)
        return { ...(await engine.read({ ...wanted, keys: [] })), now, state }
      },
      commit: async (commit) => {
        // On its way to the database, while the other handle reads.
        for (let turn = 0; turn < 10; turn++) await nextTurn()
        return engine.commit(commit.append === undefined ? commit : { ...commit, expect: [] })
      },
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Engines that let authority be used up more than once. */
export const spendingMutants: readonly EngineMutant[] = [
  mutant('rests-on-the-head-alone', 'spends-a-version-once', (engine) => ({
    commit: (commit) => engine.commit(commit.append === undefined ? commit : { ...commit, expect: [] }),
  })),
  mutant('locks-chains-but-not-state', 'spends-a-version-once', (engine) => ({
    commit: (commit) => checkedApart(engine, commit, () => true),
  })),
  mutant('locks-only-rows-that-are-there', 'spends-an-absence-once', (engine) => ({
    commit: (commit) => checkedApart(engine, commit, ({ version }) => version === 0),
  })),
  mutant('forgets-expectations-on-absent-keys', 'spends-an-absence-once', (engine) => ({
    commit: (commit) => engine.commit({ ...commit, expect: commit.expect.filter(({ version }) => version !== 0) }),
  })),
  mutant('checks-the-first-expectation-alone', 'spends-one-of-several-versions-once', (engine) => ({
    commit: (commit) => engine.commit({ ...commit, expect: commit.expect.slice(0, 1) }),
  })),
  mutant('checks-versions-only-where-values-differ', 'refuses-a-version-whose-value-is-back', comparingValues),
  mutant('stores-only-values-that-differ', 'counts-a-write-of-the-same-value', savingWrites),
  mutant('gives-a-key-its-old-version-back', 'refuses-a-version-of-a-key-that-was-made-again', remembering),
  mutant('removes-before-checking', 'refuses-a-version-of-a-key-that-was-made-again', (engine) => ({
    commit: async (commit) => {
      await engine.commit({ expect: [], write: commit.write.filter(({ value }) => value === null) })
      return engine.commit(commit)
    },
  })),
  mutant('lets-two-use-a-grant', 'lets-one-of-fifty-calls-use-a-grant', headAlone()),
  mutant('lets-two-be-charged-as-one', 'charges-a-limit-for-each-of-fifty-calls', headAlone()),
]
