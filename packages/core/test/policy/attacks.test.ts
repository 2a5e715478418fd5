// What a hostile agent sends, and what a hostile or careless file says. Each name is a promise.
import { describe, expect, test } from 'vitest'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import { parsePolicyText } from '../../src/policy/load/load-policy.ts'
import { errorsOf, loaded } from '../support/policy-findings.ts'

function event(args: unknown, more: Partial<ActionEventInit> = {}): ActionEvent {
  const base = { id: 'event', at: 0, actor: 'agent', environment: 'production', risk: 'high' } as const
  return ActionEvent.create({ ...base, action: 'b', resource: 'a.c', args, ...more })
}

async function codeOf(rules: string, args: unknown, more: Partial<ActionEventInit> = {}): Promise<string> {
  const policy = await parsePolicyText(`version: 1\n${rules}\n`)
  return policy.evaluate(event(args, more)).code
}

const DENY_BIG = 'deny: [{ capability: a, amount_gt: 1000 }]\nallow: [a.b.c]'
const ALLOW_SMALL = 'allow: [{ capability: a.b.c, amount_lte: 1000 }]'

describe('an amount in disguise', () => {
  const DISGUISES: readonly (readonly [string, unknown])[] = [
    ['full-width', '５'],
    ['arabic-indic', '٥'],
    ['grouped-by-underscore', '5_0'],
    ['bare-fraction', '.5'],
    ['open-ended', '5.'],
    ['hexadecimal', '0x5'],
    ['exponent', '5e0'],
    ['signed', '+5'],
    ['minus-zero-text', '-0'],
    ['blank-ended', '5 '],
    ['newline-ended', '5\n'],
    ['empty', ''],
    ['infinite', 'Infinity'],
    ['null', null],
    ['boxed-in-a-list', [5]],
    ['date', new Date(5)],
    ['bytes', new Uint8Array([53])],
    ['longer-than-256-digits', '5'.repeat(257)],
    ['negative-and-long', `-${'5'.repeat(20)}`],
  ]

  test.each(DISGUISES)('a-%s-amount-does-not-slip-past-amount_gt', async (_name, amount) => {
    expect(await codeOf(DENY_BIG, { amount })).toBe('policy_deny_unknown')
  })

  test.each(DISGUISES)('a-%s-amount-is-not-allowed-by-amount_lte', async (_name, amount) => {
    expect(await codeOf(ALLOW_SMALL, { amount })).toBe('policy_default')
  })

  test.each([
    ['1000', '1000.0000000000000000000001'],
    ['1000', 1000.0000000000001],
    ['0.3', 0.1 + 0.2],
    ['"9007199254740993"', 9_007_199_254_740_994],
    ['9007199254740991', 9_007_199_254_740_992],
    ['0', 5e-324],
    ['1000', 1e308],
    ['1000', '9'.repeat(256)],
  ])('an-amount-a-hair-above-%s-is-above-it', async (bound, amount) => {
    expect(await codeOf(`deny: [{ capability: a, amount_gt: ${bound} }]\nallow: [a.b.c]`, { amount })).toBe(
      'policy_deny',
    )
  })

  test('a-bound-between-two-doubles-is-not-rounded-to-one', async () => {
    const rules = 'deny: [{ capability: a, amount_gt: "9007199254740993" }]\nallow: [a.b.c]'
    expect(await codeOf(rules, { amount: 9_007_199_254_740_992 })).toBe('policy_allow')
    expect(await codeOf(rules, { amount: '9007199254740992.99999' })).toBe('policy_allow')
    expect(await codeOf(rules, { amount: '9007199254740993.00001' })).toBe('policy_deny')
  })
})

