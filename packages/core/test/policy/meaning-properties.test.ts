import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { capability } from '../../src/action/capability.ts'
import { capabilityPattern } from '../../src/action/pattern.ts'
import type { ShellEffectKind } from '../../src/facts/shell/shell-facts.ts'
import { readingPlace } from '../../src/policy/bound-facts.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { loadReaders } from '../../src/policy/load/load-readers.ts'
import type { Condition, Effect, PolicyModel, Rule } from '../../src/policy/model.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { Truth } from '../../src/policy/ruling.ts'
import { toolBindings } from '../../src/policy/tool-bindings.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000 })

const TOOLS: PolicyModel['tools'] = new Map([
  ['run', { capability: capability('a.do.b'), command: ['cmd'], cwd: 'dir' }],
  ['query', { capability: capability('a.do.b'), sql: ['q'], dialect: 'postgres' }],
  ['zsh', { capability: capability('a.do.b'), command: ['cmd'], shell: 'zsh' }],
])
const readers = await loadReaders({ tools: TOOLS } as PolicyModel, undefined)

function policyOf(rules: readonly Rule[]): Policy {
  const model = { mode: 'enforce', tools: TOOLS, approvers: undefined, maxPendingPerActor: 100, rules } as const
  return compilePolicy(model, '{}', readingPlace(toolBindings(TOOLS), readers))
}

function rule(effect: Effect, conditions: readonly Condition[], id: string): Rule {
  return {
    id,
    effect,
    patterns: [capabilityPattern('a.do.b', effect === 'allow' ? 'narrow' : 'wide')],
    conditions,
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: { expiresInMs: 600_000, quorum: 1, approvers: [] },
    source: { file: 'x.yaml', line: 1, column: 1 },
  }
}

const LINES = [
  'ls -la', 'cat a b', 'rm -rf build', 'rm -r x', 'rm -f /etc/x', 'git push --force', 'git status', 'cp /etc/hosts x', 'find . -delete',
  'python3 a.py', "python3 -c 'print(1)'", 'mytool rm -rf x', 'curl -o x https://x.example', 'echo "rm -rf /"', 'echo x > /etc/y',
  'chmod -R 777 /etc', 'kill -9 1', 'cat "$X"', '$X y', 'tee /etc/x', 'npm run build', 'cat *', 'printf secret', 'touch ../x',
] // prettier-ignore
const lines = fc.constantFrom(...LINES)
const SQL = [
  'select 1',
  'delete from t',
  'drop table a.b',
  'update t set a = 1 where id = 1',
  'not sql',
  "select 'drop table x'",
]
const values = fc.oneof(
  { weight: 6, arbitrary: lines },
  { weight: 1, arbitrary: fc.constantFrom('', 5, null, ['rm', '-rf', 'x']) },
)

