import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCapFenceError } from '../../src/kernel/errors.ts'
import { machine } from '../../src/kernel/ports.ts'
import { checkPolicy, loadPolicy, parsePolicyText } from '../../src/policy/load/load-policy.ts'
import { PolicyError } from '../../src/policy/load/policy-error.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, loaded } from '../support/policy-findings.ts'
import { scratchFolder } from '../support/scratch.ts'

const VALID = 'version: 1\nallow: [a.b.c]\n'

describe('a policy is YAML 1.2 and less', () => {
  test.each<[what: string, text: string, where: string, says: string]>([
    ['an alias', 'version: 1\ndeny:\n  - *.read.x', '3:5', 'quote it: `"*.read.x"`'],
    ['an alias of a lone star', 'version: 1\ndeny: [a, *]', '2:11', 'quote it: `"*"`'],
    ['an alias as a key', 'version: 1\ntools:\n  *x : { capability: a.b.c }', '3:3', 'alias'],
    ['an anchor', 'version: 1\nallow: [&x a.b.c]', '2:9', 'anchor'],
    ['a tag of YAML itself', 'version: 1\nallow: [!!str a.b.c]', '2:9', 'tag'],
    ['a tag of its own', 'version: 1\nallow: [!env a.b.c]', '2:9', 'tag'],
    ['%YAML 1.1', '%YAML 1.1\n---\nversion: 1\nallow: [a.b.c]', '1:1', 'directive'],
    ['%TAG', '%TAG ! tag:x.org,2000:\n---\nversion: 1\nallow: [a.b.c]', '1:1', 'directive'],
    ['a merge key', 'version: 1\n<<: { allow: [a.b.c] }', '2:1', 'merge key'],
    ['a second document', `${VALID}---\nversion: 1`, '3:1', 'second document'],
    ['an empty second document', `${VALID}---\n`, '3:1', 'second document'],
    ['a duplicate key', 'version: 1\ndeny: [a]\nallow: [a.b.c]\ndeny: [b]', '4:1', 'stands twice (first in line 2)'],
    [
      'a duplicate key deep inside',
      'version: 1\nallow: [{ capability: a.b.c, args: { x: 1, "x": 2 } }]',
      '2:44',
      'twice',
    ],
    ['a key that is no text', 'version: 1\n7: x', '2:1', 'quote it'],
    ['a key that is a mapping', 'version: 1\n? { a: 1 }\n: 2', '2:3', 'quote it'],
    ['an integer beyond 2^53', 'version: 1\ndeny: [{ capability: a, amount_gt: 9007199254740993 }]', '2:36', '2^53'],
    ['infinity', 'version: 1\ndeny: [{ capability: a, amount_gt: .inf }]', '2:36', 'plain decimal'],
    ['not a number', 'version: 1\ndeny: [{ capability: a, amount_gt: .nan }]', '2:36', 'plain decimal'],
    ['an exponent', 'version: 1\ndeny: [{ capability: a, amount_gt: 1e3 }]', '2:36', 'plain decimal'],
    ['a hexadecimal number', 'version: 1\ndeny: [{ capability: a, amount_gt: 0x10 }]', '2:36', 'plain decimal'],
    ['a number with leading zeros', 'version: 1\ndeny: [{ capability: a, amount_gt: 0100 }]', '2:36', 'plain decimal'],
    ['NUL', 'version: 1\nallow: [a.b.c] # \0', '2:18', 'U+0000'],
    ['a lone carriage return, a new line to some editors', 'version: 1\n# x\rallow: [a.b.c]', '2:4', 'U+000D'],
    ['a line separator', 'version: 1\n# x\u2028allow: [a.b.c]', '2:4', 'U+2028'],
    ['a bidi control', 'version: 1\nallow: [a.b.c] # \u202e', '2:18', 'U+202E'],
    ['a byte order mark inside', 'version: 1\n\ufeffallow: [a.b.c]', '2:1', 'U+FEFF'],
    ['half a surrogate pair', 'version: 1\nallow: [a.b.c] # \ud800', '2:18', 'U+D800'],
    [
      'half a surrogate pair as an escape',
      'version: 1\ndeny: [{ capability: a, reason: "x\\ud800" }]',
      '2:33',
      'surrogate',
    ],
    ['a tab as indentation', 'version: 1\ndeny:\n\t- a', '3:1', 'tabs'],
    ['an open bracket', 'version: 1\nallow: [a.b.c', '2:14', 'YAML'],
    ['text that is empty', '', '1:1', 'empty'],
    ['comments alone', '# nothing\n', '1:1', 'empty'],
    ['a list', '- a.b.c', '1:1', 'mapping'],
    ['a word', 'deny', '1:1', 'mapping'],
  ])('refuses-with-its-place: %s', async (...[, text, where, says]) => {
    const errors = await errorsOf(text)
    expect(errors[0]).toMatch(new RegExp(`^${where} `))
    expect(errors[0]).toContain(says)
    expect(errors).toHaveLength(1)
  })

  test.each([
    ['windows line ends', VALID.replaceAll('\n', '\r\n')],
    ['a byte order mark at the start', `\ufeff${VALID}`],
    ['one document with its marks', `---\n${VALID}...\n# the end\n`],
    ['an escape of a hidden character', 'version: 1\ndeny: [{ capability: a, contains: "x\\u202e" }]'],
    ['a text that YAML 1.1 would take for a boolean', 'version: 1\ndeny: [{ capability: a, actor: no }]'],
  ])('takes: %s', async (_, text) => {
    expect(await errorsOf(text)).toEqual([])
  })

  test('tells-a-broken-rule-and-a-broken-tool-and-a-broken-head-at-once', async () => {
    const text = [
      'version: 2',
      'tools: { t: { capability: a.b.* } }',
      'deny:',
      '  - { capability: a, ammount_gt: 1, contains: "" }',
      '  - *.b.c',
      '  - { capability: a, args: { "a..b": 1 } }',
      'allow: [a.b]',
      'extra: 1',
    ].join('\n')
    const places = (await errorsOf(text)).map((error) => error.split(' ')[0])
    expect(places).toEqual(['1:10', '2:27', '4:22', '4:47', '5:5', '6:30', '7:9', '8:1'])
  })
})

