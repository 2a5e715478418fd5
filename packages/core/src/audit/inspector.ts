import type { StoredValue } from './chain-store.ts'
import type { RecordBody } from './record-body.ts'

/** A record that is wrong, and what is wrong with it. */
export interface RecordFault {
  readonly seq: number
  readonly what: string
}

/** Holds a chain against more than what audit knows of it. One for each chain and walk. */
export interface Inspector {
  /** Takes the next good record, in order, with the values that are kept for it; answers the first fault it knows of. */
  next(body: RecordBody, values: readonly StoredValue[]): Promise<RecordFault | undefined> | RecordFault | undefined
  /** Once the walk came to the chain's end without a fault. */
  end(): Inspection
}

/** What an inspector found in the end. */
export interface Inspection {
  readonly bad?: RecordFault | undefined
  /** What it proves and what it does not, in words. */
  readonly notes: readonly string[]
  /** False where something that ought to be pinned outside is not: then the trail is no more than consistent. */
  readonly isProven: boolean
}
