import type { Word, WordPart } from './bash-parser.ts'

/** How many words braces may make; more are not known. */
const MAX_BRACE_WORDS = 64
const MAX_TEXT = 4_096

// Words in which nothing but braces is special. Quotes, escapes and expansions inside braces are not read.
const PLAIN = /^[\w\-./,{}:=+@%^~]*$/u
const NUMBERS = /^(-?\d{1,6})\.\.(-?\d{1,6})(?:\.\.(-?\d{1,6}))?$/u
const LETTERS = /^(?:([a-z])\.\.([a-z])|([A-Z])\.\.([A-Z]))(?:\.\.(-?\d{1,6}))?$/u

/** The words that braces make of one, as bash does; undefined where that is not certain. */
function expandBraces(text: string): readonly string[] | undefined {
  const isSmall = text.length <= MAX_TEXT && text.split('{').length <= MAX_BRACE_WORDS
  return isSmall && PLAIN.test(text) ? expand(text) : undefined
}

/** The words that the braces in a word make; undefined where it has none, unknown where they are not certain. */
export function bracedWords({ text, parts }: Word): readonly string[] | 'unknown' | undefined {
  if (!mayExpandBraces(text)) return undefined
  if (parts !== undefined && !parts.some(isOpenBrace)) return undefined
  return text.includes('\\\n') ? 'unknown' : (expandBraces(text) ?? 'unknown')
}

function isOpenBrace(part: WordPart): boolean {
  return part.type === 'BraceExpansion' || (part.type === 'Literal' && part.text.includes('{'))
}

/** Whether braces in an unquoted text may make other words of it. */
function mayExpandBraces(text: string): boolean {
  return text.includes('{') && (text.includes(',') || /\.(?:\\\n)*\./u.test(text))
}

function expand(text: string): readonly string[] | undefined {
  const group = findGroup(text)
  if (group === undefined) return [text]
  const tails = expand(text.slice(group.close + 1))
  const middles = group.parts === undefined ? sequence(text.slice(group.open + 1, group.close)) : expandAll(group.parts)
  if (tails === undefined || middles === undefined || middles.length * tails.length > MAX_BRACE_WORDS) return undefined
  const head = text.slice(0, group.open)
  return middles.flatMap((middle) => tails.map((tail) => head + middle + tail))
}

function expandAll(parts: readonly string[]): readonly string[] | undefined {
  const words: string[] = []
  for (const part of parts) {
    const found = expand(part)
    if (found === undefined || words.length + found.length > MAX_BRACE_WORDS) return undefined
    words.push(...found)
  }
  return words
}

interface Group {
  readonly open: number
  readonly close: number
  /** The parts between commas; undefined for a sequence. */
  readonly parts: readonly string[] | undefined
}

/** The first braces that expand; those that do not, such as `{}` or `{a}`, stay as they are. */
function findGroup(text: string): Group | undefined {
  for (let open = text.indexOf('{'); open !== -1; open = text.indexOf('{', open + 1)) {
    const group = open === 0 && text[1] === '}' ? undefined : groupAt(text, open)
    if (group !== undefined) return group
  }
  return undefined
}

// As bash does, a bracket that closes before there is a comma or `..` is passed over.
function groupAt(text: string, open: number): Group | undefined {
  const commas: number[] = []
  let isSequence = false
  for (const index of outerUnits(text, open + 1)) {
    const unit = text[index]
    if (unit === ',') commas.push(index)
    else if (unit === '.') isSequence ||= text[index + 1] === '.' && text[index + 2] !== '}'
    else if (commas.length > 0) return { open, close: index, parts: between(text, [open, ...commas, index]) }
    else if (isSequence) return { open, close: index, parts: undefined }
  }
  return undefined
}

/** Where commas, dots and closing brackets stand that are in no brackets of their own. */
function* outerUnits(text: string, from: number): Generator<number> {
  let depth = 0
  for (let index = from; index < text.length; index++) {
    const unit = text[index]
    if (unit === '{') depth += 1
    else if (depth > 0) depth -= unit === '}' ? 1 : 0
    else if (unit === ',' || unit === '.' || unit === '}') yield index
  }
}

function between(text: string, ends: readonly number[]): readonly string[] {
  return ends.slice(1).map((end, index) => text.slice((ends[index] ?? 0) + 1, end))
}

function sequence(text: string): readonly string[] | undefined {
  // Zeros in front pad the others.
  if (/(?:^|\.|-)0\d/u.test(text)) return undefined
  const [numbers, first, last, increment] = NUMBERS.exec(text) ?? []
  if (numbers !== undefined) return steps({ from: Number(first), to: Number(last), by: stepOf(increment) })?.map(String)
  // A range from small letters to capitals passes characters that are special: it is not read.
  const letters = LETTERS.exec(text)
  if (letters === null) return undefined
  const [from = '', to = ''] = letters.slice(1, 5).filter((each) => each !== undefined)
  const codes = steps({ from: from.charCodeAt(0), to: to.charCodeAt(0), by: stepOf(letters[5]) })
  return codes?.map((code) => String.fromCharCode(code))
}

function stepOf(increment: string | undefined): number {
  return Math.abs(Number(increment ?? 1)) || 1
}

interface Steps {
  readonly from: number
  readonly to: number
  readonly by: number
}

function steps({ from, to, by }: Steps): readonly number[] | undefined {
  const count = Math.floor(Math.abs(to - from) / by) + 1
  if (count > MAX_BRACE_WORDS) return undefined
  const sign = from <= to ? 1 : -1
  return Array.from({ length: count }, (_none, index) => from + sign * by * index)
}