describe('a text in disguise', () => {
  test.each([
    ['full-width letters and an ideographic blank', 'rm -rf', 'ｒｍ\u3000-ｒｆ'],
    ['a zero-width blank and two no-break ones', 'rm -rf', 'r\u200bm\u00a0\u00a0-rf'],
    ['a line separator', 'rm -rf', 'rm\u2028-rf'],
    ['a tab, a new line and capitals', 'rm -rf', 'RM\t\n-RF'],
    ['a grapheme joiner', 'rm', 'r\u034fm'],
    ['a variation selector beyond the BMP', 'rm', 'r\u{e0100}m'],
    ['a soft hyphen', 'rm -rf', 'r\u00adm -rf'],
    ['an ignorable between two blanks', 'rm -rf', 'rm \u2060 -rf'],
    ['the Kelvin sign', 'kill', '\u212aill'],
    ['ß for SS', 'PASSWD', 'paßwd'],
    ['SS for ß', 'straße', 'STRASSE'],
    ['a capital ẞ', 'ss', 'ẞ'],
    ['a dotted capital İ', 'İ', 'i\u0307'],
    ['a dotless ı', 'kill', 'kıll'],
    ['a final sigma', 'ΟΔΟΣ', 'οδος'],
    ['a ligature', 'file', 'ﬁle'],
    ['an iota below', 'ᾳ', 'ΑΙ'],
    ['a composed letter', 'A\u030a', '\u212b'],
  ])('contains-is-not-fooled-by %s', async (_name, wanted, text) => {
    const rules = `deny: [{ capability: a, contains: ${JSON.stringify(wanted)} }]\nallow: [a.b.c]`
    expect(await codeOf(rules, { deep: [{ x: text }] })).toBe('policy_deny')
  })

  test('folding-gives-one-form-for-every-case-of-every-character', async () => {
    const { foldText } = await import('../../src/facts/text-fold.ts')
    const odd: string[] = []
    for (let code = 0; code < 0x2_0000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const text = String.fromCodePoint(code)
      const folded = foldText(text)
      const others = [folded ?? '', text.toUpperCase(), text.toLowerCase(), text.normalize('NFD')].map(foldText)
      if (folded === undefined || others.some((other) => other !== folded)) odd.push(code.toString(16))
    }
    expect(odd).toEqual([])
  })

  test('bytes-cannot-hide-a-text-from-a-deny-or-earn-an-allow', async () => {
    const bytes = { payload: new TextEncoder().encode('rm -rf') }
    expect(await codeOf('deny: [{ capability: a, contains: rm }]\nallow: [a.b.c]', bytes)).toBe('policy_deny_unknown')
    expect(await codeOf('allow: [{ capability: a.b.c, unless: { contains: rm } }]', bytes)).toBe('policy_default')
  })
})

describe('matches in an allow', () => {
  test.each([
    ['a|b', 'ax'],
    ['a|b', 'xb'],
    ['a|', 'b'],
    ['()|x', 'y'],
    ['x*', 'y'],
    ['^a', 'ab'],
    ['a\\b', 'a b'],
    ['[a-z]+', 'abc\n'],
    ['[a-z]+$', 'abc\n'],
    ['a\\z', 'a\n'],
    ['(?m)^a$', 'a\nrm'],
    ['(?m)a$', 'a\nrm'],
    ['.*', 'a\nrm'],
    ['\\Qa|b\\E', 'a'],
  ])('%s-does-not-allow %j', async (pattern, text) => {
    const rules = `allow: [{ capability: a.b.c, args: { q: { matches: ${JSON.stringify(pattern)} } } }]`
    expect(await codeOf(rules, { q: text })).toBe('policy_default')
  })

  test.each([
    ['a|ab', 'ab'],
    ['ab|a', 'ab'],
    ['a*?', 'aaa'],
    ['(?U)a+', 'aaa'],
    ['(?s).*', 'a\nb'],
  ])('%s-is-the-whole-of %j', async (pattern, text) => {
    const rules = `allow: [{ capability: a.b.c, args: { q: { matches: ${JSON.stringify(pattern)} } } }]`
    expect(await codeOf(rules, { q: text })).toBe('policy_allow')
  })

  test.each(['command', '["command"]', 'command[0]', 'command[*]', 'cmd', 'args[*]', 'file_path', 'uri'])(
    'a-text-operator-on %s is-refused-however-the-path-is-written',
    async (path) => {
      const matcher = (op: string): string => `args: { ${JSON.stringify(path)}: { ${op}: "x" } }`
      expect(await errorsOf(`version: 1\nallow: [{ capability: a.b.c, ${matcher('matches')} }]\n`)).toHaveLength(1)
      expect(await errorsOf(`version: 1\ndeny: [{ capability: a, unless: { ${matcher('glob')} } }]\n`)).toHaveLength(1)
    },
  )
})

