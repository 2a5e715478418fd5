import { markKey, markKindKey, markWrite } from '../approval/marks.ts'
import { decodeBody } from '../audit/decode-body.ts'
import type { RecordBody } from '../audit/record-body.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import type { Policy } from '../policy/policy.ts'
import type { AllowedAction, MarkKind } from '../policy/state-terms.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { CommitJob } from './commit-job.ts'
import type { Committer } from './committer.ts'
import type { ProcessMemory } from './process-memory.ts'

const PAGE = 512

/** Where marks are kept. */
export interface MarkStore {
  readonly engine: BaseDBEngine
  readonly chain: string
  readonly commits: Committer
  readonly memory: ProcessMemory
}

/**
 * Sees to it that the marks which a policy's `after` conditions read are there: where a kind of mark is new to the
 * store, the trail is searched for what was allowed within its window. True once that is so; until then no mark counts.
 */
export async function keepMarks(policy: Policy, store: MarkStore): Promise<boolean> {
  const { engine, memory, commits } = store
  const missing = policy.markKinds.filter(({ id }) => !memory.marked.has(id))
  if (missing.length === 0) return true
  try {
    await engine.open()
    const { state } = await engine.read({ keys: missing.map(({ id }) => markKindKey(id)) })
    const fresh = missing.filter(({ id }) => !state.has(markKindKey(id)))
    const isKept =
      fresh.length === 0 ||
      (await commits.submit(marksJob(await searchTrail(store, policy, fresh), fresh))).kind === 'committed'
    if (isKept) for (const { id } of missing) memory.marked.add(id)
    return isKept
  } catch (cause) {
    // The engine says at the decision itself what is wrong with it.
    if (isCapFenceError(cause)) return false
    throw cause
  }
}

/** Whether all marks of a policy are kept. */
export function areMarksKept({ markKinds }: Policy, { marked }: ProcessMemory): boolean {
  return markKinds.every(({ id }) => marked.has(id))
}

function marksJob(marks: ReadonlyMap<string, number>, kinds: readonly MarkKind[]): CommitJob<undefined> {
  return {
    keys: [...[...marks.keys()].map(markKey), ...kinds.map(({ id }) => markKindKey(id))],
    apply: (view) => ({
      drafts: [],
      writes: [
        ...[...marks].map(([mark, at]) => markWrite(mark, view.get(markKey(mark)), at)),
        ...kinds.map(({ id }) => ({ key: markKindKey(id), value: '1' })),
      ],
      value: undefined,
    }),
  }
}

// When each mark was last set, by what the trail says; from its end back to where the longest window begins.
async function searchTrail(
  { engine, chain }: MarkStore,
  policy: Policy,
  kinds: readonly MarkKind[],
): Promise<ReadonlyMap<string, number>> {
  const wanted = new Set(kinds.map(({ id }) => id))
  const { now, head } = await engine.read({ chain, keys: [] })
  const since = now - Math.max(...kinds.map(({ withinMs }) => withinMs))
  const marks = new Map<string, number>()
  for (let end = head?.head.size ?? 0; end > 0;) {
    const from = Math.max(0, end - PAGE)
    const rows = await engine.records({ chain, from, limit: end - from })
    const bodies = rows.map(({ body }) => decodeBody(body))
    for (const body of bodies) {
      for (const { kind, mark } of marksIn(body, policy)) {
        if (wanted.has(kind)) marks.set(mark, Math.max(body.at, marks.get(mark) ?? body.at))
      }
    }
    // A clock may have stepped back, so a whole page has to lie before the window.
    if (bodies.every(({ at }) => at < since)) break
    end = from
  }
  return marks
}

function marksIn(body: RecordBody, policy: Policy): ReturnType<Policy['marksOf']> {
  const action = body.kind === 'decision' && body.outcome !== 'none' ? allowedAction(body.event) : undefined
  return action === undefined ? [] : policy.marksOf(action)
}

/** What a recorded event is known by; undefined for what never became one, or where a field was too large to keep. */
export function allowedAction(event: Extract<RecordBody, { kind: 'decision' }>['event']): AllowedAction | undefined {
  if (!('capability' in event)) return undefined
  const { capability, actor, environment, session, tenant, user_role: userRole, tool } = event
  const fields = { actor, environment, session, tenant, userRole, tool }
  const texts = Object.entries(fields).filter(([, value]) => typeof value === 'string')
  if (typeof actor !== 'string' || typeof environment !== 'string') return undefined
  return { actor, environment, ...(Object.fromEntries(texts) as Partial<AllowedAction>), capability } // texts, as was checked
}
