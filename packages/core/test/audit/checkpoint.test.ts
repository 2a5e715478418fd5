import { describe, expect, test } from 'vitest'
import { signCheckpoint } from '../../src/audit/checkpoint-note.ts'
import {
  type StoredCheckpoint,
  checkpointKey,
  formatStoredCheckpoint,
  isKept,
  keptCheckpointKey,
} from '../../src/audit/checkpoint-state.ts'
import { type FoundCheckpoint, checkpointWatch, strayCheckpoints } from '../../src/audit/checkpoint-watch.ts'
import { appendLeaf, frontierRoot, leafHash } from '../../src/audit/merkle.ts'
import { logLeaf } from '../../src/audit/seal.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { type Rows, sampleTrail, testSigner } from './trail.ts'

const { rows, signer } = await sampleTrail()
const [head] = rows.heads
if (head === undefined) throw new Error('no head')
const { origin } = head

function frontierAt(
  size: number,
  records: Rows['records'][string] = rows.records['main'] ?? [],
): readonly Uint8Array[] {
  let frontier: readonly Uint8Array[] = []
  records.slice(0, size).forEach(({ entry, sig }, at) => (frontier = appendLeaf(frontier, at, logLeaf(entry, sig))))
  return frontier
}

async function stored(
  size: number,
  change: { signer?: Signer; origin?: string } & Partial<StoredCheckpoint> = {},
): Promise<string> {
  const frontier = change.frontier ?? frontierAt(size)
  const checkpoint = { origin: change.origin ?? origin, size, root: frontierRoot(frontier) }
  const note = change.note ?? (await signCheckpoint(change.signer ?? signer, checkpoint))
  return formatStoredCheckpoint({ note, frontier })
}

/** Walks the rows past the watch, as `verify` does. */
function findingOf(found: readonly FoundCheckpoint[], records = rows.records['main'] ?? []): unknown {
  const watch = checkpointWatch(found, { chain: 'main', origin }, [signer.vkey])
  for (let size = 1; size <= records.length; size++) watch.pass({ size, frontier: frontierAt(size, records) })
  return watch.fault(records.length)
}

const KEY = checkpointKey('main')

describe('checkpoints beside a trail', () => {
  test('that-are-true-are-no-fault', async () => {
    const found = [
      { key: KEY, value: await stored(8) },
      { key: keptCheckpointKey('main', 1), value: await stored(1) },
      { key: keptCheckpointKey('main', 4), value: await stored(4) },
      { key: checkpointKey('other'), value: 'of another chain' },
    ]
    expect(findingOf(found)).toBeUndefined()
    expect(checkpointWatch(found, { chain: 'main', origin }, [signer.vkey]).size).toBe(8)
    expect(findingOf([])).toBeUndefined()
    expect(strayCheckpoints(found, [{ chain: 'main' }])).toEqual([checkpointKey('other')])
  })

  test('that-cover-more-than-is-there-say-that-the-trail-was-cut', async () => {
    const found = [{ key: KEY, value: await stored(8) }]
    expect(findingOf(found, (rows.records['main'] ?? []).slice(0, 5))).toMatchObject({
      status: 'truncated',
      bad: { seq: 5 },
    })
  })

  test('over-another-tree-are-tampering-at-the-record-where-they-were-signed', async () => {
    const records = (rows.records['main'] ?? []).map((row) =>
      row.seq === 2 ? { ...row, sig: row.sig.with(70, (row.sig[70] ?? 0) ^ 1) } : row,
    )
    const found = [
      { key: KEY, value: await stored(8) },
      { key: keptCheckpointKey('main', 4), value: await stored(4) },
    ]
    expect(findingOf(found, records)).toMatchObject({ status: 'tampered', bad: { seq: 3 } })
  })

  test.each<[string, () => Promise<FoundCheckpoint>]>([
    ['nothing', async () => ({ key: KEY, value: '' })],
    ['a blank more', async () => ({ key: KEY, value: `${await stored(8)} ` })],
    [
      'another frontier',
      async () => ({ key: KEY, value: (await stored(8)).replace(/"frontier":\["../, '"frontier":["00') }),
    ],
    ['the key of a stranger', async () => ({ key: KEY, value: await stored(8, { signer: testSigner(8) }) })],
    ['another name of the key', async () => ({ key: KEY, value: await stored(8, { signer: testSigner(7, 'other') }) })],
    ['another log', async () => ({ key: KEY, value: await stored(8, { origin: origin.replace('main', 'side') }) })],
    ['the place of another size', async () => ({ key: keptCheckpointKey('main', 4), value: await stored(8) })],
    ['no place at all', async () => ({ key: `${KEY}/8`, value: await stored(8) })],
    [
      'a tree that a key was made to sign',
      async () => ({
        key: KEY,
        value: await stored(8, { frontier: [leafHash(Uint8Array.of(1))] }),
      }),
    ],
  ])('with %s are tampering', async (_what, make) => {
    expect(findingOf([await make()])).toMatchObject({ status: 'tampered' })
  })

  test('of-which-any-bit-was-changed-are-tampering', async () => {
    const value = await stored(8)
    const bytes = new TextEncoder().encode(value)
    for (let at = 0; at < bytes.length; at++) {
      const changed = new TextDecoder().decode(bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 7))))
      const finding = findingOf([{ key: KEY, value: changed }])
      if (finding === undefined) throw new Error(`byte ${String(at)} may be changed`)
    }
  })
})

test('the-first-checkpoint-of-each-4096-records-is-kept', () => {
  expect([isKept(1, undefined), isKept(4096, 1), isKept(4097, 4096), isKept(4200, 4097), isKept(9000, 10)]).toEqual([
    true,
    false,
    true,
    false,
    true,
  ])
})