describe('hidden, missing and nested arguments', () => {
  test.each([
    ['__proto__', JSON.parse('{ "x": 1, "__proto__": { "y": 1 } }') as unknown],
    ['constructor', { x: 1, constructor: 1 }],
    ['an-invisible-property', Object.defineProperty({ x: 1 }, 'hidden', { value: 1 })],
    ['an-empty-name', { x: 1, '': 1 }],
  ])('args_only-sees %s', async (_name, args) => {
    expect(await codeOf('allow: [{ capability: a.b.c, args_only: [x] }]', args)).toBe('policy_default')
  })

  test('a-path-through-__proto__-reads-the-data-and-no-prototype', async () => {
    const rules = 'deny: [{ capability: a, args: { "__proto__.x": { present: true } } }]\nallow: [a.b.c]'
    expect(await codeOf(rules, JSON.parse('{ "__proto__": { "x": 1 } }'))).toBe('policy_deny')
    expect(await codeOf(rules, {})).toBe('policy_allow')
    const inherited = 'allow: [{ capability: a.b.c, args: { toString: { present: true } } }]'
    expect(await codeOf(inherited, {})).toBe('policy_default')
  })

  test('an-object-with-numbered-keys-is-no-list-to-a-deny', async () => {
    const rules = 'deny: [{ capability: a, args: { "items[*].price": { gt: 5 } } }]\nallow: [a.b.c]'
    expect(await codeOf(rules, { items: { 0: { price: 9 } } })).toBe('policy_deny_unknown')
    expect(await codeOf(rules, { items: 'none' })).toBe('policy_deny_unknown')
    expect(await codeOf(rules, { items: [{ price: 1 }, { cost: 9 }] })).toBe('policy_deny_unknown')
    expect(await codeOf(rules, { items: [{ cost: 1 }, { price: 9 }] })).toBe('policy_deny')
  })

  test('one-element-that-does-not-fit-spoils-an-allow', async () => {
    const rules = 'allow: [{ capability: a.b.c, args: { "items[*].price": { lte: 5 } } }]'
    expect(await codeOf(rules, { items: [{ price: 1 }, { price: 2 }] })).toBe('policy_allow')
    expect(await codeOf(rules, { items: [{ price: 1 }, { price: 9 }] })).toBe('policy_default')
    expect(await codeOf(rules, { items: [{ price: 1 }, {}] })).toBe('policy_default')
    expect(await codeOf(rules, { items: [] })).toBe('policy_default')
  })

  test('an-unless-that-clears-must-hold-for-every-element', async () => {
    const rules = 'deny: [{ capability: a, unless: { args: { "items[*].ok": true } } }]\nallow: [a.b.c]'
    expect(await codeOf(rules, { items: [{ ok: true }, { ok: false }] })).toBe('policy_deny')
    expect(await codeOf(rules, { items: [{ ok: true }, {}] })).toBe('policy_deny_unknown')
    expect(await codeOf(rules, { items: [] })).toBe('policy_deny_unknown')
    const twice = 'allow: [{ capability: a.b.c, unless: { unless: { args: { "items[*].ok": true } } } }]'
    expect(await codeOf(twice, { items: [{ ok: true }, { ok: false }] })).toBe('policy_default')
  })

  test.each([
    ['a text', '"1"'],
    ['null', 'null'],
    ['a boolean', 'true'],
    ['a list', '[1]'],
  ])('%s-is-not-shown-to-be-no-number-by-not_in', async (_name, json) => {
    const args = { n: JSON.parse(json) as unknown }
    expect(await codeOf('allow: [{ capability: a.b.c, args: { n: { not_in: [1, 2] } } }]', args)).toBe('policy_default')
    expect(await codeOf('deny: [{ capability: a, args: { n: 1 } }]\nallow: [a.b.c]', args)).toBe('policy_deny_unknown')
  })

  test('a-date-is-neither-a-text-nor-an-object-to-look-into', async () => {
    const args = { when: new Date(0), nested: { at: new Date(0) } }
    const denies = async (matcher: string): Promise<string> =>
      codeOf(`deny: [{ capability: a, args: { ${matcher} } }]\nallow: [a.b.c]`, args)
    expect(await denies('when: "1970-01-01T00:00:00.000Z"')).toBe('policy_deny_unknown')
    expect(await denies('"when.value": { contains: "1970" }')).toBe('policy_deny_unknown')
    expect(await denies('when: { ne: x }')).toBe('policy_deny_unknown')
    expect(await codeOf('allow: [{ capability: a.b.c, args: { nested: { eq: { at: {} } } } }]', args)).toBe(
      'policy_default',
    )
    expect(await codeOf('deny: [{ capability: a, contains: "1970" }]\nallow: [a.b.c]', args)).toBe('policy_deny')
  })

  test('an-argument-called-environment-changes-nothing', async () => {
    const rules = 'deny: [{ capability: a, environment: production }]\nallow: [a.b.c]'
    expect(await codeOf(rules, { environment: 'staging' })).toBe('policy_deny')
    expect(await codeOf(rules, {}, { environment: 'PRODuction' })).toBe('policy_deny')
  })
})

