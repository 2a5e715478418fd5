import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { capfence, home, nodeArguments } from './command.ts'

const COMMANDS = [
  ['check-policy'],
  ['simulate'],
  ['verify'],
  ['logs'],
  ['grant'],
  ['grants'],
  ['revoke'],
  ['pending'],
  ['approve'],
  ['reject'],
  ['suspend'],
  ['resume'],
  ['mcp'],
  ['mcp', 'lock'],
  ['keys'],
  ['keys', 'init'],
  ['keys', 'show'],
]

test('prints-the-version-of-the-package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(await capfence(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
})

test.each(COMMANDS)('help-is-on-stdout-and-plain: %s %s', async (...command) => {
  const { code, stdout, stderr } = await capfence([...command, '--help'], {
    env: { ...home(tmpdir()), CI: 'true', FORCE_COLOR: '1' },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(new RegExp(`^Usage: capfence ${command.join(' ')}`))
  expect(stdout).not.toContain('\u001b')
})

test('help-names-every-command-with-examples-and-exit-codes', async () => {
  const { stdout } = await capfence(['--help'])
  for (const word of [
    'check-policy',
    'simulate',
    'verify',
    'logs',
    'keys',
    'grant',
    'approve',
    'suspend',
    'Examples:',
    'Exit codes:',
    'CAPFENCE_DB',
  ]) {
    expect(stdout).toContain(word)
  }
})

test.each([
  [['simulat'], "unknown command 'simulat' (did you mean simulate?)"],
  [['simulate', '--polcy', 'x'], "unknown option '--polcy' (did you mean --policy?)"],
  [['simulate', '--trace-file', 'x'], "option '--policy' is missing"],
  [['simulate', '--policy', 'x'], "option '--trace-file' is missing"],
  [['check-policy'], "missing required argument 'file'"],
  [['logs', '--decision', 'alow'], "option '--decision <decision>' argument 'alow' is invalid"],
  [['logs', '--kind', 'x'], "option '--kind <kind>' argument 'x' is invalid"],
  [['approve'], "missing required argument 'id'"],
  [['grant', '--actor', 'a', '--capability', 'a.b.c'], "option '--duration' is missing"],
  [['suspend', '--all', '--actor', 'a'], 'name exactly one of `--actor ACTOR` and `--all`'],
  [['logs', '--limit', '0'], "option '--limit <number>' argument '0' is invalid"],
  [['logs', '--since', '2026-13-01'], "option '--since <time>' argument '2026-13-01' is invalid"],
  [['keys', 'init', '--name', '../x'], 'the name of a key is'],
  [['keys', 'show', '--name', '../x'], 'the name of a key is'],
  [['keys', 'init', '--role', 'approver'], "an approver's key needs a name"],
  [['keys', 'init', '--role', 'root'], "option '--role <role>' argument 'root' is invalid"],
  [['verify', '--audit-log', 'a', '--db', 'b'], 'cannot be used with'],
  [['mcp', '--server', 's', '--', 'x'], "option '--policy' is missing"],
  [['mcp', '--policy', 'p', '--server', 's', '--listen', '0.0.0.0:1', '--', 'x'], 'can be reached from elsewhere'],
  [['mcp', 'lock', '--server', 's', '--', 'x'], "option '--pins' is missing"],
])('wrong-usage-is-exit-2-and-one-clear-line: %s', async (args, message) => {
  const { code, stdout, stderr } = await capfence(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^capfence: /)
  expect(stderr).toContain(message)
})

test('wrong-usage-with-json-is-one-error-object', async () => {
  const { code, stdout, stderr } = await capfence(['simulate', '--polcy', 'x', '--json'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  expect(stdout).toBe('{"error":{"code":"USAGE","message":"unknown option \'--polcy\' (did you mean --policy?)"}}\n')
})

test('no-command-is-help-on-stderr-and-no-success', async () => {
  const { code, stdout, stderr } = await capfence([])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^Usage: capfence/)
})

test('what-was-typed-cannot-drive-the-terminal', async () => {
  const { stderr } = await capfence(['\u001b[2Jx'])
  expect(stderr).not.toContain('\u001b')
})

test.each([['--version'], ['--help'], ['simulate', '--help'], ['approve', '--help'], ['mcp', '--help']])(
  'loads-no-parser-schema-or-database: %s %s',
  async (...args) => {
    const loaded = await capfence(args, { env: { ...home(tmpdir()), NODE_DEBUG: 'esm' } })
    expect(loaded.code).toBe(0)
    expect(loaded.stderr).toContain('commander') // the debug log does tell what is loaded
    expect(loaded.stderr).not.toMatch(
      /node_modules\/(?:zod|yaml|kysely|re2js)\/|node:sqlite|packages\/(?:core|mcp)\/src/,
    )
  },
)

test('a-reader-that-goes-away-does-not-crash-it', async () => {
  const child = spawn(process.execPath, nodeArguments(['--help']), { env: home(tmpdir()) })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  const code = await new Promise((resolve) => {
    child.on('close', resolve)
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test.skipIf(!existsSync('/dev/full'))('a-full-disk-is-said-and-exit-2', async () => {
  const stdout = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, nodeArguments(['--help']), {
    env: home(tmpdir()),
    stdio: ['ignore', stdout, 'pipe'],
  })
  let stderr = ''
  child.stderr?.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  const code = await new Promise((resolve) => {
    child.on('close', resolve)
  })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^capfence: cannot write the output: ENOSPC/)
})
