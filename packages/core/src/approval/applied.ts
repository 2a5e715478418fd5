import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { type SignedStatement, type Statement, type StatementKind, parseSigned } from './statement.ts'

/** A signed statement as the state holds it: with where and when it was recorded. */
export interface Applied<Own extends Statement = Statement> extends SignedStatement<Own> {
  /** The engine's time of the record; milliseconds. */
  readonly at: number
  readonly chain: string
  readonly seq: number
  /** The trusted name of whoever signed, at that time: for people alone. */
  readonly by: string
}

/** From a state value; undefined for whatever is not exactly one. */
export function parseApplied<Kind extends StatementKind>(
  value: Json | undefined,
  ...kinds: readonly Kind[]
): Applied<Extract<Statement, { kind: Kind }>> | undefined {
  if (!isJsonObject(value)) return undefined
  const signed = parseSigned(value, ...kinds)
  const { at, chain, seq, by } = value
  const isPlaced = typeof chain === 'string' && typeof by === 'string' && isWhole(at) && isWhole(seq)
  return signed !== undefined && isPlaced ? { ...signed, at, chain, seq, by } : undefined
}

/** The JSON object in a state value; undefined where it holds none. A damaged value grants nothing. */
export function parseState(value: string | undefined): JsonObject | undefined {
  if (value === undefined) return undefined
  try {
    const parsed = JSON.parse(value) as Json // whatever JSON.parse gives is JSON
    return isJsonObject(parsed) && parsed['v'] === 1 ? parsed : undefined
  } catch {
    return undefined // damaged, so it says nothing
  }
}

/** Whether a value is a whole number. */
export function isWhole(value: Json | undefined): value is number {
  return Number.isSafeInteger(value)
}
