import { describe, expect, test } from 'vitest'
import { errorsOf, isTold } from '../support/policy-findings.ts'

const inDeny = (keys: string): string => `version: 1\ndeny:\n  - capability: a\n    ${keys}`

describe('numbers', () => {
  const zeros = '0'.repeat(300)
  test.each([
    [inDeny(`amount_gt: »1.${zeros}`), 'digits'],
    [inDeny(`amount_gt: »1.${'0'.repeat(101)}`), 'digits'],
    [inDeny(`args: { n: { gt: »1.${zeros} } }`), 'digits'],
    [inDeny(`unless: { amount_lte: »0.${zeros} }`), 'digits'],
    [inDeny('args: { n: »9007199254740993.0 }'), '9007199254740992'],
    [inDeny('args: { n: »0.10000000000000000001 }'), 'quote it'],
    [inDeny('args: { n: [1, »0.10000000000000000001] }'), 'quote it'],
    [inDeny('args: { n: { eq: »0.10000000000000000001 } }'), 'quote it'],
    [inDeny('args: { n: { in: [{ gt: »0.10000000000000000001 }] } }'), 'quote it'],
    [inDeny('unless: { args: { gt: »0.10000000000000000001 } }'), 'quote it'],
    [inDeny('examples: { match: [{ args: { n: »9007199254740993.0 } }] }'), 'quote it'],
    ['version: »1.00000000000000000001', '1'],
  ])('that-would-not-stay-what-they-are-are-told: %#', isTold)

  test.each([
    'amount_gt: 9007199254740993.0',
    'amount_gt: "9007199254740993"',
    'args: { n: { gt: 0.10000000000000000001, lte: "5.00000000000000000001" } }',
    'args: { n: 1.50, m: [0.1, -0.0, 1.0], o: { eq: "0.10000000000000000001" } }',
    `args: { n: { gt: 1.${'0'.repeat(100)} } }`,
  ])('whose-digits-are-kept-are-taken: %#', async (keys) => {
    expect(await errorsOf(inDeny(keys))).toEqual([])
  })
})

describe('block texts', () => {
  test.each([
    inDeny('contains: »|\n      rm -rf'),
    inDeny('contains: »>\n      rm -rf\n'),
    inDeny('contains:\n      - »|+\n        rm -rf\n\n'),
    ...['starts_with', 'ends_with', 'glob', 'matches', 'contains', 'eq'].map((operator) =>
      inDeny(`args:\n      cmd:\n        ${operator}: »|\n          rm\n`),
    ),
    inDeny('args:\n      cmd: »|\n        rm\n'),
    inDeny('args:\n      cmd:\n        - »|\n          rm\n'),
    inDeny('unless:\n      args:\n        cmd: »|\n          rm\n'),
  ])('that-end-in-a-line-end-are-told: %#', async (text) => isTold(text, 'ends in a new line: write `|-`, or quote it'))

  test.each([
    inDeny('contains: |-\n      rm -rf'),
    inDeny('contains: >-\n      rm\n      -rf\n'),
    inDeny('args: { cmd: { starts_with: "rm\\n" } }'),
    inDeny('reason: |\n      because of\n      this\n'),
    inDeny('contains: rm\n    examples:\n      match:\n        - args:\n            cmd: |\n              rm -rf\n'),
  ])('that-do-not-or-may-are-taken: %#', async (text) => {
    expect(await errorsOf(text)).toEqual([])
  })
})

describe('characters that nobody sees', () => {
  test.each(['\\u200b', '\\u00ad', '\\u202e', '\\u2066', '\\ufe0f', '\\u3164', '\\U000E0041'])(
    'stand-in-no-name-of-a-context: %s',
    async (escape) => {
      for (const key of ['actor', 'session', 'tenant', 'user_role', 'tool']) {
        await isTold(inDeny(`${key}: »"intern${escape}"`), 'invisible')
      }
      await isTold(`version: 1\nrequire_approval: [{ capability: a, approval: { approvers: »"x${escape}" } }]`, 'U+')
    },
  )

  test.each(['\u200b', '\u00ad', '\u202e', '\u2060', '\ufe0f', '\u3164', '\u{e0041}', '\u{1d173}', '\u034f'])(
    'are-told-wherever-they-stand: %#',
    async (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      await isTold(inDeny(`contains: "x»${character}"`), `U+${code}: write it as an escape`)
      await isTold(`version: 1 # x»${character}\nallow: [a.b.c]`, `U+${code}`)
    },
  )

  test('may-be-looked-for-in-arguments-as-escapes', async () => {
    expect(await errorsOf(inDeny('args: { cmd: { eq: "x\\u200b" } }'))).toEqual([])
  })
})

describe('examples', () => {
  const match = (example: string): string => inDeny(`examples: { match: [»${example}] }`)
  test.each([
    [match('{ capability: a.b.c, resource: x, action: y }'), '`capability`'],
    [match('{ capability: a.b.c, scope: x }'), '`capability`'],
    [match('{ server: files }'), '`server`'],
    [match('{ capability: a.b.c, server: files }'), '`server`'],
  ])('that-say-what-is-not-read-are-told: %#', isTold)
})

test('an-approver-with-the-name-of-a-prototype-is-told-by-its-own-name', async () => {
  const errors = await errorsOf('version: 1\nallow: [a.b.c]\napprovers: { __proto__: x }')
  expect(errors.join('\n')).toContain('"__proto__"')
  expect(errors.join('\n')).not.toMatch(/\\u0000|\0/)
})