describe('a capability in disguise', () => {
  test.each(['a.C', 'A.c', 'a.c.tmp', 'a.c.tmp.deep'])('%s-is-under-a-deny-on-a.b.c', async (resource) => {
    expect(await codeOf('deny: [a.b.c]\nallow: ["*.*.*"]', {}, { resource })).toBe('policy_deny')
  })

  test.each(['a.c ', 'a.*', 'a.\u0441', 'a.\u212a', 'a.c.', 'a..c', 'a.c\n', 'a.c\u200b'])(
    '%j-is-no-event-at-all',
    (resource) => {
      expect(() => event({}, { resource })).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }))
    },
  )

  test.each(['*', 'a', '*.b', 'a.*.c', 'a.b.*', 'a.b.c.*', 'a.b.**', 'a.b.*c', 'a*.b*.c*'])(
    'the-deny %s reaches-a-deeper-scope',
    async (pattern) => {
      const rules = `deny: ["${pattern}"]\nallow: ["*.*.*"]`
      expect(await codeOf(rules, {}, { resource: 'a.c.deep' })).toBe('policy_deny')
    },
  )

  test.each(['a.b.c', 'a.b.c*', 'a.b.c.*', 'a.b.*.*', 'a.b.**'])(
    'the-allow %s does-not-reach-a-deeper-scope-than-it-says',
    async (pattern) => {
      expect(await codeOf(`allow: ["${pattern}"]`, {}, { resource: 'a.c.d.e' })).toBe('policy_default')
    },
  )
})

describe('ignorance', () => {
  test('unknown-ask-never-softens-a-strict-deny-that-is-unknown-too', async () => {
    const lenient = '{ capability: a, amount_gt: 5, unknown: ask }'
    expect(await codeOf(`deny: [${lenient}]\nallow: [a.b.c]`, {})).toBe('policy_ask_unknown')
    expect(await codeOf(`deny: [${lenient}, { capability: a, amount_gt: 6 }]\nallow: [a.b.c]`, {})).toBe(
      'policy_deny_unknown',
    )
    expect(await codeOf(`deny: [${lenient}]\nallow: [a.b.c]`, { amount: 6 })).toBe('policy_deny')
  })

  test('what-asks-in-doubt-is-marked-so-beside-what-asks-for-certain', async () => {
    const policy = await loaded(
      'version: 1\ndeny: [{ capability: a, amount_gt: 5, unknown: ask }]\nrequire_approval: [a]\nallow: [a.b.c]\n',
    )
    expect(policy.evaluate(event({}))).toMatchObject({
      code: 'policy_ask',
      asking: [
        { rule: 'require_approval[0]', unknown: false },
        { rule: 'deny[0]', unknown: true },
      ],
    })
  })
})

