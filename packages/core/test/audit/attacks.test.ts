import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainHead, StoredRecord, StoredValue } from '../../src/audit/chain-store.ts'
import { entryHash, genesisEntry } from '../../src/audit/entry.ts'
import { appendLeaf } from '../../src/audit/merkle.ts'
import { logLeaf, seal } from '../../src/audit/seal.ts'
import type { StoreReport } from '../../src/audit/verify-report.ts'
import { verifyStore } from '../../src/audit/verify.ts'
import { AT, type Rows, allowed, decision, fixedIds, opened, sampleTrail, storeOf, testSigner, trail } from './trail.ts'

const TRUST = [testSigner().vkey]

type Attack = (rows: Rows) => void

/** What verify says of the sample after an attack, with the key pinned and the last head kept outside. */
async function attacked(attack: Attack): Promise<StoreReport> {
  const { rows, remembered } = await sampleTrail()
  attack(rows)
  return verifyStore(storeOf(rows), { trust: TRUST, heads: remembered.slice(-1) })
}

function recordsOf(rows: Rows): StoredRecord[] {
  return rows.records['main'] ?? []
}

function edit(seq: number, change: (row: StoredRecord) => Partial<StoredRecord>): Attack {
  return (rows) => {
    rows.records['main'] = recordsOf(rows).map((row) => (row.seq === seq ? { ...row, ...change(row) } : row))
  }
}

function editValue(path: string, change: (value: StoredValue) => Partial<StoredValue>): Attack {
  return (rows) => {
    rows.values['main'] = (rows.values['main'] ?? []).map((value) =>
      value.seq === 1 && value.path === path ? { ...value, ...change(value) } : value,
    )
  }
}

function editHead(change: (head: ChainHead) => Partial<ChainHead>): Attack {
  return (rows) => {
    rows.heads = rows.heads.map((head) => ({ ...head, ...change(head) }))
  }
}

// What an attacker without the key can do to cover up: chain and tree are hashes that anyone can compute.
function rehash(rows: Rows, keepSigs = true): void {
  const [head] = rows.heads
  if (head === undefined) return
  let entry = genesisEntry(head.origin, head.vkey)
  let frontier: readonly Uint8Array[] = []
  rows.records['main'] = recordsOf(rows).map((row, at) => {
    entry = entryHash(entry, row.body)
    const next = { ...row, seq: at, entry, sig: keepSigs ? row.sig : new Uint8Array() }
    frontier = appendLeaf(frontier, at, logLeaf(next.entry, next.sig))
    return next
  })
  rows.heads = [{ ...head, size: recordsOf(rows).length, entry, frontier }]
}

function remove(...seqs: readonly number[]): Attack {
  return (rows) => {
    rows.records['main'] = recordsOf(rows).filter((row) => !seqs.includes(row.seq))
    rows.values['main'] = (rows.values['main'] ?? []).filter((value) => !seqs.includes(value.seq))
  }
}

const zeros = (size: number): Uint8Array => new Uint8Array(size)
const deny = (body: string): string => body.replace('deployment', 'innocent')
const and =
  (...attacks: readonly Attack[]): Attack =>
  (rows) => {
    for (const attack of attacks) attack(rows)
  }

