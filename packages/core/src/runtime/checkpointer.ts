import type { ChainHead } from '../audit/chain-store.ts'
import { signCheckpoint } from '../audit/checkpoint-note.ts'
import {
  type StoredCheckpoint,
  checkpointKey,
  formatStoredCheckpoint,
  isKept,
  keptCheckpointKey,
  parseStoredCheckpoint,
} from '../audit/checkpoint-state.ts'
import { frontierRoot } from '../audit/merkle.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { CommitJob } from './commit-job.ts'
import type { Committer } from './committer.ts'
import { checkpointReader, isLoss, lostCheckpoints } from './last-checkpoint.ts'
import { TIMEOUT, orTimeout, withinTime } from './time-limit.ts'
import { type TreeAt, beginningOf, followTree, isTreeOf } from './tree-follower.ts'

/** An extension of the chain that is durable. */
export interface Extension {
  readonly before: ChainHead
  readonly after: ChainHead
  readonly signer: Signer
}

/** Signs how far the chain reached: each 256 records, each second with news, and at the end. */
export interface Checkpointer {
  /** Takes note of an extension. Never throws, and does nothing yet: its callers still wait for their answers. */
  extended(extension: Extension): void
  /** Signs what is left. Never throws. */
  close(): Promise<void>
}

/** What a checkpointer works with. */
export interface CheckpointerOptions {
  readonly engine: BaseDBEngine
  readonly machine: Machine
  readonly chain: string
  readonly submit: Committer['submit']
  /** True where a person said that the trail goes on, should records of it be lost. */
  readonly acceptsLoss?: boolean
  /** How long one call of the signer or the engine may take. */
  readonly callLimitMs: number
  /** Told what went wrong; it is tried again. */
  readonly fault: (message: string) => void
}

const EVERY_RECORDS = 256
const EVERY_MS = 1000
const MAX_PAUSE_MS = 60_000

const NOTHING: CommitJob<undefined> = { keys: [], apply: () => ({ drafts: [], writes: [], value: undefined }) }

/** A checkpointer. What it writes joins the next commit of the chain: it costs no fsync of its own under load. */
export function checkpointer(options: CheckpointerOptions): Checkpointer {
  const { machine, submit, callLimitMs: limitMs } = options
  const limit = { clock: machine.clock, limitMs }
  const read = checkpointReader(options)
  let newest: Extension | undefined
  /** The tree that this process made or followed itself: a head row's own frontier is never signed unseen. */
  let tree: TreeAt | undefined
  /** How far the chain reached before this process extended it. */
  let beganAt = 0
  let writtenSize = 0
  let failures = 0
  let writing: Promise<void> | undefined
  let cancel: (() => void) | undefined
  let isClosed = false

  function schedule(): void {
    if (isClosed || writing !== undefined || newest === undefined || newest.after.size <= writtenSize) return
    if (failures === 0 && newest.after.size - writtenSize >= EVERY_RECORDS) begin()
    else cancel ??= machine.clock.after(Math.min(EVERY_MS * 2 ** failures, MAX_PAUSE_MS), begin)
  }

  function begin(): void {
    cancel?.()
    cancel = undefined
    writing = attempt().finally(() => {
      writing = undefined
      schedule()
    })
  }

  async function attempt(): Promise<void> {
    // Not in the turn in which callers learn their verdicts.
    await machine.clock.turn()
    if (newest === undefined) return
    try {
      writtenSize = await write(newest)
      failures = 0
    } catch (cause) {
      failures = Math.min(failures + 1, 6)
      options.fault(`no checkpoint was written: ${messageOf(cause)}`)
    }
  }

  /** The size up to which a checkpoint now stands. */
  async function write({ after: head, signer }: Extension): Promise<number> {
    const isOwn = isTreeOf(tree, head)
    const last = await lastOf(head, signer)
    if (last !== undefined && last.size >= head.size) return last.size
    if (!isOwn) await follow(head, last)
    const checkpoint = { origin: head.origin, size: head.size, root: frontierRoot(head.frontier) }
    const note = await withinTime(signCheckpoint(signer, checkpoint), 'the signer', limit)
    const done = await submit(storing(head, { note, frontier: head.frontier }))
    if (done.kind === 'failed') throw new CapFenceError('ENGINE_FAILED', done.fault.message)
    return done.value
  }

  async function lastOf(head: ChainHead, signer: Signer): Promise<TreeAt | undefined> {
    try {
      const last = await withinTime(read(head, signer), 'reading the checkpoint', limit)
      if (options.acceptsLoss !== true || last === undefined || last.size <= beganAt) return last
    } catch (cause) {
      if (options.acceptsLoss !== true || !isLoss(cause)) throw cause
    }
    // What covers records that a person gave up for lost is given up with them.
    const done = await submit(forgetting(await lostCheckpoints(options, head, beganAt)))
    if (done.kind === 'failed') throw new CapFenceError('ENGINE_FAILED', done.fault.message)
    return undefined
  }

  async function follow(head: ChainHead, last: TreeAt | undefined): Promise<void> {
    const own = tree !== undefined && tree.size <= head.size ? tree : undefined
    const from = last !== undefined && last.size > (own?.size ?? 0) ? last : own
    const followed = await followTree(options, from ?? beginningOf(head), head)
    // This process may have gone on meanwhile, by itself.
    if (tree === undefined || tree.size < followed.size) tree = followed
  }

  async function finish(): Promise<void> {
    await writing
    // What was handed in before this is durable after it.
    await submit(NOTHING)
    if (newest !== undefined && newest.after.size > writtenSize) await attempt()
  }

  return {
    extended: (extension) => {
      const { before, after } = extension
      if (newest === undefined) beganAt = writtenSize = before.size
      newest = extension
      if (before.size === 0 || isTreeOf(tree, before)) tree = after
      schedule()
    },
    close: async () => {
      isClosed = true
      cancel?.()
      if (newest === undefined) return
      if ((await orTimeout(finish(), limit)) === TIMEOUT) options.fault('no checkpoint was written: it took too long')
    },
  }
}

// By compare-and-swap on the last one's size: of processes that write at once, none puts an older one over a newer.
function storing({ chain, size }: ChainHead, stored: StoredCheckpoint): CommitJob<number> {
  const [key, kept] = [checkpointKey(chain), keptCheckpointKey(chain, size)]
  const value = formatStoredCheckpoint(stored)
  return {
    keys: [key, kept],
    apply: (view) => {
      const before = parseStoredCheckpoint(view.get(key) ?? '')?.checkpoint.size
      if (before !== undefined && before >= size) return { drafts: [], writes: [], value: before }
      const keeping = isKept(size, before) ? [{ key: kept, value }] : []
      return { drafts: [], writes: [{ key, value }, ...keeping], value: size }
    },
  }
}

function forgetting(keys: readonly string[]): CommitJob<undefined> {
  return {
    keys,
    apply: () => ({ drafts: [], writes: keys.map((key) => ({ key, value: null })), value: undefined }),
  }
}
