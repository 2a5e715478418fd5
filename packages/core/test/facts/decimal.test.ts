import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { amountOf } from '../../src/facts/amount.ts'
import {
  addDecimals,
  boundTest,
  compareDecimals,
  type Decimal,
  decimal,
  decimalOfNumber,
  decimalText,
  sumDecimals,
} from '../../src/facts/decimal.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const digits = (most: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...'0123456789'.split('')), { minLength: 1, maxLength: most }).map((list) => list.join(''))
const decimals = fc
  .tuple(fc.constantFrom('', '-'), digits(20), fc.option(digits(20)))
  .map(([minus, whole, fraction]) => `${minus}${whole}${fraction === null ? '' : `.${fraction}`}`)
const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value))

// In units of 10^-400.
function units(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole + fraction.padEnd(400, '0'))
  return text.startsWith('-') ? -size : size
}

const textOf = ({ sign, whole, fraction }: Decimal): string =>
  `${sign < 0 ? '-' : ''}${whole || '0'}.${fraction || '0'}`
const read = (text: string): Decimal => decimal(text) ?? expect.unreachable(text)
const sign = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0)
const answers = { less: -1, same: 0, more: 1 }

describe('a decimal', () => {
  test('is-compared-as-exact-arithmetic-would', () => {
    fc.assert(
      fc.property(decimals, decimals, (left, right) => {
        const difference = units(left) - units(right)
        expect(sign(compareDecimals(read(left), read(right)))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0)
        expect(compareDecimals(read(left), read(left))).toBe(0)
      }),
      { numRuns: 3000 },
    )
  })

  test('of-a-number-is-the-one-that-json-writes', () => {
    for (const [value, text] of [
      [0, '0.0'],
      [1e21, `1${'0'.repeat(21)}.0`],
      [1.5e-7, '0.00000015'],
      [-12.5, '-12.5'],
      [Number('9007199254740993'), '9007199254740992.0'],
      [0.1, '0.1'],
      [5e-324, `0.${'0'.repeat(323)}5`],
    ] as const) {
      expect(textOf(decimalOfNumber(value))).toBe(text)
    }
    fc.assert(
      fc.property(doubles, (value) => {
        expect(Number(textOf(decimalOfNumber(value)))).toBe(value)
      }),
    )
  })

  test('tells-doubles-from-a-bound-without-a-shortcut-that-shows', () => {
    const near = doubles
      .map((value) => textOf(decimalOfNumber(value)).slice(0, 200))
      .filter((text) => decimal(text) !== undefined)
    fc.assert(
      fc.property(
        doubles,
        fc.oneof(decimals, near, fc.constant('0.30000000000000004440892098500626')),
        (value, text) => {
          const bound = read(text)
          const slow = sign(compareDecimals(decimalOfNumber(value), bound))
          expect(boundTest(bound, answers)(value)).toBe(slow)
          const nearest = Number(text)
          if (!Number.isFinite(nearest)) return
          expect(boundTest(bound, answers)(nearest)).toBe(sign(compareDecimals(decimalOfNumber(nearest), bound)))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('is-beyond-every-double-where-it-is-that-large', () => {
    const bound = read('9'.repeat(256))
    expect(boundTest(read(`1${'0'.repeat(250)}`), answers)(Number.MAX_VALUE)).toBe(1)
    expect(boundTest(bound, answers)(1e255)).toBe(-1)
  })

  test('is-added-as-exact-arithmetic-would', () => {
    fc.assert(
      fc.property(decimals, decimals, decimals, (first, second, third) => {
        const [one, two, three] = [read(first), read(second), read(third)]
        expect(units(textOf(addDecimals(one, two)))).toBe(units(first) + units(second))
        expect(addDecimals(one, two)).toEqual(addDecimals(two, one))
        expect(addDecimals(addDecimals(one, two), three)).toEqual(addDecimals(one, addDecimals(two, three)))
        expect(sumDecimals([one, two, three])).toEqual(addDecimals(addDecimals(one, two), three))
        expect(addDecimals(one, read('0'))).toEqual(one)
        const opposite = first.startsWith('-') ? first.slice(1) : `-${first}`
        expect(addDecimals(one, read(opposite))).toEqual(read('0'))
      }),
      { numRuns: 3000 },
    )
    expect(sumDecimals([])).toEqual(read('0'))
    expect(decimalText(addDecimals(decimalOfNumber(0.1), decimalOfNumber(0.2)))).toBe('0.3')
    expect(decimalText(addDecimals(decimalOfNumber(1e21), decimalOfNumber(1e-7)))).toBe(`1${'0'.repeat(21)}.0000001`)
  })

  test('is-written-as-the-text-that-it-is-read-from-less-needless-zeros', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const written = decimalText(read(text))
        expect(read(written)).toEqual(read(text))
        expect(written).toMatch(/^(?:0|-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?)$/)
      }),
      { numRuns: 1000 },
    )
  })

  test.each(['', '+1', '1e3', '.5', '5.', ' 1', '1\n', '0x1', '1,000', '１', '--1', '1'.repeat(257)])(
    'is-not: %j',
    (text) => {
      expect(decimal(text)).toBeUndefined()
    },
  )
})

describe('an amount', () => {
  test('of-a-short-text-is-as-exact-as-its-digits', () => {
    const short = decimals.filter((text) => text.length <= 15 && !text.startsWith('-'))
    fc.assert(
      fc.property(short, decimals, (text, bound) => {
        const amount = amountOf(text)
        expect(amount).toBeDefined()
        if (amount === undefined) return
        expect(boundTest(read(bound), answers)(amount)).toBe(sign(compareDecimals(read(text), read(bound))))
        expect(boundTest(read(text), answers)(amount)).toBe(0)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    -1,
    -0.5,
    true,
    null,
    [1],
    {},
    '',
    '-1',
    '-0',
    '1e3',
    '5,000',
    'NaN',
    ' 1',
    `${'1'.repeat(20)} `,
    '9'.repeat(257),
  ])('is-not: %j', (value) => {
    expect(amountOf(value)).toBeUndefined()
  })
})