// Sample: 0 opened | 1 denied, 2 allowed, 3 allowed | 4 outcome | 5 outcome, 6 denied, 7 allowed
const TABLE: readonly (readonly [string, Attack, { exitCode: number; seq?: number; what?: string }])[] = [
  [
    'edit a body',
    edit(1, ({ body }) => ({ body: deny(body) })),
    { exitCode: 1, seq: 1, what: 'does not match its hash' },
  ],
  [
    'edit a body and rehash',
    and(
      edit(1, ({ body }) => ({ body: deny(body) })),
      rehash,
    ),
    { exitCode: 1, seq: 1, what: 'does not verify' },
  ],
  [
    'edit the last body and rehash',
    and(
      edit(7, ({ body }) => ({ body: deny(body) })),
      rehash,
    ),
    { exitCode: 1, seq: 7 },
  ],
  [
    'edit the key id in a body',
    and(
      edit(4, ({ body }) => ({ body: body.replace(/"key":"\w+"/, '"key":"00000000"') })),
      rehash,
    ),
    { exitCode: 1, seq: 4, what: 'not a trusted one' },
  ],
  [
    'add a blank to a body',
    and(
      edit(2, ({ body }) => ({ body: body.replace(':', ': ') })),
      rehash,
    ),
    { exitCode: 1, seq: 2, what: 'not in canonical form' },
  ],
  [
    'double a member',
    and(
      edit(2, ({ body }) => ({ body: body.replace('"seq":2', '"seq":2,"seq":2') })),
      rehash,
    ),
    { exitCode: 1, seq: 2, what: 'not in canonical form' },
  ],
  [
    'add a member',
    and(
      edit(2, ({ body }) => ({ body: body.replace('"v":1', '"v":1,"wa":1') })),
      rehash,
    ),
    { exitCode: 1, seq: 2, what: 'unknown member' },
  ],
  [
    'downgrade v',
    and(
      edit(2, ({ body }) => ({ body: body.replace('"v":1', '"v":0') })),
      rehash,
    ),
    { exitCode: 1, seq: 2, what: 'version' },
  ],
  ['delete the first', remove(0), { exitCode: 1, seq: 0, what: 'is missing' }],
  ['delete one in the middle', remove(4), { exitCode: 1, seq: 4, what: 'is missing' }],
  [
    'delete one in the middle and rehash',
    and(remove(4), rehash),
    { exitCode: 1, seq: 4, what: 'was signed as record 5' },
  ],
  ['delete the last', remove(7), { exitCode: 4, seq: 7, what: 'is missing' }],
  ['delete the last and rehash', and(remove(7), rehash), { exitCode: 4, seq: 7 }],
  ['delete the last commit', remove(5, 6, 7), { exitCode: 4, seq: 5 }],
  [
    'delete the last commit and rehash',
    and(remove(5, 6, 7), rehash),
    { exitCode: 4, seq: 5, what: 'a head kept outside remembers 8' },
  ],
  ['delete all records', remove(0, 1, 2, 3, 4, 5, 6, 7), { exitCode: 4, seq: 0 }],
  ['delete all records and rehash', and(remove(0, 1, 2, 3, 4, 5, 6, 7), rehash), { exitCode: 4, seq: 0 }],
  ['delete everything', (rows) => void (rows.heads = []), { exitCode: 4 }],
  ['insert a copy', (rows) => void recordsOf(rows).unshift({ ...at(rows, 3), seq: 4 }), { exitCode: 1, seq: 4 }],
  ['duplicate a row', (rows) => void recordsOf(rows).push(at(rows, 3)), { exitCode: 1, seq: 4, what: 'twice' }],
  [
    'append a forged row',
    (rows) => void recordsOf(rows).push({ ...at(rows, 7), seq: 8 }),
    { exitCode: 1, seq: 8, what: 'beyond the end' },
  ],
  [
    'append a forged row and rehash',
    and((rows) => void recordsOf(rows).push({ ...at(rows, 7), seq: 8 }), rehash),
    { exitCode: 1, seq: 8 },
  ],
  ['swap two rows', and(swap(2, 3)), { exitCode: 1, seq: 2, what: 'was signed as record 3' }],
  ['swap two rows and rehash', and(swap(5, 6), rehash), { exitCode: 1, seq: 5 }],
  ['swap two signatures', (rows) => swapSigs(rows, 1, 2), { exitCode: 1, seq: 1 }],
  ['strip a signature', edit(4, () => ({ sig: zeros(0) })), { exitCode: 1, seq: 4, what: 'no signature' }],
  ['strip all signatures and rehash', (rows) => rehash(rows, false), { exitCode: 1, seq: 0, what: 'no signature' }],
  ['blank a signature', edit(4, ({ sig }) => ({ sig: zeros(sig.length) })), { exitCode: 1, seq: 4 }],
  [
    'lengthen a signature',
    edit(4, ({ sig }) => ({ sig: Uint8Array.of(...sig, ...zeros(32)) })),
    { exitCode: 1, seq: 4 },
  ],
  ['blank a hash', edit(3, () => ({ entry: zeros(32) })), { exitCode: 1, seq: 3 }],
  [
    'blank all hashes',
    (rows) => void (rows.records['main'] = recordsOf(rows).map((row) => ({ ...row, entry: zeros(32) }))),
    { exitCode: 1, seq: 0 },
  ],
  ['empty a body', edit(3, () => ({ body: '' })), { exitCode: 1, seq: 3, what: 'not JSON' }],
  ['nest a body deep', edit(3, () => ({ body: '['.repeat(30_000) + ']'.repeat(30_000) })), { exitCode: 1, seq: 3 }],
  [
    'a body too large',
    edit(3, () => ({ body: `"${'x'.repeat(70_000)}"` })),
    { exitCode: 1, seq: 3, what: 'too large' },
  ],
  ['null a body', edit(3, () => ({ body: null as unknown as string })), { exitCode: 1, seq: 3, what: 'lacks' }],
  ['null a hash', edit(3, () => ({ entry: null as unknown as Uint8Array })), { exitCode: 1, seq: 3, what: 'lacks' }],
  ['null a signature', edit(3, () => ({ sig: null as unknown as Uint8Array })), { exitCode: 1, seq: 3, what: 'lacks' }],
  ['raise the size in the head row', editHead(({ size }) => ({ size: size + 1 })), { exitCode: 4, seq: 8 }],
  [
    'lower the size in the head row',
    editHead(({ size }) => ({ size: size - 1 })),
    { exitCode: 1, seq: 7, what: 'beyond the end' },
  ],
  [
    'blank the head row',
    editHead(() => ({ size: 0, entry: zeros(32), frontier: [] })),
    { exitCode: 1, seq: 0, what: 'beyond the end' },
  ],
  [
    'blank the entry in the head row',
    editHead(() => ({ entry: zeros(32) })),
    { exitCode: 1, seq: 7, what: 'head row' },
  ],
  ['blank the frontier', editHead(() => ({ frontier: [zeros(32)] })), { exitCode: 1, seq: 7, what: 'the tree' }],
  [
    'another vkey in the head row',
    editHead(() => ({ vkey: testSigner(9).vkey })),
    { exitCode: 1, seq: 0, what: 'another key' },
  ],
  ['a vkey in the head row that is none', editHead(() => ({ vkey: 'x' })), { exitCode: 1, seq: 0 }],
  [
    'another origin in the head row',
    editHead(({ origin }) => ({ origin: `x${origin}` })),
    { exitCode: 1, seq: 0, what: 'another trail' },
  ],
  [
    'edit a kept value',
    editValue('/command', () => ({ value: '"ls"' })),
    { exitCode: 1, seq: 1, what: 'not the one it committed to' },
  ],
  ['edit a salt', editValue('/command', () => ({ salt: zeros(16) })), { exitCode: 1, seq: 1 }],
  [
    'shift bytes from salt to path',
    editValue('/command', ({ salt }) => ({ salt: salt.subarray(0, 15) })),
    { exitCode: 1, seq: 1 },
  ],
  ['edit the kept digest', editValue('#digest', () => ({ value: 'b'.repeat(64) })), { exitCode: 1, seq: 1 }],
  ['a digest that is none', editValue('#digest', () => ({ value: 'B' })), { exitCode: 1, seq: 1 }],
  [
    'rename a kept value',
    editValue('/command', () => ({ path: '/cmd' })),
    { exitCode: 1, seq: 1, what: 'never committed' },
  ],
  ['move a kept value', editValue('/command', () => ({ seq: 2 })), { exitCode: 1, seq: 2, what: 'never committed' }],
  [
    'move a kept value beyond the end',
    editValue('/command', () => ({ seq: 800 })),
    { exitCode: 4, seq: 800, what: 'is missing' },
  ],
  [
    'double a kept value',
    (rows) => void rows.values['main']?.push(...(rows.values['main'] ?? []).slice(0, 1)),
    { exitCode: 1, seq: 1 },
  ],
]

