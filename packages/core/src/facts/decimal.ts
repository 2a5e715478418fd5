/** The longest text that is read as a decimal. */
const MAX_DECIMAL_LENGTH = 256
/** The longest text that a sum is read from: doubles reach from 309 digits before the point to 324 zeros after it. */
export const MAX_SUM_LENGTH = 4096

/** A decimal number, exactly: no leading zeros in `whole`, no trailing ones in `fraction`, so equal values are alike. */
export interface Decimal {
  readonly sign: -1 | 0 | 1
  readonly whole: string
  readonly fraction: string
}

const PLAIN = /^(?<minus>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?$/
const NUMBER = /^(?<minus>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:e(?<exponent>[+-]\d+))?$/

/** The decimal of a plain text, `-?digits[.digits]`; undefined for anything else. */
export function decimal(text: string, maxLength: number = MAX_DECIMAL_LENGTH): Decimal | undefined {
  if (text.length > maxLength) return undefined
  const { minus = '', whole, fraction = '' } = PLAIN.exec(text)?.groups ?? {}
  return whole === undefined ? undefined : normal(minus, whole, fraction)
}

/** The decimal that a finite number is written as in JSON: 0.1 is one tenth, 1e21 has 22 digits. */
export function decimalOfNumber(value: number): Decimal {
  const { minus = '', whole = '0', fraction = '', exponent = '0' } = NUMBER.exec(String(value))?.groups ?? {}
  const shift = Number(exponent)
  const padded = shift < 0 ? '0'.repeat(-shift) + whole : whole
  const digits = padded + fraction.padEnd(Math.max(shift, 0), '0')
  const point = padded.length + shift
  return normal(minus, digits.slice(0, point), digits.slice(point))
}

/** Negative, zero or positive as `left` is less than, equal to or greater than `right`. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.sign !== right.sign) return left.sign - right.sign
  return left.sign < 0 ? compareMagnitudes(right, left) : compareMagnitudes(left, right)
}

/** The sum of two decimals, exactly. */
export function addDecimals(left: Decimal, right: Decimal): Decimal {
  return sumDecimals([left, right])
}

/** The sum of decimals, exactly; zero for none. */
export function sumDecimals(values: readonly Decimal[]): Decimal {
  const places = values.reduce((most, { fraction }) => Math.max(most, fraction.length), 0)
  const total = values.reduce((sum, value) => sum + inUnits(value, places), 0n)
  const digits = String(total)
    .replace('-', '')
    .padStart(places + 1, '0')
  const point = digits.length - places
  return normal(total < 0n ? '-' : '', digits.slice(0, point), digits.slice(point))
}

/** A decimal as the shortest plain text: `-?digits[.digits]`. */
export function decimalText({ sign, whole, fraction }: Decimal): string {
  return `${sign < 0 ? '-' : ''}${whole || '0'}${fraction && `.${fraction}`}`
}

// In units of 10^-places; a decimal has no more digits behind its point than that.
function inUnits({ sign, whole, fraction }: Decimal, places: number): bigint {
  const size = BigInt(whole + fraction.padEnd(places, '0'))
  return sign < 0 ? -size : size
}

/** What is answered for a value that is less than, equal to or greater than a bound. */
export interface Answers<Answer> {
  readonly less: Answer
  readonly same: Answer
  readonly more: Answer
}

/**
 * Compares values with one bound, exactly. Two doubles stand in the order of the decimals they are written as, so of
 * all JSON numbers only the one that is nearest to the bound needs its digits compared, and only once.
 */
export function boundTest<Answer>(bound: Decimal, answers: Answers<Answer>): (value: number | Decimal) => Answer {
  const { less, same, more } = answers
  const bySign = (sign: number): Answer => (sign < 0 ? less : sign > 0 ? more : same)
  const nearest = Number(`${bound.sign < 0 ? '-' : ''}${bound.whole || '0'}.${bound.fraction || '0'}`)
  const atNearest = bySign(Number.isFinite(nearest) ? compareDecimals(decimalOfNumber(nearest), bound) : 0)
  return (value) => {
    if (typeof value !== 'number') return bySign(compareDecimals(value, bound))
    return value < nearest ? less : value > nearest ? more : atNearest
  }
}

function normal(minus: string, wholeDigits: string, fractionDigits: string): Decimal {
  const whole = wholeDigits.replace(/^0+/, '')
  const fraction = withoutTrailingZeros(fractionDigits)
  const sign = whole === '' && fraction === '' ? 0 : minus === '' ? 1 : -1
  return { sign, whole, fraction }
}

// `/0+$/` is quadratic in V8.
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

function compareMagnitudes(left: Decimal, right: Decimal): number {
  if (left.whole.length !== right.whole.length) return left.whole.length - right.whole.length
  return compareText(left.whole, right.whole) || compareText(left.fraction, right.fraction)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
