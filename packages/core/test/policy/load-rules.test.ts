import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../../src/policy/load/load-policy.ts'
import type { Condition, PolicyModel } from '../../src/policy/model.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, isTold } from '../support/policy-findings.ts'

const inDeny = (keys: string): string => `version: 1\ndeny:\n  - { capability: a, ${keys} }`
const inAsk = (keys: string): string => `version: 1\nrequire_approval:\n  - { capability: a, ${keys} }`
const inAllow = (keys: string): string => `version: 1\nallow:\n  - { capability: a.b.c, ${keys} }`

async function modelOf(text: string): Promise<PolicyModel> {
  const { model, errors } = await checkPolicy('p.yaml', memoryFiles({ 'p.yaml': text }))
  if (model === undefined) throw new Error(errors.map(({ message }) => message).join('\n'))
  return model
}

async function conditionsOf(keys: string): Promise<readonly Condition[]> {
  return (await modelOf(inDeny(keys))).rules[0]?.conditions ?? []
}

/** One mistake: the text, `»` before the place where it is told, and a word of what is said. */
type Mistake = [text: string, says: string]

describe('what a policy does not know', () => {
  test.each<Mistake>([
    [inDeny('»ammount_gt: 1'), 'did you mean `amount_gt`'],
    [inDeny('»enviroment: x'), 'did you mean `environment`'],
    [inDeny('args: { x: { »matchs: y } }'), 'did you mean `matches`'],
    [inDeny('unless: { »amuont_lt: 1 }'), 'did you mean `amount_lt`'],
    [inDeny('»Contains: x'), 'did you mean `contains`'],
    ['version: 1\n»allows: [a.b.c]', 'did you mean `allow`'],
    ['version: 1\n»denny: [a]', 'did you mean `deny`'],
    ['version: 1\ntools: { t: { capability: a.b.c, »comand: x } }', 'did you mean `command`'],
    [inDeny('»zebra: 1'), 'unknown key `zebra`'],
    [inAsk('approval: { »quorom: 2 }'), 'did you mean `quorum`'],
    [inDeny('examples: { »matches: [{}] }'), 'did you mean `match`'],
  ])('suggests-the-word-that-was-meant: %#', isTold)

  test('says-that-audit-is-not-supported-yet', async () => {
    await isTold('version: 1\n»audit: {}\nallow: [a.b.c]', 'not supported yet')
  })

  test('says-which-packs-there-are', async () => {
    await isTold('version: 1\nextends: [»"capfence:shell"]', 'there is no pack')
  })
})

