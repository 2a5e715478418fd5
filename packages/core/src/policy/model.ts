import type { Risk } from '../action/action-event.ts'
import type { CapabilityPattern } from '../action/pattern.ts'
import type { ToolBinding } from '../action/tool-binding.ts'
import type { ArgPath } from '../facts/arg-path.ts'
import type { ShellEffectKind } from '../facts/shell/shell-facts.ts'
import type { SqlEffect, SqlKind } from '../facts/sql/sql-facts.ts'
import type { HostClass } from '../facts/url/url-facts.ts'
import type { Json } from '../kernel/json.ts'
import type { ApprovalTerms } from './ruling.ts'

export type { ArgPath, ArgStep } from '../facts/arg-path.ts'

/** A policy as written, composed with what it extends, every part checked; not yet compiled. */
export interface PolicyModel {
  readonly mode: 'enforce' | 'observe'
  /** By key: an exact tool name, or one with `*`. */
  readonly tools: ReadonlyMap<string, ToolBinding>
  readonly approvers: ReadonlyMap<string, string> | undefined
  readonly maxPendingPerActor: number
  /** The longest that a grant may live; a day where left out. */
  readonly maxGrantMs?: number
  readonly rules: readonly Rule[]
  /** The files that it was read from, by their real paths. */
  readonly files?: readonly string[]
}

/** How long a grant may live where a policy does not say. */
export const DEFAULT_MAX_GRANT_MS = 86_400_000

export type Effect = 'deny' | 'require_approval' | 'allow'

/** One rule. All conditions must hold. */
export interface Rule {
  readonly id: string
  readonly effect: Effect
  /** Any of these; narrow in `allow`, wide elsewhere. */
  readonly patterns: readonly CapabilityPattern[]
  readonly conditions: readonly Condition[]
  /** Joined to the conditions: in `allow` it holds up to its `max`, elsewhere beyond it. */
  readonly limit?: Limit
  /** `observe`: recorded where it would fire, and out of the ruling; also every rule of a file in `mode: observe`. */
  readonly mode: 'enforce' | 'observe'
  /** `ask`: on a `deny`, an unknown asks instead of denying. */
  readonly unknown: 'deny' | 'ask'
  /** Told to people and to the model. */
  readonly reason: string | undefined
  /** For `require_approval`, and for a `deny` with `unknown: ask`. */
  readonly approval: ApprovalTerms
  /**
   * True for rules that were added to a `sealed` base: one that asks does so only where the base allows or asks, and
   * never turns a denial by default into a question.
   */
  readonly onlyTightens?: true
  readonly source: SourceSpot
}

// Where in which file; lines and columns count from 1.
interface SourceSpot {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** How often, or how much, in a sliding window. */
export interface Limit {
  /** `amount`, or a path into `args`, whose values are added up; null where events are counted. */
  readonly sum: string | null
  readonly max: DecimalText
  readonly perMs: number
  /** What counts together: events that are alike in all of these. Sorted; none where all events are. */
  readonly by: readonly LimitField[]
}

export type LimitField = ContextField | 'capability'

/** The context fields that conditions read, under their names in the policy. */
export type ContextField = 'actor' | 'session' | 'environment' | 'tenant' | 'user_role' | 'tool'

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte'

/** A decimal, exactly as written, already checked: `-?digits[.digits]`. */
export type DecimalText = string

export type Condition =
  | { readonly kind: 'context'; readonly field: ContextField; readonly globs: readonly string[] }
  | { readonly kind: 'risk'; readonly levels: readonly Risk[] }
  | { readonly kind: 'risk_at_least'; readonly level: Risk }
  | { readonly kind: 'caller_depth'; readonly op: Comparison; readonly value: number }
  | { readonly kind: 'contains' | 'contains_literal'; readonly texts: readonly string[] }
  | ({ readonly kind: 'shell' } & ShellKeys)
  | ({ readonly kind: 'sql' } & SqlKeys)
  | ({ readonly kind: 'path' } & PathKeys)
  | ({ readonly kind: 'url' } & UrlKeys)
  | { readonly kind: 'amount'; readonly op: Comparison | 'eq'; readonly value: DecimalText }
  | { readonly kind: 'args'; readonly path: ArgPath; readonly tests: readonly ArgTest[] }
  | { readonly kind: 'args_only'; readonly names: readonly string[] }
  | {
      readonly kind: 'after'
      /** Any of these; in the reach of the place where the condition stands. */
      readonly patterns: readonly CapabilityPattern[]
      readonly withinMs: number
      readonly by: ContextField | 'all'
    }
  | { readonly kind: 'unless'; readonly conditions: readonly Condition[] }

/** What `shell` says of one command, under the policy's own names; all that is given must hold. */
export interface ShellKeys {
  readonly effects_any?: readonly ShellEffectKind[]
  readonly effects_only?: readonly ShellEffectKind[]
  /** Globs over the program's name. */
  readonly program?: readonly string[]
  readonly flags_all?: readonly string[]
  readonly flags_any?: readonly string[]
  /** Absolute folders. */
  readonly targets_under?: readonly string[]
  readonly targets_outside?: readonly string[]
}

/** What `sql` says of one statement; all that is given must hold. */
export interface SqlKeys {
  readonly effects_any?: readonly SqlEffect[]
  readonly effects_only?: readonly SqlEffect[]
  readonly kinds_any?: readonly SqlKind[]
  readonly kinds_only?: readonly SqlKind[]
  /** Globs over tables, by segment. */
  readonly tables_any?: readonly string[]
  readonly tables_only?: readonly string[]
  readonly functions_any?: readonly string[]
  readonly where?: readonly ('missing' | 'constant')[]
}

/** What `path` says of one path; all that is given must hold. */
interface PathKeys {
  /** Absolute folders. */
  readonly under?: readonly string[]
  readonly outside?: readonly string[]
}

/** What `url` says of one URL; all that is given must hold. */
export interface UrlKeys {
  readonly schemes?: readonly string[]
  /** Globs over the host's labels. */
  readonly hosts?: readonly string[]
  readonly host_class?: readonly HostClass[]
  readonly ports?: readonly number[]
}

/** One operator of a matcher; all operators of a matcher must hold. A scalar matcher is `eq`, a list is `in`. */
export type ArgTest =
  | { readonly op: 'eq' | 'ne'; readonly value: Json }
  | { readonly op: 'in' | 'not_in'; readonly values: readonly Json[] }
  | { readonly op: Comparison; readonly value: DecimalText }
  | { readonly op: 'contains' | 'starts_with' | 'ends_with' | 'glob' | 'matches'; readonly text: string }
  | { readonly op: 'type'; readonly types: readonly JsonType[] }
  | { readonly op: 'length_lte'; readonly value: number }
  | { readonly op: 'present'; readonly value: boolean }

export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object'
