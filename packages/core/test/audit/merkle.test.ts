import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { appendLeaf, commitTree, frontierLength, frontierRoot, leafHash, rootOfPath } from '../../src/audit/merkle.ts'

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex')

// The leaves and roots that RFC 6962 implementations share (Certificate Transparency's reference log).
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (text) => new Uint8Array(Buffer.from(text, 'hex')),
)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const sha = (...parts: readonly Uint8Array[]): Uint8Array =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

interface Naive {
  root(from: number, to: number): Uint8Array
  path(index: number, from: number, to: number): readonly Uint8Array[]
}

// RFC 6962 §2.1 and §2.1.1 as they stand, on their own hashing; roots of ranges are remembered to save time.
function naive(leaves: readonly Uint8Array[]): Naive {
  const known = new Map<string, Uint8Array>()
  const halfOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))
  const compute = (from: number, to: number): Uint8Array => {
    if (from === to) return sha()
    if (to - from === 1) return sha(Uint8Array.of(0), leaves[from] ?? new Uint8Array())
    const middle = from + halfOf(to - from)
    return sha(Uint8Array.of(1), root(from, middle), root(middle, to))
  }
  const root = (from: number, to: number): Uint8Array => {
    const key = `${String(from)} ${String(to)}`
    const found = known.get(key) ?? compute(from, to)
    known.set(key, found)
    return found
  }
  const path = (index: number, from: number, to: number): readonly Uint8Array[] => {
    if (to - from === 1) return []
    const middle = from + halfOf(to - from)
    return index < middle
      ? [...path(index, from, middle), root(middle, to)]
      : [...path(index, middle, to), root(from, middle)]
  }
  return { root, path }
}

function frontierOf(leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  let frontier: readonly Uint8Array[] = []
  leaves.forEach((leaf, size) => (frontier = appendLeaf(frontier, size, leafHash(leaf))))
  return frontier
}

describe('the tree', () => {
  test.each(ROOTS.map((root, size) => ({ root, size })))('has-the-published-root-for-size: $size', ({ root, size }) => {
    const leaves = INPUTS.slice(0, size)
    expect(hex(naive(leaves).root(0, size))).toBe(root)
    expect(hex(frontierRoot(frontierOf(leaves)))).toBe(root)
    expect(hex(commitTree(leaves.map((leaf) => leafHash(leaf))).root)).toBe(root)
  })

  test('agrees-with-the-recursion-of-the-RFC-for-all-sizes-up-to-130', () => {
    const all = Array.from({ length: 130 }, (_, at) => new Uint8Array(Buffer.from(`leaf ${String(at)}`)))
    const law = naive(all)
    let frontier: readonly Uint8Array[] = []
    for (let size = 1; size <= all.length; size++) {
      const leaves = all.slice(0, size)
      frontier = appendLeaf(frontier, size - 1, leafHash(leaves[size - 1] ?? new Uint8Array()))
      const root = hex(law.root(0, size))
      expect(hex(frontierRoot(frontier))).toBe(root)
      expect(frontier).toHaveLength(frontierLength(size))
      const tree = commitTree(leaves.map((leaf) => leafHash(leaf)))
      expect(hex(tree.root)).toBe(root)
      tree.paths.forEach((path, index) => {
        if (hex(Buffer.concat(path)) !== hex(Buffer.concat(law.path(index, 0, size))))
          throw new Error(`path of ${String(index)}`)
        const reached = rootOfPath(leafHash(leaves[index] ?? new Uint8Array()), { index, size }, path)
        if (hex(reached) !== root) throw new Error(`root by the path of ${String(index)}`)
      })
    }
  })

  test('refuses-a-path-of-the-wrong-length-or-for-the-wrong-place', () => {
    const leaves = INPUTS.slice(0, 5).map((leaf) => leafHash(leaf))
    const { root, paths } = commitTree(leaves)
    const [leaf, path] = [leaves[4] ?? new Uint8Array(), paths[4] ?? []]
    expect(hex(rootOfPath(leaf, { index: 4, size: 5 }, path))).toBe(hex(root))
    expect(rootOfPath(leaf, { index: 4, size: 5 }, [...path, leaf])).toBeUndefined()
    expect(rootOfPath(leaf, { index: 4, size: 5 }, [])).toBeUndefined()
    expect(rootOfPath(leaf, { index: 5, size: 5 }, path)).toBeUndefined()
    expect(hex(rootOfPath(leaf, { index: 0, size: 2 }, path))).not.toBe(hex(root))
  })
})
