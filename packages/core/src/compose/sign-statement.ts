import { type Envelope, inboxForm } from '../approval/inbox.ts'
import { newId } from '../approval/requests.ts'
import { type Statement, statementBytes } from '../approval/statement.ts'
import { base64 } from '../kernel/bytes.ts'
import { CapFenceError, isCapFenceError, messageOf } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import { parseVkey } from '../kernel/vkey.ts'

type Common = 'v' | 'origin' | 'id' | 'approver' | 'key' | 'at' | 'reason'

/** What a statement says of its own: everything but who says it, where and when. */
export type Said = Statement extends infer Own ? (Own extends Statement ? Omit<Own, Common> : never) : never

/** Who says something, for which trail, and why. */
export interface Saying {
  readonly origin: string
  /** The approver's key. */
  readonly by: Signer
  readonly reason?: string | undefined
  readonly machine: Pick<Machine, 'clock' | 'ids'>
  /** Where a writer finds what the statement is about. */
  readonly hint: Pick<Envelope, 'digest' | 'actor'>
}

const ID_KINDS = { grant: 'grt', approve: 'apr', reject: 'rej', revoke: 'rev', suspend: 'sus', resume: 'res' } as const

/** Signs a statement. What no writer would accept as one is `APPROVAL_REFUSED` here already. */
export async function signStatement(said: Said, { origin, by, reason, machine, hint }: Saying): Promise<Envelope> {
  const statement = {
    ...said,
    v: 1,
    origin,
    id: newId(ID_KINDS[said.kind], machine.ids),
    approver: parseVkey(by.vkey).name,
    key: by.vkey,
    at: machine.clock.now(),
    reason: reason ?? null,
  } as Statement // the common members of its kind
  const envelope = { statement, sig: base64(await signature(by, statement)), ...hint }
  const parsed = inboxForm(envelope)
  if (parsed !== undefined) return parsed
  throw new CapFenceError(
    'APPROVAL_REFUSED',
    'what is to be signed is no good statement: names and reasons are 1 to 1,024 visible characters, uses a whole number from 1',
  )
}

async function signature(by: Signer, statement: Statement): Promise<Uint8Array> {
  let sig: unknown
  try {
    sig = await by.sign(statementBytes(statement))
  } catch (cause) {
    throw isCapFenceError(cause)
      ? cause
      : new CapFenceError('KEY_INVALID', `the signer failed: ${messageOf(cause)}`, { cause })
  }
  if (sig instanceof Uint8Array && sig.length === 64) return sig
  throw new CapFenceError('KEY_INVALID', 'the signer gave no signature of 64 bytes')
}
