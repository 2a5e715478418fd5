import type { AllowCode, AskCode, DenyCode } from '../action/verdict.ts'
import type { PathFacts } from '../facts/path/path-facts.ts'
import type { ShellFacts } from '../facts/shell/shell-facts.ts'
import type { SqlFacts } from '../facts/sql/sql-facts.ts'
import type { UrlFacts } from '../facts/url/url-facts.ts'

/** What a `require_approval` rule wants of a grant. */
export interface ApprovalTerms {
  /** The request's life and, from the quorum's last signature, the grant's; milliseconds. */
  readonly expiresInMs: number
  /** How many distinct approvers must sign. */
  readonly quorum: number
  /** Globs over approvers' names; any approver where empty. */
  readonly approvers: readonly string[]
}

/** A rule that asks. `unknown` where it asks out of ignorance: then only an approval of the exact request satisfies it. */
export interface Asking {
  readonly rule: string
  readonly unknown: boolean
  readonly terms: ApprovalTerms
}

interface RulingBase {
  /** The deciding rule's id; null where none decided. */
  readonly rule: string | null
  /** Every rule that fired for this ruling's reason, the deciding one first. */
  readonly rules: readonly string[]
  /** Rules in `mode: observe` that would have fired. */
  readonly observed: readonly string[]
  /** For people and models; no arguments. */
  readonly message: string
  /** False in `mode: observe`: the action runs, and this ruling is only recorded. */
  readonly enforced: boolean
}

/** What the policy alone says. Immutable; the same object may answer many events. */
export type Ruling =
  | (RulingBase & { readonly decision: 'allow'; readonly code: Extract<AllowCode, 'policy_allow'> })
  | (RulingBase & {
      readonly decision: 'deny'
      readonly code: Extract<DenyCode, 'policy_deny' | 'policy_deny_unknown' | 'policy_default' | 'limit_exhausted'>
    })
  | (RulingBase & {
      readonly decision: 'require_approval'
      readonly code: AskCode
      /** Every rule that asks; one request is made for all, with the shortest life. Never empty. */
      readonly asking: readonly Asking[]
    })

/** Kleene's three values. */
export type Truth = 'true' | 'false' | 'unknown'

/** One condition of one rule, as it was found. */
export interface ConditionFinding {
  /** As the policy writes it, for example `amount_gt` or `args.note` or `unless.environment`. */
  readonly condition: string
  readonly truth: Truth
  /** Why, in words; names fields, never their values. */
  readonly why: string
}

/** One rule that was considered. */
export interface RuleFinding {
  readonly rule: string
  readonly effect: 'deny' | 'require_approval' | 'allow'
  readonly mode: 'enforce' | 'observe'
  /** Whether its capability pattern covers the event's; where not, `conditions` is empty and `truth` is `false`. */
  readonly covered: boolean
  readonly truth: Truth
  readonly conditions: readonly ConditionFinding[]
}

/** An argument by its name, and what it was found to mean. */
interface Explained<Facts> {
  readonly name: string
  readonly facts: Facts
}

/** What arguments were found to mean. It holds their texts: for people, and for no model. */
export interface ExplainedFacts {
  readonly commands: readonly Explained<ShellFacts>[]
  readonly sql: readonly Explained<SqlFacts>[]
  readonly paths: readonly Explained<PathFacts>[]
  readonly urls: readonly Explained<UrlFacts>[]
}

/** How a ruling came about: every rule, each condition's value, and the deciding rule. */
export interface Explanation {
  readonly capability: string
  readonly ruling: Ruling
  readonly rules: readonly RuleFinding[]
  readonly facts: ExplainedFacts
}
