/**
 * Keyed state beside the trail: requests, grants, counters, call identities, leases. A key is text of at most 512
 * bytes whose parts are joined by `/`; a value is text. A version is never used twice in one store, also not after a
 * key was removed and made again; 0 is the version of a key that is not there.
 */
export interface StateEntry {
  readonly key: string
  readonly value: string
  readonly version: number
}

/** A key with a new value; null removes it. */
export interface StateWrite {
  readonly key: string
  readonly value: string | null
}

/** What a commit relied on. */
export interface StateExpectation {
  readonly key: string
  readonly version: number
}

/** Entries whose key starts with `prefix` and is greater than `after`, in key order (by code unit), at most `limit`. */
export interface StatePage {
  readonly prefix: string
  readonly after?: string | undefined
  readonly limit: number
}
