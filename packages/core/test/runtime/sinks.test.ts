import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { decodeBody } from '../../src/audit/decode-body.ts'
import type { HeadSink } from '../../src/audit/head-sink.ts'
import { fileSink, httpSink, lineSink } from '../../src/audit/head-sinks.ts'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, read } from './gate.ts'

interface Scene {
  readonly home: string
  readonly db: string
  readonly file: string
  readonly faults: string[]
  /** Opens a gate of its own, as another process would. */
  readonly within: <Value>(sinks: readonly HeadSink[], use: (fence: CapFence) => Promise<Value>) => Promise<Value>
}

function scene(): Scene {
  const home = scratchFolder()
  const db = join(home, 'trail.db')
  const faults: string[] = []
  return {
    home,
    db,
    file: join(home, 'heads.log'),
    faults,
    within: async (sinks, use) => {
      const options = { policy: POLICY, db, machine: homeIn(home), deadlineMs: 1_000, sinks }
      const fence = await openCapFence({ ...options, onFault: ({ message }) => faults.push(message) })
      try {
        return await use(fence)
      } finally {
        await fence.close()
      }
    },
  }
}

const run = (fence: CapFence): Promise<string> =>
  fence.runtime
    .run(read(), () => 'ran')
    .catch((cause: { verdict: { reason: { code: string } } }) => cause.verdict.reason.code)

const heads = (lines: readonly string[]): readonly { size: number; origin: string }[] =>
  lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as { size: number; origin: string })

const fromFile = (file: string): ReturnType<typeof heads> => heads(readFileSync(file, 'utf8').split('\n'))

async function kinds({ within }: Scene): Promise<readonly string[]> {
  return within([], async ({ trail }) => {
    const found: string[] = []
    for await (const { body } of trail.records()) found.push(decodeBody(body).kind)
    return found
  })
}

/** A service that answers what it is told to, and keeps what it gets. */
async function service(): Promise<{ url: string; hosts: string[]; got: string[]; answer: (status: number) => void }> {
  const got: string[] = []
  let status = 204
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      if (status < 300) got.push(body)
      if (status > 0) response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`
  return { url: `http://${host}/heads`, hosts: [host], got, answer: (next) => (status = next) }
}

