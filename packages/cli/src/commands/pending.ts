import { ApprovalEngine, type PendingRequest } from '@capfence/core'
import { durationText } from '../duration.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Output, Terminal } from '../output.ts'
import { field } from '../show/marked.ts'
import { signatures } from '../show/request-text.ts'
import { row } from '../table.ts'
import { trailPath, withTrail } from '../trail/open-trail.ts'
import { jsonLine } from '../visible.ts'
import type { ListOptions } from './grants.ts'

/** Lists the requests that wait for a person, oldest first. Changes nothing. */
export function pending({ database, json }: ListOptions, { out }: Terminal): Promise<ExitCode> {
  return withTrail(trailPath(database), async ({ engine }) => {
    const found = await new ApprovalEngine({ engine }).pending()
    const now = await engine.now()
    if (json) await out.write(found.map(asJson).join(''))
    else if (found.length === 0) await out.write('no request waits\n')
    else await out.write([header(out), ...found.map((request) => asRow(request, now))].join(''))
    return EXIT.ok
  })
}

const COLUMNS = [
  ['id', 24],
  ['age', 8],
  ['expires in', 10],
  ['signed', 6],
  ['actor', 18],
  ['capability', 30],
  ['rules', 0],
] as const

function header({ paint }: Output): string {
  return row(COLUMNS.map(([text, width]) => ({ text, width, paint: paint.dim })))
}

function asRow(request: PendingRequest, now: number): string {
  const { names, quorum } = signatures(request)
  const texts = [
    field(request.id),
    durationText(now - request.createdAt),
    durationText(request.expiresAt - now),
    `${String(names.length)} of ${String(quorum)}`,
    field(request.actor),
    field(request.capability),
    request.terms.map(({ rule }) => field(rule)).join(', '),
  ]
  return row(texts.map((text, index) => ({ text, width: COLUMNS[index]?.[1] ?? 0, isVisible: true })))
}

function asJson(request: PendingRequest): string {
  const { id, actor, capability, terms, createdAt, expiresAt } = request
  const { names, quorum } = signatures(request)
  const rules = terms.map(({ rule }) => rule)
  return jsonLine({
    id,
    actor,
    capability,
    rules,
    created_at: createdAt,
    expires_at: expiresAt,
    signatures: names,
    quorum,
  })
}
