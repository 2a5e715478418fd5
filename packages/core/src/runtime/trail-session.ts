import type { ChainHead, StoredRecord } from '../audit/chain-store.ts'
import { type HeadFile, type HeadRecord, checkHead, headFile, headRecord } from '../audit/head-file.ts'
import { frontierRoot } from '../audit/merkle.ts'
import { placePath, readPlace, rememberPlace } from '../audit/place-file.ts'
import type { RecordDraft } from '../audit/record-draft.ts'
import { genesisHead } from '../audit/seal.ts'
import { openWriterKey } from '../audit/writer-key.ts'
import { equalBytes } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import type { BaseDBEngine, VersionedHead } from './base-db-engine.ts'

/** What a process needs to extend a chain. */
export interface SessionOptions {
  readonly engine: BaseDBEngine
  readonly machine: Machine
  readonly chain: string
  readonly writer: string
  /** The writer's key; the default one of this user where left out. */
  readonly signer?: Signer | undefined
}

/** A chain as one process knows it: its key, what it has seen, and what it remembers outside the database. */
export interface TrailSession {
  readonly signer: Signer
  /**
   * What is remembered outside the database. To be read before the database is: other writers go on in between, and a
   * memory that is newer than what was read would look like a trail that was rolled back.
   */
  remembered(): OutsideMemory
  /** The head to extend and what must be recorded before anything else; `AUDIT_ROLLBACK` where the trail lost records. */
  begin(found: VersionedHead | undefined, remembered: OutsideMemory): Promise<Beginning>
  /** Takes note of a durable extension, inside and outside the process. */
  extended(head: ChainHead, last: StoredRecord): void
  /** Resolves once the newest head is remembered outside. */
  settled(): Promise<void>
}

// What is remembered outside the database.
interface OutsideMemory {
  readonly head: HeadRecord | undefined
  /** The trail that stood here when this user last wrote; asked for until this process has written itself. */
  readonly origin: string | undefined
}

export interface Beginning {
  readonly head: ChainHead
  readonly version: number
  readonly preface: readonly RecordDraft[]
}

/** Opens engine and key. Safe to call again after a failure. */
export async function openSession(options: SessionOptions): Promise<TrailSession> {
  const { engine, machine } = options
  await engine.open()
  const signer = options.signer ?? openWriterKey(machine).signer
  let seen: HeadRecord | undefined
  let outside: HeadFile | undefined
  let fresh: ChainHead | undefined
  const { identity } = engine
  const replaced = replacedBy(placePath(machine, identity))

  // Other processes may begin the trail while this one has yet to write, so it is not enough to have looked once.
  function standing(): string | undefined {
    return engine.ephemeral === true || seen !== undefined ? undefined : readPlace(machine, identity).get(options.chain)
  }

  function beginFresh(stood: string | undefined): Beginning {
    if (seen !== undefined) throw rollback(`the trail is gone; ${String(seen.size)} records were seen before`)
    if (stood !== undefined) throw replaced(`the trail \`${stood}\` is gone from \`${identity}\``)
    fresh ??= genesisHead({ chain: options.chain, vkey: signer.vkey, ids: machine.ids })
    return { head: fresh, version: 0, preface: [opened(options, signer)] }
  }

  function headOutside(head: ChainHead): HeadFile | undefined {
    if (engine.ephemeral !== true) outside ??= headFile(machine, head.origin)
    return outside
  }

  const { head: begun } = await engine.read({ chain: options.chain, keys: [] })
  if (begun !== undefined) headOutside(begun.head)

  return {
    signer,
    remembered: () => ({ head: outside?.read(), origin: standing() }),
    begin: async (found, { head: remembered, origin: stood }) => {
      if (found === undefined) return beginFresh(stood)
      const { head, version } = found
      if (stood !== undefined && head.origin !== stood) throw replaced(standsInstead(head.origin, stood))
      if (head.vkey !== signer.vkey) throw foreignKey(head)
      const file = headOutside(head)
      if (seen === undefined) await checkTail(engine, head)
      for (const known of [seen, remembered]) await checkKnown(engine, head, known)
      const adopts = file !== undefined && seen === undefined && remembered === undefined
      return { head, version, preface: adopts ? [adopted(options, head)] : [] }
    },
    extended: (head, last) => {
      // A commit may be on its way while others begin a trail and lose it: what they remember is not overwritten.
      const stood = standing()
      if (stood !== undefined && stood !== head.origin) throw replaced(standsInstead(head.origin, stood))
      if (seen === undefined && engine.ephemeral !== true) {
        rememberPlace(machine, { identity, chain: options.chain }, head.origin)
      }
      seen = headRecord(head, last, machine.clock.now())
      headOutside(head)?.advance(seen)
    },
    settled: async () => {
      await outside?.settled()
    },
  }
}

