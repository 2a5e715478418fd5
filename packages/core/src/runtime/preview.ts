import type { DenyCode, Verdict } from '../action/verdict.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import { headTime } from './head-time.ts'
import { instant } from './instant.ts'
import { type RuledCall, judge, judgedKeys } from './judge.ts'
import type { Parts } from './parts.ts'
import type { PreparedCall } from './prepare.ts'
import { withinTime } from './time-limit.ts'

/** What the answer to an event would be, without a record and without effect; it authorizes nothing. */
export interface Preview {
  readonly decision: Verdict['decision']
  readonly code: Verdict['reason']['code']
  readonly rule: string | null
  readonly message: string
}

/** Judges a prepared call against state as it stands, and forgets the judgement. Never throws. */
export async function preview(parts: Parts, prepared: PreparedCall): Promise<Preview> {
  if (prepared.kind === 'refused') return { decision: 'deny', ...prepared.call.reason }
  const { call } = prepared
  const { ruling } = call
  // A denial that needs no state is the same whatever the engine says.
  if (ruling?.decision === 'deny' && ruling.enforced) return pick(ruling.decision, ruling)
  try {
    const limit = { clock: parts.options.machine.clock, limitMs: parts.deadlineMs }
    return await withinTime(judged(parts, call), 'the preview', limit)
  } catch (cause) {
    return pick('deny', { code: 'fault_engine', rule: null, message: messageOf(cause) })
  }
}

async function judged(parts: Parts, call: RuledCall): Promise<Preview> {
  const { engine, machine, chain = 'main' } = parts.options
  await engine.open()
  if (call.terms !== undefined && call.policy.markKinds.length > 0) await followMarks(parts, call)
  const readAt = instant(machine.clock)
  const read = await engine.read({ chain, keys: [...judgedKeys(call)] })
  const head = read.head?.head
  const view = {
    now: read.now,
    readAt,
    headAt: head === undefined ? Number.NEGATIVE_INFINITY : await headTime(engine).of(head),
    chain,
    origin: head?.origin ?? '',
    seq: head?.size ?? 0,
    get: (key: string) => read.state.get(key)?.value,
  }
  const by = { writer: parts.writer, ids: machine.ids, memory: parts.memory, notary: parts.notary }
  const { decision, reason } = judge(call, view, by).verdict
  return pick(decision, reason)
}

// What a sequence asks for is brought up to date as for a decision; a trail that cannot be read says nothing.
async function followMarks({ commits }: Parts, { policy }: RuledCall): Promise<void> {
  const nothing = { drafts: [], writes: [], value: undefined }
  const done = await commits.submit({ keys: [], follows: policy, apply: () => nothing })
  if (done.kind === 'failed') throw new CapFenceError('ENGINE_FAILED', done.fault.message)
}

function pick(
  decision: Preview['decision'],
  {
    code,
    rule,
    message,
  }: { readonly code: Preview['code'] | DenyCode; readonly rule: string | null; readonly message: string },
): Preview {
  return { decision, code, rule, message }
}
