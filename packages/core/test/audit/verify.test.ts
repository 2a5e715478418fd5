import { describe, expect, test } from 'vitest'
import { entryHash, signedMessage } from '../../src/audit/entry.ts'
import { appendLeaf, leafHash } from '../../src/audit/merkle.ts'
import { formatRowSignature } from '../../src/audit/row-signature.ts'
import { logLeaf } from '../../src/audit/seal.ts'
import { verifyStore } from '../../src/audit/verify.ts'
import { AT, allowed, decision, opened, outcome, sampleTrail, storeOf, testSigner, trail } from './trail.ts'

const PINNED = [testSigner().vkey]

describe('a trail as it was written', () => {
  test('is-authentic-with-a-pinned-key-and-a-head-outside', async () => {
    const { rows, remembered } = await sampleTrail()
    const report = await verifyStore(storeOf(rows), { trust: PINNED, heads: remembered.slice(-1) })
    expect(report).toMatchObject({ status: 'authentic', exitCode: 0, records: 8 })
    expect(report).not.toHaveProperty('firstBad')
  })

  test('is-authentic-up-to-an-older-head-and-says-what-is-open', async () => {
    const { rows, remembered } = await sampleTrail()
    const report = await verifyStore(storeOf(rows), { trust: PINNED, heads: remembered.slice(0, 2) })
    expect(report).toMatchObject({ status: 'authentic', exitCode: 0 })
    expect(report.notes.join('\n')).toContain('the 4 records after it')
  })

  test.each([
    ['a pinned key', false, true],
    ['a head outside', true, false],
    ['both', false, false],
  ])('is-integrity-only-without-%s', async (_what, withKey, withHead) => {
    const { rows, remembered } = await sampleTrail()
    const report = await verifyStore(storeOf(rows), { trust: withKey ? PINNED : [], heads: withHead ? remembered : [] })
    expect(report).toMatchObject({ status: 'integrity_only', exitCode: 3, records: 8 })
  })

  test('is-truncated-where-nothing-is-there-at-all-whatever-is-known-outside', async () => {
    const empty = storeOf({ heads: [], records: {}, values: {} })
    expect(await verifyStore(empty)).toMatchObject({ status: 'truncated', exitCode: 4, records: 0, chains: [] })
  })

  test('verifies-over-many-pages-and-tells-how-far-it-is', async () => {
    const drafts = Array.from({ length: 700 }, () => decision())
    const { rows, remembered } = await trail([[opened()], drafts.slice(0, 256), drafts.slice(256)])
    const seen: number[] = []
    const onProgress = ({ records }: { records: number }): unknown => seen.push(records)
    const report = await verifyStore(storeOf(rows), { trust: PINNED, heads: remembered, onProgress })
    expect(report).toMatchObject({ exitCode: 0, records: 701 })
    expect(seen).toEqual([256, 512, 701])
  })
})

describe('a head that was adopted', () => {
  test('is-told-of-and-must-be-the-one-before-it', async () => {
    const first = await trail([[opened()], [decision()]])
    const [head] = first.rows.heads
    const entry = head?.entry ?? new Uint8Array()
    for (const [size, adopted, exitCode] of [
      [2, entry, 3],
      [1, entry, 1],
      [2, new Uint8Array(32), 1],
    ] as const) {
      const draft = { kind: 'head_adopted' as const, writer: 'writer-2', size, entry: adopted }
      const { rows } = await trail([[opened()], [decision()], [draft]])
      const report = await verifyStore(storeOf(rows), { trust: PINNED })
      expect(report.exitCode).toBe(exitCode)
      if (exitCode === 3) expect(report.notes.join()).toContain('cut off before record 2')
      else expect(report).toMatchObject({ firstBad: { seq: 2 } })
    }
  })
})

test('a-loss-that-somebody-accepted-is-told-of-also-by-quick', async () => {
  const loss = {
    kind: 'loss_accepted' as const,
    writer: 'writer-2',
    found: 'the trail had 9 records',
    remembered: undefined,
    reason: 'the disk died',
  }
  const { rows } = await trail([[opened()], [decision()], [loss]])
  for (const quick of [false, true]) {
    const report = await verifyStore(storeOf(rows), { trust: PINNED, quick })
    expect(report.exitCode).toBe(3)
    expect(report.notes.join()).toContain('what stood before record 2')
  }
})

