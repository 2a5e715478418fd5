import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Ended, capfence, temporaryFolder } from './command.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const OPS = join(ROOT, 'policies/ops.yaml')

interface Answer {
  readonly line: number
  readonly decision: string | null
  readonly code: string
  readonly rule: string | null
  readonly message: string
}

/** Simulates a trace given as text, by a policy given as text. */
async function simulate(policy: string, trace: string | Uint8Array, ...more: readonly string[]): Promise<Ended> {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'p.yaml'), policy)
  writeFileSync(join(cwd, 't.jsonl'), trace)
  return capfence(['simulate', '--policy', 'p.yaml', '--trace-file', 't.jsonl', ...more], { cwd })
}

function answers({ stdout }: Ended): readonly Answer[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Answer)
}

function brief(ended: Ended): readonly string[] {
  return answers(ended).map(
    ({ line, decision, code, rule }) => `${String(line)} ${String(decision)} ${code} ${String(rule)}`,
  )
}

const POLICY = `version: 1
tools:
  transfer: { capability: payment.execute.high_value, amount: total }
  "fs__*": { capability: filesystem.access.workspace, path: path }
deny:
  - { capability: filesystem.delete.*, contains: "rm -rf", reason: no }
  - { capability: mail.send.*, tenant: acme, session: s-1, user_role: guest, caller_depth_gte: 2 }
require_approval: [{ capability: payment.execute.*, amount_gt: 1000 }]
allow:
  - filesystem.read.workspace
  - filesystem.access.workspace
  - { capability: payment.execute.high_value, amount_lte: 1000 }
  - { capability: context.read.production, actor: trace, risk: medium }
`

describe('the-sample', () => {
  const args = ['simulate', '--policy', OPS, '--trace-file', join(ROOT, 'traces/ops.jsonl')]

  test('has-exactly-these-decisions-in-exactly-these-bytes', async () => {
    const ended = await capfence([...args, '--json'])
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
    expect(brief(ended)).toEqual([
      '1 deny policy_deny deny[0]',
      '2 deny policy_default null',
      '3 allow policy_allow allow[0]',
      '4 allow policy_allow allow[1]',
      '5 require_approval policy_ask require_approval[0]',
      '6 require_approval policy_ask_unknown require_approval[0]',
      '7 deny policy_default null',
      '8 deny policy_default null',
    ])
    const first = answers(ended)[0]
    expect(Object.keys(first ?? {})).toEqual(['line', 'decision', 'code', 'rule', 'message'])
    expect(first?.message).toContain('recursive deletes go through the ops runbook')
    expect((await capfence([...args, '--json'])).stdout).toBe(ended.stdout)
  })

  test('is-a-table-with-a-summary-for-people', async () => {
    const { code, stdout, stderr } = await capfence(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^ {3}1 {2}deny {14}filesystem\.delete\.workspace +deny\[0\] +.*runbook\n/)
    expect(stdout).toMatch(/\n8 judged: 2 allow, 4 deny, 2 require_approval\n$/)
    expect(stdout).not.toContain('\u001b')
  })
})

test('fills-in-missing-context-and-takes-each-field', async () => {
  const mail = { action: 'send', resource: 'mail.out', tenant: 'acme', session: 's-1', user_role: 'guest' }
  const trace = [
    { action: 'read', resource: 'context' },
    { action: 'read', resource: 'context', actor: 'other' },
    { action: 'read', resource: 'context', environment: 'staging' },
    { action: 'read', resource: 'context', risk: 'high' },
    { ...mail, caller_depth: 2, at: '2026-01-01T00:00:00Z', actor_chain: ['a', 'b'], id: 'x' },
    { ...mail, caller_depth: 1, at: 1 },
    { action: 'read', resource: 'filesystem', scope: 'workspace', args: { environment: 'x', actor: 'y' } },
  ]
  const ended = await simulate(POLICY, trace.map((line) => JSON.stringify(line)).join('\n'), '--json')
  expect(brief(ended)).toEqual([
    '1 allow policy_allow allow[3]',
    '2 deny policy_default null',
    '3 deny policy_default null',
    '4 deny policy_default null',
    '5 deny policy_deny deny[1]',
    '6 deny policy_default null',
    '7 allow policy_allow allow[0]',
  ])
})