// Long on a busy machine: what is tested is that each ends, in time that grows with its size and no faster.
describe('input that is made to hurt', { timeout: 60_000 }, () => {
  test.each([
    ['brackets', `version: 1\nallow: ${'['.repeat(400_000)}`],
    ['braces', `version: 1\nallow: ${'{a: '.repeat(200_000)}`],
    ['dashes', `version: 1\nallow:\n  ${'- '.repeat(400_000)}`],
    ['question marks', `version: 1\nallow:\n  ${'? '.repeat(400_000)}`],
    ['indentation', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('tells-deep-nesting-and-does-not-fall-over: %s', async (_, text) => {
    const errors = await errorsOf(text)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain('nested deeper')
  })

  test('never-expands-a-bomb-of-aliases', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => `k${level + 1}: &k${level + 1} [*k${level}, *k${level}]`)
    const errors = await errorsOf(['version: 1', 'k0: &k0 [x, x]', ...levels].join('\n'))
    expect(errors.filter((error) => error.includes('alias'))).toHaveLength(60)
  })

  test.each([
    ['tools', (keys: string) => `version: 1\ntools:\n${keys}allow: [a.b.c]`, 0],
    ['a duplicate of each', (keys: string) => `version: 1\ntools:\n${keys}${keys}allow: [a.b.c]`, 201],
  ])('reads-eight-thousand-keys: %s', async (_, make, count) => {
    const keys = Array.from({ length: 8000 }, (__, index) => `  t${index}: {capability: a.b.c}\n`).join('')
    expect(await errorsOf(make(keys))).toHaveLength(count)
  })

  test('takes-names-of-prototypes-as-names', async () => {
    const policy = await loaded(
      [
        'version: 1',
        'tools:',
        '  __proto__: { capability: a.b.c }',
        '  constructor: { capability: a.b.d }',
        'deny:',
        '  - capability: x',
        '    args: { __proto__: { present: true }, toString: { eq: { __proto__: 1 } } }',
      ].join('\n'),
    )
    expect(policy.bindingOf('__proto__')?.capability).toBe('a.b.c')
    expect(policy.bindingOf('constructor')?.capability).toBe('a.b.d')
    expect(policy.bindingOf('toString')).toBeUndefined()
    expect(policy.canonical).toContain('"path":"__proto__"')
    expect(policy.canonical).toContain('{"__proto__":1}')
  })

  test('refuses-names-of-prototypes-where-they-are-no-keys', async () => {
    const errors = await errorsOf(
      'version: 1\n__proto__: 1\nconstructor: 1\ndeny: [{ capability: a, __proto__: { args: 1 } }]',
    )
    expect(errors.map((error) => error.split(' ')[0])).toEqual(['2:1', '3:1', '4:25'])
  })

  test('checks-what-stands-under-the-name-of-a-prototype', async () => {
    const errors = await errorsOf('version: 1\ndeny: [{ capability: a, args: { __proto__: { matchs: x } } }]')
    expect(errors).toEqual([expect.stringMatching(/^2:46 .*`matches`/)])
  })

  test('refuses-an-approver-with-the-name-of-a-prototype', async () => {
    const errors = await errorsOf('version: 1\nallow: [a.b.c]\napprovers: { __proto__: x }')
    expect(errors.some((error) => error.startsWith('3:14 '))).toBe(true)
  })
})

describe('any text', () => {
  const seed =
    'version: 1\ntools: { t: { capability: a.b.c } }\ndeny:\n  - capability: "a.*"\n    args: { x: { gt: 1 } }\n'
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '"',
    "'",
    '*',
    '&',
    '!',
    '|',
    '?',
    '#',
    '%',
    '---',
    '\0',
    '__proto__',
    '<<',
    'null',
    ',',
    '\\',
    '0x1',
  ]
  const edit = record({
    at: integer({ min: 0, max: seed.length }),
    cut: integer({ min: 0, max: 9 }),
    put: constantFrom('', ...pieces),
  })

  test('is-a-policy-or-has-places-of-what-is-wrong-and-nothing-else', { timeout: 60_000 }, async () => {
    const property = asyncProperty(array(edit, { maxLength: 4 }), async (edits) => {
      let text = seed
      for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut)
      const { policy, errors } = await checkPolicy('p.yaml', memoryFiles({ 'p.yaml': text }))
      expect(errors.length > 0).toBe(policy === undefined)
      expect(errors.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true)
    })
    await assert(property, { numRuns: 500 })
  })
})

