import type { ActionEvent } from '../action/action-event.ts'
import type { ToolBinding } from '../action/tool-binding.ts'
import type { Explanation, Ruling } from './ruling.ts'

/** A loaded policy: composed, checked and compiled. Immutable. */
export interface Policy {
  /** SHA-256, in hex, of `canonical`. */
  readonly digest: string
  /** The composed policy as RFC 8785 text: what is archived. */
  readonly canonical: string
  readonly mode: 'enforce' | 'observe'
  /** The most live requests an actor may have waiting. */
  readonly maxPendingPerActor: number
  /** Approvers' public keys by name; undefined where the policy has none of its own, so that `trust.json` counts. */
  readonly approvers: ReadonlyMap<string, string> | undefined
  /** The binding of a tool: by its exact name, else by the longest literal prefix; undefined where `tools` names none. */
  bindingOf(tool: string): ToolBinding | undefined
  /** Synchronous, pure and total: what cannot be judged is unknown, and unknown never allows. */
  evaluate(event: ActionEvent): Ruling
  explain(event: ActionEvent): Explanation
}

/** One thing that is wrong with a policy, or that its writer should know. Lines and columns count from 1. */
export interface PolicyFinding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}