test('maps-tool-calls-by-the-policy', async () => {
  const trace = `{"tool":"transfer","args":{"total":5000}}
{"tool":"transfer","args":{"total":"12.50"},"actor":"x"}
{"tool":"fs__list","args":{"path":"a"}}
{"tool":"other"}
{"tool":"transfer","args":{"total":1},"scope":"elsewhere"}
{"tool":5}
{"tool":""}
`
  const ended = await simulate(POLICY, trace, '--json')
  expect(ended.code).toBe(0)
  expect(brief(ended)).toEqual([
    '1 require_approval policy_ask require_approval[0]',
    '2 allow policy_allow allow[2]',
    '3 allow policy_allow allow[1]',
    '4 deny policy_default null',
    '5 deny invalid_event null',
    '6 deny invalid_event null',
    '7 deny invalid_event null',
  ])
})

describe('what-is-no-event-is-denied', () => {
  const READ = '"action":"read","resource":"filesystem.workspace"'
  const LINES: readonly (readonly [line: string, message: string])[] = [
    [`{${READ},"tennant":"x"}`, '`tennant` is not known'],
    [`{${READ},"__proto__":{"actor":"x"}}`, '`__proto__` is not known'],
    [`{${READ},"actor":"a","actor":"b"}`, '`actor` stands twice'],
    [`{${READ},"args":{"a":1,"\\u0061":2}}`, '`a` stands twice'],
    [`{${READ},"actor":""}`, 'actor'],
    [`{${READ},"actor":null}`, 'actor'],
    [`{${READ},"risk":"extreme"}`, 'risk'],
    [`{${READ},"at":"yesterday"}`, 'at'],
    [`{${READ},"args":[1]}`, 'args'],
    [`{${READ},"args":{"n":1e400}}`, 'Infinity'],
    [`{${READ},"args":{"a":"\\ud800"}}`, 'surrogate'],
    [`{${READ},"args":{"a":{"$capfence":"date","value":"x"}}}`, '$capfence'],
    [`{${READ},"args":{"a":${'['.repeat(80)}${']'.repeat(80)}}}`, 'deep'],
    [`{${READ},"args":${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}}`, 'deep'],
    [`{${READ},"recorded":"allowed"}`, '`recorded`'],
    ['{"action":"read","resource":"filesystem.work space"}', 'resource.action.scope'],
    ['{"action":"read"}', 'resource'],
    ['{}', 'action'],
    ['[]', 'not an object'],
    ['null', 'not an object'],
    ['"x"', 'not an object'],
  ]

  test('with-a-message-that-names-the-fault', async () => {
    const ended = await simulate(POLICY, LINES.map(([line]) => `${line}\n`).join(''), '--json')
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
    expect(brief(ended)).toEqual(LINES.map((_, index) => `${String(index + 1)} deny invalid_event null`))
    const found = answers(ended)
    for (const [index, [, message]] of LINES.entries()) expect(found[index]?.message).toContain(message)
  })

  test('and-prototype-keys-are-data', async () => {
    const line = `{${READ},"args":{"__proto__":{"x":1},"constructor":1,"toString":"rm"}}`
    expect(brief(await simulate(POLICY, line, '--json'))).toEqual(['1 allow policy_allow allow[0]'])
  })
})

describe('lines-that-are-not-json', () => {
  const GOOD = '{"action":"read","resource":"filesystem.workspace"}'

  test('are-reported-and-the-rest-goes-on', async () => {
    const long = `{"x":"${'y'.repeat(10 * 1024 * 1024)}"}`
    const trace = Buffer.concat([
      Buffer.from(`\u{feff}${GOOD}\r\n\n  \t\nnope\n{"action":"re`),
      Buffer.of(0x0a, 0xff, 0xfe, 0x0a),
      Buffer.from(`${long}\n${GOOD}`),
    ])
    const ended = await simulate(POLICY, trace, '--json')
    expect(ended.code).toBe(2)
    expect(brief(ended)).toEqual([
      '1 allow policy_allow allow[0]',
      '4 deny invalid_event null',
      '5 deny invalid_event null',
      '6 deny invalid_event null',
      '7 deny invalid_event null',
      '8 allow policy_allow allow[0]',
    ])
    expect(ended.stderr).toBe(
      't.jsonl:4: the line is not JSON\nt.jsonl:5: the line is not JSON\nt.jsonl:6: the line is not UTF-8\n' +
        't.jsonl:7: the line is longer than 4194304 bytes\n',
    )
  })

  test('are-not-all-listed-on-stderr-when-they-are-many', async () => {
    const ended = await simulate(POLICY, 'x\n'.repeat(1000), '--json')
    expect(ended.code).toBe(2)
    expect(answers(ended)).toHaveLength(1000)
    expect(ended.stderr.split('\n')).toHaveLength(22)
    expect(ended.stderr).toContain('and 980 more lines\n')
  })

  test('show-in-the-table-as-well', async () => {
    const { code, stdout } = await simulate(POLICY, `nope\n\n${GOOD}`)
    expect(code).toBe(2)
    expect(stdout).toContain('the line is not JSON')
    expect(stdout).toContain('2 judged: 1 allow, 1 deny, 0 require_approval; 1 skipped')
  })
})

