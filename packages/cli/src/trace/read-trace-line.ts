import { type Json, type JsonObject } from '@capfence/core'
import { type Policy, type ToolCall, toolCallEvent } from '@capfence/core/policy'
import { clip, jsonProblem } from './json-problem.ts'
import { isLogRecord, readLogRecord } from './read-log-record.ts'
import { EVENT_FIELDS, type Recorded, type Traced, decisionOf, eventFields, tracedEvent } from './traced.ts'

/** The context that a line need not give. */
const DEFAULTS = { actor: 'trace', environment: 'production', risk: 'medium' } as const

/** What reading a line needs to know. */
export interface Reading {
  readonly policy: Policy
  /** The time of the line before, for one without a time of its own. */
  readonly at: number
}

/** The event of a line of a trace, or why there is none. A tool call becomes an action by the policy's `tools`. */
export function readTraceLine(line: { readonly number: number; readonly text: string }, reading: Reading): Traced {
  if (/^[ \t\r]*$/.test(line.text)) return { kind: 'nothing' }
  let value: Json
  try {
    value = JSON.parse(line.text) as Json // what JSON.parse gives
  } catch {
    return { kind: 'unreadable', message: 'the line is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('the line is not an object')
  const problem = jsonProblem(line.text)
  if (problem !== undefined) return invalid(problem)
  const object = value as JsonObject // neither a scalar nor an array
  return isLogRecord(object) ? readLogRecord(object) : readEvent(object, line.number, reading)
}

function readEvent(object: JsonObject, number: number, { policy, at }: Reading): Traced {
  const recorded = decisionOf(object['recorded'])
  if (Object.hasOwn(object, 'recorded') && recorded === undefined) {
    return invalid('`recorded` is not allow, deny or require_approval')
  }
  const stray = Object.keys(object).find((key) => key !== 'recorded' && !EVENT_FIELDS.has(key))
  if (stray !== undefined) return invalid(`the key \`${clip(stray)}\` is not known here`, recorded)
  // With an id and a time of its own, making the event asks neither chance nor clock.
  const fields = { ...DEFAULTS, at, id: `line-${String(number)}`, ...eventFields(object) }
  const known = { recorded, at: undefined, letThrough: recorded === 'allow' ? true : undefined }
  if (!isToolCall(object)) return tracedEvent(() => fields, known)
  if (typeof fields.tool !== 'string') return invalid('`tool` is not a text', recorded)
  if (Object.hasOwn(object, 'scope'))
    return invalid("a tool call has no `scope`: the policy's `tools` give it", recorded)
  // The other fields are checked when the event is made.
  return tracedEvent(() => toolCallEvent(policy, fields as object as ToolCall), known)
}

function isToolCall(object: JsonObject): boolean {
  return Object.hasOwn(object, 'tool') && !Object.hasOwn(object, 'action') && !Object.hasOwn(object, 'resource')
}

function invalid(message: string, recorded?: Recorded): Traced {
  return { kind: 'invalid', message, recorded }
}
