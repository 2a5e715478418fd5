import { CapFenceError } from '@capfence/core/adapter'

/**
 * The JSON object in a model's arguments. Stricter than `JSON.parse`: a key that stands twice is refused, for two
 * readers of one text could take it for two different calls.
 */
export function strictArgs(text: string): Record<string, unknown> {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('are not a JSON object')
  if (hasTwins(text)) throw refused('name a key twice')
  return value as Record<string, unknown> // an object that JSON.parse made
}

/** As `strictArgs`, or the text as it stands: no arguments of an event, so that it is refused on the record. */
export function argsOrText(text: string): unknown {
  try {
    return strictArgs(text)
  } catch {
    return text
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw refused('are not JSON', cause)
  }
}

// Never the text itself: it is the model's, and refusals are logged.
function refused(why: string, cause?: unknown): CapFenceError {
  return new CapFenceError('EVENT_INVALID', `the arguments ${why}`, { cause })
}

// Of a text that is known to be JSON: walks over what opens, closes and separates, and over its strings.
function hasTwins(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  let lastString = ''
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        const end = endOfString(text, at)
        lastString = text.slice(at, end)
        at = end - 1
        break
      }
      case '{':
      case '[':
        open.push(text[at] === '{' ? new Set() : undefined)
        break
      case '}':
      case ']':
        open.pop()
        break
      case ':':
        if (isTwin(lastString, open.at(-1))) return true
        break
      default:
    }
  }
  return false
}

function endOfString(text: string, start: number): number {
  let end = start + 1
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

function isTwin(token: string, keys: Set<string> | undefined): boolean {
  // `\u0061` and `a` are one key.
  const key = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
  if (keys === undefined || keys.has(key)) return true
  keys.add(key)
  return false
}
