import { describe, expect, test } from 'vitest'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { oneRecord, oneValue } from './sample-commit.ts'

describe('the memory engine', () => {
  test('reads-the-clock-it-is-given', async () => {
    const engine = new MemoryEngine({ machine: { clock: { now: () => 1234.9 }, ids: { id: () => 'one' } } })
    expect(await engine.now()).toBe(1234)
    expect((await engine.read({ keys: [] })).now).toBe(1234)
    expect(engine.identity).toBe('memory:one')
  })

  test('keeps-its-store-while-any-handle-is-open', async () => {
    const engine = new MemoryEngine()
    const second = engine.share()
    await engine.commit({ append: oneRecord(0, 0), ...oneValue('k', '1') })
    await engine.close()
    expect((await second.read({ keys: ['k'] })).state.get('k')?.value).toBe('1')
    expect(await second.chains()).toHaveLength(1)
  })

  test('says-that-everything-goes-with-the-process', () => {
    expect(new MemoryEngine().ephemeral).toBe(true)
  })
})
