import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../../src/policy/load/load-policy.ts'
import type { Rule } from '../../src/policy/model.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, isTold, loaded, warningsOf } from '../support/policy-findings.ts'

const COUNT = 'count: true, max: 5, per: 1h, by: actor'
const AFTER = 'capability: mail.read.inbox, within: 1h, by: session'
const LISTS = ['deny', 'require_approval', 'allow'] as const
const withRule = (list: string, keys: string): string =>
  `version: 1\n${list}:\n  - { id: r, capability: a.b.c, ${keys} }`
const limit = (keys: string): string => withRule('allow', `limit: { ${keys} }`)
const after = (keys: string, list = 'deny'): string => withRule(list, `after: { ${keys} }`)

async function ruleOf(text: string): Promise<Rule> {
  const { model, errors } = await checkPolicy('p.yaml', memoryFiles({ 'p.yaml': text }))
  const rule = model?.rules[0]
  if (rule === undefined) throw new Error(errors.map(({ message }) => message).join('\n'))
  return rule
}

/** One mistake: the text, `»` before the place where it is told, and a word of what is said. */
type Mistake = [text: string, says: string]

describe('a limit', () => {
  test.each<Mistake>([
    [limit('»counts: true, max: 5, per: 1h, by: actor'), 'did you mean `count`'],
    [limit(`${COUNT}, »sum: amount`), 'not both'],
    [withRule('allow', '»limit: { max: 5, per: 1h, by: actor }'), '`count: true`, or a `sum`'],
    [limit('count: »false, max: 5, per: 1h, by: actor'), '`true`'],
    [limit('count: »5, max: 5, per: 1h, by: actor'), '`true`'],
    [limit('sum: »7, max: 5, per: 1h, by: actor'), 'text'],
    [limit('sum: »"a b", max: 5, per: 1h, by: actor'), 'not a path'],
    [limit('sum: »"[*].x", max: 5, per: 1h, by: actor'), 'not a path'],
    [withRule('allow', 'limit: »{ count: true, per: 1h, by: actor }'), '`max` is missing'],
    [limit('count: true, max: »-1, per: 1h, by: actor'), 'never negative'],
    [limit('count: true, max: »"-1", per: 1h, by: actor'), 'never negative'],
    [limit('count: true, max: »"1,000", per: 1h, by: actor'), 'plain decimal'],
    [limit('count: true, max: »true, per: 1h, by: actor'), 'a number or a text'],
    [limit('count: true, max: »1.5, per: 1h, by: actor'), 'whole number'],
    [limit('count: true, max: »"2.01", per: 1h, by: actor'), 'whole number'],
    [withRule('allow', 'limit: »{ count: true, max: 5, by: actor }'), '`per` is missing'],
    [limit('count: true, max: 5, per: »0s, by: actor'), 'duration'],
    [limit('count: true, max: 5, per: »31d, by: actor'), 'duration'],
    [limit('count: true, max: 5, per: »1w, by: actor'), 'duration'],
    [limit('count: true, max: 5, per: »3600, by: actor'), 'text'],
    [withRule('allow', 'limit: »{ count: true, max: 5, per: 1h }'), '`by` is missing'],
    [limit('count: true, max: 5, per: 1h, by: »actors'), 'did you mean `actor`'],
    [limit('count: true, max: 5, per: 1h, by: »[]'), 'empty list'],
    [limit('count: true, max: 5, per: 1h, by: [actor, »role]'), 'one of'],
    [limit('count: true, max: 5, per: 1h, by: »{ a: b }'), 'a list or a text'],
    [limit('count: true, max: 5, per: 1h, by: »[actor, all]'), '`all` stands alone'],
    [limit('count: true, max: 5, per: 1h, by: »[all]'), '`all` stands alone'],
    [limit('count: true, max: 5, per: 1h, by: »[actor, tool, actor]'), '`actor` stands twice'],
    [withRule('allow', 'limit: »5'), 'a mapping'],
    [withRule('allow', 'limit: »[{}]'), 'a mapping'],
    [`version: 1\nallow: [{ capability: a.b.c, »limit: { ${COUNT} } }]`, 'needs an `id`'],
    [withRule('deny', `unless: { »limit: { ${COUNT} } }`), 'cannot stand in `unless`'],
    [withRule('allow', `unless: { »limit: { ${COUNT} } }`), 'cannot stand in `unless`'],
    [withRule('deny', `unless: { actor: x, unless: { »limit: { ${COUNT} } } }`), 'cannot stand in `unless`'],
  ])('refuses-with-its-place: %#', isTold)

  test.each(LISTS)('may-stand-in-each-list: %s', async (list) => {
    expect(
      (
        await ruleOf(
          withRule(list, 'limit: { sum: amount, max: 0010, per: 90m, by: [tool, actor] }').replace('0010', '10.50'),
        )
      ).limit,
    ).toEqual({
      sum: 'amount',
      max: '10.50',
      perMs: 5_400_000,
      by: ['actor', 'tool'],
    })
  })

  test('keeps-its-max-digit-by-digit', async () => {
    const max = '0.10000000000000000000000000000000000001'
    expect((await ruleOf(limit(`sum: a.b, max: ${max}, per: 1s, by: all`))).limit).toMatchObject({ max, by: [] })
    expect((await ruleOf(limit('count: true, max: 5.00, per: 30d, by: all'))).limit).toMatchObject({ sum: null })
  })

  test('tells-every-mistake-of-one-at-once', async () => {
    const text =
      'version: 1\nallow:\n  - { capability: a.b.c, limit: { count: true, sum: x, max: 5, per: 1h, by: [all, tool] } }'
    expect(await errorsOf(text)).toEqual([
      expect.stringMatching(/^3:26 .*needs an `id`/),
      expect.stringMatching(/^3:48 .*not both/),
      expect.stringMatching(/^3:77 .*stands alone/),
    ])
  })
})

