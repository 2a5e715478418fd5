import { CapFenceError, type ErrorCode, isCapFenceError, messageOf } from '../../kernel/errors.ts'

// Primary result codes of SQLite; extended ones carry them in their low byte.
const BUSY = 5
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const PROTOCOL = 15
const CONSTRAINT = 19
const NOTADB = 26

interface Meaning {
  readonly code: ErrorCode
  readonly says: string
}

const MEANING_BY_RESULT: ReadonlyMap<number, Meaning> = new Map([
  [BUSY, { code: 'ENGINE_BUSY', says: 'is locked by another process; try again, or end what holds it' }],
  // A lost race for a slot of the write-ahead log: nothing was done.
  [PROTOCOL, { code: 'ENGINE_BUSY', says: 'is in heavy use; try again' }],
  [READONLY, { code: 'ENGINE_FAILED', says: 'cannot be written; check the permissions of the file and its folder' }],
  [IOERR, { code: 'ENGINE_IO', says: 'met an I/O error; check the disk, then verify the trail' }],
  [CORRUPT, { code: 'ENGINE_CORRUPT', says: 'is damaged; restore it from a backup and verify the trail' }],
  [NOTADB, { code: 'ENGINE_CORRUPT', says: 'is not an SQLite database; restore it, or choose another path' }],
  [FULL, { code: 'ENGINE_FULL', says: 'cannot grow: the disk is full; make room, then try again' }],
  [CANTOPEN, { code: 'ENGINE_FAILED', says: 'cannot be opened; check the permissions of the file and its folder' }],
])

/** An error of SQLite or of a port as one line about the database at `path`. */
export function faultOf(cause: unknown, path: string): CapFenceError {
  if (isCapFenceError(cause)) return cause.code === 'IO' ? fileFault(cause, path) : cause
  const meaning = MEANING_BY_RESULT.get(primaryResult(cause) ?? -1) ?? otherwise(cause)
  const detail = meaning.code === 'ENGINE_BUSY' ? '' : ` (${messageOf(cause)})`
  return new CapFenceError(meaning.code, `the database \`${path}\` ${meaning.says}${detail}`, { cause })
}

/** True where the disk, not a statement, failed: what reads show of a commit then may be gone after the next start. */
export function isIoFault(cause: unknown): boolean {
  return primaryResult(cause) === IOERR
}

/** True where SQLite could not open the file or the files beside it. */
export function isUnopenable(cause: unknown): boolean {
  const result = primaryResult(cause)
  return result === CANTOPEN || result === READONLY
}

/** True where a lock of another connection was in the way. */
export function isLocked(cause: unknown): boolean {
  const result = primaryResult(cause)
  return result === BUSY || result === PROTOCOL
}

/** True for a broken uniqueness or type rule. */
export function isConstraint(cause: unknown): boolean {
  return primaryResult(cause) === CONSTRAINT
}

function primaryResult(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause)) return undefined
  return typeof cause.errcode === 'number' ? cause.errcode & 0xff : undefined
}

// A stored integer beyond 2^53 is not ours: it was written past the engine.
function otherwise(cause: unknown): Meaning {
  const isDamage = cause instanceof Error && 'code' in cause && cause.code === 'ERR_OUT_OF_RANGE'
  return isDamage
    ? { code: 'ENGINE_CORRUPT', says: 'holds a number that CapFence never wrote; verify the trail' }
    : { code: 'ENGINE_FAILED', says: 'failed' }
}

const SYSTEM_ADVICE: ReadonlyMap<unknown, Meaning> = new Map<unknown, Meaning>([
  ['ENOSPC', { code: 'ENGINE_FULL', says: 'cannot be made: the disk is full; make room, then try again' }],
  ['EDQUOT', { code: 'ENGINE_FULL', says: 'cannot be made: the disk quota is used up; make room, then try again' }],
  ['EROFS', { code: 'ENGINE_FAILED', says: 'cannot be made on a read-only file system; choose another path' }],
])

function fileFault(fault: CapFenceError, path: string): CapFenceError {
  const { cause } = fault
  const meaning = SYSTEM_ADVICE.get(cause instanceof Error && 'code' in cause ? cause.code : undefined) ?? {
    code: 'ENGINE_FAILED',
    says: 'cannot be reached; make its folder accessible and writable, or choose another path',
  }
  return new CapFenceError(meaning.code, `the database \`${path}\` ${meaning.says} (${fault.message})`, {
    cause: fault,
  })
}
