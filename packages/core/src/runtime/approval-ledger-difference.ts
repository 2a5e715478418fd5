import type { HeldGrant } from '../approval/grants.ts'
import type { PendingRequest } from '../approval/requests.ts'
import type { RecordFault } from '../audit/inspector.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { TrailGrant, TrailRequest } from './approval-ledger-model.ts'

/** One difference: a fault, or the name of what allows less than it should. */
export type Difference = RecordFault | string

/** Holds uses against uses. Both numbers only grow: a use that is missing, or one more given back, is a use too many. */
export function compareUses(
  known: TrailGrant | TrailRequest,
  found: HeldGrant | PendingRequest,
  name: string,
): readonly Difference[] {
  const seq = known.lastUse ?? known.seq
  if (found.used < known.used) return [{ seq, what: `used ${name}, but that use is gone from the state` }]
  if (found.returned > known.returned) {
    return [{ seq, what: `is the newest about ${name}, of which the state gave back more than any record did` }]
  }
  return found.used > known.used || found.returned < known.returned ? [name] : []
}

/** A record whose effect is gone from the state. */
export function undone(did: string, name: string, seq: number): RecordFault {
  return { seq, what: `${did} ${name}, but the state no longer says so` }
}

/** A record whose effect stands changed in the state. */
export function otherwise(did: string, name: string, seq: number): RecordFault {
  return { seq, what: `${did} ${name} otherwise than it stands in the state` }
}

/** What stands in the state though no record applied it: told of the record that the state names, else of the last. */
export function notApplied(name: string, seq: number, size: number): RecordFault {
  const what = `does not apply ${name}, though the state says that some record did`
  return { seq: seq >= 0 && seq < size ? seq : size - 1, what }
}

interface Recorded {
  readonly statement: object
  readonly sig: string
  readonly at: number
}

/** Whether two entries are one statement with one signature, recorded at one time. */
export function isSameStatement(known: Recorded, found: Recorded): boolean {
  if (known.at !== found.at || known.sig !== found.sig) return false
  return canonicalJson(known.statement) === canonicalJson(found.statement)
}
