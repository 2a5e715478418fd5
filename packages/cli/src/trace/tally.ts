import type { Judged } from './judge-line.ts'

/** How many lines of a trace came out how. */
export interface Tally {
  readonly counts: { readonly [Name in Counted]: number }
  add(judged: Judged | undefined): void
}

type Counted = 'allow' | 'deny' | 'require_approval' | 'undecided' | 'skipped' | 'unreadable' | 'drift'

/** A tally at zero. */
export function tally(): Tally {
  const counts = { allow: 0, deny: 0, require_approval: 0, undecided: 0, skipped: 0, unreadable: 0, drift: 0 }
  return {
    counts,
    add: (judged) => {
      if (judged === undefined) counts.skipped += 1
      else counts[judged.decision ?? 'undecided'] += 1
      if (judged?.unreadable === true) counts.unreadable += 1
      if (judged?.drift !== undefined) counts.drift += 1
    },
  }
}

/** One sentence for people. */
export function summary({ counts }: Tally): string {
  const judged = counts.allow + counts.deny + counts.require_approval
  const parts = [
    `${String(counts.allow)} allow, ${String(counts.deny)} deny, ${String(counts.require_approval)} require_approval`,
    ...some(counts.undecided, 'without their arguments, so nobody can say'),
    ...some(counts.skipped, 'skipped (blank, or a record that is no decision)'),
    ...some(counts.unreadable, 'not readable'),
    ...some(counts.drift, 'not decided as recorded'),
  ]
  return `${String(judged)} judged: ${parts.join('; ')}`
}

function some(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${String(count)} ${what}`]
}
