import { base64, equalBytes, fromBase64, fromHex, hex } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { ChainHead, StoredRecord } from './chain-store.ts'
import { fileLock, withFileLock } from './file-lock.ts'
import { frontierRoot } from './merkle.ts'
import { headPath } from './places.ts'
import { folderOf, privateFolder } from './private-folder.ts'

/** What is remembered of a chain outside its database: its newest record, and how far it reached. */
export interface HeadRecord {
  readonly origin: string
  /** How many records the chain held. */
  readonly size: number
  /** The entry hash of the last of them. */
  readonly entry: Uint8Array
  /** The signature of that record's row. */
  readonly sig: Uint8Array
  /** The root of the log tree over all of them. */
  readonly root: Uint8Array
  /** When it was noted, by the clock of the process that did. */
  readonly at: number
}

/** The file that remembers one chain for one user, shared by all processes of that user. */
export interface HeadFile {
  readonly path: string
  /** What is remembered, or undefined where nothing is yet. `HEAD_INVALID` where the file is damaged. */
  read(): HeadRecord | undefined
  /**
   * Remembers a newer head; an older one changes nothing. Never waits: where another process holds the lock, the
   * newest head is kept here and written as soon as the lock is free, and the process does not end before that.
   * Throws where the file cannot be written; where that is found later, it is a warning, and the next call tries anew.
   */
  advance(record: HeadRecord): void
  /** Remembers a head also where it is behind, or what is remembered is damaged: for a loss that a person accepted. */
  replace(record: HeadRecord): void
  /** Resolves once nothing waits to be written. */
  settled(): Promise<void>
}

/** What to do about a trail that is behind what is remembered of it. */
export const RESTORE =
  'run `capfence verify`, then restore the newest copy, or go on without what is lost: `capfence audit accept-loss --reason …`'

const MAX_HEAD_BYTES = 65_536
const RETRY_MS = 2

/** What to remember once a commit is durable. `last` is the record at the end of the head. */
export function headRecord(head: ChainHead, last: StoredRecord, at: number): HeadRecord {
  const { origin, size, entry } = head
  return { origin, size, entry, sig: last.sig, root: frontierRoot(head.frontier), at: Math.trunc(at) }
}

/**
 * Refuses to extend a chain that is behind what is remembered of it (`AUDIT_ROLLBACK`): shorter, or of the same length
 * with another end. Whether a longer chain still holds the remembered record is for the caller to look up.
 */
export function checkHead(head: ChainHead, known: HeadRecord | undefined): void {
  if (known === undefined) return
  if (known.origin !== head.origin) throw rollback(`the trail \`${head.origin}\` stands where \`${known.origin}\` was`)
  if (head.size < known.size) {
    throw rollback(
      `the trail \`${head.origin}\` has ${String(head.size)} records, but had ${String(known.size)}: it was cut or rolled back`,
    )
  }
  if (head.size === known.size && !equalBytes(head.entry, known.entry)) {
    throw rollback(
      `the trail \`${head.origin}\` ends otherwise than it did at ${String(known.size)} records: it was forked or rewritten`,
    )
  }
}

/** The head file of a chain, in this user's state folder. */
export function headFile(machine: Machine, origin: string): HeadFile {
  const { files, clock } = machine
  const path = headPath(machine, origin)
  privateFolder(folderOf(folderOf(path)), machine, 'HEAD_INVALID')
  privateFolder(folderOf(path), machine, 'HEAD_INVALID')
  const lock = fileLock(`${path}.lock`, machine)
  let pending: HeadRecord | undefined
  let waiters: (() => void)[] = []

  const read = (): HeadRecord | undefined => readHead(machine, origin)

  function write(record: HeadRecord): boolean {
    const done = lock.tryWith(() => {
      if ((read()?.size ?? -1) < record.size) files.replace(path, formatHead(record), 0o600)
    })
    return done !== 'busy'
  }

  function retry(): void {
    clock.after(
      RETRY_MS,
      () => {
        try {
          if (pending !== undefined && !write(pending)) return retry()
        } catch (cause) {
          machine.host.warn(`the head of \`${origin}\` could not be remembered: ${messageOf(cause)}`)
        }
        pending = undefined
        for (const resolve of waiters.splice(0)) resolve()
      },
      'hold',
    )
  }

  return {
    path,
    read,
    advance: (record) => {
      if (record.origin !== origin)
        throw new CapFenceError('HEAD_INVALID', `\`${record.origin}\` is not the head of \`${origin}\``)
      if (pending !== undefined) {
        if (record.size > pending.size) pending = record
      } else if (!write(record)) {
        pending = record
        retry()
      }
    },
    replace: (record) => {
      withFileLock(`${path}.lock`, machine, () => files.replace(path, formatHead(record), 0o600))
      if (pending !== undefined) pending = record
    },
    settled: () =>
      new Promise((resolve) => {
        if (pending === undefined) resolve()
        else waiters = [...waiters, resolve]
      }),
  }
}

/** What this user remembers of a chain, without making a folder or a lock; undefined where it is nothing. */
export function readHead(machine: Pick<Machine, 'files' | 'host'>, origin: string): HeadRecord | undefined {
  const path = headPath(machine, origin)
  const text = machine.files.read(path, MAX_HEAD_BYTES)
  return text === undefined ? undefined : parseHead(text, { path, origin })
}

/** The text of a head file: RFC 8785 and a line's end. */
export function formatHead({ origin, size, entry, sig, root, at }: HeadRecord): string {
  return `${canonicalJson({ v: 1, origin, size, entry: hex(entry), sig: base64(sig), root: hex(root), at })}\n`
}

/** Parses a head file, strictly: `HEAD_INVALID` for what `formatHead` would not have written. */
export function parseHead(text: string, expected: { readonly path: string; readonly origin?: string }): HeadRecord {
  const record = headOf(text)
  if (record === undefined || formatHead(record) !== text) throw damaged(expected.path, 'is damaged')
  if (expected.origin !== undefined && record.origin !== expected.origin)
    throw damaged(expected.path, 'belongs to another trail')
  return record
}

function headOf(text: string): HeadRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined // torn or emptied: the caller says so, with the path
  }
  const { v, origin, size, entry, sig, root, at } = (value ?? {}) as Readonly<Record<string, unknown>> // checked below
  const [entryBytes, sigBytes, rootBytes] = [hash(entry), text64(sig), hash(root)]
  if (v !== 1 || typeof origin !== 'string' || !isCount(size) || !isCount(at)) return undefined
  if (entryBytes === undefined || sigBytes === undefined || rootBytes === undefined) return undefined
  return { origin, size, entry: entryBytes, sig: sigBytes, root: rootBytes, at }
}

function hash(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && value.length === 64 ? fromHex(value) : undefined
}

function text64(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromBase64(value) : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 // a safe integer is a number
}

function damaged(path: string, why: string): CapFenceError {
  return new CapFenceError(
    'HEAD_INVALID',
    `the head file \`${path}\` ${why}; run \`capfence verify\`, then \`capfence audit accept-loss --reason …\``,
  )
}

function rollback(what: string): CapFenceError {
  return new CapFenceError('AUDIT_ROLLBACK', `${what}; ${RESTORE}`)
}
