import { type PendingRequest, ask } from '../approval/requests.ts'
import { type AskingRuling, checkApproval } from './approval-check.ts'
import { type Judgement, claimWrite, placeOf, ruledDraft } from './judgement.ts'
import { type Judging, denial, permission } from './permit.ts'
import { sawSuspension } from './suspended.ts'

/** The answer to a call that asks: allowed by what people signed, refused by what they said, or a question to them. */
export function askApproval(at: Judging, ruling: AskingRuling): Judgement {
  const check = checkApproval(at.call, ruling, at)
  switch (check.kind) {
    case 'satisfied':
      return permission(at, {
        grants: check.by.ids,
        message: `approved by ${check.by.approvers.join(', ')}, as rule \`${String(ruling.rule)}\` wants it`,
        writes: check.writes,
        spent: check.spent,
        remember: check.remember,
      })
    case 'refused':
      return remembering(denial(at, check.reason, 'denied'), check.remember)
    case 'unanswered':
      return remembering(question(at, ruling, check.spent), check.remember)
    default:
      return check satisfies never
  }
}

function remembering(judgement: Judgement, also: () => void): Judgement {
  return {
    ...judgement,
    remember: () => {
      judgement.remember?.()
      also()
    },
  }
}

function question(at: Judging, asking: AskingRuling, spent: PendingRequest | undefined): Judgement {
  const { call, view, by, ruling } = at
  const { event, policy } = call
  const place = placeOf(view)
  const asked = ask(
    view,
    {
      digest: call.digest,
      actor: event.actor,
      capability: event.capability,
      terms: asking.asking.map(({ rule, terms }) => ({ rule, ...terms })),
      expiresInMs: Math.min(...asking.asking.map(({ terms }) => terms.expiresInMs)),
      maxPendingPerActor: policy.maxPendingPerActor,
      writer: by.writer,
      ...place,
      spent,
    },
    by.ids,
  )
  if (asked.kind === 'backlog') {
    const message = `${String(asked.waiting)} requests of this actor wait for a human already; no more until some are answered`
    const reason = { code: 'approval_backlog', rule: ruling.rule, message } as const
    return denial(at, reason, 'denied')
  }
  const { id, expiresAt } = asked.request
  return {
    draft: { ...ruledDraft(call, ruling, by), request: { id, expiresAt } },
    writes: [...asked.writes, claimWrite(call, view, { status: 'asked' })],
    asked: asked.request,
    remember: () => sawSuspension(call, view, by),
    verdict: {
      decision: 'require_approval',
      authorized: false,
      eventId: event.id,
      record: place,
      reason: { code: asking.code, rule: ruling.rule, message: ruling.message },
      approval: { requestId: id, expiresAt },
    },
  }
}