describe('values of the wrong kind', () => {
  test.each<Mistake>([
    ['»allow: [a.b.c]', '`version` is missing'],
    ['version: »"1"', 'expected `1`'],
    ['version: »2', 'expected `1`'],
    ['version: 1\nsealed: »yes', 'write `true`'],
    ['version: 1\nsealed: »1', '`true` or `false`'],
    ['version: 1\nmode: »observing', 'did you mean `observe`'],
    ['version: 1\ndeny: »a', 'a list'],
    ['version: 1\ndeny: »[]', 'empty list'],
    ['version: 1\n»deny:', 'expected a list'],
    ['version: 1\ndeny: [»7]', 'a rule is'],
    ['version: 1\ndeny: [»{ reason: x }]', '`capability` is missing'],
    ['version: 1\ndeny: [{ capability: »7 }]', 'text'],
    ['version: 1\ndeny: [{ capability: »[] }]', 'empty list'],
    ['version: 1\ndeny: [{ capability: [a, »7] }]', 'quote it'],
    ['version: 1\ntools: »{}', 'empty mapping'],
    ['version: 1\ntools: »[a]', 'a mapping'],
    ['version: 1\ntools: { t: »a.b.c }', 'a mapping'],
    [inDeny('unless: »{}'), 'empty mapping'],
    [inDeny('args: »{}'), 'empty mapping'],
    [inDeny('args: { x: »{} }'), 'empty mapping'],
    [inDeny('args: { x: »[] }'), 'empty list'],
    [inDeny('args: { x: { in: »[] } }'), 'empty list'],
    [inDeny('args: { x: { present: »yes } }'), 'write `true`'],
    [inDeny('args: { x: { type: »text } }'), 'one of'],
    [inDeny('args: { x: { length_lte: »-1 } }'), 'less than 0'],
    [inDeny('args: { x: { length_lte: »1.5 } }'), 'whole number'],
    [inDeny('args_only: »[]'), 'empty list'],
    [inDeny('actor: »7'), 'text'],
    [inDeny('actor: [a, »{ b: 1 }]'), 'a mapping'],
    [inDeny('risk: »hihg'), 'did you mean `high`'],
    [inDeny('risk_at_least: »[high]'), 'one of'],
    [inDeny('caller_depth_gt: »"1"'), 'a number'],
    [inDeny('caller_depth_gt: »-1'), 'less than 0'],
    [inDeny('caller_depth_gt: »1.5'), 'whole number'],
    [inDeny('mode: »off'), 'one of'],
    [inDeny('unknown: »allow'), 'one of'],
    [inDeny('id: »7'), 'quote it'],
    [inDeny('id: »"deny[1]"'), 'no rule id'],
    [inDeny('reason: »"\\e[2J"'), 'control'],
    [inAsk('approval: { expires_in: »10 }'), 'text'],
    [inAsk('approval: { expires_in: »10 minutes }'), 'duration'],
    [inAsk('approval: { expires_in: »0s }'), 'duration'],
    [inAsk('approval: { expires_in: »31d }'), 'duration'],
    [inAsk('approval: { quorum: »0 }'), 'less than 1'],
    [inAsk('approval: { quorum: »65 }'), 'more than 64'],
    [inAsk('approval: { quorum: »1.5 }'), 'whole number'],
    [inAsk('approval: { approvers: »[] }'), 'empty list'],
    ['version: 1\napprovals: { max_pending: »0 }', 'less than 1'],
    ['version: 1\napprovals: »{}', 'empty mapping'],
    ['version: 1\napprovals: { max_grant: »31d }', 'duration'],
    ['version: 1\napprovals: { max_grant: »0s }', 'duration'],
    ['version: 1\napprovals: { max_grant: »24 }', 'text'],
    ['version: 1\napprovals: { »max_grants: 1h }', 'did you mean `max_grant`'],
    ['version: 1\nextends: »base.yaml', 'a list'],
    ['version: 1\nextends: [»"https://example.org/p.yaml"]', 'no path'],
  ])('refuses-with-its-place: %#', isTold)
})

describe('decimals', () => {
  test.each<Mistake>([
    [inDeny('amount_gt: »"1,000"'), 'plain decimal'],
    [inDeny('amount_gt: »"1e3"'), 'plain decimal'],
    [inDeny('amount_gt: »"$5"'), 'plain decimal'],
    [inDeny('amount_gt: »" 5"'), 'plain decimal'],
    [inDeny('amount_gt: »"0x10"'), 'plain decimal'],
    [inDeny('amount_gt: »"NaN"'), 'plain decimal'],
    [inDeny('amount_gt: »""'), 'plain decimal'],
    [inDeny('amount_gt: »"007"'), 'plain decimal'],
    [inDeny('amount_gt: »many'), 'plain decimal'],
    [inDeny('amount_gt: »-5'), 'never negative'],
    [inDeny('amount_gt: »"-5"'), 'never negative'],
    [inDeny('amount_gt: »true'), 'a number or a text'],
    [inDeny('amount_gt: »[5]'), 'a number or a text'],
    [inDeny('args: { x: { gt: »"1,000" } }'), 'plain decimal'],
  ])('refuses-what-is-no-plain-decimal: %#', isTold)

  test.each([
    ['1000.10', '1000.10'],
    ['0.1', '0.1'],
    ['0.10000000000000000000000000000000000001', '0.10000000000000000000000000000000000001'],
    ['123456789.12345678901234567890', '123456789.12345678901234567890'],
    ['"900719925474099312345.5"', '900719925474099312345.5'],
    ['0', '0'],
    ['-0', '0'],
  ])('keeps-an-amount-as-written: %s', async (written, kept) => {
    expect(await conditionsOf(`amount_gt: ${written}`)).toEqual([{ kind: 'amount', op: 'gt', value: kept }])
  })

  test('keeps-a-bound-of-an-argument-as-written', async () => {
    const [condition] = await conditionsOf('args: { x: { gte: -1.50, lt: "2.000" } }')
    expect(condition).toMatchObject({
      tests: [
        { op: 'gte', value: '-1.50' },
        { op: 'lt', value: '2.000' },
      ],
    })
  })
})

