import type { BaseDBEngine } from '@capfence/core'
import { delegate } from './delegate.ts'

/** The methods of an engine. */
export type EngineMethod = 'open' | 'now' | 'read' | 'commit' | 'list' | 'chains' | 'records' | 'values' | 'close'

/**
 * How a call goes wrong. `refuse`: it rejects and does nothing. `lose`: it does its work, then rejects, so that nobody
 * knows. `hang`: it does nothing and never answers. `hang-after`: it does its work and never answers. `slow`: it does
 * its work after a delay.
 */
export type EngineFaultKind = 'refuse' | 'lose' | 'hang' | 'hang-after' | 'slow'

/** One fault at one call. */
export interface EngineFault {
  /** Which call, from 1: of `method` where that is given, else of all methods together. */
  readonly call: number
  readonly method?: EngineMethod | undefined
  readonly kind: EngineFaultKind
  /** What `refuse` and `lose` reject with. */
  readonly error?: Error | undefined
  /** For `slow`, milliseconds. */
  readonly delayMs?: number | undefined
}

/** An engine with faults, and what was called. */
export interface FaultyEngine extends BaseDBEngine {
  /** The methods called so far, in order. */
  readonly calls: readonly EngineMethod[]
}

/** The engine with faults at the calls that the plan names; every other call passes through. */
export function faultyEngine(engine: BaseDBEngine, plan: readonly EngineFault[]): FaultyEngine {
  const calls: EngineMethod[] = []

  function faultAt(method: EngineMethod): EngineFault | undefined {
    calls.push(method)
    const ofMethod = calls.filter((called) => called === method).length
    return plan.find((fault) =>
      fault.method === undefined ? fault.call === calls.length : fault.method === method && fault.call === ofMethod,
    )
  }

  async function through<Value>(method: EngineMethod, work: () => Promise<Value>): Promise<Value> {
    const fault = faultAt(method)
    return fault === undefined ? work() : failing(fault, method, work)
  }

  const inner = delegate(engine)
  return {
    ...inner,
    calls,
    open: () => through('open', () => inner.open()),
    now: () => through('now', () => inner.now()),
    read: (wanted) => through('read', () => inner.read(wanted)),
    commit: (commit) => through('commit', () => inner.commit(commit)),
    list: (page) => through('list', () => inner.list(page)),
    chains: () => through('chains', () => inner.chains()),
    records: (page) => through('records', () => inner.records(page)),
    values: (page) => through('values', () => inner.values(page)),
    close: () => through('close', () => inner.close()),
  }
}

async function failing<Value>(fault: EngineFault, method: EngineMethod, work: () => Promise<Value>): Promise<Value> {
  const error = fault.error ?? new Error(`injected fault: ${fault.kind} at ${method}`)
  switch (fault.kind) {
    case 'refuse':
      throw error
    case 'lose':
      await work()
      throw error
    case 'hang':
      return never()
    case 'hang-after':
      await work()
      return never()
    case 'slow':
      await delay(fault.delayMs ?? 0)
      return work()
    default:
      return fault.kind satisfies never
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
