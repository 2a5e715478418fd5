/** What stands in a text that is JSON, and may still be read in two ways, or not be written again. */
export interface TextFault {
  readonly kind: 'twins' | 'depth'
  /** How many objects and arrays are open where it stands. */
  readonly depth: number
}

// Enough for any message; writing a much deeper one again would overflow the stack.
const MAX_DEPTH = 200

type Keys = Set<string> | undefined

/** Looks through a text that `JSON.parse` took: at what opens, closes and separates, and at its strings. */
export function textFault(text: string): TextFault | undefined {
  /** The keys of each open object; undefined for an array. */
  const open: Keys[] = []
  let last = ''
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') {
      const end = stringEnd(text, at)
      last = text.slice(at, end)
      at = end - 1
    } else if (char === ':') {
      if (isTwin(open.at(-1), last)) return { kind: 'twins', depth: open.length }
    } else nest(open, char)
    if (open.length > MAX_DEPTH) return { kind: 'depth', depth: open.length }
  }
  return undefined
}

function nest(open: Keys[], char: string): void {
  if (char === '{') open.push(new Set())
  else if (char === '[') open.push(undefined)
  else if (char === '}' || char === ']') open.pop()
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
  return at + 1
}

function isTwin(keys: Keys, token: string): boolean {
  // `\u0061` and `a` are one key.
  const name = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
  const isKnown = keys?.has(name) === true
  keys?.add(name)
  return isKnown
}
