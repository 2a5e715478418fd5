import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ChainStore, StoredRecord } from '../../src/audit/chain-store.ts'
import { appendLeaf, frontierRoot, leafHash } from '../../src/audit/merkle.ts'
import { proveConsistency, proveInclusion } from '../../src/audit/proof-stream.ts'
import { consistencyRuns, inclusionRuns, isConsistent, isIncluded } from '../../src/audit/proof.ts'

type Hash = Uint8Array
const hex = (bytes: Hash): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Hash => new Uint8Array(Buffer.from(text, 'hex'))
const hexes = (hashes: readonly Hash[]): readonly string[] => hashes.map(hex)
const sha = (...parts: readonly Hash[]): Hash =>
  new Uint8Array(parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest())

// RFC 6962 §2.1, §2.1.1 and §2.1.2 as they stand, over hashes of leaves; roots are remembered to save time.
function naive(leaves: readonly Hash[]): {
  root(from: number, to: number): Hash
  path(index: number, from: number, to: number): readonly Hash[]
  proof(old: number, from: number, to: number): readonly Hash[]
} {
  const known = new Map<string, Hash>()
  const half = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))
  const compute = (from: number, to: number): Hash => {
    if (from === to) return sha()
    if (to - from === 1) return leaves[from] ?? sha()
    const middle = from + half(to - from)
    return sha(Uint8Array.of(1), root(from, middle), root(middle, to))
  }
  const root = (from: number, to: number): Hash => {
    const key = `${String(from)} ${String(to)}`
    const found = known.get(key) ?? compute(from, to)
    known.set(key, found)
    return found
  }
  const path = (index: number, from: number, to: number): readonly Hash[] => {
    if (to - from === 1) return []
    const middle = from + half(to - from)
    return index < middle
      ? [...path(index, from, middle), root(middle, to)]
      : [...path(index, middle, to), root(from, middle)]
  }
  // The subtree that begins the log is the old tree itself, as long as nothing was taken from its left.
  const proof = (old: number, from: number, to: number): readonly Hash[] => {
    if (old === to) return from === 0 ? [] : [root(from, to)]
    const middle = from + half(to - from)
    return old <= middle
      ? [...proof(old, from, middle), root(middle, to)]
      : [...proof(old, middle, to), root(from, middle)]
  }
  return { root, path, proof }
}