describe('what a caller gets', () => {
  test('throws-every-finding-as-one-error', async () => {
    const error: unknown = await loadPolicy('p.yaml', memoryFiles({ 'p.yaml': 'version: 2\nallow: []' })).catch(
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(PolicyError)
    expect(isCapFenceError(error) && error.code).toBe('POLICY_INVALID')
    expect((error as PolicyError).findings).toHaveLength(2)
    expect((error as PolicyError).message.split('\n').map((line) => line.split(': ')[0])).toEqual([
      'p.yaml:1:10',
      'p.yaml:2:8',
    ])
  })

  test('names-a-text-as-it-is-told-to', async () => {
    const error: unknown = await parsePolicyText('deny: [a]', { file: 'mine' }).catch((cause: unknown) => cause)
    expect((error as PolicyError).message).toBe('mine:1:1: `version` is missing')
  })

  test('answers-a-policy-and-its-model-where-nothing-is-wrong', async () => {
    const { policy, model, errors, warnings } = await checkPolicy('p.yaml', memoryFiles({ 'p.yaml': VALID }))
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
    expect(policy?.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(model?.rules.map((rule) => rule.id)).toEqual(['allow[0]'])
  })

  test('says-that-a-file-is-unreadable-and-not-that-it-is-invalid', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'folder.yaml'))
    for (const name of ['missing.yaml', 'folder.yaml']) {
      const error: unknown = await checkPolicy(join(folder, name), machine().files).catch((cause: unknown) => cause)
      expect(isCapFenceError(error) && error.code).toBe('POLICY_UNREADABLE')
    }
  })

  test.each([
    ['larger than 1 MiB', Buffer.from(`${VALID}#${'x'.repeat(5_000_000)}`), 'larger'],
    ['not UTF-8', Buffer.concat([Buffer.from(VALID), Buffer.from([0xff, 0xfe])]), 'UTF-8'],
  ])('gives-the-place-of-a-file-that-is: %s', async (_, bytes, says) => {
    const file = join(scratchFolder(), 'p.yaml')
    writeFileSync(file, bytes)
    const { errors } = await checkPolicy(file, machine().files)
    expect(errors).toMatchObject([{ file, line: 1, column: 1 }])
    expect(errors[0]?.message).toContain(says)
  })

  test('refuses-a-text-larger-than-1-MiB', async () => {
    await expect(parsePolicyText(`${VALID}#${'x'.repeat(1_048_576)}`)).rejects.toMatchObject({ code: 'POLICY_INVALID' })
  })
})
