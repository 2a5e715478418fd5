import type { Append, BaseDBEngine, Commit, ReadResult } from '../../src/runtime/base-db-engine.ts'

/** An append of one ordinary record. */
export function oneRecord(seq: number, headVersion: number, text = 'ordinary'): Append {
  const entry = new Uint8Array(32).fill(seq % 256)
  return {
    headVersion,
    head: { chain: 'main', origin: 'capfence.test/main', vkey: 'k', size: seq + 1, entry, frontier: [entry] },
    records: [{ seq, body: JSON.stringify({ kind: 'decision', seq, text }), entry, sig: new Uint8Array(72) }],
    values: [{ seq, path: '/a', salt: new Uint8Array(16), value: '1' }],
  }
}

/** A commit of one state value. */
export function oneValue(key: string, value: string | null): Commit {
  return { expect: [], write: [{ key, value }] }
}

/** Appends one record to the newest head, however often others are faster. */
export async function appendOne(engine: BaseDBEngine, text: string): Promise<void> {
  for (;;) {
    const result = await engine.commit(next(await engine.read({ chain: 'main', keys: ['count'] }), text))
    if (result.kind === 'committed') return
  }
}

function next({ head, state }: ReadResult, text: string): Commit {
  const count = state.get('count') ?? { value: '0', version: 0 }
  return {
    append: oneRecord(head?.head.size ?? 0, head?.version ?? 0, text),
    expect: [{ key: 'count', version: count.version }],
    write: [{ key: 'count', value: String(Number(count.value) + 1) }],
  }
}

/** Every record of the chain. */
export async function allRecords(engine: BaseDBEngine): Promise<readonly { seq: number; text: string }[]> {
  const records = await engine.records({ chain: 'main', from: 0, limit: 100_000 })
  return records.map(({ seq, body }) => ({ seq, text: (JSON.parse(body) as { text: string }).text }))
}
