import { RISKS } from '../action/action-event.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { MAX_BODY_BYTES } from './fit-body.ts'
import type { RecordBody } from './record-body.ts'

type Check = (value: Json) => boolean
type Members = Readonly<Record<string, Check>>

const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isInteger: Check = (value) => Number.isSafeInteger(value)
const isCount: Check = (value) => isInteger(value) && (value as number) >= 0 // a safe integer is a number
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isKeyId: Check = (value) => typeof value === 'string' && /^[0-9a-f]{8}$/.test(value)
const isOneOf =
  (...values: readonly Json[]): Check =>
  (value) =>
    values.includes(value)
const isList =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const isShape =
  (members: Members): Check =>
  (value) =>
    isJsonObject(value) && shapeFault(value, members) === undefined
const isTruncated = isShape({ truncated: isHash, bytes: isCount })
const orCut =
  (check: Check): Check =>
  (value) =>
    check(value) || isTruncated(value)

const OUTCOMES = ['succeeded', 'failed', 'timed_out', 'unknown', 'not_executed', 'caller'] as const

const COMMON: Members = {
  v: isOneOf(1),
  origin: isText,
  chain: isText,
  seq: isCount,
  at: isInteger,
  kind: isText,
  key: isKeyId,
  writer: isText,
}

const REJECTION: Members = { id: orCut(isText), actor: orNull(orCut(isText)), at: isInteger }

const EVENT: Members = {
  id: orCut(isText),
  at: isInteger,
  capability: isText,
  actor: orCut(isText),
  action: orCut(isText),
  resource: orCut(isText),
  environment: orCut(isText),
  risk: isOneOf(...RISKS),
}

const EVENT_OPTIONS: Members = {
  scope: orCut(isText),
  session: orCut(isText),
  tenant: orCut(isText),
  user_role: orCut(isText),
  caller_depth: isCount,
  actor_chain: orCut(isList(isText)),
  tool: orCut(isText),
}

const isEvent: Check = (value) =>
  isJsonObject(value) &&
  shapeFault(value, 'capability' in value ? EVENT : REJECTION, 'capability' in value ? EVENT_OPTIONS : {}) === undefined

const isCommitment = isShape({ path: isText, commit: isHash })

// By path in code units, and no path twice.
const isCommitments: Check = (value) => {
  if (!isList(isCommitment)(value)) return false
  const paths = (value as readonly { readonly path: string }[]).map(({ path }) => path) // checked in the line above
  return paths.every((path, at) => at === 0 || (paths[at - 1] ?? '') < path)
}

// What else a statement says is for whoever knows approvals; that it is canonical was seen with the whole body.
const isStatement: Check = (value) =>
  isJsonObject(value) && isText(value['id'] ?? null) && isText(value['kind'] ?? null)

const isCharge = isShape({ amount: isText, counter: isHash, per_ms: isCount, rule: isText })

// Members that may be left out.
const OPTIONS: Readonly<Partial<Record<RecordBody['kind'], Members>>> = {
  decision: {
    charges: (value) => Array.isArray(value) && value.length > 0 && value.every(isCharge),
    facts: orCut((value) => isJsonObject(value) && Object.values(value).every(isList(isText))),
    plan: isHash,
  },
  outcome: { reason: orCut(isText) },
}

const MEMBERS: Readonly<Record<RecordBody['kind'], Members>> = {
  decision: {
    ...COMMON,
    event: isEvent,
    args: isCommitments,
    digest: orNull(isHash),
    decision: isOneOf('allow', 'deny', 'require_approval'),
    enforced: isFlag,
    code: isText,
    rule: orNull(orCut(isText)),
    rules: orCut(isList(isText)),
    observed: orCut(isList(isText)),
    message: orCut(isText),
    policy: orNull(isText),
    grants: orCut(isList(isText)),
    request: orNull(isShape({ id: isText, expires_at: isInteger })),
    outcome: isOneOf('open', 'caller', 'none'),
  },
  outcome: {
    ...COMMON,
    of: isShape({ chain: isText, seq: isCount }),
    event_id: orCut(isText),
    outcome: isOneOf(...OUTCOMES),
    error: orNull(orCut(isText)),
    duration_ms: orNull(isCount),
    by: orNull(orCut(isText)),
  },
  statement: {
    ...COMMON,
    statement: isStatement,
    sig: isText,
    by: orNull(isText),
    assurance: isOneOf('local', 'separate'),
    refused: orNull(isText),
  },
  ungated: {
    ...COMMON,
    adapter: isText,
    actor: orCut(isText),
    tools: orCut(isList(isText)),
    reason: orCut(isText),
  },
  opened: { ...COMMON, vkey: isText, engine: isText },
  head_adopted: { ...COMMON, size: isCount, entry: isHash },
  loss_accepted: {
    ...COMMON,
    found: orCut(isText),
    remembered: orNull(isShape({ origin: isText, size: isCount, entry: isHash })),
    reason: orCut(isText),
  },
}

/**
 * A record from its stored text. `AUDIT_CORRUPT` for what `sealBody` would not have written: not canonical, too large,
 * an unknown kind or version, a member that is missing, left over or of another type. Says nothing of signatures.
 * In `any` form the text need not be canonical: for one that a signature covers.
 */
export function decodeBody(text: string, form: 'canonical' | 'any' = 'canonical'): RecordBody {
  const value = parse(text, form)
  if (!isJsonObject(value)) throw corrupt('is not a JSON object')
  if (value['v'] !== 1) throw corrupt('is of a version that this program does not know')
  const { kind } = value
  if (typeof kind !== 'string' || !Object.hasOwn(MEMBERS, kind)) {
    throw corrupt('is of a kind that this program does not know')
  }
  const known = kind as RecordBody['kind'] // a key of the table
  const fault = shapeFault(value, MEMBERS[known], OPTIONS[known])
  if (fault !== undefined) throw corrupt(fault)
  return value as unknown as RecordBody // every member was checked
}

function parse(text: string, form: 'canonical' | 'any'): Json {
  if (text.length > MAX_BODY_BYTES || Buffer.byteLength(text) > MAX_BODY_BYTES) throw corrupt('is too large')
  let value: Json
  try {
    value = JSON.parse(text) as Json // whatever JSON.parse gives is JSON
    // Duplicate members, blanks, another order, other escapes: none of them survives this comparison.
    if (form === 'any' || canonicalJson(value) === text) return value
  } catch (cause) {
    throw corrupt(isCapFenceError(cause) ? 'has no canonical form' : 'is not JSON', cause)
  }
  throw corrupt('is not in canonical form')
}

function shapeFault(value: JsonObject, required: Members, optional: Members = {}): string | undefined {
  let found = 0
  for (const name of Object.keys(value)) {
    const isRequired = Object.hasOwn(required, name)
    const check = isRequired ? required[name] : Object.hasOwn(optional, name) ? optional[name] : undefined
    if (check === undefined) return `has the unknown member \`${name.slice(0, 40)}\``
    if (!check(value[name] ?? null)) return `has a wrong \`${name}\``
    if (isRequired) found++
  }
  return found === Object.keys(required).length ? undefined : 'lacks a member'
}

function corrupt(why: string, cause?: unknown): CapFenceError {
  return new CapFenceError('AUDIT_CORRUPT', `the body ${why}`, cause === undefined ? {} : { cause })
}
