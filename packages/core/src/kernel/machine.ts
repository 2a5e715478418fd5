import type { Files } from './files.ts'
import type { Net } from './net.ts'

/** Time. `now` is wall-clock milliseconds since 1970; `monotonic` milliseconds never step back. */
export interface Clock {
  now(): number
  monotonic(): number
  /** Runs `task` once, `delayMs` from now, without keeping the process alive unless `hold`; the answer cancels it. */
  after(delayMs: number, task: () => void, hold?: 'hold'): () => void
  /** Resolves in the next turn of the event loop, when what is ready now has run. */
  turn(): Promise<void>
}

/** Chance. */
export interface Ids {
  /** A new unique id (a random UUID). */
  id(): string
  /** Cryptographically random bytes. */
  bytes(size: number): Uint8Array
}

/** The process: its environment, user and folders. */
export interface Host {
  env(name: string): string | undefined
  home(): string
  folder(): string
  /** The user's id, or undefined where the system has none. */
  userId(): number | undefined
  processId(): number
  isAlive(processId: number): boolean
  warn(message: string): void
}

/** All that core is ever told about the machine. */
export interface Machine {
  readonly clock: Clock
  readonly ids: Ids
  readonly files: Files
  readonly host: Host
  readonly net: Net
}
