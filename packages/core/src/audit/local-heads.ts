import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import { type HeadRecord, readHead } from './head-file.ts'
import { readPlace } from './place-file.ts'
import { headPath } from './places.ts'

/** What this user remembers of one trail. */
export interface LocalHead {
  /** Undefined where nothing is remembered, or where it is damaged and proves nothing. */
  readonly record: HeadRecord | undefined
  /** Where it comes from, in words. */
  readonly source: string
}

/** What this user remembers of the trails in a store: of those that stand there now, and of those that stood there. */
export function localHeads(
  machine: Pick<Machine, 'files' | 'host'>,
  identity: string,
  origins: readonly string[],
): readonly LocalHead[] {
  const stood = attempt(() => [...readPlace(machine, identity).values()])
  if (stood instanceof CapFenceError) {
    return [notCounted(stood), ...origins.map((origin) => localHead(machine, origin))]
  }
  return [...new Set([...origins, ...stood])].map((origin) => localHead(machine, origin))
}

function localHead(machine: Pick<Machine, 'files' | 'host'>, origin: string): LocalHead {
  const path = headPath(machine, origin)
  const record = attempt(() => readHead(machine, origin))
  if (record instanceof CapFenceError) return notCounted(record)
  if (record === undefined) return { record, source: `head: none at ${path}` }
  return { record, source: `head: ${String(record.size)} records, remembered in ${path}` }
}

// What is damaged proves nothing, and is no reason to leave the trail unread.
function notCounted(cause: CapFenceError): LocalHead {
  return { record: undefined, source: `head: not counted, ${cause.message}` }
}

function attempt<Value>(work: () => Value): Value | CapFenceError {
  try {
    return work()
  } catch (cause) {
    if (isCapFenceError(cause)) return cause
    throw cause
  }
}
