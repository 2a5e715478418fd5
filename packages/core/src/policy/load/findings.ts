import type { PolicyFinding } from '../policy.ts'
import type { Spot } from './source-node.ts'

/** Takes findings about one file; loading goes on, so that all mistakes are told at once. */
export interface Findings {
  readonly file: string
  /** Beyond a bound, nothing is taken but a last finding that says so. */
  add(spot: Spot, message: string): void
  /** How many were told. */
  count(): number
}

/** The most findings of one file: who has made more will correct these first. */
export const MAX_FINDINGS = 200

/** Findings of one file, put into a list that all files share. */
export function findingsOf(file: string, list: PolicyFinding[]): Findings {
  let count = 0
  let last: Spot = { line: 1, column: 1 }
  return {
    file,
    count: () => count,
    add: (spot, message) => {
      count += 1
      if (count > MAX_FINDINGS + 1) return
      // Said at the furthest place, so that it is read last.
      last = isAfter(spot, last) ? spot : last
      const isMore = count > MAX_FINDINGS
      const { line, column } = isMore ? last : spot
      list.push({ file, line, column, message: isMore ? 'and more; correct these first' : message })
    },
  }
}

function isAfter(spot: Spot, other: Spot): boolean {
  return spot.line > other.line || (spot.line === other.line && spot.column >= other.column)
}

/** Each finding once, by file (in the order of their first mention), line and column. */
export function inOrder(findings: readonly PolicyFinding[]): readonly PolicyFinding[] {
  const rankByFile = new Map<string, number>()
  const byText = new Map<string, PolicyFinding>()
  for (const finding of findings) {
    const { file, line, column, message } = finding
    if (!rankByFile.has(file)) rankByFile.set(file, rankByFile.size)
    byText.set(JSON.stringify([file, line, column, message]), finding)
  }
  const rank = (finding: PolicyFinding): number => rankByFile.get(finding.file) ?? 0
  return [...byText.values()].toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column)
}
