import type { BaseDBEngine, StatePage } from '@capfence/core'
import { same } from './claims.ts'
import { type EngineCase, engineCase } from './engine-case.ts'
import { append, begin, put, record } from './samples.ts'

async function keysOf(engine: BaseDBEngine, page: StatePage): Promise<readonly string[]> {
  return (await engine.list(page)).map(({ key }) => key)
}

async function fill(engine: BaseDBEngine, keys: readonly string[]): Promise<void> {
  await put(engine, Object.fromEntries(keys.map((key) => [key, `value of ${key}`])))
}

/** Keys whose order by code unit is neither that of code points nor that of any language; in order. */
const ORDERED: readonly string[] = [
  'o/A',
  'o/Z',
  'o/a',
  'o/z',
  'o/\u007F',
  'o/ß',
  'o/ä',
  'o/\uD7FF',
  'o/\u{10000}',
  'o/\u{1F600}',
  'o/\u{10FFFE}',
  'o/\u{10FFFF}',
  'o/\u{10FFFF}\u0001',
  'o/\u{10FFFF}z',
  'o/\u{10FFFF}\u{10FFFF}',
  'o/\u{10FFFF}\uE000',
  'o/\uE000',
  'o/\uE000a',
  'o/\uFFFD',
  'o/\uFFFF',
  'o/\uFFFF\u{10FFFF}',
]

/** Prefixes that a pattern language would read as something else, each with keys inside and outside. */
const LITERAL: readonly { readonly prefix: string; readonly inside: string; readonly outside: string }[] = [
  { prefix: 'a%', inside: 'a%b', outside: 'axb' },
  { prefix: 'b_', inside: 'b_b', outside: 'bcb' },
  { prefix: 'c\\', inside: 'c\\%', outside: 'c%%' },
  { prefix: 'd*', inside: 'd*b', outside: 'ddb' },
  { prefix: 'e?', inside: 'e?b', outside: 'edb' },
  { prefix: 'f[g]', inside: 'f[g]c', outside: 'fgc' },
  { prefix: "g'", inside: "g'b", outside: 'geb' },
  { prefix: 'H', inside: 'Hb', outside: 'hb' },
  { prefix: 'é', inside: 'éx', outside: 'e\u0301x' },
  { prefix: '\u{1F600}', inside: '\u{1F600}x', outside: '\u{1F601}x' },
  { prefix: '\uFFFF', inside: '\uFFFFx', outside: '\u{10FFFF}x' },
  { prefix: '\u{10FFFF}', inside: '\u{10FFFF}x', outside: '\uFFFEx' },
]

/** Reading state, records, values and chains by page. */
export const readingCases: readonly EngineCase[] = [
  engineCase('reads-only-keys-that-are-there', async ({ engine }) => {
    await fill(engine, ['a', 'b', 'c'])
    await put(engine, { b: null })
    const { state, head } = await engine.read({ keys: ['a', 'b', 'c', 'd', 'a'] })
    same([...state.keys()].toSorted(), ['a', 'c'], 'the keys')
    same(state.get('a')?.key, 'a', 'the key of an entry')
    same(head, undefined, 'the head of a read that names no chain')
    same((await engine.read({ keys: [] })).state.size, 0, 'the state of a read that names no key')
  }),
  engineCase('removes-a-key', async ({ engine }) => {
    await fill(engine, ['a', 'b'])
    await put(engine, { a: null, absent: null })
    same((await engine.read({ keys: ['a'] })).state.size, 0, 'how many entries a removed key has')
    same(await keysOf(engine, { prefix: '', limit: 9 }), ['b'], 'the keys that are left')
  }),
  engineCase('lists-what-was-stored', async ({ engine }) => {
    const versions = await put(engine, { 'a/1': 'one', 'a/2': 'two', 'b/1': 'three' })
    const expected = ['a/1', 'a/2'].map((key, index) => ({
      key,
      value: ['one', 'two'][index],
      version: versions.get(key),
    }))
    same(await engine.list({ prefix: 'a/', limit: 9 }), expected, 'the entries')
    same(await engine.list({ prefix: 'c/', limit: 9 }), [], 'the entries of a prefix that no key has')
  }),
  engineCase('lists-keys-in-the-order-of-code-units', async ({ engine }) => {
    await fill(engine, ORDERED.toReversed())
    same(await keysOf(engine, { prefix: 'o/', limit: 99 }), ORDERED, 'the keys')
    for (const [index, after] of ORDERED.entries()) {
      const next = ORDERED.slice(index + 1, index + 3)
      same(await keysOf(engine, { prefix: 'o/', after, limit: 2 }), next, `the page after ${JSON.stringify(after)}`)
    }
  }),
  engineCase('takes-a-prefix-literally', async ({ engine }) => {
    await fill(
      engine,
      LITERAL.flatMap(({ inside, outside }) => [inside, outside]),
    )
    for (const { prefix, inside } of LITERAL) {
      same(await keysOf(engine, { prefix, limit: 99 }), [inside], `the keys with the prefix ${JSON.stringify(prefix)}`)
    }
  }),
  engineCase('pages-a-list-without-gap-or-repetition', async ({ engine }) => {
    const keys = Array.from({ length: 25 }, (_, index) => `p/${String(index).padStart(2, '0')}`)
    await fill(engine, [...keys, 'o/z', 'q/a'])
    const seen: string[] = []
    for (let page = await keysOf(engine, { prefix: 'p/', limit: 10 }); page.length > 0;) {
      same(page.length, Math.min(10, 25 - seen.length), 'the length of a page')
      seen.push(...page)
      page = await keysOf(engine, { prefix: 'p/', after: seen.at(-1), limit: 10 })
    }
    same(seen, keys, 'the keys of all pages')
    same(
      await keysOf(engine, { prefix: 'p/', after: 'a', limit: 1 }),
      ['p/00'],
      'the page after a key before the prefix',
    )
    same(await keysOf(engine, { prefix: 'p/', after: 'p/05x', limit: 1 }), ['p/06'], 'the page after an absent key')
    same(await keysOf(engine, { prefix: 'p/', after: 'z', limit: 1 }), [], 'the page after a key beyond the prefix')
  }),
  engineCase('pages-records-in-order', async ({ engine }) => {
    const first = await begin(engine, { count: 20 })
    await engine.commit({ append: append({ from: 20, count: 7, headVersion: first }), expect: [], write: [] })
    const seen: unknown[] = []
    for (let page = await engine.records({ chain: 'main', from: 0, limit: 10 }); page.length > 0;) {
      same(page.length, Math.min(10, 27 - seen.length), 'the length of a page')
      seen.push(...page)
      page = await engine.records({ chain: 'main', from: seen.length, limit: 10 })
    }
    same(
      seen,
      Array.from({ length: 27 }, (_, seq) => record(seq)),
      'the records of all pages',
    )
  }),
  engineCase('reads-values-of-a-range-by-seq-and-path', async ({ engine }) => {
    const good = append({ from: 0, count: 4, headVersion: 0, values: 3 })
    await engine.commit({ append: { ...good, values: good.values.toReversed() }, expect: [], write: [] })
    const expected = good.values.filter(({ seq }) => seq === 1 || seq === 2)
    same(await engine.values({ chain: 'main', from: 1, to: 3 }), expected, 'the values of records 1 and 2')
    same(await engine.values({ chain: 'main', from: 2, to: 2 }), [], 'the values of an empty range')
  }),
]
