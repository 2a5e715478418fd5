import type { Applied } from './applied.ts'
import type { HeldGrant } from './grants.ts'
import type { PendingRequest, StateView } from './requests.ts'
import type { StateWrite } from './state-store.ts'
import type { SignedStatement, Statement } from './statement.ts'
import type { TargetState } from './suspension.ts'
import type { Notary } from './trusted.ts'

/** What applying a statement comes to: what it changes, or why it changes nothing. */
export type Application =
  | { readonly refused: undefined; readonly writes: readonly StateWrite[]; readonly saw: Seen }
  | { readonly refused: string; readonly writes: readonly StateWrite[] }

/** What whoever applied a statement knows from then on, whatever the state says. */
type Seen = { readonly request: PendingRequest } | { readonly grant: HeldGrant } | { readonly target: TargetState }

/** Where and by whose rules a statement is applied. */
export interface ApplicationPlace extends StateView {
  readonly chain: string
  /** The record of the statement. */
  readonly seq: number
  readonly notary: Notary
  /** The longest that a grant may live, in milliseconds. */
  readonly maxGrantMs: number
}

/** Where a statement is applied, and for whom. */
export interface To {
  readonly place: ApplicationPlace
  /** The trusted name of whoever signed. */
  readonly name: string
}

/** A statement as the state holds it from now on. */
export function applied<Own extends Statement>(
  signed: SignedStatement<Own>,
  { place: { now, chain, seq }, name }: To,
): Applied<Own> {
  return { statement: signed.statement, sig: signed.sig, at: now, chain, seq, by: name }
}

/** A statement that changes something. */
export function done(writes: readonly StateWrite[], saw: Seen): Application {
  return { refused: undefined, writes, saw }
}

/** A statement that changes nothing. */
export function refused(why: string): Application {
  return { refused: why, writes: [] }
}