function at(rows: Rows, seq: number): StoredRecord {
  const row = recordsOf(rows)[seq]
  if (row === undefined) throw new Error('no such row')
  return row
}

function swap(left: number, right: number): Attack {
  return (rows) => {
    const [first, second] = [at(rows, left), at(rows, right)]
    rows.records['main'] = recordsOf(rows).map((row) =>
      row.seq === left ? { ...second, seq: left } : row.seq === right ? { ...first, seq: right } : row,
    )
  }
}

function swapSigs(rows: Rows, left: number, right: number): void {
  const [first, second] = [at(rows, left).sig, at(rows, right).sig]
  edit(left, () => ({ sig: second }))(rows)
  edit(right, () => ({ sig: first }))(rows)
}

describe('an attack on the rows', () => {
  test.each(TABLE)('is-found: %s', async (_name, attack, { exitCode, seq, what }) => {
    const report = await attacked(attack)
    expect(report).toMatchObject({ exitCode, ...(seq === undefined ? {} : { firstBad: { seq } }) })
    if (what !== undefined) expect(report.firstBad?.what).toContain(what)
  })

  test('erased-values-are-no-attack-and-are-counted', async () => {
    const report = await attacked((rows) => void (rows.values['main'] = []))
    expect(report).toMatchObject({ exitCode: 0, status: 'authentic' })
    expect(report.notes.join('\n')).toContain('13 values')
  })

  test('finds-any-change-of-one-byte-in-any-column', { timeout: 120_000 }, async () => {
    const { rows, remembered } = await sampleTrail()
    const targets = byteTargets(rows)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(targets.length - 1),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (which, where, flip) => {
          const target = targets[which]
          if (target === undefined) return
          const copy = structuredClone(rows)
          target.change(copy, (bytes) => bytes.with(where % bytes.length, (bytes[where % bytes.length] ?? 0) ^ flip))
          const report = await verifyStore(storeOf(copy), { trust: TRUST, heads: remembered.slice(-1) })
          expect([1, 4]).toContain(report.exitCode)
          if (target.seq !== undefined)
            expect(report).toMatchObject({ exitCode: 1, firstBad: { chain: 'main', seq: target.seq } })
        },
      ),
      { numRuns: 600 },
    )
  })
})

