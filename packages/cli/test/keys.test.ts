import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseVkey } from '@capfence/core/audit'
import { expect, test } from 'vitest'
import { type Ended, capfence, home, temporaryFolder } from './command.ts'

function user(more: Readonly<Record<string, string>> = {}): {
  readonly folder: string
  readonly run: (...args: readonly string[]) => Promise<Ended>
} {
  const folder = temporaryFolder()
  return { folder, run: (...args) => capfence(args, { cwd: folder, env: { ...home(folder), ...more } }) }
}

function lastLine({ stdout }: Ended): string {
  return stdout.trimEnd().split('\n').at(-1) ?? ''
}

test('init-makes-a-private-key-once-and-pins-it', async () => {
  const { folder, run } = user()
  const made = await run('keys', 'init')
  expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' })
  const vkey = lastLine(made)
  expect(parseVkey(vkey).name).toBe('writer')
  const file = join(folder, 'config/capfence/keys/writer.key')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(join(folder, 'config/capfence/trust.json'), 'utf8'))).toEqual({
    v: 1,
    writers: { writer: vkey },
    approvers: {},
  })
  const again = JSON.parse((await run('keys', 'init', '--json')).stdout) as object
  expect(again).toMatchObject({ vkey, created: false, role: 'writer', key_file: file })
  const seed = readFileSync(file, 'utf8')
  for (const args of [['show'], ['show', '--vkey'], ['show', '--name', 'writer'], ['show', '--json']]) {
    const shown = await run('keys', ...args)
    expect(shown.code).toBe(0)
    expect(shown.stdout).toContain(vkey)
    if (!args.includes('--json')) expect(lastLine(shown)).toBe(vkey)
    expect(shown.stdout).not.toContain(seed.trim().split('+').at(-1))
  }
  expect((await run('keys', 'show', '--vkey')).stdout).toBe(`${vkey}\n`)
})

test('show-makes-nothing', async () => {
  const { run } = user()
  for (const args of [['show'], ['show', '--name', 'x']]) {
    const { code, stdout, stderr } = await run('keys', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^capfence: there is no key file .*capfence keys init/)
  }
  expect(JSON.parse((await run('keys', 'show', '--json')).stdout)).toMatchObject({ error: { code: 'KEY_MISSING' } })
})

test('a-key-that-others-can-read-is-refused', async () => {
  const { folder, run } = user()
  await run('keys', 'init')
  chmodSync(join(folder, 'config/capfence/keys/writer.key'), 0o644)
  const { code, stderr } = await run('keys', 'show')
  expect(code).toBe(2)
  expect(stderr).toMatch(/^capfence: the key file .*chmod 600/)
})

test('one-key-has-one-role', async () => {
  const { run } = user()
  await run('keys', 'init')
  const alice = await run('keys', 'init', '--role', 'approver', '--name', 'alice')
  expect(alice.code).toBe(0)
  expect(parseVkey(lastLine(alice)).name).toBe('alice')
  expect((await run('keys', 'init', '--role', 'approver', '--name', 'writer')).code).toBe(2)
  expect((await run('keys', 'init', '--name', 'alice')).code).toBe(2)
})

test('an-agent-makes-no-approver', async () => {
  const { run } = user({ CAPFENCE_AGENT: '1' })
  const { code, stderr } = await run('keys', 'init', '--role', 'approver', '--name', 'alice')
  expect(code).toBe(2)
  expect(stderr).toContain('agent')
  expect((await run('keys', 'show', '--name', 'alice')).code).toBe(2)
})

test('the-environment-names-another-key', async () => {
  const { folder, run } = user()
  const vkey = lastLine(await run('keys', 'init', '--name', 'other'))
  const env = { ...home(folder), CAPFENCE_KEY_FILE: join(folder, 'config/capfence/keys/other.key') }
  expect((await capfence(['keys', 'show', '--vkey'], { env, cwd: folder })).stdout).toBe(`${vkey}\n`)
  const missing = { ...env, CAPFENCE_KEY_FILE: join(folder, 'none.key') }
  expect((await capfence(['keys', 'init'], { env: missing, cwd: folder })).code).toBe(2)
})
