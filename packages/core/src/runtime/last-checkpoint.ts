import type { ChainHead } from '../audit/chain-store.ts'
import { type NoteKeys, noteKeys, openCheckpoint } from '../audit/checkpoint-note.ts'
import { checkpointKey, parseStoredCheckpoint } from '../audit/checkpoint-state.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import type { Signer } from '../kernel/signer.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { TreeAt } from './tree-follower.ts'

interface Place {
  readonly engine: BaseDBEngine
  readonly chain: string
}

/**
 * Reads the tree of the newest checkpoint that stands there; undefined where there is none, or another key signed it.
 * `AUDIT_CORRUPT` where it is damaged, `AUDIT_ROLLBACK` where it covers records that are gone.
 */
export function checkpointReader({
  engine,
  chain,
}: Place): (head: ChainHead, signer: Signer) => Promise<TreeAt | undefined> {
  const key = checkpointKey(chain)
  // To prepare a key takes longer than all else here, and most checkpoints are this process's own last one.
  const keysByVkey = new Map<string, NoteKeys>()
  let known: { readonly value: string; readonly tree: TreeAt | undefined } | undefined

  function keysOf({ vkey }: Signer): NoteKeys {
    const keys = keysByVkey.get(vkey) ?? noteKeys([vkey])
    keysByVkey.set(vkey, keys)
    return keys
  }

  async function treeIn(value: string, head: ChainHead, signer: Signer): Promise<TreeAt | undefined> {
    const stored = parseStoredCheckpoint(value)
    // What is damaged is left as it is, for `verify` to find.
    if (stored === undefined) throw fault('AUDIT_CORRUPT', `the checkpoint of \`${head.origin}\` is damaged`)
    const { origin, size } = stored.checkpoint
    if (origin !== head.origin)
      throw fault('AUDIT_ROLLBACK', `a checkpoint is of \`${origin}\`, not \`${head.origin}\``)
    const isOurs = typeof openCheckpoint(stored.note, keysOf(signer)) !== 'string'
    const [row] = size === 0 ? [] : await engine.records({ chain, from: size - 1, limit: 1 })
    if (row?.seq !== size - 1) {
      throw fault('AUDIT_ROLLBACK', `a checkpoint of \`${origin}\` covers ${String(size)} records, more than are there`)
    }
    // Another key's, as after a rotation: a newer one takes its place, but nothing rests on it.
    return isOurs ? { size, entry: row.entry, frontier: stored.frontier } : undefined
  }

  return async (head, signer) => {
    const value = (await engine.read({ keys: [key] })).state.get(key)?.value
    if (value === undefined) return undefined
    if (known?.value !== value) known = { value, tree: await treeIn(value, head, signer) }
    return known.tree
  }
}

/** Whether a checkpoint could not be believed because records are gone. */
export function isLoss(cause: unknown): boolean {
  return isCapFenceError(cause) && cause.code === 'AUDIT_ROLLBACK'
}

const MAX_KEPT = 1000

/** The keys of checkpoints that cover records beyond those that are left, or are of the trail that stood there before. */
export async function lostCheckpoints(
  { engine, chain }: Place,
  { origin }: ChainHead,
  left: number,
): Promise<readonly string[]> {
  const newest = checkpointKey(chain)
  const lost: string[] = []
  for (let after: string | undefined, isEnd = false; !isEnd;) {
    const page = await engine.list({ prefix: newest, after, limit: MAX_KEPT })
    for (const { key, value } of page) {
      const checkpoint =
        key === newest || key.startsWith(`${newest}/`) ? parseStoredCheckpoint(value)?.checkpoint : undefined
      if (checkpoint !== undefined && (checkpoint.origin !== origin || checkpoint.size > left)) lost.push(key)
    }
    after = page.at(-1)?.key
    isEnd = page.length < MAX_KEPT
  }
  return lost
}

function fault(code: 'AUDIT_CORRUPT' | 'AUDIT_ROLLBACK', what: string): CapFenceError {
  return new CapFenceError(code, `${what}; run \`capfence verify\``)
}
