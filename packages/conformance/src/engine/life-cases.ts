import type { BaseDBEngine } from '@capfence/core'
import { claim, codeOf, committed, rejection, same } from './claims.ts'
import { type EngineCase, engineCase } from './engine-case.ts'
import { append, begin, contents, put, stateCommit } from './samples.ts'

/** How far an engine's clock may be from this process's: they may be on two machines. */
const CLOCK_TOLERANCE_MS = 60_000

/** One call of each method. */
function everyCall(engine: BaseDBEngine): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    now: () => engine.now(),
    read: () => engine.read({ chain: 'main', keys: ['k'] }),
    commit: () => engine.commit(stateCommit({ k: '1' })),
    list: () => engine.list({ prefix: '', limit: 1 }),
    chains: () => engine.chains(),
    records: () => engine.records({ chain: 'main', from: 0, limit: 1 }),
    values: () => engine.values({ chain: 'main', from: 0, to: 1 }),
  }
}

/** Opening, closing, handles and clocks. */
export const lifeCases: readonly EngineCase[] = [
  engineCase('opens-again-and-at-once', async ({ engine, another }) => {
    await engine.open()
    const second = another()
    await Promise.all([second.open(), second.open(), engine.open(), second.open()])
    await put(second, { k: '1' })
    await second.open()
    same((await engine.read({ keys: ['k'] })).state.get('k')?.value, '1', 'the state')
    await second.close()
  }),
  engineCase('refuses-every-call-after-close', async ({ engine, another }) => {
    const second = another()
    await second.open()
    await second.close()
    await second.close()
    for (const [what, call] of Object.entries({ ...everyCall(second), open: () => second.open() })) {
      same(codeOf(await rejection(call, `${what} after close`)), 'ENGINE_CLOSED', `the code of ${what} after close`)
    }
    for (const call of Object.values(everyCall(engine))) await call() // another handle is not closed with it
  }),
  engineCase('shows-each-handle-what-the-other-stored', async ({ engine, another }) => {
    const second = another()
    await second.open()
    const headVersion = await begin(engine, { count: 2, values: 1 })
    await put(engine, { k: '1' })
    same(await contents(second), await contents(engine), 'the store as the second handle sees it')
    const next = append({ from: 2, count: 1, headVersion })
    committed(await second.commit({ append: next, expect: [], write: [] }), 'a commit on the head of the other handle')
    const stale = await engine.commit({ append: next, expect: [], write: [] })
    same(stale, { kind: 'conflict', changed: 'head' }, 'the answer to a commit on a head that the other handle moved')
    same(await contents(second), await contents(engine), 'the store as the second handle sees it')
    await second.close()
  }),
  engineCase('gives-handles-of-one-store-one-identity', async ({ engine, another }) => {
    const second = another()
    same(second.identity, engine.identity, 'the identity before opening')
    await second.open()
    same(second.identity, engine.identity, 'the identity after opening')
    same(second.kind, engine.kind, 'the kind')
    await second.close()
  }),
  {
    id: 'gives-two-stores-two-identities',
    run: async (make) => {
      const fixtures = await Promise.all([make(), make()])
      const [first, second] = fixtures.map(({ engine }) => engine.identity)
      await Promise.all(fixtures.map(({ dispose }) => dispose()))
      claim(first !== second, `two stores have the identity ${String(first)}`)
    },
  },
  engineCase('keeps-everything-when-reopened', async ({ engine, another }) => {
    if (engine.ephemeral === true) return
    await begin(engine, { count: 3, values: 2 })
    const versions = await put(engine, { a: '1', b: '2' })
    await put(engine, { b: null })
    const before = await contents(engine)
    await engine.close()
    const second = another()
    await second.open()
    same(await contents(second), before, 'the store after it was reopened')
    const later = await put(second, { b: '3' })
    claim((later.get('b') ?? 0) > (versions.get('b') ?? 0), 'a version was given again after the store was reopened')
    await second.close()
  }),
  engineCase('tells-the-time-in-whole-milliseconds', async ({ engine }) => {
    for (const now of [await engine.now(), (await engine.read({ keys: [] })).now]) {
      claim(Number.isSafeInteger(now), `the clock says ${String(now)}, which is no whole number`)
      const distance = Math.abs(now - Date.now())
      claim(distance < CLOCK_TOLERANCE_MS, `the clock is ${String(distance)} ms away from this machine's`)
    }
  }),
  engineCase('has-one-clock', async ({ engine, another }) => {
    const second = another()
    await second.open()
    const times = [await engine.now(), (await engine.read({ chain: 'main', keys: ['k'] })).now, await second.now()]
    same(
      times.toSorted((left, right) => left - right),
      times,
      'times that were read one after another',
    )
    await second.close()
  }),
]