describe('after', () => {
  test.each<Mistake>([
    [after(`${AFTER}, »withn: 1h`), 'did you mean `within`'],
    [withRule('deny', 'after: »{ within: 1h, by: session }'), '`capability` is missing'],
    [withRule('deny', 'after: »{ capability: mail.read, by: session }'), '`within` is missing'],
    [withRule('deny', 'after: »{ capability: mail.read, within: 1h }'), '`by` is missing'],
    [after('capability: »[], within: 1h, by: session'), 'empty list'],
    [after('capability: [mail, »"b!"], within: 1h, by: session'), 'not a capability pattern'],
    [after('capability: mail, within: »31d, by: session'), 'duration'],
    [after('capability: mail, within: 1h, by: »capability'), 'one of'],
    [after('capability: mail, within: 1h, by: »[session]'), 'one of'],
    [after('capability: mail, within: 1h, by: »sesion'), 'did you mean `session`'],
    [withRule('deny', 'after: »mail.read'), 'a mapping'],
    [after('capability: »mail.read, within: 1h, by: all', 'allow'), 'resource, action and scope'],
    [
      withRule('deny', 'unless: { after: { capability: »mail.read, within: 1h, by: all } }'),
      'resource, action and scope',
    ],
    [
      withRule('allow', 'unless: { unless: { after: { capability: »mail.read, within: 1h, by: all } } }'),
      'resource, action and scope',
    ],
  ])('refuses-with-its-place: %#', isTold)

  test.each([
    ['deny', '', 'mail.read', 'mail.read.*'],
    ['require_approval', '', 'mail', 'mail.*.*'],
    ['allow', '', 'mail.read.inbox', 'mail.read.inbox'],
    ['allow', 'unless', 'mail', 'mail.*.*'],
    ['deny', 'unless', 'mail.read.inbox', 'mail.read.inbox'],
  ] as const)(
    'is-wide-where-it-stops-and-narrow-where-it-lets-through: %s %s',
    async (...[list, unless, pattern, whole]) => {
      const block = `after: { capability: ${pattern}, within: 2d, by: all }`
      const { conditions } = await ruleOf(withRule(list, unless === '' ? block : `unless: { ${block} }`))
      const condition = { kind: 'after', patterns: [whole], withinMs: 172_800_000, by: 'all' }
      expect(conditions).toEqual([unless === '' ? condition : { kind: 'unless', conditions: [condition] }])
    },
  )

  test('takes-one-pattern-once', async () => {
    const { conditions } = await ruleOf(after('capability: [mail, "mail.*", Mail.read], within: 1h, by: all'))
    expect(conditions).toMatchObject([{ patterns: ['mail.*.*', 'mail.read.*'] }])
  })
})

