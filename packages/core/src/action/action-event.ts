import { CapFenceError, messageOf } from '../kernel/errors.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import { snapshot } from '../kernel/snapshot.ts'
import { parseRfc3339 } from '../kernel/time.ts'
import { type Capability, asciiLower, capabilityOf } from './capability.ts'

/** How much harm an action can do, from least to most. */
export const RISKS = ['low', 'medium', 'high', 'critical'] as const
export type Risk = (typeof RISKS)[number]

/** What `ActionEvent.create` takes. Context comes from the host that wraps the tools, never from `args`. */
export interface ActionEventInit {
  /** Unique; the identity of the call. A random one where none is given. */
  readonly id?: string | undefined
  readonly actor: string
  readonly action: string
  readonly resource: string
  readonly scope?: string | undefined
  readonly environment: string
  readonly risk: Risk
  readonly session?: string | undefined
  readonly tenant?: string | undefined
  readonly userRole?: string | undefined
  /** How many agents stand between the host and this call; 0 for a direct one. */
  readonly callerDepth?: number | undefined
  /** The agents that led here, outermost first. */
  readonly actorChain?: readonly string[] | undefined
  readonly tool?: string | undefined
  /** The tool's arguments: plain JSON data, dates and bytes. */
  readonly args?: unknown
  /** When it was asked: milliseconds since 1970, or RFC 3339. Information; never compared with a clock. */
  readonly at?: number | string | undefined
}

/** The largest context field, in UTF-16 units. */
export const MAX_FIELD_LENGTH = 1024
/** The longest chain of agents. */
export const MAX_ACTOR_CHAIN = 64

// prettier-ignore
const FIELDS: ReadonlySet<string> = new Set([
  'id', 'actor', 'action', 'resource', 'scope', 'environment', 'risk', 'session', 'tenant', 'userRole',
  'callerDepth', 'actorChain', 'tool', 'args', 'at',
])

/** What an agent wants to do, before it is done. Deep-frozen; only `create` makes one. */
export class ActionEvent {
  readonly id: string
  readonly actor: string
  readonly action: string
  readonly resource: string
  readonly scope: string | undefined
  readonly environment: string
  readonly risk: Risk
  readonly session: string | undefined
  readonly tenant: string | undefined
  readonly userRole: string | undefined
  readonly callerDepth: number | undefined
  readonly actorChain: readonly string[] | undefined
  readonly tool: string | undefined
  readonly args: JsonObject
  readonly at: number
  // Private, so that neither a spread copy nor a look-alike passes for an event.
  readonly #capability: Capability

  private constructor(fields: JsonObject, ports: Machine) {
    this.id = optionalText(fields, 'id') ?? ports.ids.id()
    this.actor = text(fields, 'actor')
    this.action = text(fields, 'action')
    this.resource = text(fields, 'resource')
    this.scope = optionalText(fields, 'scope')
    this.environment = environment(fields)
    this.risk = risk(fields)
    this.session = optionalText(fields, 'session')
    this.tenant = optionalText(fields, 'tenant')
    this.userRole = optionalText(fields, 'userRole')
    this.callerDepth = callerDepth(fields)
    this.actorChain = actorChain(fields)
    this.tool = optionalText(fields, 'tool')
    this.args = args(fields)
    this.at = at(fields) ?? ports.clock.now()
    this.#capability = eventCapability(this)
    Object.freeze(this)
  }

  /** `resource.action.scope`, folded and checked once. */
  get capability(): Capability {
    return this.#capability
  }

  /**
   * Takes a deep-frozen snapshot of an action. What cannot be one is `EVENT_INVALID`, with the field and what was
   * expected. Unknown fields are refused: a misspelt `tenant` must not silently widen a rule.
   */
  static create(init: ActionEventInit, ports: Machine = machine()): ActionEvent {
    const fields = snapshot(init, 'event')
    if (!isJsonObject(fields)) throw invalid('event', 'is not an object')
    const stray = Object.keys(fields).find((key) => !FIELDS.has(key))
    if (stray !== undefined) throw invalid(`event.${stray.slice(0, 40)}`, 'is not a field of an event')
    return new ActionEvent(fields, ports)
  }

  /** True for what `create` made, and nothing that only looks like it. */
  static is(value: unknown): value is ActionEvent {
    return typeof value === 'object' && value !== null && #capability in value
  }
}

function eventCapability(event: ActionEvent): Capability {
  try {
    return capabilityOf(event)
  } catch (cause) {
    throw new CapFenceError('EVENT_INVALID', `the event's capability: ${messageOf(cause)}`, { cause })
  }
}

function text(fields: JsonObject, key: string): string {
  const value = optionalText(fields, key)
  if (value === undefined) throw invalid(`event.${key}`, 'is missing')
  return value
}

// Control characters and blanks at the ends would let two different actors look and log alike.
function optionalText(fields: JsonObject, key: string): string | undefined {
  const value = fields[key]
  return value === undefined ? undefined : contextText(value, `event.${key}`)
}

function contextText(value: Json, path: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(path, 'is not a non-empty text')
  if (value.length > MAX_FIELD_LENGTH) throw invalid(path, `is longer than ${String(MAX_FIELD_LENGTH)}`)
  if (HIDDEN.test(value) || value.trim() !== value) {
    throw invalid(path, 'has control or invisible characters, or blanks at an end')
  }
  return value
}

// What would let two different names look and log alike.
const HIDDEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u

// Folded like a capability's scope, for it is one where no other scope is given: `Production` is no way past `production`.
function environment(fields: JsonObject): string {
  const folded = asciiLower(text(fields, 'environment'))
  if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(folded))
    throw invalid('event.environment', 'is not a-z, 0-9, `_`, `-`, `.`')
  return folded
}

function risk(fields: JsonObject): Risk {
  const found = RISKS.find((level) => level === fields['risk'])
  if (found === undefined) throw invalid('event.risk', `is not one of ${RISKS.join(', ')}`)
  return found
}

function callerDepth(fields: JsonObject): number | undefined {
  const value = fields['callerDepth']
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 1_000_000) {
    throw invalid('event.callerDepth', 'is not a whole number from 0')
  }
  return value
}

function actorChain(fields: JsonObject): readonly string[] | undefined {
  const value = fields['actorChain']
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid('event.actorChain', 'is not a list')
  if (value.length > MAX_ACTOR_CHAIN) throw invalid('event.actorChain', `is longer than ${String(MAX_ACTOR_CHAIN)}`)
  return Object.freeze(value.map((item: Json, index) => contextText(item, `event.actorChain[${String(index)}]`)))
}

function args(fields: JsonObject): JsonObject {
  const value = fields['args']
  if (value === undefined) return Object.freeze({})
  if (!isJsonObject(value) || Object.hasOwn(value, '$capfence')) throw invalid('event.args', 'is not an object')
  return value
}

function at(fields: JsonObject): number | undefined {
  const value = fields['at']
  if (value === undefined) return undefined
  const time = typeof value === 'string' ? parseRfc3339(value) : value
  if (typeof time !== 'number' || !Number.isSafeInteger(time)) {
    throw invalid('event.at', 'is neither whole milliseconds since 1970 nor an RFC 3339 time')
  }
  return time
}

function invalid(path: string, why: string): CapFenceError {
  return new CapFenceError('EVENT_INVALID', `\`${path}\` ${why}`)
}
