import { canonicalJson } from '../kernel/canonical-json.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import { rfc3339 } from '../kernel/time.ts'
import type { ApprovalNotice } from './approval-notice.ts'
import { webhookKey, webhookSignature } from './webhook-signature.ts'
import { webhookTarget } from './webhook-url.ts'

/** Where notices go, and how hard it is tried. */
export interface WebhookOptions {
  /** https; http only to 127.0.0.1, [::1] or localhost. */
  readonly url: string
  /** Shared with the receiver: 24 to 64 bytes, raw or as `whsec_` and their base64. */
  readonly secret: string | Uint8Array
  /** The only hosts that may be told, each as `host` or `host:port`; the url's must be one of them. */
  readonly hosts: readonly string[]
  /** How often it is tried in all; 5 unless told, at most 20. */
  readonly attempts?: number
  /** How long one attempt may take; 5000 unless told, at most 60000. */
  readonly timeoutMs?: number
  readonly machine?: Pick<Machine, 'clock' | 'ids' | 'net'>
}

const MAX_ATTEMPTS = 20
const MAX_TIMEOUT_MS = 60_000
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000

// INVARIANT: no full stop, else one signature could stand for two messages; and nothing that a header cannot hold.
const REQUEST_ID = /^[\w-]{1,128}$/

/**
 * Tells a webhook of approval requests, signed as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com).
 *
 * Resolves when the receiver answered 2xx. It is told at least once: after an answer that got lost it is told again,
 * under the same `webhook-id`. Without an answer, and after 408, 429 and 5xx, it is tried again until the request
 * expires; then, and at once after all other answers, it rejects with `NOTIFY_FAILED`. Redirects are not followed.
 */
export function webhookNotifier(options: WebhookOptions): (notice: ApprovalNotice) => Promise<void> {
  const { href, host } = webhookTarget(options.url, options.hosts)
  const key = webhookKey(options.secret)
  const attempts = wholeNumber('attempts', options.attempts ?? 5, MAX_ATTEMPTS)
  const timeoutMs = wholeNumber('timeoutMs', options.timeoutMs ?? 5000, MAX_TIMEOUT_MS)
  const { clock, ids, net } = options.machine ?? machine()

  async function attempt(message: Message, at: number): Promise<Answer> {
    const timestamp = Math.floor(at / 1000)
    const headers = {
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(key, { ...message, timestamp }),
    }
    try {
      const within = Math.ceil(Math.min(timeoutMs, message.expiresAt - at))
      return await net.post({ url: href, headers, body: message.body, timeoutMs: within })
    } catch (cause) {
      return { status: 'none', why: codeOf(cause) }
    }
  }

  // Full jitter: many runtimes that failed at one moment do not come back at one moment.
  function delayAfter(tries: number): number {
    const [byte = 0, low = 0] = ids.bytes(2)
    return ((byte * 256 + low) / 65_536) * Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS)
  }

  return async (notice) => {
    const message = messageOf(notice)
    const failed = (why: string): CapFenceError =>
      new CapFenceError('NOTIFY_FAILED', `\`${host}\` did not take the notice of \`${notice.requestId}\`: ${why}`)
    let last = 'it was not tried'
    let at = clock.now()
    for (let tries = 0; at < message.expiresAt; at = clock.now()) {
      const answer = await attempt(message, at)
      if (isTaken(answer)) return
      tries += 1
      last = explain(answer)
      if (!isPassing(answer)) throw failed(last)
      if (tries === attempts) throw failed(`${last} at attempt ${String(tries)}, the last`)
      const delayMs = delayAfter(tries)
      if (!(clock.now() + delayMs < message.expiresAt)) break
      await new Promise<void>((resolve) => clock.after(delayMs, resolve, 'hold'))
    }
    throw failed(`${last}, and the request expires first`)
  }
}

interface Message {
  readonly id: string
  readonly body: string
  readonly expiresAt: number
}

function messageOf(notice: ApprovalNotice): Message {
  const { requestId, actor, capability, rules, createdAt, expiresAt } = notice
  if (!REQUEST_ID.test(requestId)) {
    throw new CapFenceError('NOTIFY_FAILED', 'the id of a request must be 1 to 128 letters, digits, `_` or `-`')
  }
  const created = rfc3339(createdAt)
  const data = { request_id: requestId, actor, capability, rules, created_at: created, expires_at: rfc3339(expiresAt) }
  const body = canonicalJson({ type: 'approval.requested', timestamp: created, data })
  return { id: `msg_${requestId}`, body, expiresAt }
}

type Answer = { readonly status: number } | { readonly status: 'none'; readonly why: string }

function isTaken({ status }: Answer): boolean {
  return status !== 'none' && status >= 200 && status <= 299
}

function isPassing({ status }: Answer): boolean {
  return status === 'none' || status === 408 || status === 429 || (status >= 500 && status <= 599)
}

function explain(answer: Answer): string {
  return answer.status === 'none' ? `no answer (${answer.why})` : `status ${String(answer.status)}`
}

// The code only, and no `cause`: what a network says of its fault may quote the url, whose path may be a secret.
function codeOf(cause: unknown, depth = 0): string {
  if (!(cause instanceof Error) || depth > 3) return 'unknown fault'
  if ('code' in cause && typeof cause.code === 'string' && /^[A-Z][A-Z\d_]{0,63}$/.test(cause.code)) return cause.code
  return codeOf(cause.cause, depth + 1)
}

function wholeNumber(name: string, value: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value
  throw new CapFenceError(
    'OPTION_INVALID',
    `\`${name}\` must be a whole number from 1 to ${String(most)}, it is ${String(value)}`,
  )
}
