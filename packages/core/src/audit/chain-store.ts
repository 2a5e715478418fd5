/** The newest state of a chain. Hashes are 32 raw bytes. */
export interface ChainHead {
  readonly chain: string
  /** `base/chain`: the name of the log, for checkpoints and genesis. */
  readonly origin: string
  /** The first writer's public key in C2SP vkey form, bound by genesis. */
  readonly vkey: string
  /** How many records the chain holds; the next record's `seq`. */
  readonly size: number
  /** The newest record's entry hash, or the genesis hash where `size` is 0. */
  readonly entry: Uint8Array
  /** The RFC 6962 frontier of the log tree over the first `size` records: full subtree roots, largest first. */
  readonly frontier: readonly Uint8Array[]
}

/** One signed record, exactly as it was signed. `seq` counts from 0 and is the record's leaf index. */
export interface StoredRecord {
  readonly seq: number
  /** RFC 8785 text. */
  readonly body: string
  readonly entry: Uint8Array
  /** `index ‖ size ‖ path ‖ root_sig` */
  readonly sig: Uint8Array
}

/** A committed value that may be erased without breaking the chain: an argument, or the action digest. */
export interface StoredValue {
  readonly seq: number
  /** An RFC 6901 pointer into `args`, or `#digest`. */
  readonly path: string
  /** 16 random bytes. */
  readonly salt: Uint8Array
  /** RFC 8785 text of the value; for `#digest`, the digest in hex. */
  readonly value: string
}

/** The reading side of a trail. Pages come in order of `seq`; an empty page is the end. */
export interface ChainStore {
  /** Heads of all chains, by name. */
  chains(): Promise<readonly ChainHead[]>
  records(page: RecordPage): Promise<readonly StoredRecord[]>
  /** The values kept for records `from` to `to` (exclusive), by seq and path. */
  values(page: ValuePage): Promise<readonly StoredValue[]>
}

/** At most `limit` records with `seq >= from`. */
export interface RecordPage {
  readonly chain: string
  readonly from: number
  readonly limit: number
}

export interface ValuePage {
  readonly chain: string
  readonly from: number
  readonly to: number
}