interface ByteTarget {
  readonly seq: number | undefined
  change(rows: Rows, flip: (bytes: Uint8Array) => Uint8Array): void
}

// Every stored field, as bytes: texts as UTF-8, read back as a database would.
function byteTargets(rows: Rows): readonly ByteTarget[] {
  const text = (value: string, flip: (bytes: Uint8Array) => Uint8Array): string =>
    Buffer.from(flip(new Uint8Array(Buffer.from(value)))).toString('utf8')
  const ofRecords = recordsOf(rows).flatMap(({ seq }): ByteTarget[] => [
    { seq, change: (copy, flip) => edit(seq, ({ body }) => ({ body: text(body, flip) }))(copy) },
    { seq, change: (copy, flip) => edit(seq, ({ entry }) => ({ entry: flip(entry) }))(copy) },
    { seq, change: (copy, flip) => edit(seq, ({ sig }) => ({ sig: flip(sig) }))(copy) },
  ])
  const ofValues = (rows.values['main'] ?? []).flatMap(({ seq }, index): ByteTarget[] => {
    const change = (copy: Rows, by: (value: StoredValue) => Partial<StoredValue>): void => {
      copy.values['main'] = (copy.values['main'] ?? []).map((value, place) =>
        place === index ? { ...value, ...by(value) } : value,
      )
    }
    return [
      { seq, change: (copy, flip) => change(copy, ({ path }) => ({ path: text(path, flip) })) },
      { seq, change: (copy, flip) => change(copy, ({ salt }) => ({ salt: flip(salt) })) },
      { seq, change: (copy, flip) => change(copy, ({ value }) => ({ value: text(value, flip) })) },
    ]
  })
  const ofHead: readonly ByteTarget[] = [
    { seq: undefined, change: (copy, flip) => editHead(({ chain }) => ({ chain: text(chain, flip) }))(copy) },
    { seq: 0, change: (copy, flip) => editHead(({ origin }) => ({ origin: text(origin, flip) }))(copy) },
    { seq: 0, change: (copy, flip) => editHead(({ vkey }) => ({ vkey: text(vkey, flip) }))(copy) },
    { seq: 7, change: (copy, flip) => editHead(({ entry }) => ({ entry: flip(entry) }))(copy) },
    {
      seq: 7,
      change: (copy, flip) =>
        editHead(({ frontier }) => ({ frontier: frontier.map((root, at) => (at === 0 ? flip(root) : root)) }))(copy),
    },
  ]
  return [...ofRecords, ...ofValues, ...ofHead]
}