describe('capabilities', () => {
  test.each<Mistake>([
    ['version: 1\ndeny: [»"filesystem.réad"]', 'not a capability pattern'],
    ['version: 1\ndeny: [»"a b.c"]', 'not a capability pattern'],
    ['version: 1\ndeny: [»""]', 'not a capability pattern'],
    ['version: 1\ndeny: [»a..b]', 'not a capability pattern'],
    ['version: 1\ndeny: [»a.b.c.]', 'not a capability pattern'],
    ['version: 1\ndeny: [»"a.b.c?"]', 'not a capability pattern'],
    ['version: 1\ndeny: [»"shell.\u212aill"]', 'not a capability pattern'],
    ['version: 1\ndeny: [{ capability: [a, »"b!"] }]', 'not a capability pattern'],
    ['version: 1\nallow: [»a.b]', 'resource, action and scope'],
    ['version: 1\nallow: [»"*"]', 'resource, action and scope'],
    ['version: 1\ntools: { t: { capability: »"a.b.*" } }', 'a pattern'],
    ['version: 1\ntools: { t: { capability: »a.b } }', 'resource.action.scope'],
    ['version: 1\ntools: { t: { capability: »"a.b.c d" } }', 'resource.action.scope'],
  ])('refuses-one-that-nothing-can-match: %#', isTold)

  test('reads-plain-texts-and-lists-and-fills-missing-parts-where-it-stops', async () => {
    const model = await modelOf('version: 1\ndeny: [A, { capability: [b.c, "*.d.e.f"] }]\nallow: ["a.*.c"]')
    expect(model.rules.map(({ id, patterns }) => [id, patterns])).toEqual([
      ['deny[0]', ['a.*.*']],
      ['deny[1]', ['b.c.*', '*.d.e.f']],
      ['allow[0]', ['a.*.c']],
    ])
  })
})

describe('context and texts', () => {
  test.each<Mistake>([
    [inDeny('environment: »"prod uction"'), 'can never match'],
    [inDeny('environment: [staging, »"prödction"]'), 'can never match'],
    [inDeny('actor: »"agent "'), 'can never match'],
    [inDeny('actor: »"a\\tb"'), 'can never match'],
    [inDeny('actor: »""'), 'matches nothing'],
    [inDeny('contains: »""'), 'match everything'],
    [inDeny('contains: »"  "'), 'match everything'],
    [inDeny('contains: »"\\u200b"'), 'match everything'],
    [inDeny('args: { x: { starts_with: »"" } }'), 'match everything'],
    [inDeny('args: { x: { matches: »"" } }'), 'match everything'],
  ])('refuses-what-matches-nothing-or-everything: %#', isTold)

  test('folds-an-environment-as-events-do', async () => {
    expect(await conditionsOf('environment: [Production, "PRE-*"]')).toEqual([
      { kind: 'context', field: 'environment', globs: ['production', 'pre-*'] },
    ])
  })
})

describe('paths into args', () => {
  test.each([
    '""',
    'a.',
    '.a',
    'a..b',
    'a[',
    'a[]',
    'a[-1]',
    'a[01]',
    'a[x]',
    '[0]',
    '[*]',
    'a b',
    "a['b']",
    'a["b]',
    'a]b',
  ])('refuses-what-is-no-path: %s', async (path) => {
    await isTold(inDeny(`args: { »${path === '""' ? path : JSON.stringify(path)}: 1 }`), 'not a path')
  })

  test('reads-names-indexes-and-any', async () => {
    const [condition] = await conditionsOf('args: { \'items[*].x-y["odd.key"][0]\': 1 }')
    expect(condition).toMatchObject({
      path: {
        steps: [
          { kind: 'key', key: 'items' },
          { kind: 'any' },
          { kind: 'key', key: 'x-y' },
          { kind: 'key', key: 'odd.key' },
          { kind: 'index', index: 0 },
        ],
      },
    })
  })

  test('reads-scalars-lists-and-operators', async () => {
    const keys =
      'args: { a: null, b: [1, x], c: { present: false, type: [string, "null"], eq: { y: [true] }, not_in: [2] } }'
    expect(await conditionsOf(keys)).toMatchObject([
      { path: { text: 'a' }, tests: [{ op: 'eq', value: null }] },
      { path: { text: 'b' }, tests: [{ op: 'in', values: [1, 'x'] }] },
      {
        path: { text: 'c' },
        tests: [
          { op: 'eq', value: { y: [true] } },
          { op: 'not_in', values: [2] },
          { op: 'type', types: ['string', 'null'] },
          { op: 'present', value: false },
        ],
      },
    ])
  })
})

