/** What stands in a text that is JSON, and may still be read in two ways, or not be written again. */
export interface TextFault {
  readonly kind: 'twins' | 'depth'
  /** How many objects and arrays are open where it stands. */
  readonly depth: number
}

// Enough for any message; writing a much deeper one again would overflow the stack.
const MAX_DEPTH = 200

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const CLOSE_OBJECT = 0x7d
const CLOSE_ARRAY = 0x5d

type Keys = Set<string> | undefined

/** What is wrong with a text that `JSON.parse` took, and made `value` of. */
export function textFault(text: string, value: unknown): TextFault | undefined {
  // Of members with one name one is left: a text with as many colons as there are members has none.
  return colonsIn(text) === membersIn(value, MAX_DEPTH) ? undefined : foundFault(text)
}

function colonsIn(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = stringEnd(text, at) - 1
    else if (char === COLON) count += 1
  }
  return count
}

// No number where it is nested too deeply.
function membersIn(value: unknown, levels: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (levels === 0) return Number.NaN
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let count = members === value ? 0 : members.length
  for (const member of members) count += membersIn(member, levels - 1)
  return count
}

/** Looks at what opens, closes and separates, and at the strings. */
function foundFault(text: string): TextFault | undefined {
  /** The keys of each open object; undefined for an array. */
  const open: Keys[] = []
  let keyStart = 0
  let keyEnd = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      keyStart = at
      keyEnd = stringEnd(text, at)
      at = keyEnd - 1
    } else if (char === COLON) {
      if (isTwin(open.at(-1), text.slice(keyStart, keyEnd))) return { kind: 'twins', depth: open.length }
    } else if (char >= OPEN_ARRAY) nest(open, char)
    if (open.length > MAX_DEPTH) return { kind: 'depth', depth: open.length }
  }
  return undefined
}

function nest(open: Keys[], char: number): void {
  if (char === OPEN_OBJECT) open.push(new Set())
  else if (char === OPEN_ARRAY) open.push(undefined)
  else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) open.pop()
}

function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end + 1
}

// The text is JSON, so a string has an end, and begins with a quote that is none.
function isEscaped(text: string, quote: number): boolean {
  let at = quote
  while (text.charCodeAt(at - 1) === BACKSLASH) at -= 1
  return (quote - at) % 2 === 1
}

function isTwin(keys: Keys, token: string): boolean {
  // `\u0061` and `a` are one key.
  const name = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
  const isKnown = keys?.has(name) === true
  keys?.add(name)
  return isKnown
}