function opened(options: SessionOptions, signer: Signer): RecordDraft {
  return { kind: 'opened', writer: options.writer, vkey: signer.vkey, engine: options.engine.kind }
}

function adopted(options: SessionOptions, head: ChainHead): RecordDraft {
  return { kind: 'head_adopted', writer: options.writer, size: head.size, entry: head.entry }
}

// The head row must speak of the record that is really there: an edited head row would make the next record a fork.
async function checkTail(engine: BaseDBEngine, head: ChainHead): Promise<void> {
  if (head.size === 0) return
  // Others may have gone on since the head was read, so what stands beyond it says nothing; a commit would find it.
  const [tail] = await engine.records({ chain: head.chain, from: head.size - 1, limit: 1 })
  if (!isRecord(tail, head.size - 1, head.entry)) {
    throw new CapFenceError(
      'AUDIT_CORRUPT',
      `the head of \`${head.origin}\` does not match its last record; run \`capfence verify\` and restore a good copy`,
    )
  }
}

async function checkKnown(engine: BaseDBEngine, head: ChainHead, known: HeadRecord | undefined): Promise<void> {
  checkHead(head, known)
  if (known === undefined || known.size === 0) return
  if (known.size === head.size) {
    if (equalBytes(frontierRoot(head.frontier), known.root)) return
    throw new CapFenceError(
      'AUDIT_CORRUPT',
      `the tree in the head of \`${head.origin}\` is not the one over its records`,
    )
  }
  // Others went on since: what we know of must still be in the trail, else it was rewritten.
  const [record] = await engine.records({ chain: head.chain, from: known.size - 1, limit: 1 })
  if (!isRecord(record, known.size - 1, known.entry)) {
    throw rollback(`record ${String(known.size - 1)} of \`${head.origin}\` is not the one that was seen before`)
  }
}

// For a trail that was emptied or exchanged as a whole. Nothing inside the database could tell.
function replacedBy(path: string): (what: string) => CapFenceError {
  return (what) =>
    new CapFenceError(
      'AUDIT_ROLLBACK',
      `${what}; restore it, or, if it was removed on purpose, move \`${path}\` away to begin anew`,
    )
}

function standsInstead(origin: string, stood: string): string {
  return `the trail \`${origin}\` stands where \`${stood}\` was`
}

function isRecord(record: StoredRecord | undefined, seq: number, entry: Uint8Array): boolean {
  return record?.seq === seq && equalBytes(record.entry, entry)
}

function rollback(what: string): CapFenceError {
  return new CapFenceError(
    'AUDIT_ROLLBACK',
    `${what}; run \`capfence verify\`, restore the newest copy, then try again`,
  )
}

function foreignKey(head: ChainHead): CapFenceError {
  return new CapFenceError(
    'KEY_INVALID',
    `the trail \`${head.origin}\` is written with another key (\`${head.vkey}\`); use that key (CAPFENCE_KEY_FILE) or another database`,
  )
}