describe('examples of rules with state', () => {
  test('are-tried-as-the-first-event-ever', async () => {
    const examples = (list: string, keys: string, match: string): string =>
      withRule(list, `${keys}, examples: { ${match}: [{ args: { amount: 5 }, session: s }] }`)
    const sum = (max: number): string => `limit: { sum: amount, max: ${String(max)}, per: 1h, by: actor }`
    expect(await errorsOf(examples('allow', sum(5), 'match'))).toEqual([])
    expect(await errorsOf(examples('allow', sum(4), 'not_match'))).toEqual([])
    expect(await errorsOf(examples('deny', sum(4), 'match'))).toEqual([])
    expect(await errorsOf(examples('deny', sum(5), 'not_match'))).toEqual([])
    expect(await errorsOf(examples('deny', `after: { ${AFTER} }`, 'not_match'))).toEqual([])
    expect(await errorsOf(examples('deny', sum(5), 'match'))).toEqual([expect.stringContaining('is not used up')])
    expect(await errorsOf(examples('allow', `after: { ${AFTER} }`, 'match'))).toEqual([
      expect.stringContaining('no action of'),
    ])
  })
})

describe('max_grant', () => {
  const grant = (bound: string): string => `version: 1\napprovals: { max_grant: ${bound} }\nallow: [a.b.c]`

  test('is-a-day-where-a-policy-does-not-say', async () => {
    expect((await loaded('version: 1\nallow: [a.b.c]')).maxGrantMs).toBe(86_400_000)
    expect((await loaded('version: 1\napprovals: { max_pending: 5 }\nallow: [a.b.c]')).maxGrantMs).toBe(86_400_000)
    expect((await loaded(grant('30d'))).maxGrantMs).toBe(2_592_000_000)
    expect((await loaded(grant('1s'))).maxPendingPerActor).toBe(100)
  })

  test('of-several-files-the-tightest-counts', async () => {
    const above = (bound: string): string => `version: 1\nextends: [base.yaml]\napprovals: { max_grant: ${bound} }`
    const base = { 'base.yaml': grant('2h') }
    expect((await loaded(above('3h'), base)).maxGrantMs).toBe(7_200_000)
    expect((await loaded(above('1h'), base)).maxGrantMs).toBe(3_600_000)
    expect((await loaded(above('2d'), { 'base.yaml': 'version: 1\nallow: [a.b.c]' })).maxGrantMs).toBe(172_800_000)
  })
})

