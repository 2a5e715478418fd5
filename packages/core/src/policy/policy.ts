import type { ActionEvent } from '../action/action-event.ts'
import type { FactWords, Plan } from '../action/plan.ts'
import type { ToolBinding } from '../action/tool-binding.ts'
import type { Json } from '../kernel/json.ts'
import type { FactReaders } from './fact-readers.ts'
import type { Explanation, Ruling } from './ruling.ts'
import type { AllowedAction, LimitTerm, MarkKind, StateReadings, StateTerms } from './state-terms.ts'
import type { TouchPlace, Touches } from './touches.ts'

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
  /** The longest that a grant may live, in milliseconds. */
  readonly maxGrantMs: number
  /** The state that a ruling on the event rests on, and that the event changes; undefined where there is none. */
  stateOf(event: ActionEvent): StateTerms | undefined
  /**
   * Synchronous, pure and total: what cannot be judged is unknown, and unknown never allows. Without readings, every
   * `limit` and `after` is unknown.
   */
  evaluate(event: ActionEvent, readings?: StateReadings): Ruling
  explain(event: ActionEvent, readings?: StateReadings): Explanation
  /** The files that it was read from, by their real paths; none where it was given as a text. */
  readonly files: readonly string[]
  /** What the action surely does to files of this machine, and which programs it surely runs. */
  touchesOf(event: ActionEvent, at: TouchPlace): Touches | undefined
  /** What commands, SQL and paths are read with. */
  readonly readers: FactReaders
  /**
   * What should run in place of the arguments as they were written: argv, real paths, canonical URLs, as they were
   * judged. It depends on the tool's binding alone; undefined where there is none to make.
   */
  planOf(event: ActionEvent): Plan | undefined
  /** What the event's arguments were found to mean, in words for its record; undefined where nothing was looked at. */
  factsOf(event: ActionEvent): FactWords | undefined
  /**
   * Whether with some arguments an action of this context could run, now or once a person agrees. Errs towards yes: for
   * what is only shown or hidden.
   */
  couldAllow(event: ActionEvent): boolean
  /** The limits that the event is charged to once it is allowed: those of rules that are not false but for the limit. */
  chargesOf(event: ActionEvent, readings: StateReadings): readonly LimitTerm[]
  /** Every kind of mark that the policy's `after` conditions read, each once, with its longest window. */
  readonly markKinds: readonly MarkKind[]
  /** The marks of the kinds in `markKinds` that an allowed action sets. */
  marksOf(action: AllowedAction): readonly { readonly kind: string; readonly mark: string }[]
  /**
   * Whether a grant's `args` conditions, in the form that `grantArgs` made, all hold for certain. What is not in that
   * form, or has a text operator on an argument that is judged by its meaning, does not hold.
   */
  argsHold(event: ActionEvent, conditions: Json): boolean
}

/** One thing that is wrong with a policy, or that its writer should know. Lines and columns count from 1. */
export interface PolicyFinding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}
