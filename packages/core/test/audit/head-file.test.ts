import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type HeadRecord, checkHead, formatHead, headFile, parseHead, readHead } from '../../src/audit/head-file.ts'
import { headPath } from '../../src/audit/places.ts'
import type { Machine } from '../../src/kernel/ports.ts'
import { homeIn } from '../support/home-in.ts'
import { start } from '../support/many.ts'
import { scratchFolder } from '../support/scratch.ts'
import { sampleTrail } from './trail.ts'

const ORIGIN = 'capfence.local/0/main'
const CHILD = fileURLToPath(new URL('race-child.ts', import.meta.url))

function record(size: number, fill = 1): HeadRecord {
  const bytes = new Uint8Array(32).fill(fill)
  return { origin: ORIGIN, size, entry: bytes, sig: new Uint8Array(72).fill(fill), root: bytes, at: 1000 + size }
}

interface Bench {
  readonly machine: Machine
  readonly path: string
  readonly warnings: string[]
  /** Moves the monotonic clock and runs what is due, once. */
  readonly pass: (ms: number) => void
}

// A machine whose time stands still until the test moves it.
function bench({ alive = true } = {}): Bench {
  const real = homeIn(scratchFolder())
  let now = 0
  let due: (() => void)[] = []
  const warnings: string[] = []
  const machine: Machine = {
    ...real,
    clock: {
      ...real.clock,
      monotonic: () => now,
      after: (_delayMs, task) => {
        due.push(task)
        return () => undefined
      },
    },
    host: { ...real.host, isAlive: () => alive, warn: (message) => warnings.push(message) },
  }
  const pass = (ms: number): void => {
    now += ms
    const tasks = due
    due = []
    tasks.forEach((task) => task())
  }
  return { machine, path: headPath(machine, ORIGIN), warnings, pass }
}

