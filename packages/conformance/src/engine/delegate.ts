import type { BaseDBEngine } from '@capfence/core'

/** An engine that passes every call on; a wrapper spreads it and puts its own methods over it. */
export function delegate(engine: BaseDBEngine): BaseDBEngine {
  return {
    kind: engine.kind,
    identity: engine.identity,
    ...(engine.ephemeral !== undefined && { ephemeral: engine.ephemeral }),
    open: () => engine.open(),
    now: () => engine.now(),
    read: (wanted) => engine.read(wanted),
    commit: (commit) => engine.commit(commit),
    list: (page) => engine.list(page),
    chains: () => engine.chains(),
    records: (page) => engine.records(page),
    values: (page) => engine.values(page),
    close: () => engine.close(),
  }
}