describe('patterns of RE2', () => {
  test.each<Mistake>([
    [inDeny("args: { x: { matches: »'(?=a)' } }"), 'no look-around'],
    [inDeny("args: { x: { matches: »'(?<!a)b' } }"), 'no look-around'],
    [inDeny("args: { x: { matches: »'(a)\\1' } }"), 'no back-references'],
    [inDeny("args: { x: { matches: »'(a' } }"), 'RE2'],
    [inDeny("args: { x: { matches: »'a**' } }"), 'RE2'],
    [inDeny("args: { x: { matches: »'a{1001}' } }"), 'RE2'],
    [
      inDeny(`args: { x: { matches: »'${Array.from({ length: 12 }, (_, i) => `${i}{900}`).join('|')}' } }`),
      'too large',
    ],
  ])('refuses-what-RE2-does-not-take: %#', isTold)
})

describe('text operators where being true lets through', () => {
  const OPERATORS = ['contains', 'starts_with', 'ends_with', 'glob', 'matches'] as const

  test.each(['command', 'cmd', 'args[0]', 'path', 'file_path', 'filename', 'url', 'uri', '["path"]', 'path.x'])(
    'refuses-every-one-on-a-default-name: %s',
    async (name) => {
      const path = name.replaceAll('"', '\\"')
      for (const operator of OPERATORS) {
        await isTold(inAllow(`args: { "${path}": { »${operator}: x } }`), `\`${operator}\``)
        await isTold(inDeny(`unless: { args: { "${path}": { »${operator}: x } } }`), `\`${operator}\``)
        await isTold(inAsk(`unless: { args: { "${path}": { »${operator}: x } } }`), `\`${operator}\``)
      }
    },
  )

  test('refuses-it-on-what-a-tool-binds-and-the-rule-covers', async () => {
    const tools = 'version: 1\ntools: { q: { capability: db.query.main, sql: [query], dialect: postgres } }\n'
    await isTold(`${tools}allow: [{ capability: db.query.main, args: { query: { »matches: x } } }]`, 'proves nothing')
    await isTold(`${tools}allow: [{ capability: "*.query.*", args: { query: { »glob: x } } }]`, 'proves nothing')
    await isTold(`${tools}deny: [{ capability: db, unless: { args: { query: { »matches: x } } } }]`, 'proves nothing')
    expect(
      await errorsOf(`${tools}allow: [{ capability: search.query.web, args: { query: { matches: x } } }]`),
    ).toEqual([])
  })

  test('refuses-contains-wherever-being-true-lets-through', async () => {
    await isTold(inAllow('»contains: x'), 'proves nothing')
    await isTold(inDeny('unless: { »contains: x }'), 'proves nothing')
    await isTold(inAllow('unless: { unless: { »contains: x } }'), 'proves nothing')
    await isTold(inAllow('unless: { unless: { args: { path: { »glob: x } } } }'), 'proves nothing')
  })

  test.each([
    inDeny('args: { path: { glob: "/etc/*" } }'),
    inAsk('contains: x, args: { command: { matches: x } }'),
    inAllow('unless: { contains: x, args: { path: { starts_with: /etc } } }'),
    inDeny('unless: { unless: { contains: x, args: { url: { contains: y } } } }'),
    inAllow('args: { path: { eq: /etc/motd }, url: [x, y], note: { matches: "[a-z]+", contains: x } }'),
  ])('takes-it-where-being-true-stops: %#', async (text) => {
    expect(await errorsOf(text)).toEqual([])
  })

  test('tells-it-also-in-a-rule-with-another-mistake', async () => {
    expect(await errorsOf(inAllow('zebra: 1, args: { path: { glob: x } }'))).toHaveLength(2)
  })
})

