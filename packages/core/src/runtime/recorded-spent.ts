import type { RecordPlace } from '../action/verdict.ts'
import { parseRequest, requestKey } from '../approval/requests.ts'
import { DIGEST_PATH } from '../audit/commitment.ts'
import { decodeBody } from '../audit/decode-body.ts'
import type { DecisionBody } from '../audit/record-body.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { Spent } from './spent.ts'

/**
 * What a decision used up, as its record says it: the state could say anything. Undefined where the record is not there,
 * or where its digest is no longer kept, so that nobody knows whose approvals they were; then nothing is given back.
 */
export async function recordedSpent(engine: BaseDBEngine, { chain, seq }: RecordPlace): Promise<Spent | undefined> {
  const [row] = await engine.records({ chain, from: seq, limit: 1 })
  const body = row?.seq === seq ? decodeBody(row.body) : undefined
  if (body?.kind !== 'decision' || !('capability' in body.event)) return undefined
  const ids = Array.isArray(body.grants) ? (body.grants as readonly string[]) : []
  return {
    grants: grantsOf(body.event.actor, ids),
    request: ids.some((id) => id.startsWith('apr-')) ? await requestOf(engine, body, ids) : null,
    charges: (body.charges ?? []).map(({ counter, per_ms: perMs, amount }) => ({
      counter,
      perMs,
      amount,
      at: body.at,
    })),
  }
}

function grantsOf(actor: unknown, ids: readonly string[]): Spent['grants'] {
  const held = ids.filter((id) => id.startsWith('grt-'))
  return held.length > 0 && typeof actor === 'string' ? { actor, ids: held } : null
}

async function requestOf(
  engine: BaseDBEngine,
  { chain, seq }: DecisionBody,
  ids: readonly string[],
): Promise<Spent['request']> {
  const values = await engine.values({ chain, from: seq, to: seq + 1 })
  const digest = values.find(({ path }) => path === DIGEST_PATH)?.value
  if (digest === undefined) return null
  const { state } = await engine.read({ keys: [requestKey(digest)] })
  const request = parseRequest(state.get(requestKey(digest))?.value)
  const isTheirs = request?.approvals.some(({ statement }) => ids.includes(statement.id)) === true
  return isTheirs ? { digest, id: request.id } : null
}
