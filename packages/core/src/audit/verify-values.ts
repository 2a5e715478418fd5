import type { StoredValue } from './chain-store.ts'
import { DIGEST_PATH, PLAN_PATH, keeps } from './commitment.ts'
import type { RecordBody, StatementBody } from './record-body.ts'

/** What the kept values of some records come to. */
export interface ValuesFinding {
  /** The first record, by seq, with a value that it did not commit to. */
  readonly bad: { readonly seq: number; readonly what: string } | undefined
  /** How many committed values are no longer kept. */
  readonly erased: number
}

/** Holds values against what their records, given by seq, committed to. One that is not there was erased: no fault. */
export function checkValues(bodies: ReadonlyMap<number, RecordBody>, values: readonly StoredValue[]): ValuesFinding {
  let erased = 0
  for (const body of bodies.values()) erased += countOf(body)
  let bad: ValuesFinding['bad']
  let before: StoredValue | undefined
  for (const value of inOrder(values)) {
    const isTwice = before?.seq === value.seq && before.path === value.path
    const commit = isTwice ? undefined : commitmentAt(bodies.get(value.seq), value.path)
    before = value
    if (commit !== undefined) erased--
    if (commit === undefined || !keeps(value, commit)) bad ??= { seq: value.seq, what: faultOf(value, commit) }
  }
  return { bad, erased }
}

// By seq and path, as stores give them; one that does not hides nothing by it.
function inOrder(values: readonly StoredValue[]): readonly StoredValue[] {
  const isOrdered = values.every((value, at) => at === 0 || order(values[at - 1] ?? value, value) <= 0)
  return isOrdered ? values : values.toSorted(order)
}

function order(left: StoredValue, right: StoredValue): number {
  return left.seq - right.seq || (left.path < right.path ? -1 : left.path > right.path ? 1 : 0)
}

function countOf(body: RecordBody): number {
  if (body.kind === 'statement') return digestIn(body) === undefined ? 0 : 1
  if (body.kind !== 'decision') return 0
  return body.args.length + (body.plan === undefined ? 0 : 1) + (body.digest === null ? 0 : 1)
}

function digestIn({ statement: { digest } }: StatementBody): string | undefined {
  return typeof digest === 'string' ? digest : undefined
}

function commitmentAt(body: RecordBody | undefined, path: string): string | undefined {
  if (body?.kind === 'statement') return path === DIGEST_PATH ? digestIn(body) : undefined
  if (body?.kind !== 'decision') return undefined
  if (path === DIGEST_PATH) return body.digest ?? undefined
  // No pointer begins with `#`.
  return path === PLAN_PATH ? body.plan : body.args.find((argument) => argument.path === path)?.commit
}

function faultOf({ path }: StoredValue, commit: string | undefined): string {
  const shown = path.length <= 80 ? path : `${path.slice(0, 79)}…`
  return commit === undefined
    ? `has a kept value \`${shown}\` that it never committed to, or has it twice`
    : `has a kept value \`${shown}\` that is not the one it committed to`
}
