import type { ArrayValue, Command, Word } from './bash-parser.ts'

/**
 * Whether nothing but blanks stands between the parts of a command, and no bracket behind it: the parser passes over one
 * that it does not expect, where bash reads no command at all.
 */
export function hasGap(source: string, { prefix, name, suffix, pos }: Command): boolean {
  let end = endBehind(source, prefix, pos)
  if (name !== undefined && end !== undefined) end = skipBlanks(source, end) < name.pos ? undefined : name.end
  if (end !== undefined) end = endBehind(source, suffix, end)
  return end === undefined || source[end] === '#' || source[skipBlanks(source, end)] === '('
}

/** Where the last of some parts ends; undefined where something stands before one of them. */
function endBehind(
  source: string,
  items: readonly { readonly pos: number; readonly end: number }[],
  from: number,
): number | undefined {
  let last = from
  for (const { pos, end } of items) {
    if (skipBlanks(source, last) < pos) return undefined
    last = end
  }
  return last
}

function skipBlanks(source: string, from: number): number {
  let at = from
  for (;;) {
    const unit = source.charCodeAt(at)
    if (unit === 0x20 || unit === 0x09) at += 1
    else if (unit === 0x5c && source[at + 1] === '\n') at += 2
    else return at
  }
}

/** Why bash may take the words of a command for others; undefined where it does not. */
export function misreadingOf(command: Command, isRewritten: boolean): string | undefined {
  if (hasOpenSubscript(command)) return 'a subscript may go on in the next word'
  return isRewritten && becomesReserved(command)
    ? 'a word of bash stands behind a redirect in a substitution'
    : undefined
}

const RESERVED =
  /^(?:!|[{}]|\[\[|\]\]|if|then|elif|else|fi|case|esac|for|select|while|until|do|done|in|function|time|coproc)$/u

// Bash writes redirects behind the words.
function becomesReserved({ prefix, name }: Command): boolean {
  return prefix.length > 0 && name !== undefined && RESERVED.test(name.text)
}

/** Whether a word may begin an assignment whose subscript goes on behind a blank. */
function hasOpenSubscript({ name, suffix }: Command): boolean {
  if (name?.text.includes('[') === true && /^[A-Za-z_]\w*\[/u.test(name.text)) return true
  return suffix.some((item) => item.type === 'Word' && item.text.includes('[') && OPEN.test(item.text))
}

const OPEN = /^[A-Za-z_]\w*\[[^\]]*$/u

/** Whether an array that is assigned goes on behind its bracket, where the parser takes that for more elements. */
export function hasArrayGap(source: string, value: ArrayValue | Word): boolean {
  if (value.type === 'Word') return value.text.startsWith('(')
  let at = value.pos + 1
  for (const { pos, end } of value.elements) {
    if (!BLANK.test(source.slice(at, pos))) return true
    at = end
  }
  return !BLANK.test(source.slice(at, value.end - 1)) || source[value.end - 1] !== ')'
}

const BLANK = /^(?:[ \t\n]|\\\n|#[^\n]*\n)*$/u
