import type { BaseDBEngine } from '@capfence/core'
import { same } from './claims.ts'
import type { EngineCase } from './engine-case.ts'
import { append, put } from './samples.ts'
import { kinds, onTwoHandles } from './two-handles.ts'

async function increment(engine: BaseDBEngine): Promise<void> {
  for (;;) {
    const entry = (await engine.read({ keys: ['counter'] })).state.get('counter')
    const result = await engine.commit({
      expect: [{ key: 'counter', version: entry?.version ?? 0 }],
      write: [{ key: 'counter', value: String(Number(entry?.value ?? 0) + 1) }],
    })
    if (result.kind === 'committed') return
  }
}

async function appendOne(engine: BaseDBEngine, text: string): Promise<void> {
  for (;;) {
    const { head } = await engine.read({ chain: 'main', keys: [] })
    const next = append({ from: head?.head.size ?? 0, count: 1, headVersion: head?.version ?? 0 })
    const records = next.records.map((record) => ({ ...record, body: JSON.stringify({ text }) }))
    const result = await engine.commit({ append: { ...next, records }, expect: [], write: [] })
    if (result.kind === 'committed') return
  }
}

/** Many callers at once, on two handles. */
export const concurrencyCases: readonly EngineCase[] = [
  onTwoHandles('loses-no-increment', async (handles) => {
    const callers = [...handles, ...handles, ...handles, ...handles]
    await Promise.all(
      callers.map(async (engine) => {
        for (let round = 0; round < 10; round++) await increment(engine)
      }),
    )
    const total = (await handles[0].read({ keys: ['counter'] })).state.get('counter')?.value
    same(total, '80', 'the counter after 80 increments')
  }),
  onTwoHandles('lets-exactly-one-begin-a-chain', async (handles) => {
    const callers = [...handles, ...handles, ...handles, ...handles]
    const results = await Promise.all(
      callers.map((engine, index) =>
        engine.commit({
          append: append({ from: 0, count: index + 1, headVersion: 0 }),
          expect: [],
          write: [{ key: 'by', value: String(index) }],
        }),
      ),
    )
    same(kinds(results), { committed: 1, conflict: 7 }, 'the answers to eight that begin one chain')
    const winner = results.findIndex(({ kind }) => kind === 'committed')
    for (const engine of handles) {
      same(
        (await engine.chains()).map(({ size }) => size),
        [winner + 1],
        'the size of the chain',
      )
      same((await engine.read({ keys: ['by'] })).state.get('by')?.value, String(winner), 'who wrote the state')
    }
  }),
  onTwoHandles('lets-exactly-one-use-a-version', async (handles) => {
    const [first] = handles
    const version = (await put(first, { grant: 'unused' })).get('grant') ?? 0
    const callers = Array.from({ length: 8 }, () => handles).flat()
    const results = await Promise.all(
      callers.map((engine, index) =>
        engine.commit({ expect: [{ key: 'grant', version }], write: [{ key: 'grant', value: String(index) }] }),
      ),
    )
    same(kinds(results), { committed: 1, conflict: 15 }, 'the answers to sixteen that use one version')
    const winner = results.findIndex(({ kind }) => kind === 'committed')
    same((await first.read({ keys: ['grant'] })).state.get('grant')?.value, String(winner), 'who wrote the state')
  }),
  onTwoHandles('keeps-one-chain-of-many-writers', async (handles) => {
    const callers = [...handles, ...handles]
    await Promise.all(
      callers.map(async (engine, caller) => {
        for (let round = 0; round < 10; round++) await appendOne(engine, `${String(caller)}/${String(round)}`)
      }),
    )
    const records = await handles[0].records({ chain: 'main', from: 0, limit: 99 })
    same(
      records.map(({ seq }) => seq),
      Array.from({ length: 40 }, (_, seq) => seq),
      'the places of 40 records',
    )
    same(new Set(records.map(({ body }) => body)).size, 40, 'how many of 40 records are distinct')
  }),
]
