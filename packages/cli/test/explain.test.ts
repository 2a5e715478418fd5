import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, capfence, temporaryFolder } from './command.ts'

const POLICY = `version: 1
tools:
  run: { capability: shell.exec.workspace, command: cmd }
  read: { capability: filesystem.read.workspace, path: path, root: /ROOT }
deny:
  - { id: no-rm, capability: shell.exec.*, contains: "rm -rf" }
  - { id: no-etc, capability: shell.exec.*, shell: { effects_any: [fs.delete], targets_under: [/etc] } }
  - { id: inside, capability: filesystem.*, path: { outside: [/ROOT] } }
allow:
  - { id: reads, capability: shell.exec.workspace, shell: { effects_only: [exec, fs.read] } }
  - filesystem.read.workspace
`

interface Explained {
  readonly decision: string
  readonly code: string
  readonly rule: string
  readonly plan: unknown
  readonly all_rules: readonly { readonly rule: string; readonly truth: string }[]
  readonly changes: readonly { readonly change: string; readonly becomes: string }[]
}

interface Bench {
  readonly explain: (...args: string[]) => Promise<Ended>
  readonly answer: (tool: string, args: object) => Promise<Explained>
  readonly folder: string
}

function bench(): Bench {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'p.yaml'), POLICY.replaceAll('/ROOT', folder))
  const explain: Bench['explain'] = (...args) => capfence(['explain', '--policy', 'p.yaml', ...args], { cwd: folder })
  return {
    folder,
    explain,
    answer: async (tool, args) => {
      const { stdout } = await explain('--tool', tool, '--args', JSON.stringify(args), '--json')
      return JSON.parse(stdout) as Explained
    },
  }
}

test('says-what-a-command-means-which-rule-decided-and-what-would-change-it', async () => {
  const { explain, answer } = bench()
  const { code, stdout, stderr } = await explain('--tool', 'run', '--args', '{"cmd":"sudo rm -r -f /etc/x"}')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const text of ['deny', 'no-etc', 'fs.delete on /etc/x', 'priv.change', 'found `rm -rf`'])
    expect(stdout).toContain(text)
  const denied = await answer('run', { cmd: 'sudo rm -r -f /etc/x' })
  expect(denied).toMatchObject({ decision: 'deny', code: 'policy_deny', rule: 'no-etc' })
  expect(denied.changes).toEqual([
    { change: 'drop the rules `no-rm`, `no-etc` and add `shell.exec.workspace` to `allow`', becomes: 'allow' },
  ])
})

test('tells-only-changes-that-do-what-they-say', async () => {
  const { answer, folder } = bench()
  const { changes, decision } = await answer('run', { cmd: 'touch a' })
  expect(decision).toBe('deny')
  expect(changes[0]).toEqual({ change: 'drop the condition `shell` of `reads`', becomes: 'allow' })
  writeFileSync(join(folder, 'p.yaml'), POLICY.replace(', shell: { effects_only: [exec, fs.read] }', ''))
  expect(await answer('run', { cmd: 'touch a' })).toMatchObject({ decision: 'allow', plan: { argv: ['touch', 'a'] } })
})

test('says-that-a-line-cannot-be-read-and-what-every-rule-makes-of-that', async () => {
  const { explain, answer } = bench()
  const opaque = await answer('run', { cmd: 'eval "$X"' })
  expect(opaque).toMatchObject({ decision: 'deny', code: 'policy_deny_unknown', plan: null })
  expect(opaque.all_rules.map(({ rule, truth }) => [rule, truth])).toContainEqual(['no-rm', 'unknown'])
  expect((await explain('--tool', 'run', '--args', '{"cmd":"eval $X"}')).stdout).toMatch(/opaque: /)
})

test('follows-links-as-the-runtime-does', async () => {
  const { answer, folder } = bench()
  mkdirSync(join(folder, 'in'))
  symlinkSync('/usr', join(folder, 'out'))
  expect(await answer('read', { path: 'in/x' })).toMatchObject({ decision: 'allow' })
  expect(await answer('read', { path: 'out/x' })).toMatchObject({ decision: 'deny', rule: 'inside' })
})

test('takes-an-event-from-a-file-or-from-standard-input', async () => {
  const { explain, folder } = bench()
  const event = '{"tool":"run","args":{"cmd":"ls"},\n "actor":"deploy"}\n'
  writeFileSync(join(folder, 'event.json'), event)
  expect((await explain('--event', 'event.json')).stdout).toMatch(/^allow/)
  const piped = await capfence(['explain', '--policy', 'p.yaml', '--event', '-'], { cwd: folder, input: event })
  expect(piped.stdout).toMatch(/^allow/)
})

test.each([
  [[], /--event.*--tool/],
  [['--tool', 'run', '--args', '{"cmd":"x"},"actor":"root"'], /--args.*not JSON/],
  [['--tool', 'run', '--args', '[]'], /args/],
  [['--tool', 'run', '--event', 'x'], /cannot be used with/],
  [['--event', 'gone.json'], /gone\.json/],
  [['--event', 'p.yaml'], /not JSON/],
])('refuses-what-is-no-event: %j', async (args, says) => {
  const { explain } = bench()
  const { code, stdout, stderr } = await explain(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(says)
})

test('refuses-a-policy-that-is-not-valid', async () => {
  const { explain, folder } = bench()
  writeFileSync(join(folder, 'p.yaml'), 'version: 1\nallow: [x]\n')
  const { code, stderr } = await explain('--tool', 'run', '--args', '{}')
  expect(code).toBe(2)
  expect(stderr).toMatch(/p\.yaml:2:9/)
})
