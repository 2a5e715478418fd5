import { ApprovalEngine, type HeldGrant } from '@capfence/core'
import { durationText } from '../duration.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Output, Terminal } from '../output.ts'
import { field } from '../show/marked.ts'
import { scopeText } from '../show/scope-text.ts'
import { row } from '../table.ts'
import { trailPath, withTrail } from '../trail/open-trail.ts'
import { jsonLine } from '../visible.ts'

/** Which database to look into, and how to list. */
export interface ListOptions {
  readonly database: string | undefined
  readonly json: boolean
}

/** Lists the grants that can still be used, the first to end first. Changes nothing. */
export function grants({ database, json }: ListOptions, { out }: Terminal): Promise<ExitCode> {
  return withTrail(trailPath(database), async ({ engine }) => {
    const found = await new ApprovalEngine({ engine }).grants()
    const now = await engine.now()
    if (json) await out.write(found.map(asJson).join(''))
    else if (found.length === 0) await out.write('no grant counts now\n')
    else await out.write([header(out), ...found.map((grant) => asRow(grant, now))].join(''))
    return EXIT.ok
  })
}

const COLUMNS = [
  ['id', 24],
  ['actor', 18],
  ['capability', 30],
  ['uses left', 9],
  ['expires in', 10],
  ['by', 14],
  ['only', 0],
] as const

function header({ paint }: Output): string {
  return row(COLUMNS.map(([text, width]) => ({ text, width, paint: paint.dim })))
}

function asRow(grant: HeldGrant, now: number): string {
  const { id, scope, expires_at: end, approver } = grant.statement
  const left = usesLeft(grant)
  const texts = [
    field(id),
    field(scope.actor),
    field(scope.capability),
    left === null ? 'any' : String(left),
    durationText(end - now),
    field(approver),
    scopeText(scope),
  ]
  return row(texts.map((text, index) => ({ text, width: COLUMNS[index]?.[1] ?? 0, isVisible: true })))
}

function asJson(grant: HeldGrant): string {
  const { id, scope, expires_at: end, approver, reason } = grant.statement
  return jsonLine({
    id,
    ...scope,
    uses_left: usesLeft(grant),
    granted_at: grant.at,
    expires_at: end,
    by: approver,
    reason,
  })
}

// Null for any number.
function usesLeft({ statement: { uses }, used, returned }: HeldGrant): number | null {
  return uses === null ? null : Math.max(0, uses - (used - returned))
}
