import { equalBytes } from '../kernel/bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import { signedMessage } from './entry.ts'
import type { HeadRecord } from './head-file.ts'
import type { KeyRing } from './key-ring.ts'
import { frontierRoot, leafHash, rootOfPath } from './merkle.ts'
import { parseRowSignature } from './row-signature.ts'
import type { RowWalk } from './verify-row.ts'

/** The heads of one chain that were kept outside its store and are signed by a key that counts. */
export interface OutsideHeads {
  /** How many records the newest of them saw; 0 where there is none. */
  readonly size: number
  /** About heads that do not count. */
  readonly notes: readonly string[]
  /** Holds the walk, after each row, against the heads that end there. */
  pass(walk: RowWalk): void
  /** What the heads say of a chain that was walked to its end: cut or forked, or undefined where all are in it. */
  fault(size: number): OutsideFault | undefined
}

// The root alone binds every record; where the last entry is known, it must agree with it.
type Known = Checkpoint & { readonly entry?: Uint8Array }

interface OutsideFault {
  readonly status: 'truncated'
  readonly bad: { readonly seq: number; readonly what: string }
}

/** What is remembered of chains outside their store. */
interface Remembered {
  /** Heads that somebody else may have written: they count where a key that counts signed them. */
  readonly heads?: readonly HeadRecord[] | undefined
  /** Heads that whoever verifies vouches for. */
  readonly checkpoints?: readonly Checkpoint[] | undefined
}

/** Takes the heads of this chain; one whose signature does not verify is not counted, or anyone could raise an alarm. */
export function outsideHeads(
  { heads = [], checkpoints = [] }: Remembered,
  origin: string,
  keys: KeyRing,
): OutsideHeads {
  const own = heads.filter((head) => head.origin === origin)
  const signed = own.filter((head) => head.size > 0 && isSigned(head, keys))
  const vouched = checkpoints.filter((head) => head.origin === origin && head.size > 0)
  const good: readonly Known[] = [...signed, ...vouched]
  const size = good.reduce((largest, head) => Math.max(largest, head.size), 0)
  const sizes = [...new Set(good.map((head) => head.size))].toSorted((left, right) => right - left)
  let forked: number | undefined
  return {
    size,
    notes:
      own.length === signed.length
        ? []
        : [
            `a head kept outside is not signed by ${keys.isPinned ? 'a pinned key' : "the trail's key"}; it was not counted`,
          ],
    pass: (walk) => {
      if (walk.size !== sizes.at(-1)) return
      sizes.pop()
      const here = good.filter((head) => head.size === walk.size)
      const root = frontierRoot(walk.frontier)
      const isSame = here.every(
        (head) => equalBytes(head.root, root) && (head.entry === undefined || equalBytes(head.entry, walk.entry)),
      )
      if (!isSame) forked ??= walk.size - 1
    },
    fault: (walked) => {
      if (forked !== undefined) {
        return cut(forked, 'is not the one that was remembered outside: the trail was forked or rewritten')
      }
      if (walked >= size) return undefined
      return cut(walked, `is missing: a head kept outside remembers ${String(size)} records`)
    },
  }
}

function cut(seq: number, what: string): OutsideFault {
  return { status: 'truncated', bad: { seq, what } }
}

function isSigned({ entry, sig }: HeadRecord, keys: KeyRing): boolean {
  const signature = parseRowSignature(sig)
  const root = signature && rootOfPath(leafHash(entry), signature, signature.path)
  if (signature === undefined || root === undefined) return false
  return keys.verifyAny(signedMessage(signature.size, root), signature.rootSignature)
}
