import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'

/** A lock that processes of one machine share: a file that is there while it is held. */
export interface FileLock {
  /** Runs the action under the lock, once; `busy` at once where another holds it. */
  tryWith<Value>(action: () => Value): { readonly value: Value } | 'busy'
}

type Ports = Pick<Machine, 'files' | 'host' | 'clock' | 'ids'>

/** A lock of a dead process is taken over after this long, one of a live process that hangs after the longer time. */
const DEAD_MS = 100
const HUNG_MS = 2_000
const MAX_LOCK_BYTES = 256

/**
 * A lock at a path. Nobody waits for it in here; whoever is told `busy` asks again. A stale lock is judged by what this
 * process saw with its own monotonic clock: the same holder for 100 ms where its process is dead, for 2 s in any case.
 */
export function fileLock(path: string, machine: Ports): FileLock {
  const { files, host, clock, ids } = machine
  let seen: { readonly holder: string; readonly since: number } | undefined

  function isStale(): boolean {
    const holder = files.read(path, MAX_LOCK_BYTES)
    if (holder === undefined) return false
    if (seen?.holder !== holder) seen = { holder, since: clock.monotonic() }
    const heldMs = clock.monotonic() - seen.since
    return heldMs >= HUNG_MS || (heldMs >= DEAD_MS && !host.isAlive(Number.parseInt(holder, 10)))
  }

  // Only one process at a time may take a stale lock away, else the second would take away the first one's new lock.
  function breakStale(): void {
    const guard = `${path}.break`
    if (!files.claim(guard, String(host.processId()))) {
      const since = files.facts(guard)?.changedAt
      if (since !== undefined && Math.abs(clock.now() - since) > HUNG_MS) files.remove(guard)
      return
    }
    if (files.read(path, MAX_LOCK_BYTES) === seen?.holder) files.remove(path)
    files.remove(guard)
    seen = undefined
  }

  return {
    tryWith: (action) => {
      const holder = `${String(host.processId())} ${ids.id()}`
      if (!files.claim(path, holder)) {
        if (isStale()) breakStale()
        if (!files.claim(path, holder)) return 'busy'
      }
      seen = undefined
      const takenAt = clock.monotonic()
      try {
        return { value: action() }
      } finally {
        // Held too long (a suspended process): the lock may be another's by now.
        const isOurs = clock.monotonic() - takenAt < HUNG_MS / 2 || files.read(path, MAX_LOCK_BYTES) === holder
        if (isOurs) files.remove(path)
      }
    },
  }
}

/**
 * Runs the action under the lock, waiting for it up to the limit: for the rare writes of setup alone, because it blocks
 * the process while it waits.
 */
export function withFileLock<Value>(path: string, machine: Ports, action: () => Value): Value {
  const lock = fileLock(path, machine)
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  const startedAt = machine.clock.monotonic()
  for (;;) {
    const done = lock.tryWith(action)
    if (done !== 'busy') return done.value
    if (machine.clock.monotonic() - startedAt > 2 * HUNG_MS) {
      throw new CapFenceError('IO', `\`${path}\` is held by another process; remove it if none runs`)
    }
    Atomics.wait(sleeper, 0, 0, 2)
  }
}
