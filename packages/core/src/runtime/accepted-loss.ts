import type { ChainHead } from '../audit/chain-store.ts'
import { type HeadRecord, readHead } from '../audit/head-file.ts'
import type { LossAcceptedDraft } from '../audit/record-draft.ts'
import { type CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'

/** A person's word that a trail goes on as it stands, though records of it are lost. */
export interface LossAcceptance {
  readonly reason: string
  /** Told what was wrong, once the record of it is durable and what is remembered outside agrees with the trail. */
  readonly accepted: (found: string) => void
}

/** What is remembered of a chain outside the database. */
export interface OutsideMemory {
  readonly head: HeadRecord | undefined
  /** The trail that stood here when this user last wrote; asked for until this process has written itself. */
  readonly origin: string | undefined
  /** Why some of it cannot be read, where a loss may be accepted. */
  readonly damage?: CapFenceError | undefined
}

/** The two things that are remembered. What is damaged is thrown, but told where a loss may be accepted. */
export function outsideMemory(
  read: { readonly head: () => HeadRecord | undefined; readonly origin: () => string | undefined },
  acceptance: LossAcceptance | undefined,
): OutsideMemory {
  if (acceptance === undefined) return { head: read.head(), origin: read.origin() }
  const [head, origin] = [attempt(read.head), attempt(read.origin)]
  return { head: head.value, origin: origin.value, damage: head.damage ?? origin.damage }
}

/** What was thrown, where a person may accept it as a loss: not a trail that was tampered with. */
export function lossIn(cause: unknown): CapFenceError | undefined {
  const isLoss = isCapFenceError(cause) && (cause.code === 'AUDIT_ROLLBACK' || cause.code === 'HEAD_INVALID')
  return isLoss ? cause : undefined
}

/** The record of an accepted loss: what stood here, as far as that is still known. */
export function lossAccepted(
  { head, origin }: OutsideMemory,
  loss: CapFenceError,
  by: {
    readonly machine: Pick<Machine, 'files' | 'host'>
    readonly writer: string
    readonly acceptance: LossAcceptance
    /** The chain that goes on; undefined where it begins anew. */
    readonly now: ChainHead | undefined
  },
): LossAcceptedDraft {
  const isAnother = origin !== undefined && origin !== by.now?.origin
  const remembered = isAnother ? attempt(() => readHead(by.machine, origin)).value : head
  return {
    kind: 'loss_accepted',
    writer: by.writer,
    found: loss.message,
    remembered: remembered && { origin: remembered.origin, size: remembered.size, entry: remembered.entry },
    reason: by.acceptance.reason,
  }
}

interface Attempt<Value> {
  readonly value: Value | undefined
  readonly damage: CapFenceError | undefined
}

function attempt<Value>(read: () => Value): Attempt<Value> {
  try {
    return { value: read(), damage: undefined }
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'HEAD_INVALID') return { value: undefined, damage: cause }
    throw cause
  }
}