const events = fc
  .record({
    tool: fc.constantFrom('run', 'query', 'zsh', 'other'),
    args: fc.record(
      {
        cmd: values,
        command: values,
        dir: fc.constantFrom('/workspace', 'x'),
        q: fc.constantFrom(...SQL),
        path: fc.constantFrom('/workspace/a', '/etc/x', '../x', '~', 5),
        url: fc.constantFrom('https://x.org', 'http://10.0.0.1', 'x.org', ''),
        note: fc.constantFrom('rm -rf x', 'nothing'),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ tool, args }) => eventOf(tool, args))

function eventOf(tool: string, args: object): ActionEvent {
  const base = { id: 'event', at: 0, actor: 'agent', environment: 'production', risk: 'high' } as const
  return ActionEvent.create({ ...base, action: 'do', resource: 'a.b', tool, args })
}

const EFFECTS: ShellEffectKind[] = [
  'exec',
  'fs.read',
  'fs.write',
  'fs.delete',
  'exec.unknown',
  'code.inline',
  'net.connect',
]
const folders = fc.subarray(['/etc', '/workspace'] as const, { minLength: 1 })

function meanings(reach: 'wide' | 'narrow'): fc.Arbitrary<Condition> {
  const some: fc.Arbitrary<readonly ShellEffectKind[]> = fc.subarray(EFFECTS, { minLength: 1 })
  const either = fc.oneof(
    some.map((effects_only): Condition => ({ kind: 'shell', effects_only })),
    fc.constantFrom<Condition>(
      { kind: 'shell', program: ['rm', 'git*'] },
      { kind: 'shell', program: ['rm'], flags_all: ['force'] },
      { kind: 'shell', flags_any: ['force', 'recursive'] },
      { kind: 'sql', effects_only: ['read'] },
      { kind: 'sql', tables_only: ['a.*'] },
      { kind: 'url', hosts: ['x.org'] },
      { kind: 'url', host_class: ['private'] },
    ),
    folders.map((targets_under): Condition => ({ kind: 'shell', effects_only: ['exec', 'fs.read'], targets_under })),
    folders.map((targets_outside): Condition => ({ kind: 'shell', targets_outside })),
    folders.map((under): Condition => ({ kind: 'path', under })),
    folders.map((outside): Condition => ({ kind: 'path', outside })),
  )
  if (reach === 'narrow') return either
  return fc.oneof(
    either,
    some.map((effects_any): Condition => ({ kind: 'shell', effects_any })),
    fc.constantFrom<Condition>(
      { kind: 'contains', texts: ['rm -rf'] },
      { kind: 'contains', texts: ['secret', 'DROP TABLE'] },
      { kind: 'contains_literal', texts: ['rm'] },
      { kind: 'sql', kinds_any: ['drop', 'delete'] },
      { kind: 'sql', where: ['missing'] },
    ),
  )
}

function conditions(reach: 'wide' | 'narrow'): fc.Arbitrary<readonly Condition[]> {
  const other = meanings(reach === 'wide' ? 'narrow' : 'wide')
  const unless = fc
    .array(other, { minLength: 1, maxLength: 2 })
    .map((list): Condition => ({ kind: 'unless', conditions: list }))
  return fc.array(fc.oneof({ weight: 4, arbitrary: meanings(reach) }, { weight: 1, arbitrary: unless }), {
    maxLength: 2,
  })
}

const rules = fc.array(
  fc.constantFrom<Effect>('deny', 'require_approval', 'allow', 'allow').chain((effect) =>
    conditions(effect === 'allow' ? 'narrow' : 'wide').map((list) => ({ effect, list })),
  ),
  { maxLength: 4 },
).map((list) => list.map(({ effect, list: own }, index) => rule(effect, own, `${effect}[${index}]`))) // prettier-ignore

const STRICTNESS = { allow: 0, require_approval: 1, deny: 2 } as const

describe('a policy that looks at what arguments mean', () => {
  test('never-loosens-when-a-deny-is-added', () => {
    fc.assert(
      fc.property(rules, conditions('wide'), events, (list, added, event) => {
        const before = policyOf(list).evaluate(event).decision
        const after = policyOf([...list, rule('deny', added, 'added')]).evaluate(event).decision
        expect(STRICTNESS[after]).toBeGreaterThanOrEqual(STRICTNESS[before])
      }),
      { numRuns: 1500 },
    )
  })

  test('allows-only-what-is-sure-and-stops-what-may-be', () => {
    fc.assert(
      fc.property(meanings('narrow'), events, (condition, event) => {
        const truthIn = (effect: Effect): Truth => policyOf([rule(effect, [condition], 'r')]).explain(event).rules[0]?.truth ?? 'false'
        const [wide, narrow] = [truthIn('deny'), truthIn('allow')]
        // Of what is done to no path, `effects_only` and `targets_…` prove that it is done to none elsewhere.
        const isAboutNothing = condition.kind === 'shell' && 'targets_under' in condition
        if (narrow === 'true' && !isAboutNothing) expect(wide).toBe('true')
        if (wide === 'false' && !isAboutNothing) expect(narrow).not.toBe('true')
      }),
      { numRuns: 1500 },
    )
  }) // prettier-ignore

  test('gives-one-answer-and-one-reading-however-often-it-is-asked', () => {
    fc.assert(
      fc.property(rules, events, (list, event) => {
        const policy = policyOf(list)
        const first = policy.evaluate(event)
        expect(policy.evaluate(event)).toEqual(first)
        expect(policy.explain(event).ruling).toEqual(first)
        expect(policyOf(list).factsOf(event)).toEqual(policy.factsOf(event))
      }),
      { numRuns: 300 },
    )
  })
})

const quoted = (line: string): string => `'${line.replaceAll("'", `'\\''`)}'`
type Wrap = (line: string) => string

// Before a simple command.
const PREFIXES: readonly Wrap[] = [
  (line) => `sudo ${line}`,
  (line) => `env A=1 ${line}`,
  (line) => `nohup timeout 5 ${line}`,
  (line) => `command ${line}`,
  (line) => `docker exec box ${line}`,
  (line) => line.replace(/^(\w)(\w*)/, '$1""$2'),
  (line) => line.replace(/^(\w+)/, '/usr/bin/$1'),
  (line) => `\\${line}`,
]
// Around any line.
const AROUND: readonly Wrap[] = [
  (line) => `sh -c ${quoted(line)}`,
  (line) => `bash -c ${quoted(`sh -c ${quoted(line)}`)}`,
  (line) => `eval ${quoted(line)}`,
  (line) => `ssh host ${quoted(line)}`,
  (line) => `env -S ${quoted(`sh -c ${quoted(line)}`)}`,
  (line) => `bash <<'E'\n${line}\nE`,
  (line) => `echo ${quoted(line)} | sh`,
  (line) => `(${line})`,
  (line) => `{ ${line}; }`,
  (line) => `true && ${line}`,
  (line) => `ls; ${line}`,
  (line) => `${line} | cat`,
  (line) => `if true; then ${line}; fi`,
  (line) => `for i in 1; do ${line}; done`,
  (line) => `f() { ${line}; }; f`,
  (line) => `echo "$(${line})"`,
  (line) => (line.includes('`') ? `(${line})` : `echo \`${line}\``),
  (line) => `cat <(${line})`,
  (line) => `! ${line}`,
  (line) => `${line} &`,
]

