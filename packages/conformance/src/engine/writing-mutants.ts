import type { Append, BaseDBEngine, Commit, CommitResult, StateExpectation } from '@capfence/core'
import { type EngineMutant, mutant } from './engine-mutant.ts'

/** The commit with its head's version as it is now, whatever it was chained to. */
async function onNewestHead(engine: BaseDBEngine, commit: Commit): Promise<Commit> {
  if (commit.append === undefined) return commit
  const { head } = await engine.read({ chain: commit.append.head.chain, keys: [] })
  return { ...commit, append: moved(commit.append, head?.head.size ?? 0, head?.version ?? 0) }
}

/** The append as if it had been made for a chain of `size` records. */
function moved(append: Append, size: number, headVersion: number): Append {
  const by = size - (append.head.size - append.records.length)
  return {
    headVersion,
    head: { ...append.head, size: append.head.size + by },
    records: append.records.map((record) => ({ ...record, seq: record.seq + by })),
    values: append.values.map((value) => ({ ...value, seq: value.seq + by })),
  }
}

async function asRead(engine: BaseDBEngine, expect: readonly StateExpectation[]): Promise<readonly StateExpectation[]> {
  const { state } = await engine.read({ keys: expect.map(({ key }) => key) })
  return expect.map(({ key }) => ({ key, version: state.get(key)?.version ?? 0 }))
}

/** Checks first and stores in another step, with other callers in between. */
async function inTwoSteps(engine: BaseDBEngine, commit: Commit): Promise<CommitResult> {
  const now = await asRead(engine, commit.expect)
  const changed = commit.expect.find(({ version }, index) => now[index]?.version !== version)
  if (changed !== undefined) return { kind: 'conflict', changed: changed.key }
  await Promise.resolve()
  return engine.commit({ ...commit, expect: [] })
}

/** Counts each key's versions from 1, and forgets the count with the key. */
function countingByKey(engine: BaseDBEngine): Partial<BaseDBEngine> {
  const versions = new Map<string, number>()
  return {
    commit: async (commit) => {
      const stale = commit.expect.find(({ key, version }) => (versions.get(key) ?? 0) !== version)
      if (stale !== undefined) return { kind: 'conflict', changed: stale.key }
      const result = await engine.commit({ ...commit, expect: [] })
      for (const { key, value } of result.kind === 'committed' ? commit.write : []) {
        if (value === null) versions.delete(key)
        else versions.set(key, (versions.get(key) ?? 0) + 1)
      }
      return result
    },
    read: async (wanted) => {
      const { state, ...rest } = await engine.read(wanted)
      const counted = [...state.values()].map((entry) => ({ ...entry, version: versions.get(entry.key) ?? 0 }))
      return { ...rest, state: new Map(counted.map((entry) => [entry.key, entry])) }
    },
  }
}

