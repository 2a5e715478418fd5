import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { execPlan } from '../../src/compose/exec-plan.ts'

const NODE = process.execPath
const script = (code: string): { argv: string[] } => ({ argv: [NODE, '-e', code] })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capfence-exec-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

describe('running a plan', () => {
  test('runs-the-very-words-and-no-shell', async () => {
    const words = ['$(touch x)', '; touch y', '`id`', '*', '~', 'a b', '']
    const { exitCode, stdout } = await execPlan(
      { argv: [NODE, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words] },
      { cwd: folder },
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual(words)
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })

  test('tells-how-it-ended-and-what-it-wrote', async () => {
    const ended = await execPlan(script('process.stdin.pipe(process.stderr); process.exitCode = 3'), { input: 'ü' })
    expect(ended).toEqual({ exitCode: 3, signal: null, stdout: '', stderr: 'ü' })
  })

  test('hands-on-a-scrubbed-environment-that-is-marked-as-an-agents', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('NODE_OPTIONS', '--no-warnings')
    vi.stubEnv('CAPFENCE_KEY_FILE', '/key')
    vi.stubEnv('LD_PRELOAD', '')
    vi.stubEnv('WANTED', 'yes')
    const { stdout } = await execPlan(script('console.log(JSON.stringify(process.env))'), {
      env: [{ name: 'WANTED' }, { name: 'SET', value: 'x' }, { name: 'CAPFENCE_DB', value: '/db' }],
    })
    const env = JSON.parse(stdout) as Record<string, string>
    expect(env).toMatchObject({ CAPFENCE_AGENT: '1', WANTED: 'yes', SET: 'x' })
    for (const name of ['AWS_SECRET_ACCESS_KEY', 'NODE_OPTIONS', 'CAPFENCE_KEY_FILE', 'CAPFENCE_DB', 'LD_PRELOAD'])
      expect(env).not.toHaveProperty(name)
  })

  test('never-finds-a-program-in-the-working-folder', async () => {
    writeFileSync(join(folder, 'deploy'), '#!/bin/sh\necho mine\n', { mode: 0o755 })
    vi.stubEnv('PATH', `:.:bin:${process.env['PATH'] ?? ''}`)
    await expect(execPlan({ argv: ['deploy'] }, { cwd: folder })).rejects.toMatchObject({ code: 'EXEC_FAILED' })
    for (const path of [':', '.', 'bin', '']) {
      vi.stubEnv('PATH', path)
      const run = execPlan({ argv: ['deploy'] }, { cwd: folder })
      await expect(run, path).rejects.toMatchObject({ code: 'EXEC_FAILED' })
    }
  })

  test.each([undefined, {}, { argv: [] }, { argv: [''] }, { paths: { path: '/x' } }])(
    'refuses-a-plan-without-a-program: %j',
    async (plan) => {
      await expect(execPlan(plan)).rejects.toMatchObject({ code: 'PLAN_MISSING' })
    },
  )

  test('refuses-a-word-that-no-program-can-get', async () => {
    await expect(execPlan({ argv: [NODE, 'a\0b'] })).rejects.toMatchObject({ code: 'EXEC_FAILED' })
  })

  test('ends-what-writes-too-much-with-all-that-it-started', async () => {
    // The writer is a child of what was started, in its own right: it must go as well.
    const flood = `require("node:child_process").spawn("yes", [${JSON.stringify(folder)}], { stdio: "inherit" })`
    await expect(execPlan(script(flood), { maxOutputBytes: 10_000 })).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      message: expect.stringContaining('more than 10000 bytes') as string,
    })
    expect(commandLines().filter((line) => line.includes(folder))).toEqual([])
  })

  test('ends-what-takes-too-long-or-is-no-longer-wanted', async () => {
    const forever = script('setInterval(() => {}, 1000)')
    await expect(execPlan(forever, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'EXEC_FAILED' })
    await expect(execPlan(forever, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ code: 'EXEC_FAILED' })
    await expect(execPlan(forever, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'EXEC_FAILED' })
  })
})

// What runs on this machine, where the system tells.
function commandLines(): readonly string[] {
  const processes = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  return processes.map((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8')
    } catch {
      return '' // over since it was listed
    }
  })
}
