import type { Json, JsonObject } from '@capfence/core'
import type {
  DecisionBody,
  HeadAdoptedBody,
  LossAcceptedBody,
  OpenedBody,
  OutcomeBody,
  StatementBody,
  UngatedBody,
} from '@capfence/core/audit'
import type { Output } from '../output.ts'
import { isJsonObject } from '../show/json.ts'
import { type Cell, decisionPaint, row } from '../table.ts'
import type { ReadRecord } from './read-records.ts'

/** A record as one row of a table. */
export function recordRow(record: ReadRecord, { paint }: Output): string {
  const chain = record.chain === 'main' ? '' : `${record.chain} `
  const place: readonly Cell[] = [
    { text: `${chain}${String(record.seq)}`, width: 6, align: 'right', paint: paint.dim },
    { text: 'problem' in record ? '-' : new Date(record.at).toISOString(), width: 24, paint: paint.dim },
  ]
  if ('problem' in record)
    return row([...place, { text: 'unreadable', width: 16, paint: paint.red }, { text: record.problem }])
  const { body } = record
  switch (body.kind) {
    case 'decision':
      return row([...place, ...decisionCells(body, decisionPaint(paint, body.decision))])
    case 'outcome':
      return row([...place, { text: body.outcome, width: 16 }, { text: outcomeText(body) }])
    case 'statement':
      return row([...place, ...statementCells(body)])
    case 'ungated':
      return row([...place, { text: body.kind, width: 16 }, ...ungatedCells(body)])
    default:
      return row([...place, { text: body.kind, width: 16 }, { text: trailText(body) }])
  }
}

// What is told of the trail as a whole.
function trailText(body: OpenedBody | HeadAdoptedBody | LossAcceptedBody): string {
  switch (body.kind) {
    case 'opened':
      return `${body.engine}, key ${body.vkey}`
    case 'head_adopted':
      return `the trail as found, of ${String(body.size)} records`
    case 'loss_accepted':
      return `${shown(body.reason)}: ${shown(body.found)}`
    default:
      return body satisfies never
  }
}

function decisionCells(body: DecisionBody, paint: (text: string) => string): readonly Cell[] {
  const { event, decision, enforced, rule, code, message, request } = body
  const waits = request === null ? '' : ` (request ${request.id})`
  return [
    { text: enforced ? decision : `(${decision})`, width: 16, paint },
    { text: shown(event.actor), width: 18 },
    { text: 'capability' in event ? event.capability : '-', width: 30 },
    { text: shown(rule ?? code), width: 22 },
    { text: `${shown(message)}${waits}` },
  ]
}

function statementCells({ statement, by, refused }: StatementBody): readonly Cell[] {
  const { kind, id, approver, reason } = statement
  const who = by ?? `${textOf(approver)} (not trusted)`
  const why = typeof reason === 'string' ? `: ${reason}` : ''
  const effect = refused === null ? '' : `, of no effect: ${refused}`
  return [
    { text: textOf(kind), width: 16 },
    { text: who, width: 18 },
    { text: aboutText(statement), width: 30 },
    { text: `${textOf(id)}${why}${effect}` },
  ]
}

// What a statement is about: a request, a grant, or whom it lets or stops.
function aboutText({ scope, request, grant, actor }: JsonObject): string {
  if (isJsonObject(scope)) return `${textOf(scope['actor'])}: ${textOf(scope['capability'])}`
  const named = [request, grant, actor].find((value) => typeof value === 'string')
  return actor === null ? 'all actors' : textOf(named)
}

function ungatedCells({ actor, adapter, tools, reason }: UngatedBody): readonly Cell[] {
  const names = Array.isArray(tools) ? tools.join(', ') : '(cut)'
  return [{ text: shown(actor), width: 18 }, { text: `${adapter}: ${names} without a guard: ${shown(reason)}` }]
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '-'
}

function outcomeText({ of, error, duration_ms: durationMs, by, reason }: OutcomeBody): string {
  const parts = [
    `of record ${String(of.seq)}`,
    ...(durationMs === null ? [] : [`${String(durationMs)} ms`]),
    ...(error === null ? [] : [shown(error)]),
    ...(by === null ? [] : [by === 'reconcile' ? 'reconciled' : `says the ${shown(by)}`]),
    ...(reason === undefined ? [] : [shown(reason)]),
  ]
  return parts.join(', ')
}

// What was too large for a record stands there as its digest.
function shown(member: string | { readonly bytes: number } | null): string {
  if (member === null) return '-'
  return typeof member === 'string' ? member : `(${String(member.bytes)} bytes, cut)`
}