describe('a sink', () => {
  test('keeps-each-head-in-a-file-and-nothing-else', async () => {
    const at = scene()
    await at.within([fileSink({ path: at.file, mode: 'required' })], async (fence) => {
      for (let round = 0; round < 3; round++) await fence.runtime.execute(read())
    })
    expect(fromFile(at.file).map(({ size }) => size)).toEqual([2, 3, 4])
    const [line] = readFileSync(at.file, 'utf8')
      .split('\n')
      .filter((text) => text !== '')
    expect(Object.keys(JSON.parse(line ?? '{}') as object)).toEqual([
      'at',
      'entry',
      'origin',
      'root',
      'sig',
      'size',
      'v',
    ])
  })

  test('gets-lines-to-log-and-posts-to-a-service', async () => {
    const at = scene()
    const lines: string[] = []
    const { url, hosts, got } = await service()
    const sinks = [
      lineSink({ write: (line) => void lines.push(line), mode: 'required' }),
      httpSink({ url, hosts, mode: 'required' }),
    ]
    await at.within(sinks, async (fence) => {
      await fence.runtime.execute(read())
      await fence.runtime.execute(read())
    })
    expect(lines.every((line) => /^capfence-head \{.*\}\n$/.test(line))).toBe(true)
    expect(heads(lines.map((line) => line.slice('capfence-head '.length)))).toMatchObject([{ size: 2 }, { size: 3 }])
    expect(heads(got)).toMatchObject([{ size: 2 }, { size: 3 }])
  })

  test('that-is-required-and-fails-lets-nothing-run', async () => {
    const at = scene()
    const { url, hosts, answer } = await service()
    await at.within([httpSink({ url, hosts, mode: 'required', timeoutMs: 200 })], async (fence) => {
      expect(await run(fence)).toBe('ran')
      for (const status of [500, 302, 404, 0]) {
        answer(status)
        expect(await run(fence)).toBe('fault_audit')
      }
      answer(200)
      expect(await run(fence)).toBe('ran')
    })
    // What was recorded is told never to have run.
    await at.within([], async ({ trail }) => {
      const outcomes: string[] = []
      for await (const { body: text } of trail.records()) {
        const body = decodeBody(text)
        if (body.kind === 'outcome') outcomes.push(body.outcome)
      }
      expect(outcomes.toSorted()).toEqual([
        ...Array.from({ length: 4 }, () => 'not_executed'),
        'succeeded',
        'succeeded',
      ])
      expect((await trail.verify()).exitCode).toBe(0)
    })
  })

  test('that-need-not-be-there-stops-nothing-and-is-told-of', async () => {
    const at = scene()
    const { url, hosts, answer, got } = await service()
    const sinks = [httpSink({ url, hosts, mode: 'best-effort' })]
    answer(503)
    expect(await at.within(sinks, run)).toBe('ran')
    answer(200)
    expect(await at.within(sinks, run)).toBe('ran')
    expect(at.faults).toContainEqual(expect.stringContaining('it answered 503'))
    // The newest head is there when the process has ended.
    expect(heads(got).at(-1)?.size).toBe((await kinds(at)).length)
  })

  test.each(['required', 'best-effort'] as const)('knows-the-head-where-the-head-file-is-gone: %s', async (mode) => {
    const at = scene()
    const sinks = [fileSink({ path: at.file, mode })]
    await at.within(sinks, async (fence) => {
      for (let round = 0; round < 3; round++) await run(fence)
    })
    const whole = await kinds(at)
    rmSync(join(at.home, 'state'), { recursive: true })
    expect(await at.within(sinks, run)).toBe('ran')
    expect(await kinds(at)).toEqual([...whole, 'decision', 'outcome'])

    // And where the end of the trail is gone with it.
    rmSync(join(at.home, 'state'), { recursive: true })
    const database = new DatabaseSync(at.db)
    database.exec(`DELETE FROM record WHERE seq >= 3; UPDATE chain SET size = 3,
      entry = (SELECT entry FROM record WHERE seq = 2)`)
    database.close()
    const code = await at.within(sinks, run)
    expect(['audit_rollback', 'fault_audit']).toContain(code)
  })

  test('finds-a-restored-copy-that-is-whole-in-itself', async () => {
    const at = scene()
    const sinks = [fileSink({ path: at.file, mode: 'required' })]
    await at.within(sinks, run)
    const copy = readFileSync(at.db)
    await at.within(sinks, run)
    writeFileSync(at.db, copy)
    rmSync(join(at.home, 'state'), { recursive: true })
    expect(await at.within(sinks, run)).toBe('audit_rollback')
    expect(await at.within([], run)).toBe('ran') // without the sink nobody could tell
  })

  test('is-read-past-lines-that-were-torn-or-are-of-others', async () => {
    const at = scene()
    const sinks = [fileSink({ path: at.file, mode: 'required' })]
    await at.within(sinks, run)
    const text = readFileSync(at.file, 'utf8')
    const torn = text.trimEnd().slice(0, -20)
    const other = text
      .replaceAll(/capfence\.local\/[0-9a-f]{32}/g, `capfence.local/${'0'.repeat(32)}`)
      .replaceAll(/"size":\d+/g, '"size":9999')
    writeFileSync(at.file, `not json\n${other}${text}\n${torn}`)
    rmSync(join(at.home, 'state'), { recursive: true })
    expect(await at.within(sinks, run)).toBe('ran')
    expect((await kinds(at)).filter((kind) => kind === 'head_adopted')).toEqual([])
  })

  test('that-is-required-and-cannot-be-read-lets-nothing-run', async () => {
    const at = scene()
    await at.within([fileSink({ path: at.file, mode: 'required' })], run)
    rmSync(join(at.home, 'state'), { recursive: true })
    const broken: HeadSink = {
      name: 'a broken one',
      mode: 'required',
      keep: async () => undefined,
      newest: () => Promise.reject(new Error('no such disk')),
    }
    const code = await at.within([broken], run)
    expect(code).toBe('fault_engine')
    expect(await at.within([{ ...broken, mode: 'best-effort' }], run)).toBe('ran')
    expect(at.faults).toContainEqual(expect.stringContaining('no such disk'))
  })

  test('is-no-url-that-a-head-may-not-go-to', () => {
    for (const url of ['http://example.com/', 'file:///etc', 'nonsense', 'https://user:pw@example.com/'])
      expect(() => httpSink({ url, hosts: ['example.com'], mode: 'required' })).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
      )
  })
})