// The leaves and proofs that implementations of RFC 6962 share (Certificate Transparency's reference log).
const CT = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (text) => leafHash(bytes(text)),
)
const CT_ROOT = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
const CT_INCLUSION: readonly (readonly [index: number, size: number, path: readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]
const CT_CONSISTENCY: readonly (readonly [old: number, size: number, path: readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

function rootsOf(leaves: readonly Hash[], runs: readonly { from: number; to: number }[]): readonly Hash[] {
  return runs.map(({ from, to }) => {
    let frontier: readonly Hash[] = []
    leaves.slice(from, to).forEach((leaf, size) => (frontier = appendLeaf(frontier, size, leaf)))
    return frontierRoot(frontier)
  })
}

describe('the published proofs of Certificate Transparency', () => {
  test.each(CT_INCLUSION)('of-inclusion: %i of %i', (index, size, path) => {
    expect(hexes(rootsOf(CT, inclusionRuns(index, size)))).toEqual(path)
    const root = naive(CT).root(0, size)
    if (size === 8) expect(hex(root)).toBe(CT_ROOT)
    expect(isIncluded({ leaf: CT[index] ?? sha(), index }, { size, root }, path.map(bytes))).toBe(true)
  })

  test.each(CT_CONSISTENCY)('of-consistency: %i of %i', (old, size, path) => {
    expect(hexes(rootsOf(CT, consistencyRuns(old, size)))).toEqual(path)
    const ct = naive(CT)
    const heads = [
      { size: old, root: ct.root(0, old) },
      { size, root: ct.root(0, size) },
    ] as const
    expect(isConsistent(...heads, path.map(bytes))).toBe(true)
  })
})

const MAX = 130
const LEAVES = Array.from({ length: MAX }, (_, at) => leafHash(bytes(at.toString(16).padStart(8, '0'))))
const law = naive(LEAVES)
const rootOf = ({ from, to }: { from: number; to: number }): Hash => law.root(from, to)

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what)
}

describe('all proofs up to 130 leaves', () => {
  test('of-inclusion-are-those-of-the-recursion-and-verify-for-nothing-else', () => {
    for (let size = 1; size <= MAX; size++) {
      const root = law.root(0, size)
      for (let index = 0; index < size; index++) {
        const what = `${String(index)} of ${String(size)}`
        const leaf = LEAVES[index] ?? sha()
        const path = inclusionRuns(index, size).map(rootOf)
        check(hexes(path).join() === hexes(law.path(index, 0, size)).join(), what)
        check(isIncluded({ leaf, index }, { size, root }, path), what)
        check(!isIncluded({ leaf, index }, { size, root }, [...path, root]), `longer, ${what}`)
        check(size === 1 || !isIncluded({ leaf, index }, { size, root }, path.slice(1)), `shorter, ${what}`)
        check(size === 1 || !isIncluded({ leaf: root, index }, { size, root }, path), `another leaf, ${what}`)
        const elsewhere = (index + 1) % size
        check(size === 1 || !isIncluded({ leaf, index: elsewhere }, { size, root }, path), `elsewhere, ${what}`)
      }
    }
  })

  test('of-consistency-are-those-of-the-recursion-and-verify-for-nothing-else', () => {
    for (let size = 1; size <= MAX; size++) {
      const tree = { size, root: law.root(0, size) }
      for (let oldSize = 1; oldSize <= size; oldSize++) {
        const what = `${String(oldSize)} of ${String(size)}`
        const old = { size: oldSize, root: law.root(0, oldSize) }
        const path = consistencyRuns(oldSize, size).map(rootOf)
        check(hexes(path).join() === hexes(law.proof(oldSize, 0, size)).join(), what)
        check(isConsistent(old, tree, path), what)
        check(!isConsistent(old, tree, [...path, tree.root]), `longer, ${what}`)
        check(path.length === 0 || !isConsistent(old, tree, path.slice(0, -1)), `shorter, ${what}`)
        check(oldSize === size || !isConsistent({ ...old, root: tree.root }, tree, path), `another old root, ${what}`)
        check(oldSize === size || !isConsistent(old, { ...tree, root: old.root }, path), `another root, ${what}`)
        check(oldSize === size || !isConsistent(tree, old, path), `the other way round, ${what}`)
      }
    }
  })

  test('an-empty-tree-begins-every-other', () => {
    const tree = { size: 3, root: law.root(0, 3) }
    expect(isConsistent({ size: 0, root: sha() }, tree, [])).toBe(true)
    expect(isConsistent({ size: 0, root: tree.root }, tree, [])).toBe(false)
    expect(isConsistent({ size: 0, root: sha() }, tree, [tree.root])).toBe(false)
  })

  test('sizes-beyond-32-bits-are-not-cut', () => {
    const runs = inclusionRuns(2 ** 40, 2 ** 41 + 1)
    expect(runs).toHaveLength(42)
    expect(runs.at(-1)).toEqual({ from: 2 ** 41, to: 2 ** 41 + 1 })
    expect(consistencyRuns(2 ** 40, 2 ** 41)).toEqual([{ from: 2 ** 40, to: 2 ** 41 }])
  })
})

// A store that makes its rows when they are asked for, and remembers how many were asked for at most.
function endlessStore(size: number): { store: Pick<ChainStore, 'records'>; largest: () => number } {
  let largest = 0
  const row = (seq: number): StoredRecord => {
    const entry = sha(bytes(seq.toString(16).padStart(8, '0')))
    return { seq, body: '', entry, sig: sha(entry) }
  }
  const records: ChainStore['records'] = async ({ from, limit }) => {
    largest = Math.max(largest, limit)
    return Array.from({ length: Math.max(0, Math.min(limit, size - from)) }, (_, at) => row(from + at))
  }
  return { store: { records }, largest: () => largest }
}

describe('proofs from a store', () => {
  test('are-made-page-by-page-and-verify', async () => {
    const { store, largest } = endlessStore(3000)
    const { record, previous, path, tree } = await proveInclusion(store, { chain: 'main', index: 1234, size: 2500 })
    expect([record.seq, previous?.seq]).toEqual([1234, 1233])
    const leaf = leafHash(record.entry, record.sig)
    expect(isIncluded({ leaf, index: 1234 }, tree, path)).toBe(true)
    const grown = await proveConsistency(store, { chain: 'main', oldSize: 2500, size: 3000 })
    expect(grown.old).toEqual(tree)
    expect(isConsistent(grown.old, grown.tree, grown.path)).toBe(true)
    expect(largest()).toBeLessThanOrEqual(256)
  })

  test('of-the-first-record-have-none-before-it', async () => {
    const { record, previous, path } = await proveInclusion(endlessStore(1).store, { chain: 'main', index: 0, size: 1 })
    expect({ seq: record.seq, previous, path }).toEqual({ seq: 0, previous: undefined, path: [] })
  })

  test('are-not-made-of-records-that-are-missing', async () => {
    const { store } = endlessStore(10)
    const short = proveInclusion(store, { chain: 'main', index: 3, size: 11 })
    await expect(short).rejects.toMatchObject({ code: 'AUDIT_CORRUPT' })
    const gap: Pick<ChainStore, 'records'> = {
      records: async (page) => (await store.records(page)).filter(({ seq }) => seq !== 4),
    }
    await expect(proveConsistency(gap, { chain: 'main', oldSize: 2, size: 9 })).rejects.toMatchObject({
      code: 'AUDIT_CORRUPT',
    })
    await expect(proveInclusion(store, { chain: 'main', index: 9, size: 9 })).rejects.toThrow(RangeError)
    await expect(proveConsistency(store, { chain: 'main', oldSize: 0, size: 9 })).rejects.toThrow(RangeError)
  })
})
