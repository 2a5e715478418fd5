import { CapFenceError } from '../../kernel/errors.ts'
import type { PolicyFinding } from '../policy.ts'

/** The most findings that an error's message spells out; `findings` holds all. */
const MAX_SPELT_OUT = 200

/** `POLICY_INVALID` with everything that is wrong: a policy is refused as a whole, all its mistakes at once. */
export class PolicyError extends CapFenceError {
  /** Every mistake, in the order of files and lines. Never empty. */
  readonly findings: readonly PolicyFinding[]

  constructor(findings: readonly PolicyFinding[]) {
    const more = findings.length - MAX_SPELT_OUT
    const lines = findings.slice(0, MAX_SPELT_OUT).map(findingText)
    super('POLICY_INVALID', [...lines, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('\n'))
    this.name = 'PolicyError'
    this.findings = findings
  }
}

/** A finding as `file:line:column: message`. */
function findingText({ file, line, column, message }: PolicyFinding): string {
  return `${file}:${String(line)}:${String(column)}: ${message}`
}
