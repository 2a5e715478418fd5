import type { Flow } from '../../facts/shell/shell-facts.ts'
import { FALSE, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'

/**
 * Whether data flows from a command of the first stage to one of the next, and on, directly or through others. For each
 * stage, `truths` says of each command whether it is one of that stage.
 */
export function flowTruth(truths: readonly (readonly TruthValue[])[], flows: readonly Flow[]): TruthValue {
  const next = Map.groupBy(flows, ({ from }) => from)
  if (isFed(truths, next, TRUE)) return TRUE
  return isFed(truths, next, UNKNOWN) ? UNKNOWN : FALSE
}

type FlowsByCommand = ReadonlyMap<number, readonly Flow[]>

function isFed(truths: readonly (readonly TruthValue[])[], next: FlowsByCommand, least: TruthValue): boolean {
  const [first = [], ...rest] = truths.map((stage) => stage.flatMap((truth, index) => (truth >= least ? [index] : [])))
  let reached: readonly number[] = first
  for (const stage of rest) {
    const fed = fedBy(reached, next)
    reached = stage.filter((index) => fed.has(index))
  }
  return reached.length > 0
}

function fedBy(from: readonly number[], next: FlowsByCommand): ReadonlySet<number> {
  const fed = new Set<number>()
  const open = [...from]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const { to } of next.get(index) ?? []) {
      if (fed.has(to)) continue
      fed.add(to)
      open.push(to)
    }
  }
  return fed
}