describe('an attack with a key or with a whole store', () => {
  test('a-trail-that-is-written-anew-with-another-key-is-not-trusted', async () => {
    const { remembered } = await sampleTrail()
    const [kept] = remembered
    const { rows } = await sampleTrail({ signer: testSigner(9) })
    expect(await verifyStore(storeOf(rows), { trust: TRUST, heads: kept ? [kept] : [] })).toMatchObject({
      exitCode: 1,
      firstBad: { seq: 0, what: expect.stringContaining('not a trusted one') as string },
    })
    expect(await verifyStore(storeOf(rows))).toMatchObject({ exitCode: 3 })
  })

  test('rows-that-are-appended-with-another-key-count-only-where-that-key-is-pinned', async () => {
    const { rows } = await sampleTrail()
    const [head] = rows.heads
    if (head === undefined) throw new Error('no head')
    const other = testSigner(9, 'second')
    const sealed = await seal({ head, drafts: [decision()], at: AT, signer: other, ids: fixedIds('second') })
    rows.heads = [sealed.head]
    rows.records['main']?.push(...sealed.records)
    rows.values['main']?.push(...sealed.values)
    const store = storeOf(rows)
    expect(await verifyStore(store, { trust: TRUST })).toMatchObject({ exitCode: 1, firstBad: { seq: 8 } })
    expect(await verifyStore(store)).toMatchObject({ exitCode: 1, firstBad: { seq: 8 } })
    expect(await verifyStore(store, { trust: [...TRUST, other.vkey] })).toMatchObject({ exitCode: 3, records: 9 })
  })

  test('the-copy-of-yesterday-is-behind-the-head-outside', async () => {
    const today = await sampleTrail()
    const yesterday = await trail([[opened()], [decision(), allowed('read-1'), allowed('read-2')]])
    expect(yesterday.rows.heads[0]?.origin).toBe(today.rows.heads[0]?.origin)
    const report = await verifyStore(storeOf(yesterday.rows), { trust: TRUST, heads: today.remembered.slice(-1) })
    expect(report).toMatchObject({ exitCode: 4, records: 4, firstBad: { seq: 4 } })
  })

  test('a-fork-with-the-right-key-is-not-the-trail-that-is-remembered', async () => {
    const first = await trail([[opened()], [allowed('a')], [decision()]])
    const second = await trail([[opened()], [decision()], [decision()]])
    const report = await verifyStore(storeOf(second.rows), { trust: TRUST, heads: first.remembered.slice(-1) })
    expect(report).toMatchObject({
      status: 'truncated',
      exitCode: 4,
      firstBad: { seq: 2, what: expect.stringContaining('forked') as string },
    })
  })

  test('a-row-that-is-moved-to-another-chain-is-found-in-both', async () => {
    const first = await sampleTrail()
    const second = await sampleTrail({ chain: 'w2', base: first.rows.heads[0]?.origin.replace('/main', '') ?? '' })
    const moved = {
      ...first.rows,
      heads: [...second.rows.heads],
      records: { w2: second.rows.records['w2'] ?? [] },
      values: {},
    }
    moved.records.w2[4] = at(first.rows, 4)
    const report = await verifyStore(storeOf(moved), { trust: TRUST })
    expect(report).toMatchObject({
      exitCode: 1,
      firstBad: { chain: 'w2', seq: 4, what: expect.stringContaining('another trail') as string },
    })
  })

  test('a-chain-that-is-gone-is-missed-by-its-head', async () => {
    const first = await sampleTrail()
    const second = await sampleTrail({ chain: 'w2' })
    const heads = [...first.remembered.slice(-1), ...second.remembered.slice(-1)]
    expect(await verifyStore(storeOf(first.rows), { trust: TRUST, heads })).toMatchObject({ exitCode: 4 })
  })

  test('a-forged-head-outside-raises-no-alarm-and-proves-nothing', async () => {
    const { rows, remembered } = await sampleTrail()
    const forged = remembered.slice(-1).map((head) => ({ ...head, size: 900, entry: new Uint8Array(32).fill(1) }))
    expect(await verifyStore(storeOf(rows), { trust: TRUST, heads: forged })).toMatchObject({ exitCode: 3 })
  })

  test('a-cut-inside-a-commit-is-found-without-any-head-outside', async () => {
    const { rows } = await sampleTrail()
    and(remove(7), rehash)(rows)
    expect(await verifyStore(storeOf(rows), { trust: TRUST })).toMatchObject({ exitCode: 4, firstBad: { seq: 7 } })
  })
})
