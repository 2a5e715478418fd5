import { sha256Hex } from '../kernel/digest.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { type Applied, isWhole, parseApplied, parseState } from './applied.ts'
import type { StateWrite } from './state-store.ts'
import type { GrantStatement, RevokeStatement } from './statement.ts'

/** A pre-authorization as the state holds it. */
export interface HeldGrant extends Applied<GrantStatement> {
  /** How often it was used; only grows. */
  readonly used: number
  /** How many of those uses were given back, for the action is known never to have run; only grows. */
  readonly returned: number
  /** The statement that took it back, or null. */
  readonly revoked: Applied<RevokeStatement> | null
}

/** The prefix of all grants in the state. */
export const GRANTS = 'grants/'

/** The most grants that one actor may hold at a time: each decision that needs one reads them all. */
export const MAX_GRANTS_PER_ACTOR = 64

/** Where an actor's grants stand. */
export function grantsKey(actor: string): string {
  return `${GRANTS}${sha256Hex(actor)}`
}

/** An actor's grants. What is damaged is left out: it grants nothing. `wanted` spares reading what cannot count. */
export function parseGrants(
  value: string | undefined,
  wanted: (scope: JsonObject) => boolean = () => true,
): readonly HeldGrant[] {
  const grants = parseState(value)?.['grants']
  if (!Array.isArray(grants)) return []
  return grants.flatMap((item: Json) => {
    const scope = scopeOf(item)
    return scope !== undefined && wanted(scope) ? parseGrant(item) : []
  })
}

/** An actor's grants as a state value; null where there are none. */
export function grantsWrite(actor: string, grants: readonly HeldGrant[]): StateWrite {
  return { key: grantsKey(actor), value: grants.length === 0 ? null : JSON.stringify({ v: 1, grants }) }
}

/** How often a grant may still be used; null for any number. */
export function usesLeft({ statement, used, returned }: HeldGrant): number | null {
  return statement.uses === null ? null : Math.max(0, statement.uses - (used - returned))
}

/** Whether a grant may still be used at a time. Expiry is on the engine's clock. */
export function isLiveGrant(grant: HeldGrant, now: number): boolean {
  return grant.revoked === null && now < grant.statement.expires_at && usesLeft(grant) !== 0
}

/** Whether nobody needs to remember a grant any longer: it can never be used, also not when a use is given back. */
export function isOver({ statement }: HeldGrant, now: number): boolean {
  return now >= statement.expires_at
}

function scopeOf(item: Json): JsonObject | undefined {
  const statement = isJsonObject(item) ? item['statement'] : undefined
  const scope = isJsonObject(statement) ? statement['scope'] : undefined
  return isJsonObject(scope) ? scope : undefined
}

function parseGrant(item: Json): readonly HeldGrant[] {
  const applied = parseApplied(item, 'grant')
  if (applied === undefined || !isJsonObject(item)) return []
  const { used, returned, revoked } = item
  if (!isWhole(used) || !isWhole(returned) || returned < 0 || returned > used) return []
  const taken = revoked === null ? null : parseApplied(revoked, 'revoke')
  // A revocation that cannot be read is still one.
  return taken === undefined ? [] : [{ ...applied, used, returned, revoked: taken }]
}
