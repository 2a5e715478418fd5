import { describe, expect, test } from 'vitest'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import type { Json } from '../../src/kernel/json.ts'
import { grantArgs } from '../../src/policy/load/grant-args.ts'
import { PolicyError } from '../../src/policy/load/policy-error.ts'
import { loaded } from '../support/policy-findings.ts'

const POLICY = `version: 1
tools:
  run: { capability: shell.exec.x, command: line, path: [target] }
  "db__*": { capability: db.query.x, sql: query, dialect: postgres, url: where }
allow: [a.b.c]`

function event(args: unknown, more: Partial<ActionEventInit> = {}): ActionEvent {
  const base = { id: 'e', at: 0, actor: 'a', environment: 'prod', risk: 'low' } as const
  return ActionEvent.create({ ...base, resource: 'repo.main', action: 'push', args, ...more })
}

async function holds(conditions: Json, args: unknown, more: Partial<ActionEventInit> = {}): Promise<boolean> {
  return (await loaded(POLICY)).argsHold(event(args, more), conditions)
}

async function faults(text: string): Promise<readonly string[]> {
  try {
    await grantArgs(text)
    return []
  } catch (cause) {
    if (!(cause instanceof PolicyError) || cause.code !== 'POLICY_INVALID') throw cause
    return cause.findings.map(
      ({ file, line, column, message }) => `${file}:${String(line)}:${String(column)} ${message}`,
    )
  }
}

describe('conditions of a grant', () => {
  test('are-the-args-of-a-policy-in-canonical-form', async () => {
    expect(
      await grantArgs('{"repo": "a/b", "amount": {"lte": 500.50, "type": "number"}, "tags[*]": ["x", 1]}'),
    ).toEqual([
      { kind: 'args', path: 'repo', tests: [{ op: 'eq', value: 'a/b' }] },
      {
        kind: 'args',
        path: 'amount',
        tests: [
          { op: 'lte', value: '500.50' },
          { op: 'type', types: ['number'] },
        ],
      },
      { kind: 'args', path: 'tags[*]', tests: [{ op: 'in', values: ['x', 1] }] },
    ])
    expect(await grantArgs('repo: a/b\namount:\n  lte: 500')).toEqual([
      { kind: 'args', path: 'repo', tests: [{ op: 'eq', value: 'a/b' }] },
      { kind: 'args', path: 'amount', tests: [{ op: 'lte', value: '500' }] },
    ])
    const policy = await loaded(
      'version: 1\nallow: [{ capability: a.b.c, args: { repo: a/b, "x[0]": { matches: "v.*" } } }]',
    )
    const [rule] = (JSON.parse(policy.canonical) as { rules: { conditions: Json }[] }).rules
    expect(await grantArgs('{ repo: a/b, "x[0]": { matches: "v.*" } }')).toEqual(rule?.conditions)
  })

  test.each([
    ['', '1:1', 'empty'],
    ['- a', '1:1', 'a mapping, for example'],
    ['7', '1:1', 'a mapping, for example'],
    ['{}', '1:1', 'empty mapping'],
    ['{ a: {} }', '1:6', 'empty mapping'],
    ['{ a: [] }', '1:6', 'empty list'],
    ['{ a: { ltee: 5 } }', '1:8', 'did you mean `lte`'],
    ['{ a: { lte: "1,000" } }', '1:13', 'plain decimal'],
    ['{ a: 1, a: 2 }', '1:9', 'stands twice'],
    ['{ "a b": 1 }', '1:3', 'not a path'],
    ['{ a: { matches: "(" } }', '1:17', 'RE2'],
    ['{ a: &x 1 }', '1:6', 'anchor'],
    ['a: 1\n---\nb: 2', '2:1', 'second document'],
    ['{ a: 9007199254740993 }', '1:6', 'quote it'],
    ['{ a: 0.10000000000000000000001 }', '1:6', 'would be read as'],
    ['a: |\n  x\n', '1:4', 'new line'],
    ['{ command: { starts_with: "git " } }', '1:14', 'proves nothing'],
    ['{ "path[0]": { glob: "*" } }', '1:16', 'proves nothing'],
    ['{ a: "\u200b" }', '1:7', 'hidden character'],
    ['{ a: 1', '1:7', 'YAML'],
  ])('are-refused-with-their-place: %s', async (text, place, says) => {
    const told = await faults(text)
    expect(told).toEqual([expect.stringMatching(new RegExp(`^args:${place} `))])
    expect(told[0]).toContain(says)
  })

  test('are-refused-where-they-are-too-long', async () => {
    const text = (length: number): string => `{ a: "${'x'.repeat(length)}" }`
    expect(await faults(text(65_000))).toEqual([])
    expect(await faults(text(65_536))).toEqual(['args:1:1 more than 65536 characters of conditions'])
  })

  test('tell-all-mistakes-at-once', async () => {
    expect(await faults('{ a: { ltee: 5 }, b: { present: yes } }')).toHaveLength(2)
  })
})

