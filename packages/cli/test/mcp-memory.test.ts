import { expect, test, vi } from 'vitest'
import { proxyProcess } from './mcp-process.ts'

vi.setConfig({ testTimeout: 300_000 })

test('ten-thousand-calls-keep-no-memory', async () => {
  // A small heap, so that what is garbage is collected while the test looks.
  const proxy = proxyProcess({ env: { NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=160' } })
  const sizes: number[] = []
  for (let id = 0; id < 10_000; id += 200) {
    const asked = Array.from({ length: 200 }, (_, index) =>
      proxy.send({ id: id + index, method: 'tools/call', params: { name: 'echo', arguments: { number: id + index } } }),
    )
    await Promise.all(asked)
    for (let answers = 0; answers < 200; answers += 1) expect((await proxy.next()).result?.isError).toBeUndefined()
    if (id % 2000 === 1800) sizes.push(Math.round(proxy.rssBytes() / 1024 / 1024))
  }
  // The first calls warm it up; the last 6,000 may add nothing but what a garbage collector leaves lying.
  const [, warm = 0, ...later] = sizes
  expect(Math.max(...later) - warm, `RSS in MiB each 2,000 calls: ${sizes.join(' ')}`).toBeLessThan(40)
})
