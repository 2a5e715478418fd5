/**
 * What verifying found. `authentic`: unchanged, signed by pinned keys, and complete up to a head kept outside.
 * `integrity_only`: consistent, but nothing pinned from outside says whose it is, or where it ends.
 */
export type VerifyStatus = 'authentic' | 'tampered' | 'integrity_only' | 'truncated'

/** The exit code of each; 2 is usage and I/O, which is thrown. */
export const VERIFY_EXIT_CODES: {
  readonly authentic: 0
  readonly tampered: 1
  readonly integrity_only: 3
  readonly truncated: 4
} = {
  authentic: 0,
  tampered: 1,
  integrity_only: 3,
  truncated: 4,
}

/** An exit code of verifying. */
export type VerifyExitCode = (typeof VERIFY_EXIT_CODES)[VerifyStatus]

/** The first record that is wrong, and what is wrong with it. */
export interface BadRecord {
  readonly chain: string
  readonly seq: number
  readonly what: string
}

/** What was found, of a chain or of all. */
export interface VerifyReport {
  readonly status: VerifyStatus
  readonly exitCode: VerifyExitCode
  /** How many records were found good. */
  readonly records: number
  readonly firstBad?: BadRecord
  /** What this proves and what it does not, in words. */
  readonly notes: readonly string[]
}

export interface ChainReport extends VerifyReport {
  readonly chain: string
  readonly origin: string
  /** The root of the log tree over its good records. */
  readonly root: Uint8Array
  /** The time of its newest good record, by the clock of the engine; undefined where there is none. */
  readonly newestAt: number | undefined
}

export interface StoreReport extends VerifyReport {
  readonly chains: readonly ChainReport[]
}

// From bad to good: an edit is worse than an end that is missing.
const FROM_WORST: readonly VerifyStatus[] = ['tampered', 'truncated', 'integrity_only', 'authentic']

/** The worst of several findings; `authentic` where there are none. */
export function worst(statuses: readonly VerifyStatus[]): VerifyStatus {
  return FROM_WORST.find((status) => statuses.includes(status)) ?? 'authentic'
}

/** How far verifying is. */
export interface VerifyProgress {
  readonly chain: string
  readonly records: number
  /** How many the chain's head row counts. */
  readonly total: number
}