describe('a policy file that means something else than it seems to', () => {
  const rule = (condition: string): string => `version: 1\ndeny:\n  - capability: a\n    ${condition}\n`

  test.each([
    ['a-key-written-as-escapes', 'version: 1\ndeny: [a]\n"\\x64eny": [b]\n', '3:1'],
    ['a-key-after-a-question-mark', 'version: 1\n? deny\n: [a]\ndeny: [b]\n', '4:1'],
    ['a-key-once-in-quotes', 'version: 1\ndeny: [a]\n"deny": [b]\n', '3:1'],
  ])('%s-is-still-the-same-key-twice', async (_name, text, place) => {
    expect(await errorsOf(text)).toEqual([`${place} the key \`deny\` stands twice (first in line 2)`])
  })

  test.each(['1_000', '.5', '5.', '0x10', '0o10', '010', '+5', '1e3', '.inf', '.NaN', '9007199254740993', '-5'])(
    'amount_gt: %s is-refused-at-its-place',
    async (number) => {
      const errors = await errorsOf(rule(`amount_gt: ${number}`))
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatch(/^4:16 /)
    },
  )

  test.each([
    ['an empty deny', 'version: 1\ndeny:\nallow: [a.b.c]\n'],
    ['a deny of no rules', 'version: 1\ndeny: []\n'],
    ['a flow key without a value', '{ version: 1, deny }'],
    ['a pair in place of a rule', 'version: 1\ndeny: [a.b.c: d]\n'],
    ['a list as a key', 'version: 1\n? [deny]\n: [a]\n'],
    ['a mapping as a key', 'version: 1\n{ deny: 1 }: [a]\n'],
    ['rules after the end of the document', 'version: 1\n...\ndeny: [a]\n'],
    ['an empty second document', 'version: 1\n---\n'],
    ['a directive after the document', 'version: 1\n...\n%YAML 1.1\n---\n'],
    ['a tab as indentation', 'version: 1\ndeny:\n\t- a\n'],
    ['a bare tag', 'version: 1\ndeny: [! a]\n'],
    ['a verbatim tag', 'version: !<tag:yaml.org,2002:int> 1\n'],
    ['a new line that only some editors show', 'version: 1 # a\u0085deny: [x]\n'],
    ['a second byte order mark', '\ufeff\ufeffversion: 1\n'],
    ['lines that end in CR alone', 'version: 1\rdeny: [a]\r'],
    ['a pattern with a new line in it', 'version: 1\ndeny:\n  - capability: |\n      a.b.c\n'],
  ])('%s-is-an-error-with-a-place', async (_name, text) => {
    const errors = await errorsOf(text)
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect(error).toMatch(/^[1-9]\d*:[1-9]\d* ./)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'the-key %s is-unknown-wherever-keys-are-known',
    async (key) => {
      const texts = [
        `version: 1\n${key}: {}\n`,
        rule(`${key}: x`),
        rule(`unless: { actor: a, ${key}: x }`),
        rule(`args: { x: { ${key}: 1 } }`),
        rule(`examples: { match: [{ ${key}: 1 }] }`),
        `version: 1\ntools: { t: { capability: a.b.c, ${key}: 1 } }\n`,
        `version: 1\nrequire_approval: [{ capability: a, approval: { quorum: 1, ${key}: 1 } }]\n`,
      ]
      for (const text of texts) {
        expect(await errorsOf(text)).toEqual([expect.stringContaining(`unknown key \`${key}\``)])
      }
      expect(await errorsOf(rule(`args: { ${key}: 1 }`))).toEqual([])
    },
  )

  test.each([
    ['brackets', '['.repeat(1_000_000)],
    ['dashes', '- '.repeat(500_000)],
    ['question marks', '? '.repeat(500_000)],
    ['colons', ': '.repeat(500_000)],
    ['stairs', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('a-megabyte-of-nested %s is-told-at-once', async (_name, text) => {
    expect(await errorsOf(text)).toEqual([expect.stringMatching(/^\d+:\d+ nested deeper than 40$/)])
  })

  test.each([
    ['((a{1000}){1000})'],
    ['(((((a{0,30}){0,30}){0,30}){0,30}){0,30})'],
    ['('.repeat(50_000) + ')'.repeat(50_000)],
    [`a${'*'.repeat(50_000)}`],
    ['\\p{L}'.repeat(20_000)],
    ['a'.repeat(200_000)],
  ])('a-pattern-of-monstrous-size-is-an-error %#', async (pattern) => {
    const errors = await errorsOf(rule(`args: { q: { matches: ${JSON.stringify(pattern)} } }`))
    expect(errors).toEqual([expect.stringMatching(/^4:\d+ /)])
  })
})

describe('composing around a sealed base', () => {
  const SEALED = 'version: 1\nsealed: true\nallow: [a.b.c]\n'
  const LOOSE = 'version: 1\nallow: [x.y.z]\n'

  test.each([
    ['from a sibling', { 's.yaml': SEALED, 't.yaml': LOOSE }, 'version: 1\nextends: [s.yaml, t.yaml]\n'],
    [
      'from a sibling one level up',
      { 'm.yaml': 'version: 1\nextends: [s.yaml, t.yaml]\n', 's.yaml': SEALED, 't.yaml': LOOSE },
      'version: 1\nextends: [m.yaml]\n',
    ],
    ['from a file that is sealed itself', { 's.yaml': SEALED }, `${LOOSE}sealed: true\nextends: [s.yaml]\n`],
  ])('an-allow %s is-refused', async (_name, others, text) => {
    const errors = await errorsOf(text, others)
    expect(errors).toEqual([expect.stringContaining('`allow` is refused beside the sealed `s.yaml`')])
  })

  test('two-sealed-bases-seal-each-other', async () => {
    const others = { 's.yaml': SEALED, 't.yaml': 'version: 1\nsealed: true\nallow: [x.y.z]\n' }
    expect(await errorsOf('version: 1\nextends: [s.yaml, t.yaml]\n', others)).toHaveLength(2)
  })

  test('a-chain-of-a-thousand-files-ends-early', async () => {
    const others = Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [
        `f${String(at)}.yaml`,
        `version: 1\nextends: [f${String(at + 1)}.yaml]\n`,
      ]),
    )
    const errors = await errorsOf('version: 1\nextends: [f0.yaml]\n', others)
    expect(errors).toEqual([expect.stringMatching(/^f14\.yaml 2:11 more than 16 files/)])
  })
})