describe('outcomes', () => {
  const report = async (...rest: Parameters<typeof trail>[0][number][]): Promise<unknown> => {
    const { rows } = await trail([[opened()], [allowed('a'), decision()], ...rest])
    return verifyStore(storeOf(rows), { trust: PINNED })
  }

  test.each([
    ['a-late-outcome-supersedes-unknown', [outcome(1, 'a', { outcome: 'unknown', by: 'lease' }), outcome(1, 'a')]],
    ['the-same-said-twice-is-no-contradiction', [outcome(1, 'a'), outcome(1, 'a')]],
  ])('%s', async (_name, drafts) => {
    expect(await report(drafts)).toMatchObject({ exitCode: 3 })
  })

  test.each([
    ['of-no-record', [outcome(40, 'a')], 3],
    ['of-itself', [outcome(3, 'a')], 3],
    ['of-the-opening', [outcome(0, 'a')], 3],
    ['of-a-denial', [outcome(2, 'event-1')], 3],
    ['of-another-event', [outcome(1, 'b')], 3],
    ['of-another-chain-that-is-not-there', [outcome(1, 'a', { of: { chain: 'other', seq: 1 } })], 3],
    ['that-contradicts-another', [outcome(1, 'a'), outcome(1, 'a', { outcome: 'not_executed' })], 4],
    ['that-takes-back-what-ran', [outcome(1, 'a', { outcome: 'failed' }), outcome(1, 'a', { outcome: 'unknown' })], 4],
  ])('refuses-an-outcome-%s', async (_name, drafts, seq) => {
    expect(await report(drafts)).toMatchObject({ status: 'tampered', exitCode: 1, firstBad: { chain: 'main', seq } })
  })

  test('finds-the-decision-of-an-outcome-in-another-chain', async () => {
    const first = await sampleTrail()
    const second = await trail([[opened()], [outcome(7, 'read-3', { outcome: 'unknown', by: 'lease' })]], {
      chain: 'w2',
    })
    const rows = {
      heads: [...first.rows.heads, ...second.rows.heads],
      records: { ...first.rows.records, ...second.rows.records },
      values: { ...first.rows.values, ...second.rows.values },
    }
    expect(await verifyStore(storeOf(rows), { trust: PINNED })).toMatchObject({ exitCode: 3, records: 10 })
  })
})

describe('how deep it looks', () => {
  // A body that is not canonical, and signed for all that: only the holder of the key could.
  async function loose(): Promise<Awaited<ReturnType<typeof sampleTrail>>> {
    const made = await trail([[opened()], [decision()]])
    const [head] = made.rows.heads
    const [first, second] = made.rows.records['main'] ?? []
    if (head === undefined || first === undefined || second === undefined) throw new Error('no trail')
    const body = second.body.replace('"v":1', '"v": 1')
    const entry = entryHash(first.entry, body)
    const root = leafHash(entry)
    const rootSignature = await testSigner().sign(signedMessage(1, root))
    const sig = formatRowSignature({ index: 0, size: 1, path: [], rootSignature })
    const frontier = appendLeaf([logLeaf(first.entry, first.sig)], 1, logLeaf(entry, sig))
    made.rows.heads = [{ ...head, entry, frontier }]
    made.rows.records['main'] = [first, { ...second, body, entry, sig }]
    return made
  }

  test('strict-finds-a-signed-body-that-is-not-canonical-and-says-so', async () => {
    const { rows } = await loose()
    expect(await verifyStore(storeOf(rows), { trust: PINNED })).toMatchObject({ exitCode: 3, records: 2 })
    expect(await verifyStore(storeOf(rows), { trust: PINNED, strict: true })).toMatchObject({
      exitCode: 1,
      firstBad: { seq: 1, what: expect.stringContaining('not in canonical form') as string },
    })
  })

  test('quick-reads-no-body-and-says-what-it-did-not-check', async () => {
    const { rows, remembered } = await trail([[opened()], [outcome(40, 'a')]])
    const heads = remembered.slice(-1)
    expect(await verifyStore(storeOf(rows), { trust: PINNED, heads })).toMatchObject({ exitCode: 1 })
    const report = await verifyStore(storeOf(rows), { trust: PINNED, heads, quick: true })
    expect(report).toMatchObject({ exitCode: 0, records: 2 })
    expect(report.notes.join('\n')).toContain('not checked (quick)')
  })

  test.each([[{}], [{ quick: true }], [{ deep: true, strict: true }]])(
    'commits-of-any-size-are-good-and-any-changed-byte-of-a-signature-is-found-%j',
    async (depth) => {
      for (const size of [1, 2, 3, 5, 7, 8, 9, 16, 17, 33]) {
        const drafts = Array.from({ length: size }, () => decision())
        const { rows } = await trail([[opened()], drafts])
        const report = await verifyStore(storeOf(rows), { trust: PINNED, ...depth })
        expect(report).toMatchObject({ exitCode: 3, records: size + 1 })
        const row = rows.records['main']?.[1 + (size >> 1)]
        if (row === undefined) throw new Error('no row')
        for (let at = 0; at < row.sig.length; at += 17) {
          const sig = row.sig.with(at, (row.sig[at] ?? 0) ^ 1)
          const copy = {
            ...rows,
            records: { main: (rows.records['main'] ?? []).map((own) => (own === row ? { ...row, sig } : own)) },
          }
          expect(await verifyStore(storeOf(copy), { trust: PINNED, ...depth })).toMatchObject({
            exitCode: 1,
            firstBad: { seq: row.seq },
          })
        }
      }
    },
  )
})

describe('how old the newest record may be', () => {
  test.each([
    [AT, 3],
    [AT + 1, 4],
  ])('since-%d', async (newestSince, exitCode) => {
    const { rows } = await sampleTrail()
    expect(await verifyStore(storeOf(rows), { trust: PINNED, newestSince })).toMatchObject({ exitCode })
    expect(await verifyStore(storeOf(rows), { trust: PINNED, newestSince, quick: true })).toMatchObject({ exitCode })
  })
})
