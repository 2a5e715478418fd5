import { randomBytes } from 'node:crypto'
import { type HeldGrant, grantsWrite } from '../src/approval/grants.ts'
import { type StateView, ask } from '../src/approval/requests.ts'
import type { StateWrite } from '../src/approval/state-store.ts'
import { signStatement } from '../src/compose/sign-statement.ts'
import { sha256Hex } from '../src/kernel/digest.ts'
import { machine } from '../src/kernel/ports.ts'
import { ALICE, type Bench } from './approval-fence.ts'

const PER_ACTOR = 64
const BATCH = 2_000
const DAY_MS = 86_400_000

/** How much state there is to be. */
export interface Fullness {
  readonly requests: number
  readonly grants: number
}

/** Fills a database with requests that wait and grants that can be used, of actors who hold as many as they may. */
export async function fill({ engine }: Bench, { requests, grants }: Fullness): Promise<void> {
  const { head, now } = await engine.read({ chain: 'main', keys: [] })
  const origin = head?.head.origin ?? ''
  const waiting: StateWrite[] = []
  const put = async (writes: readonly StateWrite[], atLeast: number): Promise<void> => {
    waiting.push(...writes)
    if (waiting.length < atLeast) return
    const result = await engine.commit({ expect: [], write: waiting.splice(0) })
    if (result.kind !== 'committed') throw new Error(`the commit met a conflict at ${result.changed}`)
  }
  for (let from = 0; from < requests; from += PER_ACTOR) {
    await put(requestsOf(`asking-${String(from)}`, Math.min(PER_ACTOR, requests - from), now), BATCH)
  }
  for (let from = 0; from < grants; from += PER_ACTOR) {
    const actor = `holding-${String(from)}`
    const held = await grantsOf(actor, Math.min(PER_ACTOR, grants - from), { now, origin })
    // A value holds an actor's grants all together, so that a few of them are much.
    await put([grantsWrite(actor, held)], 50)
  }
  await put([], 0)
}

function requestsOf(actor: string, count: number, now: number): readonly StateWrite[] {
  const state = new Map<string, string>()
  const view: StateView = { now, get: (key) => state.get(key) }
  const ids = { id: () => '', bytes: (size: number) => new Uint8Array(randomBytes(size)) }
  const terms = [{ rule: 'pushes', quorum: 1, approvers: [] }]
  const common = {
    actor,
    capability: 'github.push.main',
    terms,
    expiresInMs: DAY_MS,
    writer: 'bench',
    maxPendingPerActor: PER_ACTOR,
  }
  for (let index = 0; index < count; index++) {
    const digest = sha256Hex(`${actor}/${String(index)}`)
    const asked = ask(view, { ...common, digest, chain: 'main', seq: index }, ids)
    if (asked.kind === 'backlog') throw new Error('the backlog of a new actor is full')
    for (const { key, value } of asked.writes) if (value !== null) state.set(key, value)
  }
  return [...state].map(([key, value]) => ({ key, value }))
}

async function grantsOf(
  actor: string,
  count: number,
  { now, origin }: { readonly now: number; readonly origin: string },
): Promise<readonly HeldGrant[]> {
  const scope = { actor, capability: 'github.push.*', session: null, environment: null, tenant: null, args: null }
  const said = { kind: 'grant', scope, uses: null, expires_at: now + DAY_MS } as const
  const signing = { origin, by: ALICE, machine: machine(), hint: {} }
  const held: HeldGrant[] = []
  for (let index = 0; index < count; index++) {
    const { statement, sig } = await signStatement(said, signing)
    if (statement.kind !== 'grant') throw new Error('unreachable')
    held.push({ statement, sig, at: now, chain: 'main', seq: 0, used: 0, returned: 0, revoked: null, by: 'alice' })
  }
  return held
}
