import type { BaseDBEngine, Commit, StateEntry, ValuePage } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import { delegate } from './delegate.ts'
import { type EngineMutant, mutant } from './engine-mutant.ts'
import { memoryFixture } from './memory-fixture.ts'

const EVERYTHING = { prefix: '', limit: 10_000 }

function byCodePoint(left: StateEntry, right: StateEntry): number {
  return Buffer.compare(Buffer.from(left.key), Buffer.from(right.key))
}

/** The commit with every body changed. */
function withBodies({ append, ...commit }: Commit, change: (body: string) => string): Commit {
  if (append === undefined) return commit
  const records = append.records.map((record) => ({ ...record, body: change(record.body) }))
  return { ...commit, append: { ...append, records } }
}

/** An engine that says it keeps its store, and does not. */
async function forgetful(): ReturnType<typeof memoryFixture> {
  const lasting = (engine: BaseDBEngine): BaseDBEngine => {
    const { ephemeral: _, ...rest } = delegate(engine)
    return rest
  }
  const engine = lasting(new MemoryEngine())
  return { engine, another: () => lasting(new MemoryEngine()), dispose: () => engine.close() }
}

/** An engine that erases a record with its values. */
async function erasing(): ReturnType<typeof memoryFixture> {
  let isKept = (_item: { readonly seq: number }): boolean => true
  const fixture = await memoryFixture((memory) => ({
    ...delegate(memory),
    records: async (page) => (await memory.records(page)).filter(isKept),
    values: async (page) => (await memory.values(page)).filter(isKept),
  }))
  const erase = async ({ from, to }: ValuePage): Promise<void> => {
    isKept = ({ seq }) => seq < from || seq >= to
  }
  return { ...fixture, erase }
}

