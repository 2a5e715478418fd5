import type { StoredValue } from './chain-store.ts'
import { DIGEST_PATH, PLAN_PATH, keeps } from './commitment.ts'
import type { RecordBody } from './record-body.ts'

/** What the kept values of some records come to. */
export interface ValuesFinding {
  /** The first record, by seq, with a value that it did not commit to. */
  readonly bad: { readonly seq: number; readonly what: string } | undefined
  /** How many committed values are no longer kept. */
  readonly erased: number
}

/** Holds values against what their records, given by seq, committed to. One that is not there was erased: no fault. */
export function checkValues(bodies: ReadonlyMap<number, RecordBody>, values: readonly StoredValue[]): ValuesFinding {
  const commitments = commitmentsOf(bodies)
  let bad: ValuesFinding['bad']
  for (const value of values) {
    const place = placeOf(value.seq, value.path)
    const commit = commitments.get(place)
    commitments.delete(place)
    const isGood = commit !== undefined && keeps(value, commit)
    if (!isGood && value.seq < (bad?.seq ?? Infinity)) bad = { seq: value.seq, what: faultOf(value, commit) }
  }
  return { bad, erased: commitments.size }
}

function commitmentsOf(bodies: ReadonlyMap<number, RecordBody>): Map<string, string> {
  const commitments = new Map<string, string>()
  for (const body of bodies.values()) {
    if (body.kind === 'statement') {
      const { digest } = body.statement
      if (typeof digest === 'string') commitments.set(placeOf(body.seq, DIGEST_PATH), digest)
    }
    if (body.kind !== 'decision') continue
    for (const { path, commit } of body.args) commitments.set(placeOf(body.seq, path), commit)
    if (body.plan !== undefined) commitments.set(placeOf(body.seq, PLAN_PATH), body.plan)
    if (body.digest !== null) commitments.set(placeOf(body.seq, DIGEST_PATH), body.digest)
  }
  return commitments
}

function placeOf(seq: number, path: string): string {
  return `${String(seq)} ${path}`
}

function faultOf({ path }: StoredValue, commit: string | undefined): string {
  const shown = path.length <= 80 ? path : `${path.slice(0, 79)}…`
  return commit === undefined
    ? `has a kept value \`${shown}\` that it never committed to, or has it twice`
    : `has a kept value \`${shown}\` that is not the one it committed to`
}
