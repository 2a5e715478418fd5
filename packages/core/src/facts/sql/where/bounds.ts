/** A value that is the same for every row; undefined where it is not known. */
export type Known = string | number | boolean | null | undefined

// A whole number at or above which no usual key stands, and the years that times stand between.
const ABOVE_KEYS = 2_147_483_647
const FIRST_YEAR = 1970
const LAST_YEAR = 2100

const TRUE_TEXT = /^\s*(t|tr|tru|true|y|ye|yes|on|1)\s*$/i
const FALSE_TEXT = /^\s*(f|fa|fal|fals|false|n|no|of|off|0)\s*$/i

/** What a column that equals a value is told to be: a text can be a truth value to its column. */
export function wayOf(value: Known): 'true' | 'false' | 'point' {
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value !== 'string') return 'point'
  if (TRUE_TEXT.test(value)) return 'true'
  return FALSE_TEXT.test(value) ? 'false' : 'point'
}

// Whether any row is beyond a text depends on how texts are ordered; a text can be a time, though.
function isBoundOfText(value: Known): boolean {
  return typeof value === 'string' && !/^\s*(\d{4}-\d|today|yesterday|tomorrow|now)/i.test(value)
}

/** True for a lower bound at which keys and times begin, so that no row may be below it; for texts in any case. */
export function isBelowAll(value: Known, operator: '>' | '>='): boolean {
  if (isBoundOfText(value)) return true
  const year = yearOf(value)
  if (year !== undefined) return year <= FIRST_YEAR
  return typeof value === 'number' && value <= (operator === '>' ? 0 : 1)
}

/** True for an upper bound at which keys and times end, so that no row may be above it; for texts in any case. */
export function isAboveAll(value: Known): boolean {
  if (isBoundOfText(value)) return true
  const year = yearOf(value)
  if (year !== undefined) return year >= LAST_YEAR
  return typeof value === 'number' && value >= ABOVE_KEYS
}

function yearOf(value: Known): number | undefined {
  const year = typeof value === 'string' ? /^\s*(\d{4,6})-\d/.exec(value)?.[1] : undefined
  return year === undefined ? undefined : Number(year)
}