describe('keys that belong together', () => {
  const vkeyless = 'version: 1\ntools: { t: { capability: a.b.c, '
  test.each<Mistake>([
    [inDeny('»approval: { quorum: 2 }'), 'unknown: ask'],
    [inAllow('»approval: { quorum: 2 }'), 'belongs to'],
    [inAllow('»unknown: deny'), 'belongs to'],
    [inAsk('»unknown: ask'), 'belongs to'],
    [`${vkeyless}»shell: bash } }`, '`command`'],
    [`${vkeyless}»cwd: dir } }`, '`command`'],
    [`${vkeyless}»dialect: postgres } }`, '`sql`'],
    [`${vkeyless}»root: /x } }`, '`path`'],
    [`${vkeyless}»decodes: true } }`, '`path`'],
    [`${vkeyless}»sql: q } }`, '`dialect`'],
    [`${vkeyless}sql: q, dialect: »mysql } }`, 'expected `postgres`'],
    [`${vkeyless}command: q, shell: »fish } }`, 'one of'],
    [`${vkeyless}path: p, root: »workspace } }`, 'absolute'],
    [`${vkeyless}path: p, root: »/a/../b } }`, '`..`'],
    [`${vkeyless}amount: »"a..b" } }`, 'not a path'],
    [`${vkeyless}command: »[] } }`, 'empty list'],
    ['version: 1\ntools: { »"": { capability: a.b.c } }', 'has a name'],
    ['version: 1\ntools: { »"a ": { capability: a.b.c } }', 'blanks'],
  ])('refuses-one-without-the-other: %#', isTold)

  test('reads-every-binding', async () => {
    const text = `version: 1
tools:
  run: { capability: Shell.exec.workspace, command: [cmd, line], shell: zsh, cwd: dir, path: file, root: /w, decodes: true, url: u, amount: "a.b[0]" }
  query: { capability: db.query.main, sql: q, dialect: postgres }
allow: [a.b.c]`
    expect(Object.fromEntries((await modelOf(text)).tools)).toEqual({
      run: {
        capability: 'shell.exec.workspace',
        command: ['cmd', 'line'],
        shell: 'zsh',
        cwd: 'dir',
        path: ['file'],
        root: '/w',
        decodes: true,
        url: ['u'],
        amount: 'a.b[0]',
      },
      query: { capability: 'db.query.main', sql: ['q'], dialect: 'postgres' },
    })
  })

  test('reads-terms-with-their-defaults', async () => {
    const terms = async (keys: string): Promise<unknown> => (await modelOf(inAsk(keys))).rules[0]?.approval
    expect(await terms('mode: enforce')).toEqual({ expiresInMs: 600_000, quorum: 1, approvers: [] })
    expect(await terms('approval: { expires_in: 90s, quorum: 64, approvers: "ops-*" }')).toEqual({
      expiresInMs: 90_000,
      quorum: 64,
      approvers: ['ops-*'],
    })
    expect(await terms('approval: { expires_in: 2h }')).toMatchObject({ expiresInMs: 7_200_000 })
    const [asking] = (await modelOf(inDeny('unknown: ask, approval: { expires_in: 7d }'))).rules
    expect(asking).toMatchObject({ unknown: 'ask', approval: { expiresInMs: 604_800_000 } })
  })

  test('refuses-unless-that-never-ends', async () => {
    const nested = `${'unless: { '.repeat(10)}actor: x${' }'.repeat(10)}`
    const errors = await errorsOf(inDeny(nested))
    expect(errors).toEqual([expect.stringContaining('nested deeper')])
  })
})

describe('ids', () => {
  test('refuses-one-that-stands-twice', async () => {
    await isTold(
      'version: 1\ndeny: [{ capability: a, id: x }]\nallow: [{ capability: a.b.c, »id: x }]',
      'policy.yaml:2',
    )
  })

  test('numbers-rules-by-their-place-in-their-own-list', async () => {
    const model = await modelOf(
      'version: 1\ndeny: [{ capability: a, id: x }, b]\nallow: [a.b.c]\nrequire_approval: [c]',
    )
    expect(model.rules.map(({ id }) => id).toSorted()).toEqual(['allow[0]', 'deny[1]', 'require_approval[0]', 'x'])
  })
})
