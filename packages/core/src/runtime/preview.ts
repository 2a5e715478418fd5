import type { DenyCode, Verdict } from '../action/verdict.ts'
import { messageOf } from '../kernel/errors.ts'
import { headTime } from './head-time.ts'
import { instant } from './instant.ts'
import { type RuledCall, judge, judgedKeys } from './judge.ts'
import { keepMarks } from './marks-kept.ts'
import type { Parts } from './parts.ts'
import type { PreparedCall } from './prepare.ts'

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
    return await judged(parts, call)
  } catch (cause) {
    return pick('deny', { code: 'fault_engine', rule: null, message: messageOf(cause) })
  }
}

async function judged(parts: Parts, call: RuledCall): Promise<Preview> {
  const { engine, machine, chain = 'main' } = parts.options
  await engine.open()
  await keepMarks(call.policy, parts.marks)
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