/** Engines that give back something else than was stored, or give it back wrongly. */
export const readingMutants: readonly EngineMutant[] = [
  mutant('drops-the-last-record', 'stores-a-commit-whole', (engine) => ({
    records: async (page) => (await engine.records({ ...page, limit: 10_000 })).slice(0, -1).slice(0, page.limit),
  })),
  mutant('loses-values', 'stores-a-commit-whole', () => ({ values: async () => [] })),
  mutant('keeps-255-records-of-a-commit', 'stores-commits-of-any-size', (engine) => ({
    records: async (page) => (await engine.records(page)).slice(0, 255),
  })),
  mutant('returns-pages-out-of-order', 'pages-records-in-order', (engine) => ({
    records: async (page) => (await engine.records(page)).toReversed(),
  })),
  mutant('ignores-the-limit-of-a-page', 'pages-records-in-order', (engine) => ({
    records: (page) => engine.records({ ...page, limit: 10_000 }),
  })),
  mutant('reads-one-record-too-late', 'pages-records-in-order', (engine) => ({
    records: (page) => engine.records({ ...page, from: page.from === 0 ? 0 : page.from + 1 }),
  })),
  mutant('returns-values-out-of-order', 'reads-values-of-a-range-by-seq-and-path', (engine) => ({
    values: async (page) => (await engine.values(page)).toReversed(),
  })),
  mutant('counts-the-end-of-a-range-in', 'reads-values-of-a-range-by-seq-and-path', (engine) => ({
    values: (page) => engine.values({ ...page, to: page.to + 1 }),
  })),
  mutant('mixes-chains', 'keeps-chains-apart', (engine) => ({
    values: async (page) => {
      const chains = await engine.chains()
      return (await Promise.all(chains.map(({ chain }) => engine.values({ ...page, chain })))).flat()
    },
  })),
  mutant('shows-a-head-for-state-alone', 'changes-state-without-a-record', (engine) => ({
    chains: async () => {
      const chains = await engine.chains()
      const nothing = new Uint8Array(32)
      return chains.length > 0
        ? chains
        : [{ chain: 'main', origin: 'main', vkey: '', size: 0, entry: nothing, frontier: [] }]
    },
  })),
  { id: 'erases-records-with-their-values', fails: 'keeps-records-whose-values-were-erased', make: erasing },
  mutant('cuts-long-bodies', 'stores-the-longest-body', (engine) => ({
    commit: (commit) => engine.commit(withBodies(commit, (body) => body.slice(0, 65_534))),
  })),
  mutant('normalizes-text', 'gives-back-text-exactly', (engine) => ({
    commit: (commit) => engine.commit(withBodies(commit, (body) => body.normalize('NFC'))),
  })),
  mutant('trims-text', 'gives-back-text-exactly', (engine) => ({
    commit: (commit) =>
      engine.commit({
        ...commit,
        write: commit.write.map(({ key, value }) => ({ key, value: value?.trim() ?? null })),
      }),
  })),
  mutant('ends-names-at-zero', 'gives-back-the-names-of-arguments-exactly', (engine) => ({
    values: async (page) =>
      (await engine.values(page)).map((value) => ({ ...value, path: value.path.split('\0')[0] ?? '' })),
  })),
  mutant('ends-bytes-at-zero', 'gives-back-bytes-exactly', (engine) => ({
    records: async (page) => {
      const cut = (bytes: Uint8Array): Uint8Array => (bytes.includes(0) ? bytes.slice(0, bytes.indexOf(0)) : bytes)
      return (await engine.records(page)).map((record) => ({ ...record, sig: cut(record.sig) }))
    },
  })),
  mutant('keeps-its-callers-bytes', 'shares-no-bytes-with-its-callers', (engine) => {
    const entries: Uint8Array[] = []
    return {
      commit: (commit) => {
        entries.push(...(commit.append?.records ?? []).map(({ entry }) => entry))
        return engine.commit(commit)
      },
      records: async (page) =>
        (await engine.records(page)).map((record) => ({ ...record, entry: entries[record.seq] ?? record.entry })),
    }
  }),
  mutant('folds-the-case-of-keys', 'keeps-keys-apart-that-look-alike', (engine) => ({
    commit: (commit) =>
      engine.commit({ ...commit, write: commit.write.map((write) => ({ ...write, key: write.key.toLowerCase() })) }),
  })),
  mutant('shows-absent-keys', 'reads-only-keys-that-are-there', (engine) => ({
    read: async (wanted) => {
      const result = await engine.read(wanted)
      const entries = wanted.keys.map((key) => result.state.get(key) ?? { key, value: '', version: 0 })
      return { ...result, state: new Map(entries.map((entry) => [entry.key, entry])) }
    },
  })),
  mutant('lists-too-much', 'lists-what-was-stored', (engine) => ({
    list: (page) => engine.list({ ...page, prefix: page.prefix.slice(0, -2) }),
  })),
  mutant('lists-by-code-point', 'lists-keys-in-the-order-of-code-units', (engine) => ({
    list: async ({ prefix, after, limit }) => {
      const all = (await engine.list({ ...EVERYTHING, prefix })).toSorted(byCodePoint)
      return all.slice(all.findIndex(({ key }) => key === after) + 1).slice(0, limit)
    },
  })),
  mutant('reads-a-prefix-as-a-pattern', 'takes-a-prefix-literally', (engine) => ({
    list: async ({ prefix, limit }) => {
      const pattern = prefix
        .replaceAll(/[*?.[\]\\]/g, String.raw`\$&`)
        .replaceAll('_', '.')
        .replaceAll('%', '.*')
      const like = new RegExp(`^${pattern}`, 's')
      return (await engine.list(EVERYTHING)).filter(({ key }) => like.test(key)).slice(0, limit)
    },
  })),
  mutant('repeats-the-last-key-of-a-page', 'pages-a-list-without-gap-or-repetition', (engine) => ({
    list: async (page) => {
      const all = (await engine.list({ ...EVERYTHING, prefix: page.prefix })).filter(
        ({ key }) => key >= (page.after ?? ''),
      )
      return all.slice(0, page.limit)
    },
  })),
  mutant('opens-once-only', 'opens-again-and-at-once', (engine) => {
    let opened = false
    return {
      open: async () => {
        if (opened) throw new Error('it is open already')
        opened = true
        await engine.open()
      },
    }
  }),
  mutant('answers-after-close', 'refuses-every-call-after-close', (_engine, memory) => {
    const other = memory.share()
    return { now: () => other.now() }
  }),
  mutant('takes-a-name-of-its-own', 'gives-handles-of-one-store-one-identity', () => ({
    identity: `handle:${String(Math.random())}`,
  })),
  mutant('is-called-like-every-other', 'gives-two-stores-two-identities', () => ({ identity: 'memory' })),
  {
    id: 'has-a-store-for-each-handle',
    fails: 'shows-each-handle-what-the-other-stored',
    make: async () => ({ ...(await memoryFixture()), another: () => new MemoryEngine() }),
  },
  { id: 'forgets-when-closed', fails: 'keeps-everything-when-reopened', make: forgetful },
  mutant('counts-fractions-of-a-millisecond', 'tells-the-time-in-whole-milliseconds', (engine) => ({
    now: async () => (await engine.now()) + 0.5,
  })),
  mutant('counts-in-seconds', 'tells-the-time-in-whole-milliseconds', (engine) => ({
    now: async () => Math.trunc((await engine.now()) / 1000),
  })),
  mutant('reads-another-clock', 'has-one-clock', (engine) => ({
    read: async (wanted) => ({ ...(await engine.read(wanted)), now: (await engine.now()) - 1000 }),
  })),
]
