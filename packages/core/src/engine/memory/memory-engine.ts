import type { StateEntry, StatePage } from '../../approval/state-store.ts'
import type { ChainHead, RecordPage, StoredRecord, StoredValue, ValuePage } from '../../audit/chain-store.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import { type Clock, type Ids, machine } from '../../kernel/ports.ts'
import type { BaseDBEngine, Commit, CommitResult, ReadResult, ReadWanted } from '../../runtime/base-db-engine.ts'
import { type MemoryStore, memoryStore } from './memory-store.ts'

export interface MemoryEngineOptions {
  /** The clock that `now()` reads and the source of the engine's identity; this machine's by default. */
  readonly machine?: { readonly clock: Pick<Clock, 'now'>; readonly ids: Pick<Ids, 'id'> } | undefined
}

/** An engine for tests and trials: everything is gone with the process. */
export class MemoryEngine implements BaseDBEngine {
  readonly kind = 'memory'
  readonly ephemeral = true
  readonly identity: string
  readonly #clock: Pick<Clock, 'now'>
  #store: MemoryStore = memoryStore()
  #closed = false

  constructor(options: MemoryEngineOptions = {}) {
    const { clock, ids } = options.machine ?? machine()
    this.#clock = clock
    this.identity = `memory:${ids.id()}`
  }

  /** A second handle on the same store, as another process would have on a file. */
  share(): MemoryEngine {
    const handle = new MemoryEngine({ machine: { clock: this.#clock, ids: { id: () => this.identity.slice(7) } } })
    handle.#store = this.#store
    return handle
  }

  async open(): Promise<void> {
    this.#opened()
  }

  async now(): Promise<number> {
    this.#opened()
    return Math.trunc(this.#clock.now())
  }

  async read({ chain, keys }: ReadWanted): Promise<ReadResult> {
    const store = this.#opened()
    const found = keys.flatMap((key) => store.entry(key) ?? [])
    return {
      now: Math.trunc(this.#clock.now()),
      head: chain === undefined ? undefined : store.head(chain),
      state: new Map(found.map((entry) => [entry.key, entry])),
    }
  }

  async commit(commit: Commit): Promise<CommitResult> {
    return this.#opened().commit(commit)
  }

  async list(page: StatePage): Promise<readonly StateEntry[]> {
    return this.#opened().list(page)
  }

  async chains(): Promise<readonly ChainHead[]> {
    return this.#opened().heads()
  }

  async records(page: RecordPage): Promise<readonly StoredRecord[]> {
    return this.#opened().records(page)
  }

  async values(page: ValuePage): Promise<readonly StoredValue[]> {
    return this.#opened().values(page)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #opened(): MemoryStore {
    if (this.#closed) throw new CapFenceError('ENGINE_CLOSED', 'the memory engine is closed')
    return this.#store
  }
}
