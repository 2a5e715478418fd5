import { committed, same } from './claims.ts'
import { type EngineCase, engineCase } from './engine-case.ts'
import { append, begin, bytes, head, put } from './samples.ts'

const MAX_BODY_BYTES = 65_535

/** Texts that engines have been known to change. */
const ODD_TEXTS: readonly string[] = [
  '',
  ' trailing blanks  ',
  'null',
  '0012',
  '1e3',
  'a\tb\nc\r\nd',
  `"quotes" 'single' \`back\` \\ back-slash`,
  '%_*?[x]$1',
  'é and e\u0301 are two texts', // composed and decomposed
  'Ä ä ſ K',
  '\u2028\u2029\u200B\uFEFF\u202E',
  '\uE000\uFFFD\uFFFE\uFFFF',
  '\u{1F600}\u{10FFFF}',
  'x'.repeat(100_000),
]

/** What comes out is what went in. */
export const fidelityCases: readonly EngineCase[] = [
  engineCase('stores-the-longest-body', async ({ engine }) => {
    const ascii = 'x'.repeat(MAX_BODY_BYTES)
    const wide = '€'.repeat(MAX_BODY_BYTES / 3)
    const good = append({ from: 0, count: 2, headVersion: 0 })
    const records = good.records.map((record, index) => ({ ...record, body: [ascii, wide][index] ?? '' }))
    committed(await engine.commit({ append: { ...good, records }, expect: [], write: [] }), 'a commit of long bodies')
    const found = await engine.records({ chain: 'main', from: 0, limit: 2 })
    same(
      found.map(({ body }) => body.length),
      [ascii.length, wide.length],
      'the lengths of the bodies',
    )
    same(found, records, 'the records')
  }),
  engineCase('gives-back-bytes-exactly', async ({ engine }) => {
    const every = Uint8Array.from({ length: 256 }, (_, index) => index)
    const sigs = [every, new Uint8Array(72), bytes(328, 9), new Uint8Array(64).fill(255)]
    const good = append({ from: 0, count: 4, headVersion: 0, values: 1 })
    const entries = [new Uint8Array(32), every.slice(0, 32), every.slice(224), every.slice(100, 132)]
    const whole = {
      ...good,
      head: { ...head('main', 4), entry: every.slice(7, 39), frontier: entries },
      records: good.records.map((record, index) => ({
        ...record,
        entry: entries[index] ?? every,
        sig: sigs[index] ?? every,
      })),
      values: good.values.map((value, index) => ({ ...value, salt: every.slice(index * 60, index * 60 + 16) })),
    }
    committed(await engine.commit({ append: whole, expect: [], write: [] }), 'a commit of odd bytes')
    same((await engine.read({ chain: 'main', keys: [] })).head?.head, whole.head, 'the head')
    same(await engine.records({ chain: 'main', from: 0, limit: 9 }), whole.records, 'the records')
    same(await engine.values({ chain: 'main', from: 0, to: 9 }), whole.values, 'the values')
  }),
  engineCase('shares-no-bytes-with-its-callers', async ({ engine }) => {
    const whole = append({ from: 0, count: 1, headVersion: 0, values: 1 })
    // A view into a larger buffer, as hashing and signing give it.
    const pool = Buffer.alloc(64, 7)
    const records = whole.records.map((record) => ({ ...record, entry: pool.subarray(8, 40) }))
    committed(await engine.commit({ append: { ...whole, records }, expect: [], write: [] }), 'a commit')
    pool.fill(0)
    const entry = async (): Promise<Uint8Array | undefined> =>
      (await engine.records({ chain: 'main', from: 0, limit: 1 }))[0]?.entry
    const kept = new Uint8Array(32).fill(7)
    same(await entry(), kept, 'the entry after its caller has used the buffer again')
    ;(await entry())?.fill(9)
    same(await entry(), kept, 'the entry after a reader has changed what it was given')
  }),
  engineCase('gives-back-text-exactly', async ({ engine }) => {
    const good = append({ from: 0, count: ODD_TEXTS.length, headVersion: 0 })
    const records = good.records.map((record, index) => ({
      ...record,
      body: (ODD_TEXTS[index] ?? '').slice(0, 60_000),
    }))
    const values = ODD_TEXTS.map((text, seq) => ({
      seq,
      path: `/${text.slice(0, 50)}`,
      salt: bytes(16, seq),
      value: text,
    }))
    const write = ODD_TEXTS.map((text, index) => ({ key: `odd/${String(index)}/${text.slice(0, 50)}`, value: text }))
    committed(await engine.commit({ append: { ...good, records, values }, expect: [], write }), 'a commit of odd texts')
    same(await engine.records({ chain: 'main', from: 0, limit: 99 }), records, 'the records')
    same(await engine.values({ chain: 'main', from: 0, to: 99 }), values, 'the values')
    const { state } = await engine.read({ keys: write.map(({ key }) => key) })
    same(
      write.map(({ key }) => ({ key, value: state.get(key)?.value })),
      write,
      'the state',
    )
  }),
  engineCase('gives-back-the-names-of-arguments-exactly', async ({ engine }) => {
    const names = [
      '',
      'a\0b',
      'a\0c',
      '\0',
      'a',
      '\u0001',
      '\u{10FFFF}\0',
      '\u{10FFFF}\u0001',
      '\uFFFF',
      '~0~1',
      'x'.repeat(5000),
    ]
    const good = append({ from: 0, count: 2, headVersion: 0 })
    const paths = names.map((name) => `/${name}`).toSorted()
    const values = [0, 1].flatMap((seq) => paths.map((path) => ({ seq, path, salt: bytes(16, seq), value: '1' })))
    committed(await engine.commit({ append: { ...good, values }, expect: [], write: [] }), 'a commit of odd names')
    same(await engine.values({ chain: 'main', from: 0, to: 2 }), values, 'the values, by seq and path')
  }),
  engineCase('keeps-keys-apart-that-look-alike', async ({ engine }) => {
    const keys = ['k', 'K', 'k ', 'k/', 'ｋ', 'é', 'e\u0301', `${'x'.repeat(511)}a`, `${'x'.repeat(511)}b`]
    await put(engine, Object.fromEntries(keys.map((key, index) => [key, String(index)])))
    const { state } = await engine.read({ keys })
    same(
      keys.map((key) => state.get(key)?.value),
      keys.map((_, index) => String(index)),
      'the values',
    )
  }),
  engineCase('keeps-records-whose-values-were-erased', async ({ engine, erase }) => {
    if (erase === undefined) return
    await begin(engine, { count: 3, values: 2 })
    const before = await engine.records({ chain: 'main', from: 0, limit: 9 })
    await erase({ chain: 'main', from: 1, to: 2 })
    const left = (await engine.values({ chain: 'main', from: 0, to: 9 })).map(({ seq }) => seq)
    same(left, [0, 0, 2, 2], 'whose values are left')
    same(await engine.records({ chain: 'main', from: 0, limit: 9 }), before, 'the records')
  }),
]
