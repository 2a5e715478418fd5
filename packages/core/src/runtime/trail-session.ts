import type { ChainHead, StoredRecord } from '../audit/chain-store.ts'
import { type HeadFile, type HeadRecord, headFile, headRecord } from '../audit/head-file.ts'
import { readPlace, rememberPlace, replacePlace } from '../audit/place-file.ts'
import type { RecordDraft } from '../audit/record-draft.ts'
import { genesisHead } from '../audit/seal.ts'
import { openWriterKey } from '../audit/writer-key.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import { type LossAcceptance, type OutsideMemory, lossAccepted, lossIn, outsideMemory } from './accepted-loss.ts'
import type { BaseDBEngine, VersionedHead } from './base-db-engine.ts'
import { checkKey, checkKnown, checkOrigin, checkTail, rollback } from './chain-checks.ts'
import type { Sinks } from './tell-sinks.ts'

/** What a process needs to extend a chain. */
export interface SessionOptions {
  readonly engine: BaseDBEngine
  readonly machine: Machine
  readonly chain: string
  readonly writer: string
  /** The writer's key; the default one of this user where left out. */
  readonly signer?: Signer | undefined
  /** A person's word that the trail goes on as it stands, should records of it be lost. */
  readonly acceptLoss?: LossAcceptance | undefined
  /** Where else heads are kept. */
  readonly sinks: Sinks
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
  /** Takes note of a durable extension, inside and outside the process; answers the head that is remembered. */
  extended(head: ChainHead, last: StoredRecord): HeadRecord
  /** The engine failed: nothing is extended again before the end of the chain was found whole. */
  doubt(): void
  /** Resolves once the newest head is remembered outside. */
  settled(): Promise<void>
}

/** The head to extend, its version, and what must be recorded before anything else. */
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
  let isDoubted = true
  let loss: CapFenceError | undefined
  let inSink: HeadRecord | undefined
  let isSinkAsked = false
  const { identity } = engine
  const place = { identity, chain: options.chain }

  // Other processes may begin the trail while this one has yet to write, so it is not enough to have looked once.
  function standing(): string | undefined {
    return engine.ephemeral === true || seen !== undefined ? undefined : readPlace(machine, identity).get(options.chain)
  }

  function beginFresh(stood: string | undefined): Beginning {
    if (seen !== undefined) throw rollback(`the trail is gone; ${String(seen.size)} records were seen before`)
    if (stood !== undefined) throw rollback(`the trail \`${stood}\` is gone from \`${identity}\``)
    fresh ??= genesisHead({ chain: options.chain, vkey: signer.vkey, ids: machine.ids })
    return { head: fresh, version: 0, preface: [opened(options, signer)] }
  }

  function headOutside(head: ChainHead): HeadFile | undefined {
    if (engine.ephemeral !== true) outside ??= headFile(machine, head.origin)
    return outside
  }

  async function checked(found: VersionedHead | undefined, memory: OutsideMemory): Promise<Beginning> {
    if (memory.damage !== undefined) throw memory.damage
    if (found === undefined) return beginFresh(memory.origin)
    const { head, version } = found
    checkOrigin(head.origin, memory.origin)
    checkKey(head, signer)
    const isUnknown = headOutside(head) !== undefined && seen === undefined && memory.head === undefined
    if (isUnknown && !isSinkAsked) await askSinks(head)
    if (isDoubted) await checkTail(engine, head, signer)
    for (const known of [seen, memory.head]) await checkKnown(engine, head, known)
    isDoubted = false
    return { head, version, preface: isUnknown ? [adopted(options, head)] : [] }
  }

  // Where no head file is there, a sink may know. What it knows may be newer than what was read, so that is read again.
  async function askSinks({ origin }: ChainHead): Promise<void> {
    inSink = await options.sinks.newest(origin)
    isSinkAsked = true
    if (inSink !== undefined) throw new CapFenceError('ENGINE_BUSY', 'the trail may have grown while a sink was asked')
  }

  // The trail as it stands, which is whole in itself, with a record of what is lost.
  async function goOn(
    found: VersionedHead | undefined,
    memory: OutsideMemory,
    accepted: { readonly loss: CapFenceError; readonly acceptance: LossAcceptance },
  ): Promise<Beginning> {
    const { acceptance } = accepted
    const draft = lossAccepted(memory, accepted.loss, {
      machine,
      writer: options.writer,
      acceptance,
      now: found?.head,
    })
    if (found === undefined) {
      const begun = beginFresh(undefined)
      return { ...begun, preface: [...begun.preface, draft] }
    }
    checkKey(found.head, signer)
    await checkTail(engine, found.head, signer)
    return { ...found, preface: [draft] }
  }

  function remember(head: ChainHead, newest: HeadRecord): void {
    const isFirst = seen === undefined && engine.ephemeral !== true
    if (isFirst && loss === undefined) rememberPlace(machine, place, head.origin)
    if (isFirst && loss !== undefined) replacePlace(machine, place, head.origin)
    seen = newest
    const file = headOutside(head)
    if (loss === undefined) file?.advance(newest)
    else file?.replace(newest)
  }

  const { head: begun } = await engine.read({ chain: options.chain, keys: [] })
  if (begun !== undefined) headOutside(begun.head)

  return {
    signer,
    remembered: () => outsideMemory({ head: () => outside?.read() ?? inSink, origin: standing }, options.acceptLoss),
    begin: async (found, memory) => {
      loss = undefined
      try {
        return await checked(found, memory)
      } catch (cause) {
        loss = seen === undefined ? lossIn(cause) : undefined
        const { acceptLoss: acceptance } = options
        if (loss === undefined || acceptance === undefined) throw cause
        return goOn(found, memory, { loss, acceptance })
      }
    },
    extended: (head, last) => {
      // A commit may be on its way while others begin a trail and lose it: what they remember is not overwritten.
      if (loss === undefined) checkOrigin(head.origin, standing())
      const newest = headRecord(head, last, machine.clock.now())
      remember(head, newest)
      if (loss !== undefined) options.acceptLoss?.accepted(loss.message)
      loss = undefined
      return newest
    },
    doubt: () => {
      isDoubted = true
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
