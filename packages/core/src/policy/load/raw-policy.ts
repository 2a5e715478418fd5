import type { Risk } from '../../action/action-event.ts'
import type { ShellEffectKind } from '../../facts/shell/shell-facts.ts'
import type { SqlEffect, SqlKind } from '../../facts/sql/sql-facts.ts'
import type { HostClass } from '../../facts/url/url-facts.ts'
import type { ContextField, JsonType, LimitField } from '../model.ts'

/** What a policy file holds, as its schema takes it: checked piece by piece, not yet put together. */
export interface RawFile {
  readonly version: 1
  readonly extends?: string[] | undefined
  readonly sealed?: boolean | undefined
  readonly mode?: 'enforce' | 'observe' | undefined
  readonly tools?: Record<string, unknown> | undefined
  readonly approvers?: Record<string, string> | undefined
  readonly approvals?: RawApprovals | undefined
  readonly deny?: unknown[] | undefined
  readonly require_approval?: unknown[] | undefined
  readonly allow?: unknown[] | undefined
}

interface RawApprovals {
  readonly max_pending?: number | undefined
  readonly max_grant?: string | undefined
}

/** One, or any of several. */
export type OneOrMany<Item> = Item | Item[]

/** A decimal: what was written stands in the source. */
export type RawDecimal = number | string

export interface RawTool {
  readonly capability: string
  readonly command?: OneOrMany<string> | undefined
  readonly shell?: 'bash' | 'sh' | 'zsh' | 'powershell' | 'cmd' | undefined
  readonly cwd?: string | undefined
  readonly sql?: OneOrMany<string> | undefined
  readonly dialect?: 'postgres' | undefined
  readonly path?: OneOrMany<string> | undefined
  readonly root?: string | undefined
  readonly decodes?: boolean | undefined
  readonly url?: OneOrMany<string> | undefined
  readonly amount?: string | undefined
}

/** The conditions of a rule or of an `unless` block. */
export interface RawConditions {
  readonly actor?: OneOrMany<string> | undefined
  readonly session?: OneOrMany<string> | undefined
  readonly environment?: OneOrMany<string> | undefined
  readonly tenant?: OneOrMany<string> | undefined
  readonly user_role?: OneOrMany<string> | undefined
  readonly tool?: OneOrMany<string> | undefined
  readonly risk?: OneOrMany<Risk> | undefined
  readonly risk_at_least?: Risk | undefined
  readonly caller_depth_gt?: number | undefined
  readonly caller_depth_gte?: number | undefined
  readonly caller_depth_lt?: number | undefined
  readonly caller_depth_lte?: number | undefined
  readonly contains?: OneOrMany<string> | undefined
  readonly contains_literal?: OneOrMany<string> | undefined
  readonly shell?: RawShell | undefined
  readonly sql?: RawSql | undefined
  readonly path?: RawPath | undefined
  readonly path_prefix?: OneOrMany<string> | undefined
  readonly url?: RawUrl | undefined
  readonly amount_gt?: RawDecimal | undefined
  readonly amount_gte?: RawDecimal | undefined
  readonly amount_lt?: RawDecimal | undefined
  readonly amount_lte?: RawDecimal | undefined
  readonly amount_eq?: RawDecimal | undefined
  readonly args?: Record<string, RawMatcher> | undefined
  readonly args_only?: string[] | undefined
  readonly after?: RawAfter | undefined
  readonly unless?: RawConditions | undefined
}

export interface RawShell {
  readonly effects_any?: OneOrMany<ShellEffectKind> | undefined
  readonly effects_only?: OneOrMany<ShellEffectKind> | undefined
  readonly program?: OneOrMany<string> | undefined
  readonly flags_all?: OneOrMany<string> | undefined
  readonly flags_any?: OneOrMany<string> | undefined
  readonly targets_under?: OneOrMany<string> | undefined
  readonly targets_outside?: OneOrMany<string> | undefined
}

export interface RawSql {
  readonly effects_any?: OneOrMany<SqlEffect> | undefined
  readonly effects_only?: OneOrMany<SqlEffect> | undefined
  readonly kinds_any?: OneOrMany<SqlKind> | undefined
  readonly kinds_only?: OneOrMany<SqlKind> | undefined
  readonly tables_any?: OneOrMany<string> | undefined
  readonly tables_only?: OneOrMany<string> | undefined
  readonly functions_any?: OneOrMany<string> | undefined
  readonly where?: OneOrMany<'missing' | 'constant'> | undefined
}

export interface RawPath {
  readonly under?: OneOrMany<string> | undefined
  readonly outside?: OneOrMany<string> | undefined
}

export interface RawUrl {
  readonly schemes?: OneOrMany<string> | undefined
  readonly hosts?: OneOrMany<string> | undefined
  readonly host_class?: OneOrMany<HostClass> | undefined
  readonly ports?: OneOrMany<number> | undefined
}

export interface RawAfter {
  readonly capability: OneOrMany<string>
  readonly within: string
  readonly by: ContextField | 'all'
}

/** Its `max` is read from the source. */
export interface RawLimit {
  readonly count?: true | undefined
  readonly sum?: string | undefined
  readonly max: RawDecimal
  readonly per: string
  readonly by: OneOrMany<LimitField | 'all'>
}

/** A scalar (equal), a list (one of), or operators. */
export type RawMatcher = string | number | boolean | null | unknown[] | RawOperators

interface RawOperators {
  readonly eq?: unknown
  readonly ne?: unknown
  readonly in?: unknown[] | undefined
  readonly not_in?: unknown[] | undefined
  readonly gt?: RawDecimal | undefined
  readonly gte?: RawDecimal | undefined
  readonly lt?: RawDecimal | undefined
  readonly lte?: RawDecimal | undefined
  readonly contains?: string | undefined
  readonly starts_with?: string | undefined
  readonly ends_with?: string | undefined
  readonly glob?: string | undefined
  readonly matches?: string | undefined
  readonly type?: OneOrMany<JsonType> | undefined
  readonly length_lte?: number | undefined
  readonly present?: boolean | undefined
}

export interface RawApproval {
  readonly expires_in?: string | undefined
  readonly quorum?: number | undefined
  readonly approvers?: OneOrMany<string> | undefined
}

/** A rule of any list; which keys it may have depends on the list, and its schema says so. */
export interface RawRule extends RawConditions {
  readonly id?: string | undefined
  readonly capability: OneOrMany<string>
  readonly reason?: string | undefined
  readonly mode?: 'enforce' | 'observe' | undefined
  readonly unknown?: 'deny' | 'ask' | undefined
  readonly approval?: RawApproval | undefined
  readonly limit?: RawLimit | undefined
  readonly examples?: RawExamples | undefined
}

export interface RawExamples {
  readonly match?: RawExample[] | undefined
  readonly not_match?: RawExample[] | undefined
}

/** A short event; its `args` are read from the source. */
export interface RawExample {
  readonly capability?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly resource?: string | undefined
  readonly scope?: string | undefined
  readonly environment?: string | undefined
  readonly risk?: Risk | undefined
  readonly session?: string | undefined
  readonly tenant?: string | undefined
  readonly user_role?: string | undefined
  readonly caller_depth?: number | undefined
  readonly tool?: string | undefined
  readonly server?: string | undefined
  readonly args?: Record<string, unknown> | undefined
}
