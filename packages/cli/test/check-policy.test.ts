import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { capfence, temporaryFolder } from './command.ts'

const MEANS = '`contains: "rm -rf"` means in a command the command `rm` with `force`, `recursive`'
const OPS = fileURLToPath(new URL('../../../policies/ops.yaml', import.meta.url))

function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const cwd = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
  return cwd
}

test('the-shipped-policy-is-valid-without-a-warning', async () => {
  expect(await capfence(['check-policy', OPS])).toEqual({
    code: 0,
    signal: null,
    stdout: `${OPS}:14:5: note: ${MEANS}\nvalid  ${OPS} (4 rules)\n`,
    stderr: '',
  })
  expect((await capfence(['check-policy', OPS, '--json'])).stdout).toBe(
    `${JSON.stringify({ file: OPS, valid: true, errors: [], warnings: [], notes: [{ file: OPS, line: 14, column: 5, message: MEANS }] })}\n`,
  )
})

test('tells-every-mistake-at-its-place', async () => {
  const cwd = folderWith({
    'bad.yaml':
      'version: 1\nallow:\n  - capability: payment.execute.x\n    ammount_lte: 5\n  - {capability: a.b.c, risk: extreme}\n',
  })
  const { code, stdout, stderr } = await capfence(['check-policy', 'bad.yaml'], { cwd })
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/^bad\.yaml:4:5: .*ammount_lte.*amount_lte/)
  expect(lines[1]).toMatch(/^bad\.yaml:5:\d+: /)
  const json = await capfence(['check-policy', 'bad.yaml', '--json'], { cwd })
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({
    file: 'bad.yaml',
    valid: false,
    errors: [{ file: 'bad.yaml', line: 4, column: 5 }, { line: 5 }],
    warnings: [],
  })
})

test('warnings-are-told-and-do-not-fail', async () => {
  const cwd = folderWith({
    'warn.yaml': `version: 1
tools: { pay: { capability: payment.execute.x } }
allow: [payment.execute.x]
deny: [{ capability: payment.execute.x, amount_gt: 5 }]
`,
  })
  const text = await capfence(['check-policy', 'warn.yaml'], { cwd })
  expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' })
  expect(text.stdout).toMatch(/^warn\.yaml:4:8: warning: .*`pay`.*\nvalid {2}warn\.yaml \(2 rules\)\n$/)
  const json = await capfence(['check-policy', 'warn.yaml', '--json'], { cwd })
  expect(json.code).toBe(0)
  expect(JSON.parse(json.stdout)).toMatchObject({ valid: true, errors: [], warnings: [{ line: 4, column: 8 }] })
})

test('content-that-is-no-policy-is-exit-1-with-a-place', async () => {
  const files = {
    'five-megabytes': `version: 1\n#${'x'.repeat(5 * 1024 * 1024)}`,
    binary: Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256),
    empty: '',
    nul: 'version: 1\nallow: ["a\0b"]\n',
    yes: 'version: 1\nsealed: yes\n',
    alias: 'version: 1\nallow: [*.read.x]\n',
    two: 'version: 1\n---\nversion: 1\n',
    'yaml-1.1': '%YAML 1.1\n---\nversion: 1\n',
  }
  const names = Object.keys(files)
  const { code, stdout, stderr } = await capfence(['check-policy', ...names], { cwd: folderWith(files) })
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  for (const name of names) expect(stdout).toMatch(new RegExp(`^${name}:\\d+:\\d+: .+$`, 'm'))
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

test('what-cannot-be-read-is-exit-2-and-keeps-nothing-else-from-being-checked', async () => {
  const cwd = folderWith({ 'bad.yaml': 'version: 2\n' })
  mkdirSync(join(cwd, 'folder'))
  const { code, stdout, stderr } = await capfence(['check-policy', 'none.yaml', 'folder', 'bad.yaml', OPS], { cwd })
  expect(code).toBe(2)
  expect(stdout).toMatch(/^bad\.yaml:1:\d+: .*\n.*: note: .*\nvalid /)
  expect(stderr).toMatch(/^capfence: cannot read `none\.yaml`.*\ncapfence: cannot read `folder`.*\n$/)
  const json = await capfence(['check-policy', 'none.yaml', '--json'], { cwd })
  expect(json.code).toBe(2)
  expect(JSON.parse(json.stdout)).toMatchObject({ file: 'none.yaml', error: { code: 'POLICY_UNREADABLE' } })
})

test('a-file-name-cannot-drive-the-terminal', async () => {
  const cwd = folderWith({ 'a\u001b[2J.yaml': 'version: 2\n' })
  const { code, stdout } = await capfence(['check-policy', 'a\u001b[2J.yaml'], { cwd })
  expect(code).toBe(1)
  expect(stdout).not.toContain('\u001b')
})