describe('warnings of state', () => {
  test.each([
    ['sum: cmd', 'shell.exec.x', 1],
    ['sum: "cmd.total"', 'shell.exec.x', 1],
    ['sum: file', 'shell.exec.x', 1],
    ['sum: other', 'shell.exec.x', 0],
    ['sum: cmd', 'shell.exec.y', 0],
    ['count: true', 'shell.exec.x', 0],
  ])('of-a-sum-that-is-a-command-or-the-like: %s %s', async (sum, capability, count) => {
    const tools = 'tools: { run: { capability: shell.exec.x, command: cmd, path: file } }'
    const text = `version: 1\n${tools}\nallow: [{ id: r, capability: ${capability}, limit: { ${sum}, max: 5, per: 1h, by: all } }]`
    expect(await warningsOf(text)).toEqual(
      Array.from({ length: count }, () => expect.stringContaining('`run`') as string),
    )
  })

  test('of-an-amount-that-a-tool-does-not-bind', async () => {
    const tools = 'tools: { pay: { capability: pay.run.x } }'
    const text = `version: 1\n${tools}\nallow: [{ id: r, capability: pay.run.x, limit: { sum: amount, max: 5, per: 1h, by: all } }]`
    expect(await warningsOf(text)).toEqual([expect.stringContaining('binds no amount for `pay`')])
  })

  test('of-a-limit-that-is-none', async () => {
    const of = async (max: string, list = 'allow'): Promise<readonly string[]> =>
      warningsOf(withRule(list, `limit: { count: true, max: ${max}, per: 1h, by: all }`))
    expect(await of('0')).toEqual([expect.stringContaining('never allows')])
    expect(await of('1')).toEqual([])
    expect(await of('0', 'deny')).toEqual([])
  })

  test.each([
    ['[x.y.z]', 'mail.read', 1],
    ['[mail.read.inbox]', 'mail.read', 0],
    ['[mail.send.inbox]', 'mail.read', 1],
    ['["mail.*.inbox"]', 'mail.read', 0],
    ['["*.*.*"]', 'mail.read', 0],
    ['[mail.read.inbox]', 'mail.read.inbox.deeper', 1],
    ['["mail.read.*"]', 'mail.read.inbox.deeper', 0],
    ['[mail.read.inbox.deeper]', 'mail.read.inbox', 0],
    ['[{ capability: mail.read.inbox, mode: observe }]', 'mail.read', 1],
  ])('of-an-after-that-never-sees-anything: allow %s, after %s', async (allow, pattern, count) => {
    const text = `version: 1\nallow: ${allow}\ndeny: [{ capability: a, after: { capability: ${pattern}, within: 1h, by: all } }]`
    expect(await warningsOf(text)).toEqual(
      Array.from({ length: count }, () => expect.stringContaining('never sees') as string),
    )
  })

  test('not-of-an-after-that-sees-what-is-approved', async () => {
    const text = (list: string): string =>
      `version: 1\n${list}\nallow: [{ capability: a.b.c, after: { capability: mail.read.inbox, within: 1h, by: all } }]`
    expect(await warningsOf(text('require_approval: [mail]'))).toEqual([])
    expect(await warningsOf(text('deny: [{ capability: mail, unknown: ask, actor: x }]'))).toEqual([])
    expect(await warningsOf(text('deny: [{ capability: mail, actor: x }]'))).toHaveLength(1)
  })

  test('not-of-an-allow-that-a-limited-deny-stops-at-times', async () => {
    const text = `version: 1\nallow: [a.b.c]\ndeny: [{ id: r, capability: a, limit: { ${COUNT} } }]`
    expect(await warningsOf(text)).toEqual([])
  })
})

describe('tools that would get round state of another file', () => {
  const toolErrors = async (base: string, tools: string): Promise<readonly string[]> =>
    errorsOf(`version: 1\nextends: [base.yaml]\ntools: { ${tools} }`, { 'base.yaml': `version: 1\n${base}` })
  const after = (pattern: string): string => `after: { capability: ${pattern}, within: 1h, by: session }`

  test.each([
    [`deny: [{ capability: send, ${after('tool.call.read_mail')} }]`, 'safe.x.y', 1],
    [`require_approval: [{ capability: send, ${after('[web, tool]')} }]`, 'safe.x.y', 1],
    [`allow: [{ capability: send.x.y, unless: { ${after('tool.call.read_mail')} } }]`, 'safe.x.y', 1],
    [`deny: [{ capability: send, ${after('[tool.call.read_mail, safe]')} }]`, 'safe.x.y', 0],
    [`deny: [{ capability: send, ${after('tool.call.other')} }]`, 'safe.x.y', 0],
    [`allow: [{ capability: send.x.y, ${after('tool.call.read_mail')} }]`, 'safe.x.y', 0],
    [`deny: [{ capability: send, unless: { ${after('tool.call.read_mail')} } }]`, 'safe.x.y', 0],
    ['deny: [{ id: r, capability: pay, limit: { sum: amount, max: 5, per: 1h, by: all } }]', 'pay.x.y, amount: fee', 1],
    ['deny: [{ id: r, capability: pay, limit: { sum: total, max: 5, per: 1h, by: all } }]', 'pay.x.y, amount: fee', 0],
  ])('are-an-error-at-their-place: %s %s', async (base, capability, count) => {
    expect(await toolErrors(base, `read_mail: { capability: ${capability} }`)).toEqual(
      Array.from({ length: count }, () => expect.stringMatching(/^3:10 /) as string),
    )
  })
})