/** Engines whose commit is wrong. */
export const writingMutants: readonly EngineMutant[] = [
  mutant('ignores-the-head-version', 'refuses-a-stale-head-and-stores-nothing', (engine) => ({
    commit: async (commit) => engine.commit(await onNewestHead(engine, commit)),
  })),
  mutant('lets-anyone-begin-a-chain-again', 'refuses-to-begin-a-chain-that-is-there', (engine) => ({
    commit: async (commit) =>
      engine.commit(commit.append?.headVersion === 0 ? await onNewestHead(engine, commit) : commit),
  })),
  mutant('takes-any-version-for-a-missing-head', 'refuses-a-head-version-of-a-chain-that-is-not-there', (engine) => ({
    commit: async (commit) => {
      const { head } = await engine.read({ chain: commit.append?.head.chain, keys: [] })
      return engine.commit(head === undefined ? await onNewestHead(engine, commit) : commit)
    },
  })),
  mutant('ignores-expectations', 'refuses-a-stale-expectation-and-stores-nothing', (engine) => ({
    commit: (commit) => engine.commit({ ...commit, expect: [] }),
  })),
  mutant('ignores-expected-absence', 'takes-version-0-for-an-absent-key', (engine) => ({
    commit: (commit) => engine.commit({ ...commit, expect: commit.expect.filter(({ version }) => version !== 0) }),
  })),
  mutant('takes-any-version-for-an-absent-key', 'takes-version-0-for-an-absent-key', (engine) => ({
    commit: async (commit) => {
      const { state } = await engine.read({ keys: commit.expect.map(({ key }) => key) })
      return engine.commit({ ...commit, expect: commit.expect.filter(({ key }) => state.has(key)) })
    },
  })),
  mutant('stores-records-before-checking', 'refuses-a-stale-expectation-and-stores-nothing', (engine) => ({
    commit: async (commit) => {
      const result = await engine.commit(commit)
      if (result.kind === 'conflict' && result.changed !== 'head') {
        await engine.commit({ append: commit.append, expect: [], write: [] })
      }
      return result
    },
  })),
  mutant('stores-state-before-checking', 'refuses-a-stale-head-and-stores-nothing', (engine) => ({
    commit: async (commit) => {
      const result = await engine.commit(commit)
      if (result.kind === 'conflict') await engine.commit({ expect: [], write: commit.write })
      return result
    },
  })),
  mutant('checks-and-stores-in-two-steps', 'lets-exactly-one-use-a-version', (engine) => ({
    commit: (commit) => inTwoSteps(engine, commit),
  })),
  mutant('loses-updates-between-check-and-store', 'loses-no-increment', (engine) => ({
    commit: (commit) => inTwoSteps(engine, commit),
  })),
  mutant('begins-a-chain-for-two', 'lets-exactly-one-begin-a-chain', (engine) => ({
    commit: async (commit) => {
      const { head } = await engine.read({ chain: commit.append?.head.chain, keys: [] })
      const result = await engine.commit(commit)
      const saysAbsent = result.kind === 'conflict' && commit.append?.headVersion === 0 && head === undefined
      return saysAbsent ? engine.commit(await onNewestHead(engine, commit)) : result
    },
  })),
  mutant('appends-on-whatever-head', 'keeps-one-chain-of-many-writers', (engine) => ({
    commit: async (commit) => {
      const result = await engine.commit(commit)
      // Says that it lost, although it appended: the caller appends again.
      if (result.kind === 'conflict') await engine.commit(await onNewestHead(engine, commit))
      return result
    },
  })),
  mutant('applies-an-append-twice', 'stores-a-commit-whole', (engine) => ({
    commit: async (commit) => {
      const result = await engine.commit(commit)
      if (result.kind === 'committed')
        await engine.commit({ ...(await onNewestHead(engine, commit)), expect: [], write: [] })
      return result
    },
  })),
  mutant('says-committed-without-storing', 'stores-a-commit-whole', () => ({
    commit: async () => ({ kind: 'committed', headVersion: 1 }),
  })),
  mutant('answers-another-head-version', 'stores-a-commit-whole', (engine) => ({
    commit: async (commit) => {
      const result = await engine.commit(commit)
      return result.kind === 'committed' ? { ...result, headVersion: result.headVersion - 1 } : result
    },
  })),
  mutant('names-any-expectation', 'names-the-first-expectation-that-changed', (engine) => ({
    commit: (commit) => engine.commit({ ...commit, expect: commit.expect.toReversed() }),
  })),
  mutant('reuses-versions', 'never-uses-a-version-twice', countingByKey),
  mutant('gives-every-key-a-new-version', 'keeps-the-version-of-what-a-commit-does-not-write', (engine) => ({
    commit: async (commit) => {
      const result = await engine.commit(commit)
      const all = await engine.list({ prefix: '', limit: 10_000 })
      await engine.commit({ expect: [], write: all.map(({ key, value }) => ({ key, value })) })
      return result
    },
  })),
  mutant('forgets-removals', 'removes-a-key', (engine) => ({
    commit: (commit) => engine.commit({ ...commit, write: commit.write.filter(({ value }) => value !== null) }),
  })),
  mutant('swallows-malformed-commits', 'refuses-a-malformed-commit-and-stores-nothing', (engine) => ({
    commit: (commit) => engine.commit(commit).catch(() => ({ kind: 'committed' as const, headVersion: 1 })),
  })),
]