describe('a condition of a grant', () => {
  test.each([
    ['{ repo: a/b }', { repo: 'a/b' }, true],
    ['{ repo: a/b }', { repo: 'a/c' }, false],
    ['{ repo: a/b }', {}, false],
    ['{ repo: a/b }', { repo: 7 }, false],
    ['{ n: { lte: 500 } }', { n: 500 }, true],
    ['{ n: { lte: 500 } }', { n: 500.01 }, false],
    ['{ n: { lte: 500 } }', { n: '500' }, false],
    ['{ "x[*]": { lte: 5 } }', { x: [1, 5] }, true],
    ['{ "x[*]": { lte: 5 } }', { x: [1, 6] }, false],
    ['{ "x[*]": { lte: 5 } }', { x: [] }, false],
    ['{ a: 1, b: 2 }', { a: 1, b: 2 }, true],
    ['{ a: 1, b: 2 }', { a: 1, b: 3 }, false],
    ['{ t: { matches: "v[0-9]+" } }', { t: 'v12' }, true],
    ['{ t: { matches: "v[0-9]+" } }', { t: 'xv12' }, false],
    ['{ t: { starts_with: v } }', { t: 'v12' }, true],
    ['{ t: { present: false } }', {}, true],
    ['{ t: { present: false } }', { t: null }, false],
    ['{ __proto__: 1 }', JSON.parse('{ "__proto__": 1 }') as object, true],
    ['{ __proto__: 1 }', {}, false],
    ['{ toString: { present: true } }', {}, false],
    ['{ constructor: { present: true } }', {}, false],
  ])('holds-for-certain-or-not-at-all: %s', async (text, args, expected) => {
    const conditions = await grantArgs(text)
    expect(await holds(conditions, args)).toBe(expected)
    expect(await holds(JSON.parse(JSON.stringify(conditions)) as Json, args)).toBe(expected)
  })

  test('that-is-none-holds', async () => {
    expect(await holds(null, { a: 1 })).toBe(true)
  })

  test.each(['contains', 'starts_with', 'ends_with', 'glob', 'matches'])(
    'with-a-text-operator-never-holds-on-what-is-judged-by-its-meaning: %s',
    async (op) => {
      const on = (path: string): Json => [{ kind: 'args', path, tests: [{ op, text: 'x' }] }]
      const shell = { resource: 'shell.x', action: 'exec' }
      const whole = { x: 'x', line: 'x', target: 'x', query: 'x', where: 'x', path: 'x', cmd: ['x'] }
      expect(await holds(on('x'), whole)).toBe(true)
      expect(await holds(on('line'), whole)).toBe(true)
      expect(await holds(on('line'), whole, { tool: 'other' })).toBe(true)
      expect(await holds(on('line'), whole, { tool: 'run' })).toBe(false)
      expect(await holds(on('target'), whole, { tool: 'run' })).toBe(false)
      expect(await holds(on('["target"]'), whole, { tool: 'run' })).toBe(false)
      expect(await holds(on('line'), whole, shell)).toBe(false)
      expect(await holds(on('query'), whole, { tool: 'db__x' })).toBe(false)
      expect(await holds(on('where'), whole, { tool: 'db__x' })).toBe(false)
      expect(await holds(on('path'), whole)).toBe(false)
      expect(await holds(on('cmd[*]'), whole)).toBe(false)
      // Also as one of several tests or conditions.
      const beside: Json = [
        { kind: 'args', path: 'x', tests: [{ op: 'eq', value: 'x' }] },
        {
          kind: 'args',
          path: 'path',
          tests: [
            { op: 'eq', value: 'x' },
            { op, text: 'x' },
          ],
        },
      ]
      expect(await holds(beside, whole)).toBe(false)
    },
  )

  test('that-compares-what-is-judged-by-its-meaning-as-a-whole-holds', async () => {
    expect(await holds(await grantArgs('{ command: "git status" }'), { command: 'git status' })).toBe(true)
    expect(await holds(await grantArgs('{ command: "git status" }'), { command: 'git status; rm x' })).toBe(false)
  })

  const GOOD = { kind: 'args', path: 'a', tests: [{ op: 'eq', value: 1 }] }
  const withTest = (test: object): unknown => [{ ...GOOD, tests: [test] }]
  const cyclic: unknown[] = []
  cyclic.push(cyclic)

  test.each<[string, unknown]>([
    ['no list', GOOD],
    ['an empty list', []],
    ['true', true],
    ['a text', '[]'],
    ['zero', 0],
    ['undefined', undefined],
    ['another kind', [{ ...GOOD, kind: 'context' }]],
    ['args_only', [GOOD, { kind: 'args_only', names: ['a'] }]],
    ['unless', [GOOD, { kind: 'unless', conditions: [GOOD] }]],
    ['null beside it', [GOOD, null]],
    ['a list beside it', [GOOD, []]],
    ['one key more', [{ ...GOOD, more: 1 }]],
    ['one key less', [{ kind: 'args', path: 'a' }]],
    ['no tests', [{ ...GOOD, tests: [] }]],
    ['tests that are none', [{ ...GOOD, tests: { 0: GOOD.tests[0], length: 1 } }]],
    ['a path of steps', [{ ...GOOD, path: { text: 'a', steps: [{ kind: 'key', key: 'a' }] } }]],
    ['no path', [{ ...GOOD, path: 'a b' }]],
    ['an empty path', [{ ...GOOD, path: '' }]],
    ['no operator', withTest({ value: 1 })],
    ['an operator of a prototype', withTest({ op: 'toString', value: 1 })],
    ['an operator that is a list', withTest({ op: ['eq'], value: 1 })],
    ['an operand that is missing', withTest({ op: 'eq' })],
    ['an operand more', withTest({ op: 'eq', value: 1, values: [1] })],
    ['an empty text', withTest({ op: 'contains', text: '' })],
    ['a text that is none', withTest({ op: 'contains', text: 1 })],
    ['no pattern', withTest({ op: 'matches', text: '(' })],
    ['a pattern that is too large', withTest({ op: 'matches', text: '(?:a{900}){900}' })],
    ['a bound as a number', withTest({ op: 'lte', value: 5 })],
    ['a bound that is none', withTest({ op: 'lte', value: '1e9' })],
    ['a bound of infinity', withTest({ op: 'lte', value: 'Infinity' })],
    ['no values', withTest({ op: 'not_in', values: [] })],
    ['values that are none', withTest({ op: 'in', values: 'a' })],
    ['types that are none', withTest({ op: 'type', types: ['number', 'any'] })],
    ['no types', withTest({ op: 'type', types: [] })],
    ['a length below zero', withTest({ op: 'length_lte', value: -1 })],
    ['a presence that is a text', withTest({ op: 'present', value: 'false' })],
    ['a prototype', [Object.create(GOOD)]],
    [
      'a key of the prototype',
      JSON.parse('[{"__proto__":{"kind":"args"},"path":"a","tests":[{"op":"eq","value":1}]}]'),
    ],
    ['an instance', [Object.assign(new (class Condition {})(), GOOD)]],
    ['a map', new Map([['kind', 'args']])],
    ['a hole', [GOOD, , GOOD]], // oxlint-disable-line no-sparse-arrays
    ['itself', cyclic],
    ['a function', () => true],
    ['half a pair', [{ ...GOOD, tests: [{ op: 'eq', value: '\ud800' }] }]],
    ['too much', [GOOD, ...Array.from({ length: 3000 }, () => GOOD)]],
  ])('in-any-other-form-never-holds-and-never-throws: %s', async (_, conditions) => {
    expect(await holds([GOOD] as Json, { a: 1 })).toBe(true)
    expect(await holds(conditions as Json, { a: 1 })).toBe(false)
  })

  test('is-judged-anew-for-each-event-however-often-it-was', async () => {
    const policy = await loaded(POLICY)
    for (let round = 0; round < 200; round++) {
      const conditions = [{ kind: 'args', path: 'a', tests: [{ op: 'eq', value: round % 100 }] }]
      expect(policy.argsHold(event({ a: round % 100 }), conditions)).toBe(true)
      expect(policy.argsHold(event({ a: -1 }), conditions)).toBe(false)
    }
  })
})
