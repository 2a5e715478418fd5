/** Deeper than any event may be. */
const MAX_DEPTH = 100

/**
 * What makes a valid JSON text unfit all the same: a key that stands twice in one object, or nesting over 100. Of two
 * values under one key `JSON.parse` takes the last and other readers the first, so what the line asks for is open.
 */
export function jsonProblem(json: string): string | undefined {
  const open: Set<string>[] = []
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '"') {
      const end = closingQuote(json, at + 1)
      const key = isKey(json, end + 1) ? unquote(json.slice(at, end + 1)) : undefined
      if (key !== undefined && isThere(open.at(-1), key)) return `the key \`${clip(key)}\` stands twice in one object`
      at = end
    } else nest(open, json[at])
    if (open.length > MAX_DEPTH) return `it is nested deeper than ${String(MAX_DEPTH)}`
  }
  return undefined
}

function nest(open: Set<string>[], character: string | undefined): void {
  if (character === '{' || character === '[') open.push(new Set())
  else if (character === '}' || character === ']') open.pop()
}

function isThere(keys: Set<string> | undefined, key: string): boolean {
  if (keys?.has(key) === true) return true
  keys?.add(key)
  return false
}

/** A key as it can be shown in a message. */
export function clip(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`
}

function closingQuote(json: string, from: number): number {
  let end = json.indexOf('"', from)
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end
}

function isEscaped(json: string, index: number): boolean {
  let first = index
  while (json[first - 1] === '\\') first -= 1
  return (index - first) % 2 === 1
}

// Only a key is followed by a colon.
function isKey(json: string, from: number): boolean {
  let index = from
  while (json[index] === ' ' || json[index] === '\t' || json[index] === '\n' || json[index] === '\r') index += 1
  return json[index] === ':'
}

function unquote(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
}