describe('drift', () => {
  const TRACE = `{"action":"read","resource":"filesystem.workspace","recorded":"allow"}
{"action":"read","resource":"filesystem.workspace","recorded":"deny"}
{"action":"","resource":"x","recorded":"deny"}
`
  test('from-what-was-recorded-is-exit-1-and-said', async () => {
    const table = await simulate(POLICY, TRACE)
    expect({ code: table.code, stderr: table.stderr }).toEqual({ code: 1, stderr: '' })
    expect(table.stdout.match(/recorded: deny/g)).toHaveLength(1)
    expect(table.stdout).toContain('1 not decided as recorded')
    const json = await simulate(POLICY, TRACE, '--json')
    expect({ code: json.code, stderr: json.stderr }).toEqual({
      code: 1,
      stderr: 't.jsonl:2: allow, but recorded: deny\n',
    })
  })

  test('does-not-hide-a-line-that-is-not-json', async () => {
    expect((await simulate(POLICY, `${TRACE}x\n`)).code).toBe(2)
  })
})

test('an-empty-trace-is-judged-and-fine', async () => {
  expect(await simulate(POLICY, '', '--json')).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

test('a-policy-that-only-observes-is-judged-and-told', async () => {
  const { code, stdout } = await simulate(POLICY.replace('version: 1', 'version: 1\nmode: observe'), '{"tool":"other"}')
  expect(code).toBe(0)
  expect(stdout).toContain('`mode: observe`')
})

test('reads-standard-input', async () => {
  const ended = await capfence(['simulate', '--policy', OPS, '--trace-file', '-', '--json'], {
    input: '{"tool":"x"}\n',
  })
  expect(brief(ended)).toEqual(['1 deny policy_default null'])
})

test('shows-no-escape-of-a-trace', async () => {
  const trace = JSON.stringify({ tool: 'x', recorded: 'deny', '\u001b[2J\u202e': 1 })
  for (const more of [[], ['--json']]) {
    const { stdout } = await simulate(POLICY, trace, ...more)
    for (const hidden of ['\u001b', '\u202e']) expect(stdout).not.toContain(hidden)
  }
})

describe('what-cannot-be-used-is-exit-2', () => {
  test('an-invalid-policy-judges-nothing', async () => {
    const text = await simulate('version: 1\nallow: [x]\nalow: []\n', '{}')
    expect({ code: text.code, stdout: text.stdout }).toEqual({ code: 2, stdout: '' })
    expect(text.stderr).toMatch(/^p\.yaml:2:\d+: .*\np\.yaml:3:1: .*\ncapfence: the policy is not valid/)
    const json = await simulate('version: 1\nallow: [x]\nalow: []\n', '{}', '--json')
    expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 2, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: {
        code: 'POLICY_INVALID',
        findings: [
          { file: 'p.yaml', line: 2 },
          { file: 'p.yaml', line: 3, column: 1 },
        ],
      },
    })
  })

  test.each([
    ['--policy', 'none.yaml', 'POLICY_UNREADABLE'],
    ['--policy', 'folder', 'POLICY_UNREADABLE'],
    ['--trace-file', 'none.jsonl', 'IO'],
    ['--trace-file', 'folder', 'IO'],
  ])('%s %s', async (option, value, code) => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'folder'))
    const files = new Map([
      ['--policy', OPS],
      ['--trace-file', join(ROOT, 'traces/ops.jsonl')],
      [option, value],
    ])
    const args = ['simulate', ...[...files].flat()]
    const [text, json] = await Promise.all([capfence(args, { cwd }), capfence([...args, '--json'], { cwd })])
    expect({ code: text.code, stdout: text.stdout }).toEqual({ code: 2, stdout: '' })
    expect(text.stderr).toMatch(/^capfence: cannot read `.*\n$/)
    expect(json.code).toBe(2)
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code } })
  })
})
