import { equalBytes } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { ChainHead, ChainStore } from './chain-store.ts'
import { type ParsedCheckpoint, checkpointKey, parseStoredCheckpoint } from './checkpoint-state.ts'
import { genesisEntry } from './entry.ts'
import { proveInclusion } from './proof-stream.ts'
import type { Receipt } from './receipt-format.ts'

/** What a receipt is made from: a trail and the state beside it, as an engine has them. */
export interface ReceiptSource extends ChainStore {
  read(wanted: { readonly keys: readonly string[] }): Promise<{
    readonly state: ReadonlyMap<string, { readonly value: string }>
  }>
}

/** Which record of which chain. */
export interface WantedRecord {
  readonly chain: string
  readonly seq: number
}

/** The receipt of a record. */
export interface MadeReceipt {
  readonly receipt: Receipt
  /** The chain as its head row tells it. */
  readonly head: ChainHead
  /** How many records the checkpoint covers. */
  readonly size: number
}

/**
 * Makes the receipt of a record, under the newest checkpoint of its chain; reads the chain page by page and changes
 * nothing. `IO` where there is no such record, or no checkpoint covers it yet; `AUDIT_CORRUPT` where the checkpoint is
 * not over the records. Says nothing of signatures: hold what comes out against the keys that you trust.
 */
export async function makeReceipt(source: ReceiptSource, wanted: WantedRecord): Promise<MadeReceipt> {
  const { chain, seq } = wanted
  const key = checkpointKey(chain)
  const value = (await source.read({ keys: [key] })).state.get(key)?.value
  const head = (await source.chains()).find((one) => one.chain === chain)
  if (head === undefined) throw new CapFenceError('IO', `there is no trail \`${chain.slice(0, 80)}\``)
  if (seq >= head.size) {
    throw new CapFenceError('IO', `there is no record ${String(seq)} in \`${chain}\`, which has ${String(head.size)}`)
  }
  const { note, checkpoint } = covering(value, wanted)
  const { size, root } = checkpoint
  const { record, previous, path, tree } = await proveInclusion(source, { chain, index: seq, size })
  if (!equalBytes(tree.root, root))
    throw corrupt(`the records of \`${chain}\` are not those that its checkpoint covers`)
  const before = previous?.entry ?? genesisEntry(head.origin, head.vkey)
  const { body, sig } = record
  return { receipt: { index: seq, body, previous: before, sig, path, checkpoint: note }, head, size }
}

function covering(value: string | undefined, { chain, seq }: WantedRecord): ParsedCheckpoint {
  const stored = value === undefined ? undefined : parseStoredCheckpoint(value)
  if (value !== undefined && stored === undefined) throw corrupt(`the checkpoint of \`${chain}\` is damaged`)
  if (stored !== undefined && seq < stored.checkpoint.size) return stored
  const when = 'a writer signs one within a second, and when it closes'
  throw new CapFenceError('IO', `no checkpoint covers record ${String(seq)} of \`${chain}\` yet; ${when}`)
}

function corrupt(what: string): CapFenceError {
  return new CapFenceError('AUDIT_CORRUPT', `${what}; run \`capfence verify\``)
}
