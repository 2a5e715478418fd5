import { decodeBody } from '../audit/decode-body.ts'
import type { RecordBody } from '../audit/record-body.ts'
import type { Policy } from '../policy/policy.ts'
import type { AllowedAction } from '../policy/state-terms.ts'
import type { BaseDBEngine } from './base-db-engine.ts'

const PAGE = 512

/** Where to look, and by whose rules. */
export interface MarkSearch {
  readonly engine: Pick<BaseDBEngine, 'records'>
  readonly chain: string
  readonly policy: Pick<Policy, 'marksOf'>
}

/** When each mark was last set, by what the trail says. */
export type FoundMarks = Map<string, number>

/** The marks of the records from `from` up to `to`, which is not among them. */
export async function marksBetween(search: MarkSearch, from: number, to: number): Promise<FoundMarks> {
  const marks: FoundMarks = new Map()
  for (let next = from; next < to;) {
    const bodies = await bodiesOf(search, next, Math.min(to, next + PAGE))
    if (bodies.length === 0) break
    for (const body of bodies) note(body, search, marks)
    next += bodies.length
  }
  return marks
}

/** The marks of the records before `to`, back to where a window that began at `since` begins. */
export async function marksBefore(search: MarkSearch, to: number, since: number): Promise<FoundMarks> {
  const marks: FoundMarks = new Map()
  for (let end = to; end > 0; end -= PAGE) {
    const bodies = await bodiesOf(search, Math.max(0, end - PAGE), end)
    for (const body of bodies) note(body, search, marks)
    // A clock may have stepped back, so a whole page has to lie before the window.
    if (bodies.every(({ at }) => at < since)) break
  }
  return marks
}

/** What a recorded event is known by; undefined for what never became one, or where a field was too large to keep. */
export function allowedAction(event: Extract<RecordBody, { kind: 'decision' }>['event']): AllowedAction | undefined {
  if (!('capability' in event)) return undefined
  const { capability, actor, environment, session, tenant, user_role: userRole, tool } = event
  if (typeof actor !== 'string' || typeof environment !== 'string') return undefined
  const fields = { session, tenant, userRole, tool }
  const texts = Object.entries(fields).filter(([, value]) => typeof value === 'string')
  return { ...(Object.fromEntries(texts) as Partial<AllowedAction>), actor, environment, capability } // texts, as was checked
}

async function bodiesOf({ engine, chain }: MarkSearch, from: number, to: number): Promise<readonly RecordBody[]> {
  const rows = await engine.records({ chain, from, limit: to - from })
  return rows.map(({ body }) => decodeBody(body))
}

function note(body: RecordBody, { policy }: MarkSearch, marks: FoundMarks): void {
  const action = body.kind === 'decision' && body.outcome !== 'none' ? allowedAction(body.event) : undefined
  if (action === undefined) return
  for (const { mark } of policy.marksOf(action)) marks.set(mark, Math.max(body.at, marks.get(mark) ?? body.at))
}
