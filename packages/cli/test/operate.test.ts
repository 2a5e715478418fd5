import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Site, push, site } from './agent.ts'
import type { Ended } from './command.ts'

const CHILD = fileURLToPath(new URL('orphan-child.ts', import.meta.url))
const REASON = ['--reason', 'looked into the folder']
const NOT_EXECUTED = ['reconcile', 'lost', '--outcome', 'not_executed', ...REASON]

/** A site where a process was killed while it ran the tool of the event `lost`. */
async function orphaned(): Promise<Site> {
  const at = site()
  const args = ['--conditions=@capfence/source', CHILD, join(at.folder, 'policy.yaml'), at.database]
  const child = spawn(process.execPath, args, { env: at.env, cwd: at.folder, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
  return at
}

// As if its process had been gone for long.
const forget = ({ sql }: Site): void => sql(`UPDATE state SET value = '{"v":1,"at":0}' WHERE key LIKE 'lease/%'`)

function lines({ stdout }: Ended): readonly Record<string, unknown>[] {
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
}

describe('an action of which nobody knows what became', () => {
  test('is-listed-until-somebody-says-so', async () => {
    const at = await orphaned()
    const { run } = at
    const open = await run('logs', '--open', '--json')
    expect(lines(open)).toMatchObject([{ kind: 'decision', event: { id: 'lost' } }])
    expect((await run('logs', '--open')).stdout).toContain('filesystem.read.workspace')
    expect(lines(await run('logs', '--open', '--json', '--actor', 'other'))).toEqual([])

    const early = await run(...NOT_EXECUTED)
    expect(early.code).toBe(1)
    expect(early.stderr).toContain('may still be running')

    forget(at)
    // Whoever writes next finds the dead process.
    const agent = at.agent()
    for (let round = 0; round < 2; round++) await agent.call(push())
    expect(lines(await run('logs', '--open', '--json'))).toMatchObject([
      { kind: 'decision', event: { id: 'lost' } },
      { kind: 'outcome', outcome: 'unknown', by: 'lease' },
    ])

    const done = await run(...NOT_EXECUTED)
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain('may be judged and run once more')
    expect(lines(await run('logs', '--open', '--json'))).toEqual([])
    expect((await run('logs', '--kind', 'outcome')).stdout).toContain('reconciled, looked into the folder')
    expect(await run('verify')).toMatchObject({ code: 0 })
    expect(lines(await run(...NOT_EXECUTED, '--json'))).toMatchObject([{ error: { code: 'REPORT_REFUSED' } }])
  })

  test('is-not-for-agents-nor-for-guesses', async () => {
    const at = await orphaned()
    const { run } = at
    forget(at)
    const agent = await at.as('config', { CAPFENCE_AGENT: '1' })(...NOT_EXECUTED, '--json')
    expect(agent.code).toBe(1)
    expect(lines(agent)).toMatchObject([{ error: { code: 'APPROVAL_REFUSED' } }])
    expect(await at.as('another')(...NOT_EXECUTED)).toMatchObject({ code: 2 })
    expect(await run('reconcile', 'other', '--outcome', 'failed', ...REASON)).toMatchObject({ code: 1 })
    for (const args of [
      ['reconcile', 'lost', '--outcome', 'failed'],
      ['reconcile', 'lost', ...REASON],
      ['reconcile', 'lost', '--outcome', 'unknown', ...REASON],
      ['reconcile', '--outcome', 'failed', ...REASON],
      ['logs', '--open', '--kind', 'outcome'],
    ])
      expect(await run(...args), args.join(' ')).toMatchObject({ code: 2 })
    expect(await run('reconcile', 'lost', '--outcome', 'failed', ...REASON)).toMatchObject({ code: 0 })
  })
})

describe('audit accept-loss', () => {
  test('goes-on-with-what-is-there-and-records-it', async () => {
    const at = site()
    const { run } = at
    const accept = ['audit', 'accept-loss', '--reason', 'the disk died']
    expect(await run(...accept)).toMatchObject({ code: 2, stdout: '' })
    await at.agent().call(push())
    expect((await run(...accept)).stdout).toContain('nothing is lost')

    for (const suffix of ['', '-wal', '-shm']) rmSync(at.database + suffix, { force: true })
    expect(await run('verify')).toMatchObject({ code: 2 })
    const agent = await at.as('config', { CAPFENCE_AGENT: '1' })(...accept)
    expect(agent.code).toBe(1)
    expect(await run('audit', 'accept-loss')).toMatchObject({ code: 2 })
    const { code, stdout } = await run(...accept)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('is gone from') as string })
    expect((await run('logs', '--kind', 'loss_accepted')).stdout).toContain('the disk died')
    expect(await run('verify')).toMatchObject({ code: 0 })
    expect(await at.agent().call(push())).toMatchObject({ code: 'policy_ask' })
  })
})
