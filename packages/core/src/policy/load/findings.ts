import type { PolicyFinding } from '../policy.ts'
import type { Spot } from './source-node.ts'

/** Takes findings about one file; loading goes on, so that all mistakes are told at once. */
export interface Findings {
  readonly file: string
  add(spot: Spot, message: string): void
}

/** Findings of one file, put into a list that all files share. */
export function findingsOf(file: string, list: PolicyFinding[]): Findings {
  return {
    file,
    add: ({ line, column }, message) => {
      list.push({ file, line, column, message })
    },
  }
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