describe('a head file', () => {
  test('remembers-the-newest-head-and-never-goes-back', () => {
    const { machine, path } = bench()
    const file = headFile(machine, ORIGIN)
    expect(file.read()).toBeUndefined()
    file.advance(record(3))
    file.advance(record(5, 2))
    file.advance(record(4, 3))
    expect(file.read()).toEqual(record(5, 2))
    expect(readHead(machine, ORIGIN)).toEqual(record(5, 2))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
    expect(readdirSync(dirname(path))).toHaveLength(1)
  })

  test('is-not-made-by-reading', () => {
    const { machine, path } = bench()
    expect(readHead(machine, ORIGIN)).toBeUndefined()
    expect(existsSync(dirname(path))).toBe(false)
  })

  test.each([
    ['nothing', () => ''],
    ['half of it', (text: string) => text.slice(0, 100)],
    ['zeros', (text: string) => '\0'.repeat(text.length)],
    ['an unknown member', (text: string) => text.replace('"v":1', '"v":1,"w":1')],
    ['a blank', (text: string) => text.replace(':', ': ')],
    ['no line end', (text: string) => text.trimEnd()],
    ['another version', (text: string) => text.replace('"v":1', '"v":2')],
    ['another trail', (text: string) => text.replace('/0/main', '/1/main')],
    ['a negative size', (text: string) => text.replace('"size":3', '"size":-3')],
    ['a short hash', (text: string) => text.replace('0101', '')],
  ])('is-refused-with %s', (_what, damage) => {
    const { machine, path } = bench()
    const file = headFile(machine, ORIGIN)
    file.advance(record(3))
    writeFileSync(path, damage(readFileSync(path, 'utf8')))
    const refusal = expect.objectContaining({
      code: 'HEAD_INVALID',
      message: expect.stringContaining(path) as string,
    }) as Error
    expect(() => file.read()).toThrow(refusal)
    expect(() => file.advance(record(4))).toThrow(refusal)
  })

  test('is-refused-in-a-folder-that-others-may-write', () => {
    const { machine, path } = bench()
    machine.files.folder(dirname(path), 0o700)
    machine.files.restrict(dirname(path), 0o770)
    expect(() => headFile(machine, ORIGIN)).toThrow(expect.objectContaining({ code: 'HEAD_INVALID' }) as Error)
  })

  test('comes-back-as-it-was-written', () => {
    expect(parseHead(formatHead(record(9)), { path: 'x' })).toEqual(record(9))
    expect(formatHead(record(9))).toMatch(/^\{"at":1009,"entry":"(01){32}","origin":"capfence.local\/0\/main","root":/)
  })

  test('never-waits-for-the-lock-and-writes-the-newest-once-it-is-free', async () => {
    const { machine, path, pass } = bench()
    const file = headFile(machine, ORIGIN)
    writeFileSync(`${path}.lock`, '1 someone')
    file.advance(record(3))
    file.advance(record(4))
    expect(file.read()).toBeUndefined()
    pass(50)
    expect(file.read()).toBeUndefined()
    machine.files.remove(`${path}.lock`)
    const settled = file.settled()
    pass(2)
    await settled
    expect(file.read()).toEqual(record(4))
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  test.each([
    ['a dead process after 100 ms', false, 100],
    ['a process that hangs after 2 s', true, 2000],
  ])('takes-over-the-lock-of %s', (_what, alive, afterMs) => {
    const { machine, path, pass } = bench({ alive })
    const file = headFile(machine, ORIGIN)
    writeFileSync(`${path}.lock`, '1 someone')
    file.advance(record(3))
    pass(afterMs - 1)
    expect(file.read()).toBeUndefined()
    pass(1)
    expect(file.read()).toEqual(record(3))
    expect(readdirSync(dirname(path))).toHaveLength(1)
  })

  test('does-not-take-over-a-lock-that-changes-hands', () => {
    const { machine, path, pass } = bench({ alive: false })
    const file = headFile(machine, ORIGIN)
    for (let holder = 0; holder < 5; holder++) {
      writeFileSync(`${path}.lock`, `${String(holder)} someone`)
      if (holder === 0) file.advance(record(3))
      else pass(99)
    }
    expect(file.read()).toBeUndefined()
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe('4 someone')
  })

  test('throws-where-it-cannot-be-written-and-warns-where-nobody-listens', async () => {
    const { machine, path, pass, warnings } = bench()
    const full = (): never => {
      throw new Error('no space left')
    }
    const broken: Machine = { ...machine, files: { ...machine.files, replace: full } }
    const file = headFile(broken, ORIGIN)
    expect(() => file.advance(record(3))).toThrow('no space left')
    expect(existsSync(`${path}.lock`)).toBe(false)
    writeFileSync(`${path}.lock`, '1 someone')
    file.advance(record(3))
    machine.files.remove(`${path}.lock`)
    const settled = file.settled()
    pass(2)
    await settled
    expect(warnings.join()).toContain('no space left')
  })

  test('holds-the-newest-head-of-8-processes-that-race-and-never-goes-back', { timeout: 60_000 }, async () => {
    const folder = scratchFolder()
    const children = Array.from({ length: 8 }, (_, index) => start(CHILD, [folder, 'head', String(index), '100']))
    await Promise.all(children.map(({ ended }) => ended))
    expect(readHead(homeIn(folder), ORIGIN)?.size).toBe(807)
    expect(readdirSync(dirname(headPath(homeIn(folder), ORIGIN)))).toHaveLength(1)
  })
})

describe('a remembered head', () => {
  test('lets-a-chain-go-on-that-is-as-long-or-longer', async () => {
    const { rows, remembered } = await sampleTrail()
    const [head] = rows.heads
    if (head === undefined) throw new Error('no head')
    for (const known of [undefined, ...remembered]) expect(() => checkHead(head, known)).not.toThrow()
  })

  test('stops-a-chain-that-is-shorter-forked-or-another', async () => {
    const { rows, remembered } = await sampleTrail()
    const [head] = rows.heads
    const known = remembered.at(-1)
    if (head === undefined || known === undefined) throw new Error('no head')
    for (const other of [
      { ...known, size: known.size + 1 },
      { ...known, entry: new Uint8Array(32) },
      { ...known, origin: 'capfence.local/1/main', size: 1 },
    ]) {
      expect(() => checkHead(head, other)).toThrow(expect.objectContaining({ code: 'AUDIT_ROLLBACK' }) as Error)
    }
  })
})
