import { type ApprovalMemory, approvalMemory } from '../approval/memory.ts'
import { boundedSet } from '../kernel/bounded-set.ts'

/** How many things of each kind a process remembers. */
const MAX_REMEMBERED = 100_000

/** What a process has seen itself, and so needs not believe a database about. */
export interface ProcessMemory {
  /** Keys of identities that were allowed, and are not known never to have run. */
  readonly allowed: Remembered
  /** Digests of policies that are archived. */
  readonly archived: Remembered
  readonly approvals: ApprovalMemory
  /** Ids of requests that people were told of. */
  readonly noticed: Remembered
}

// A set of texts that forgets the oldest.
interface Remembered {
  has(text: string): boolean
  add(text: string): void
  delete(text: string): void
}

/** Empty at first. */
export function processMemory(): ProcessMemory {
  return {
    allowed: boundedSet(MAX_REMEMBERED),
    archived: boundedSet(MAX_REMEMBERED),
    noticed: boundedSet(MAX_REMEMBERED),
    approvals: approvalMemory(),
  }
}
