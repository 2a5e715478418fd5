import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { nodeArguments, startChild } from './child.ts'
import { codeOf, testFolder, testPath } from './folder.ts'
import { allRecords, appendOne, oneValue } from './sample-commit.ts'

const PROCESSES = 8

/** Tools of Linux that some tests use where they are there. */
const MOUNTER = 'unshare'
const TRACER = 'strace'

describe('many processes on one file', { timeout: 120_000 }, () => {
  test('lose-no-append-and-never-stand-still', async () => {
    const path = testPath() // not there yet: all eight open a fresh file at once
    const count = 25
    const children = Array.from({ length: PROCESSES }, (_, name) =>
      startChild('append', path, String(name), String(count)),
    )
    const codes = await Promise.all(children.map(({ ended }) => ended))
    expect(codes).toEqual(Array.from({ length: PROCESSES }, () => 0))

    const engine = new SqliteEngine({ path })
    const records = await allRecords(engine)
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: PROCESSES * count }, (_, seq) => seq))
    expect(new Set(records.map(({ text }) => text)).size).toBe(PROCESSES * count)
    const { state } = await engine.read({ keys: ['count'] })
    expect(state.get('count')?.value).toBe(String(PROCESSES * count))
    await engine.close()

    const stands = children.map(
      ({ lines }) => (JSON.parse(lines.at(-1) ?? '') as { longestStandMs: number }).longestStandMs,
    )
    // A wait inside SQLite would stand for as long as others hold the lock: seconds here. The bound is for slow disks.
    expect(Math.max(...stands)).toBeLessThan(1000)
  })

  test('wait-for-a-lock-without-freezing-the-event-loop', async () => {
    const path = testPath()
    const engine = new SqliteEngine({ path })
    await engine.open()
    const holder = startChild('hold-lock', path, '2000')
    await holder.printed(1)

    let ticks = 0
    const ticking = setInterval(() => {
      ticks += 1
    }, 10)
    const startedAt = performance.now()
    const result = await engine.commit(oneValue('k', '1'))
    const waitedMs = performance.now() - startedAt
    clearInterval(ticking)

    expect(result.kind).toBe('committed')
    expect(waitedMs).toBeGreaterThan(1000)
    expect(ticks).toBeGreaterThan(waitedMs / 40)
    await engine.close()
    expect(await holder.ended).toBe(0)
  })

  test('read-while-another-holds-the-lock', async () => {
    const path = testPath()
    const engine = new SqliteEngine({ path, waitMs: 0 })
    await engine.commit(oneValue('k', '1'))
    const holder = startChild('hold-lock', path, '60000')
    await holder.printed(1)
    expect((await engine.read({ keys: ['k'] })).state.get('k')?.value).toBe('1')
    expect(await codeOf(engine.commit(oneValue('k', '2')))).toBe('ENGINE_BUSY')
    holder.process.kill('SIGKILL')
    await holder.ended
    expect((await engine.commit(oneValue('k', '3'))).kind).toBe('committed')
    await engine.close()
  })

  test('leave-a-readable-store-when-they-are-killed', async () => {
    const path = testPath()
    for (let round = 1; round <= 5; round++) {
      const child = startChild('append', path, `round${String(round)}`, '100000')
      await child.printed(1 + round * 7)
      child.process.kill('SIGKILL')
      expect(await child.ended).toBe('SIGKILL')
      const told = child.lines.slice(1)

      const reader = new SqliteEngine({ path, readOnly: true })
      const records = await allRecords(reader)
      const { head, state } = await reader.read({ chain: 'main', keys: ['count'] })
      await reader.close()
      // All or nothing: the head, the records and the state tell one story, and hold what was answered.
      expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: records.length }, (_, seq) => seq))
      expect(head?.head.size).toBe(records.length)
      expect(state.get('count')?.value).toBe(String(records.length))
      expect(records.map(({ text }) => text)).toEqual(expect.arrayContaining(told))
    }
    const engine = new SqliteEngine({ path })
    await appendOne(engine, 'after')
    await engine.close()
  })
})

test('reports-a-full-disk-keeps-what-is-stored-and-goes-on-when-there-is-room', { timeout: 60_000 }, ({ skip }) => {
  const folder = testFolder()
  const script = `mount -t tmpfs -o size=700k tmpfs "$0" && exec "$@"`
  const args = ['--mount', 'sh', '-c', script, folder, process.execPath, ...nodeArguments('fill-disk', folder)]
  const { status, stdout, stderr } = spawnSync(MOUNTER, args, { encoding: 'utf8' })
  if (status !== 0 && /unshare|mount|ENOENT/.test(stderr ?? 'ENOENT')) skip('this user may not mount a small disk')
  expect(stderr).toBe('')
  const told = JSON.parse(stdout) as { stored: number; faults: string[]; kept: number; sizeAfter: number }
  expect(told.faults).toEqual(['ENGINE_FULL', 'ENGINE_FULL', 'ENGINE_FULL'])
  expect(told.stored).toBeGreaterThan(0)
  expect(told.kept).toBe(told.stored)
  expect(told.sizeAfter).toBe(told.stored + 1)
})

test('puts-the-log-of-a-killed-writer-into-the-database-before-anything-follows-it', async () => {
  const path = testPath()
  const child = startChild('append', path, 'killed', '100000')
  await child.printed(8)
  child.process.kill('SIGKILL')
  await child.ended
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
  const engine = new SqliteEngine({ path })
  await engine.open()
  expect(statSync(`${path}-wal`).size).toBe(0)
  await appendOne(engine, 'after')
  await engine.close()
})

describe('a disk that fails', { timeout: 60_000 }, () => {
  // The n-th such call of a process that does nothing but commit.
  test.for(['fsync:error=EIO:when=5', 'pwrite64:error=EIO:when=30', 'pwrite64:error=ENOSPC:when=30'])(
    'fails-that-commit-alone-and-leaves-no-half: %s',
    async (fault, { skip }) => {
      const path = testPath()
      const engine = new SqliteEngine({ path })
      await engine.open()
      await engine.close()
      const call = fault.split(':')[0] ?? ''
      const script = [process.execPath, ...nodeArguments('append-through-faults', path, '12')]
      const args = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${fault}`, ...script]
      const { stdout, stderr, error } = spawnSync(TRACER, args, { encoding: 'utf8' })
      if (error !== undefined || /ptrace|PTRACE/.test(stderr)) skip('there is no strace, or this user may not trace')
      const run = JSON.parse(stdout) as { told: string[]; codes: string[]; kept: string[]; size: number; count: string }
      expect(run.codes).toEqual([fault.includes('ENOSPC') ? 'ENGINE_FULL' : 'ENGINE_IO'])
      // Whether it landed is unknown to who called; what was answered is there, and nothing by half.
      expect(run.kept).toEqual(expect.arrayContaining(run.told))
      expect([run.size, run.count]).toEqual([run.kept.length, String(run.kept.length)])
    },
  )
})
