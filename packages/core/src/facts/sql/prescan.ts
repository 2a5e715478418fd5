import { type Chaining, type TreeDepth, treeDepth } from './tree-depth.ts'

/** The longest text that is parsed, in UTF-16 units. */
export const MAX_LENGTH = 65_536
/** The most tokens outside blanks and comments. */
export const MAX_TOKENS = 10_000
/** The most statements, also empty ones. */
export const MAX_STATEMENTS = 1_000
/** The most block comments: the parser's time for them is quadratic. */
export const MAX_COMMENTS = 400
/** The most AND and OR. */
export const MAX_TERMS = 2_000
/** What a character begins. */
type Begin =
  | 'blank'
  | 'word'
  | 'number'
  | 'open'
  | 'close'
  | 'separator'
  | 'sign'
  | 'quote'
  | 'name'
  | 'dollar'
  | 'mark'

const BEGINNERS: readonly (readonly [Begin, string])[] = [
  ['blank', ' \t\n\r\f\v'],
  ['word', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_'],
  ['number', '0123456789'],
  ['open', '(['],
  ['close', ')]'],
  ['separator', ',;'],
  ['sign', '+-*/<>=~!@#%^&|`?:'],
  ['quote', "'"],
  ['name', '"'],
  ['dollar', '$'],
]

// By character code; what is beyond ASCII begins a word, as PostgreSQL has it.
const BEGIN_BY_CODE: readonly Begin[] = Array.from(
  { length: 128 },
  (_none, code) => BEGINNERS.find(([, all]) => all.includes(String.fromCharCode(code)))?.[0] ?? 'mark',
)

// Each from the place where it begins; those of literals end behind the closing quote.
const WORD = /[\w$\u0080-\uffff]*/y
const NUMBER = /[\w.]*/y
const BLANK = /[ \t\n\r\f\v]*/y
const LINE = /[^\n\r]*/y
const OPERATOR = /(?:(?!--|\/\*)[-+*/<>=~!@#%^&|`?:])*/y
const PLAIN = /'[^']*(?:''[^']*)*'/y
const ESCAPED = /'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'/y
const NAME = /"[^"]*(?:""[^"]*)*"/y
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const COMMENT_EDGE = /\/\*|\*\//g

interface Count {
  tokens: number
  terms: number
  comments: number
  semicolons: number
  readonly tree: TreeDepth
}

interface Count {
  readonly text: string
  tokens: number
  terms: number
  comments: number
  semicolons: number
  readonly tree: TreeDepth
  why: string | undefined
}

// What binds operands in a row, so that each adds a level to the tree.
const DEEPENING: ReadonlyMap<string, Chaining> = new Map([
  ...'at between collate ilike in is isnull like not notnull operator overlaps similar'
    .split(' ')
    .map((word) => [word, 'chain'] as const),
  ...['case', 'join'].map((word) => [word, 'nest'] as const),
  ...['union', 'intersect', 'except'].map((word) => [word, 'sets'] as const),
])
const LONGEST_WORD = 9

/**
 * Why a text is not given to the parser; undefined for one that may be. Counts what makes a tree deep or large, outside
 * literals and comments, in one pass: the parser cannot be stopped, and recurses as deep as its text tells it to.
 */
export function whyUnparsed(text: string): string | undefined {
  if (text.includes('\0')) return 'a NUL, where the parser would stop'
  if (text.length > MAX_LENGTH) return 'longer than is read'
  if (!text.isWellFormed()) return 'a lone surrogate'
  const count: Count = { text, tokens: 0, terms: 0, comments: 0, semicolons: 0, tree: treeDepth(), why: undefined }
  for (let at = 0; at < text.length && whyOf(count) === undefined;) at = past(at, count)
  return whyOf(count)
}

function whyOf({ why, tree }: Count): string | undefined {
  return why ?? tree.why()
}

// Counts the token that begins here, and gives its end.
function past(at: number, count: Count): number {
  const { text } = count
  const begin = BEGIN_BY_CODE[text.charCodeAt(at)] ?? 'word'
  if (begin === 'blank') return endOf(BLANK, at, text)
  if (begin === 'sign') {
    if (text.startsWith('--', at)) return endOf(LINE, at, text)
    if (text.startsWith('/*', at)) return pastComment(at, count)
  }
  count.tokens += 1
  if (count.tokens > MAX_TOKENS) count.why = 'more tokens than are read'
  return PAST[begin](at, count)
}

const PAST: Readonly<Record<Exclude<Begin, 'blank'>, (at: number, count: Count) => number>> = {
  word: pastWord,
  number: (at, { text }) => endOf(NUMBER, at, text),
  open: (at, count) => {
    count.tree.open()
    return at + 1
  },
  close: (at, count) => {
    count.tree.close()
    return at + 1
  },
  separator: (at, count) => {
    count.tree.flatten('chain')
    count.tree.flatten('nest')
    if (count.text[at] === ';') endStatement(count)
    return at + 1
  },
  sign: (at, count) => {
    count.tree.deepen('chain')
    return endOf(OPERATOR, at, count.text)
  },
  quote: (at, count) => pastLiteral(PLAIN, at, count),
  name: (at, count) => pastLiteral(NAME, at, count),
  dollar: pastDollar,
  mark: (at) => at + 1,
}

function endStatement(count: Count): void {
  count.tree.flatten('sets')
  count.semicolons += 1
  if (count.semicolons > MAX_STATEMENTS) count.why = 'more statements than are read'
}

// The regexes are shared: each is given its place before it is asked.
function endOf(token: RegExp, at: number, text: string): number {
  token.lastIndex = at
  return token.test(text) ? token.lastIndex : at
}

function pastWord(at: number, count: Count): number {
  const { text } = count
  const end = endOf(WORD, at, text)
  if (text[end] === "'" && end === at + 1 && /[eE]/.test(text.charAt(at))) return pastLiteral(ESCAPED, end, count)
  if (end - at > LONGEST_WORD) return end
  const word = text.slice(at, end).toLowerCase()
  if (word === 'and' || word === 'or') {
    count.terms += 1
    if (count.terms > MAX_TERMS) count.why = 'more AND and OR than are read'
    count.tree.flatten('chain')
    return end
  }
  const what = DEEPENING.get(word)
  if (what !== undefined) count.tree.deepen(what)
  return end
}

function pastLiteral(literal: RegExp, at: number, count: Count): number {
  const end = endOf(literal, at, count.text)
  if (end === at) count.why = 'a literal without an end'
  // With `standard_conforming_strings` off the literal would go on there.
  if (literal === PLAIN && count.text.slice(at, end).includes("\\'")) {
    count.why = 'a backslash before a quote, which servers read in two ways'
  }
  return Math.max(end, at + 1)
}

function pastDollar(at: number, count: Count): number {
  const { text } = count
  const start = endOf(DOLLAR, at, text)
  if (start === at) return at + 1
  const tag = text.slice(at, start)
  const close_ = text.indexOf(tag, start)
  if (close_ < 0) count.why = 'a literal without an end'
  return close_ < 0 ? text.length : close_ + tag.length
}

// Comments nest.
function pastComment(at: number, count: Count): number {
  COMMENT_EDGE.lastIndex = at
  let nesting = 0
  do {
    const edge = COMMENT_EDGE.exec(count.text)
    if (edge === null) count.why = 'a comment without an end'
    else if (edge[0] === '*/') nesting -= 1
    else {
      nesting += 1
      count.comments += 1
      if (count.comments > MAX_COMMENTS) count.why = 'more comments than are read'
    }
  } while (nesting > 0 && count.why === undefined)
  return count.why === undefined ? COMMENT_EDGE.lastIndex : count.text.length
}
