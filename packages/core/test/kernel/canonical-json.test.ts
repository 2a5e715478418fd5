import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/kernel/canonical-json.ts'

// RFC 8785 appendix B: IEEE 754 bits and their form.
const NUMBERS: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
]

function ofBits(bits: string): number {
  return new DataView(Uint8Array.from(Buffer.from(bits, 'hex')).buffer).getFloat64(0)
}

describe('canonical JSON', () => {
  test.each(NUMBERS)('writes-the-number-%s-as-the-RFC-does', (bits, text) => {
    expect(canonicalJson(ofBits(bits))).toBe(text)
  })

  test.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('refuses-the-number-%s', (bits) => {
    expect(() => canonicalJson(ofBits(bits))).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }) as Error)
  })

  test('writes-the-example-of-RFC-8785-section-3.2.2', () => {
    const source = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    expect(canonicalJson(JSON.parse(source))).toBe(expected)
    // RFC 8785 §3.2.4: the same, as UTF-8.
    expect(Buffer.from(canonicalJson(JSON.parse(source))).toString('hex')).toBe(
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d',
    )
  })

  test('sorts-as-the-example-of-RFC-8785-section-3.2.3', () => {
    const source = String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }`
    const order = Object.values(JSON.parse(canonicalJson(JSON.parse(source))) as Record<string, string>)
    expect(canonicalJson(JSON.parse(source))).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
    expect(order).toHaveLength(7)
  })

  test('escapes-what-the-RFC-escapes-and-nothing-else', () => {
    const all = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code)).join('')
    const escapes = ['\\b', '\\t', '\\n', '\\u000b', '\\f', '\\r']
    const controls = Array.from({ length: 32 }, (_, code) =>
      code >= 8 && code <= 13 ? escapes[code - 8] : `\\u${code.toString(16).padStart(4, '0')}`,
    ).join('')
    const rest = all
      .slice(32)
      .replace('"', '\\"')
      .replace(/\\(?!")/, '\\\\')
    expect(canonicalJson(all)).toBe(`"${controls}${rest}"`)
    expect(canonicalJson('\u2028\u2029\ufeff\uffff\u007f')).toBe('"\u2028\u2029\ufeff\uffff\u007f"')
  })

  test('says-what-JSON-says-for-any-JSON-but-for-the-order', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  test('sorts-any-keys-by-code-unit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 4 })), (keys) => {
        const entries = keys.map((key) => [key, 1] as const)
        const sorted = `{${keys
          .toSorted()
          .map((key) => `${JSON.stringify(key)}:1`)
          .join(',')}}`
        expect(canonicalJson(Object.fromEntries(entries))).toBe(sorted)
        expect(canonicalJson(Object.fromEntries(entries.toReversed()))).toBe(sorted)
      }),
    )
  })

  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  const refused: readonly (readonly [string, unknown])[] = [
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a key', { 'a\udc00': 1 }],
    ['an undefined member', { a: undefined }],
    ['a sparse array', [1, , 2]], // oxlint-disable-line no-sparse-arrays -- what is refused
    ['a Map', new Map([['a', 1]])],
    ['a Date', new Date(0)],
    [
      'an instance',
      new (class Account {
        balance = 1
      })(),
    ],
    ['a cycle', cyclic],
    ['nesting over 64', JSON.parse(`${'['.repeat(65)}${']'.repeat(65)}`)],
  ]
  test.each(refused)('refuses %s', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }) as Error)
  })

  test('takes-what-looks-odd-but-is-plain', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1},"constructor":2}'))).toBe(
      '{"__proto__":{"a":1},"constructor":2}',
    )
    expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: -0 }))).toBe('{"a":0,"b":1}')
    expect(canonicalJson(JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`))).toHaveLength(128)
    expect(canonicalJson({ 10: 'a', 9: 'b', '': 'c' })).toBe('{"":"c","10":"a","9":"b"}')
  })
})