describe('a command, wrapped', () => {
  const policies = fc
    .record({ stops: conditions('wide').filter((list) => list.length > 0), lets: conditions('narrow') })
    // What is looked for literally can be spelt otherwise, and `unless` turns more into less.
    .filter(({ stops, lets }) => ![...stops, ...lets].some(({ kind }) => ['unless', 'contains_literal'].includes(kind)))
    .map(({ stops, lets }) => policyOf([rule('deny', stops, 'stops'), rule('allow', lets, 'lets')]))
  const wraps = fc
    .tuple(
      fc.array(fc.constantFrom(...PREFIXES), { maxLength: 1 }),
      fc.array(fc.constantFrom(...AROUND), { maxLength: 2 }),
    )
    .map(([before, around]) => [...before, ...around])

  // A text in the line itself is there in every wrapping; what the line does, too. A wrapper adds effects, and words.
  test('never-gets-a-weaker-verdict', () => {
    fc.assert(
      fc.property(policies, lines.filter((line) => /^\w/.test(line)), wraps, (policy, line, list) => {
        const wrapped = list.reduce((inner, wrap) => wrap(inner), line)
        const decide = (cmd: string): number =>
          STRICTNESS[policy.evaluate(eventOf('run', { cmd, dir: '/workspace' })).decision]
        expect(decide(wrapped), wrapped).toBeGreaterThanOrEqual(decide(line))
      }),
      { numRuns: 3000 },
    )
  }) // prettier-ignore

  test('into-a-list-of-words-is-the-same', () => {
    const deny = policyOf([rule('deny', [{ kind: 'contains', texts: ['rm -rf'] }], 'd'), rule('allow', [], 'a')])
    fc.assert(
      fc.property(lines, (line) => {
        const code = (cmd: unknown): number => STRICTNESS[deny.evaluate(eventOf('run', { cmd })).decision]
        expect(code(['bash', '-c', line])).toBeGreaterThanOrEqual(code(line))
        expect(code({ line })).toBe(STRICTNESS.deny)
      }),
    )
  })
})
