import { utf8 } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { readVkey } from '../kernel/vkey.ts'

/** What a grant covers, each part exactly as it was signed. */
export interface GrantScope {
  readonly actor: string
  /** A narrow capability pattern. */
  readonly capability: string
  readonly session: string | null
  readonly environment: string | null
  readonly tenant: string | null
  /** Conditions on arguments, as the RFC 8785 text of what `grantArgs` made; null where there are none. */
  readonly args: string | null
}

interface StatementBase {
  readonly v: 1
  /** The trail that the statement is for: signed, so that it means nothing in another. */
  readonly origin: string
  /** Random; a statement is applied at most once. */
  readonly id: string
  /** The approver's own name for themselves. Whom a key belongs to is for trust to say. */
  readonly approver: string
  /** The approver's public key, as a vkey. */
  readonly key: string
  /** When it was signed, on the signer's clock: information. */
  readonly at: number
  readonly reason: string | null
}

/** A pre-authorization. `uses`: how often, null for any number until it expires. */
export interface GrantStatement extends StatementBase {
  readonly kind: 'grant'
  readonly scope: GrantScope
  readonly uses: number | null
  readonly expires_at: number
}

/** One signature under a request. `digest` is the request's salted action digest, `expires_at` the latest that it can count. */
export interface ApproveStatement extends StatementBase {
  readonly kind: 'approve'
  readonly request: string
  readonly digest: string
  readonly uses: 1
  readonly expires_at: number
}

/** The end of a request. */
export interface RejectStatement extends StatementBase {
  readonly kind: 'reject'
  readonly request: string
  readonly digest: string
}

/** Takes back a grant, or an approval that has not been used. */
export interface RevokeStatement extends StatementBase {
  readonly kind: 'revoke'
  /** The id of the statement that is taken back. */
  readonly grant: string
}

/** Stops an actor, or with null all actors. */
export interface SuspendStatement extends StatementBase {
  readonly kind: 'suspend'
  readonly actor: string | null
}

/** Lifts one suspension: the one that it names, of this very target. */
export interface ResumeStatement extends StatementBase {
  readonly kind: 'resume'
  readonly actor: string | null
  readonly suspension: string
}

/** What an approver says, before it is signed. */
export type Statement =
  | GrantStatement
  | ApproveStatement
  | RejectStatement
  | RevokeStatement
  | SuspendStatement
  | ResumeStatement

/** What each kind of statement says beside its common members. */
export type StatementKind = Statement['kind']

/** A statement with its Ed25519 signature, in base64. */
export interface SignedStatement<Own extends Statement = Statement> {
  readonly statement: Own
  readonly sig: string
}

/** The longest canonical statement, in UTF-16 units. */
const MAX_STATEMENT_LENGTH = 16_384
const MAX_TEXT = 1024
// Base64, which every record can hold, whether or not it is a signature.
const SIGNATURE = /^[A-Za-z0-9+/]{0,126}={0,2}$/
const DOMAIN = 'capfence/grant/v1\n'

/** The bytes that a signature covers: `"capfence/grant/v1\n" ‖ JCS(statement)`. */
export function statementBytes(statement: Statement): Uint8Array {
  return utf8(DOMAIN + canonicalJson(statement))
}

/** Whether a value is what it should be. */
export type Check = (value: Json | undefined) => boolean

// Names and reasons are shown to people and told to models: nothing in them may hide.
const HIDDEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u
/** Whether a value is a text that a person can be shown whole: not empty, nothing hidden in it. */
export const isText: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= MAX_TEXT && value.isWellFormed() && !HIDDEN.test(value)
const isTextOrNull: Check = (value) => value === null || isText(value)
const isTime: Check = (value) => Number.isSafeInteger(value)
const isIdOf =
  (...kinds: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' &&
    kinds.some((kind) => value.startsWith(`${kind}-`)) &&
    /^[a-z]{3}-[0-9a-f]{20}$/.test(value)
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isKey: Check = (value) => typeof value === 'string' && isVkey(value)
const isArgs: Check = (value) =>
  value === null || (typeof value === 'string' && value.length <= MAX_STATEMENT_LENGTH && value.isWellFormed())
const isUses: Check = (value) => value === null || (Number.isSafeInteger(value) && Number(value) >= 1)
const isScope: Check = (value) =>
  isJsonObject(value) &&
  hasShape(value, {
    actor: isText,
    capability: isText,
    session: isTextOrNull,
    environment: isTextOrNull,
    tenant: isTextOrNull,
    args: isArgs,
  })

const COMMON: Readonly<Record<string, Check>> = {
  v: (value) => value === 1,
  kind: isText,
  origin: isText,
  approver: isText,
  key: isKey,
  at: isTime,
  reason: isTextOrNull,
}

// The kind of a statement shows in its id, so that none can bear another's.
const MEMBERS: Readonly<Record<StatementKind, Readonly<Record<string, Check>>>> = {
  grant: { ...COMMON, id: isIdOf('grt'), scope: isScope, uses: isUses, expires_at: isTime },
  approve: {
    ...COMMON,
    id: isIdOf('apr'),
    request: isIdOf('req'),
    digest: isHash,
    uses: (value) => value === 1,
    expires_at: isTime,
  },
  reject: { ...COMMON, id: isIdOf('rej'), request: isIdOf('req'), digest: isHash },
  revoke: { ...COMMON, id: isIdOf('rev'), grant: isIdOf('grt', 'apr') },
  suspend: { ...COMMON, id: isIdOf('sus'), actor: isTextOrNull },
  resume: { ...COMMON, id: isIdOf('res'), actor: isTextOrNull, suspension: isIdOf('sus') },
}

/** A statement from JSON; undefined for whatever is not exactly one. Says nothing of its signature. */
function parseStatement(value: Json | undefined): Statement | undefined {
  if (!isJsonObject(value)) return undefined
  const kind = value['kind']
  if (typeof kind !== 'string' || !Object.hasOwn(MEMBERS, kind)) return undefined
  if (!hasShape(value, MEMBERS[kind as StatementKind])) return undefined // a key of the table
  return canonicalJson(value).length > MAX_STATEMENT_LENGTH ? undefined : (value as unknown as Statement) // every member was checked
}

/** A signed statement of one kind from JSON; undefined for whatever is not exactly one. */
export function parseSigned<Kind extends StatementKind>(
  value: Json | undefined,
  ...kinds: readonly Kind[]
): SignedStatement<Extract<Statement, { kind: Kind }>> | undefined {
  if (!isJsonObject(value)) return undefined
  const statement = parseStatement(value['statement'])
  const sig = value['sig']
  if (statement === undefined || typeof sig !== 'string' || !SIGNATURE.test(sig)) return undefined
  const isWanted = kinds.length === 0 || kinds.some((kind) => kind === statement.kind)
  return isWanted ? { statement: statement as Extract<Statement, { kind: Kind }>, sig } : undefined // of a kind that is wanted
}

function hasShape(value: JsonObject, members: Readonly<Record<string, Check>>): boolean {
  const names = Object.keys(value)
  return names.length === Object.keys(members).length && names.every((name) => isMember(members, name, value[name]))
}

function isMember(members: Readonly<Record<string, Check>>, name: string, value: Json | undefined): boolean {
  return Object.hasOwn(members, name) && members[name]?.(value) === true
}

function isVkey(text: string): boolean {
  try {
    readVkey(text)
    return true
  } catch {
    return false // not a key, so whoever says it is is nobody
  }
}
