import { isCertainAnsiC } from './ansi-c.ts'
import { readArithmetic } from './arithmetic.ts'
import type {
  AnsiCQuotedPart,
  BraceExpansionPart,
  ExtendedGlobPart,
  LocaleStringPart,
  DoubleQuotedChild,
  ParameterExpansionPart,
  Word,
  WordPart,
} from './bash-parser.ts'
import { bracedWords } from './braces.ts'
import { literalField, unknownField, type Field } from './field.ts'
import { isOneWord, readParameter } from './parameter.ts'
import { markOpaque, spanOf, spend, type Reading } from './reading.ts'
import type { Scope } from './scope.ts'
import type { Span } from './shell-facts.ts'
import { readProcess, readSubstitution } from './substitution.ts'
import { valueOf } from './variables.ts'
import { addGlob, addSplit, addText, addUnknown, endWord, startWord, type WordDraft } from './word-draft.ts'

// Without one of these a bare word is what it says.
const SPECIAL = /[\\{~=:*?[]/u
const BARE_DOLLAR = /(?<!\\)(?:\\\\)*\$/u
const NAME = /^[A-Za-z_]\w*$/u
/** Parameters that are always one integer. */
const INTEGERS = ['?', '#', '$']

/** The words that a word of a command becomes. Scripts in it are read. */
export function expandWord(reading: Reading, word: Word, scope: Scope): readonly Field[] {
  const span = spanOf(word, scope)
  if (!spend(reading, 1)) return [unknownField(span, { count: 'any' })]
  const parts = word.parts
  if (parts === undefined && !SPECIAL.test(word.text)) return [literalField(word.text, span)]
  const braced = parts?.some(isBareDollar) === true ? 'unknown' : bracedWords(word)
  if (braced === 'unknown') {
    readParts(reading, parts, scope)
    return [unknownField(span, { count: 'any' })]
  }
  if (braced !== undefined) {
    return braced.flatMap((text) => bareFields(text, span))
  }
  const draft = startWord(span, true)
  if (parts === undefined) addLiteral(draft, word.text, word.value)
  else for (const part of parts) addPart(draft, part, { reading, scope })
  return endWord(draft)
}

// Beside a `$` that expands nothing bash does not split.
function isBareDollar({ type, text }: WordPart): boolean {
  return type === 'Literal' && text.includes('$') && BARE_DOLLAR.test(text)
}

/** The one text that a word becomes where bash neither splits it nor looks for files: an assigned value, a here-string. */
export function expandValue(reading: Reading, word: Word, scope: Scope): Field {
  const span = spanOf(word, scope)
  if (!spend(reading, 1)) return unknownField(span)
  const draft = startWord(span, false)
  if (word.parts === undefined) addLiteral(draft, word.text, word.value)
  else for (const part of word.parts) addPart(draft, part, { reading, scope })
  return endWord(draft)[0] ?? literalField('', span)
}

/** Reads what parts run, where their text does not matter. */
export function readParts(reading: Reading, parts: readonly WordPart[] | undefined, scope: Scope): void {
  const draft = startWord({ start: 0, end: 0 }, true)
  for (const part of parts ?? []) addPart(draft, part, { reading, scope })
}

/** A text in which nothing is special but a tilde. */
function bareFields(text: string, span: Span): readonly Field[] {
  const draft = startWord(span, true)
  addLiteral(draft, text, text)
  return endWord(draft)
}

interface Place {
  readonly reading: Reading
  readonly scope: Scope
}

function addLiteral(draft: WordDraft, text: string, value: string): void {
  if (text.includes('~')) addTilde(draft, text)
  addOpen(draft, value, false)
}

// Bash resolves a tilde where a word begins, and in what looks like an assignment behind `=` and `:`. Home is kept as `~`;
// other users' homes and `~+` are not known.
function addTilde(draft: WordDraft, text: string): void {
  const isFirst = draft.text === '' && !draft.isStarted
  if (isFirst && /^~(?:\/[^~:]*)?$/u.test(text)) draft.hasTilde = true
  else if (isFirst && /^[A-Za-z_]\w*=~(?:\/[^~:]*)?$/u.test(text)) draft.hasTilde = true
  else if ((isFirst && text.startsWith('~')) || mayResolve(draft, text)) addUnknown(draft, 'one')
}

function mayResolve(draft: WordDraft, text: string): boolean {
  const all = draft.text + text
  return /[=:]~/u.test(all) && (!draft.splits || /^[A-Za-z_]\w*\+?=/u.test(all))
}

function addPart(draft: WordDraft, part: WordPart, place: Place): void {
  switch (part.type) {
    case 'Literal':
      return addLiteral(draft, part.text, part.value)
    case 'SingleQuoted':
      return addText(draft, part.value, true)
    case 'AnsiCQuoted':
      return addAnsiC(draft, part, place)
    case 'DoubleQuoted':
      return addDoubleQuoted(draft, part.parts, place)
    case 'Glob':
      readParts(place.reading, part.parts, place.scope)
      return addGlob(draft, part.value, !/[/\\]/u.test(part.text))
    case 'LocaleString':
    case 'BraceExpansion':
    case 'ExtendedGlob':
      return addUnread(draft, part, place)
    default:
      return addExpansion(draft, part, { ...place, isQuoted: false })
  }
}

function addAnsiC(draft: WordDraft, { text, value }: AnsiCQuotedPart, { reading }: Place): void {
  // Shells without this form end the quote there, and run what follows.
  if (text.includes(String.raw`\'`)) markOpaque(reading, 'shells differ on where a quote ends', draft.span)
  if (isCertainAnsiC(text)) addText(draft, value, true)
  else addUnknown(draft, 'one')
}

// `$[` that does not end is no text to bash.
function addOpen(draft: WordDraft, value: string, isQuoted: boolean): void {
  if (value.includes('$[')) addUnknown(draft, 'one')
  addText(draft, value, isQuoted)
}

function addUnread(
  draft: WordDraft,
  part: LocaleStringPart | BraceExpansionPart | ExtendedGlobPart,
  place: Place,
): void {
  readParts(place.reading, part.parts, place.scope)
  if (part.type === 'ExtendedGlob') markOpaque(place.reading, 'a glob is none without an option', draft.span)
  addUnknown(draft, 'any')
}

function addDoubleQuoted(draft: WordDraft, parts: readonly DoubleQuotedChild[], place: Place): void {
  draft.isStarted = true
  for (const child of parts) addQuoted(draft, child, place)
}

function addQuoted(draft: WordDraft, child: DoubleQuotedChild, place: Place): void {
  if (child.type === 'Literal') addOpen(draft, child.value, true)
  else addExpansion(draft, child, { ...place, isQuoted: true })
}

type Expansion = Exclude<
  WordPart,
  {
    type:
      | 'Literal'
      | 'SingleQuoted'
      | 'AnsiCQuoted'
      | 'DoubleQuoted'
      | 'Glob'
      | 'LocaleString'
      | 'ExtendedGlob'
      | 'BraceExpansion'
  }
>

function addExpansion(draft: WordDraft, part: Expansion, place: Place & { readonly isQuoted: boolean }): void {
  const { reading, scope, isQuoted } = place
  switch (part.type) {
    case 'SimpleExpansion':
      return addVariable(draft, part.text.slice(1), place)
    case 'ParameterExpansion':
      return addParameter(draft, part, place)
    case 'ArithmeticExpansion':
      readArithmetic(reading, part.expression, { scope, node: part, readParts })
      return addUnknown(draft, 'one')
    case 'CommandExpansion':
      readSubstitution(draft, part, place)
      return addUnknown(draft, isQuoted ? 'one' : 'any')
    case 'ProcessSubstitution':
      readProcess(draft, part, place)
      return addUnknown(draft, 'one')
    default:
      return part satisfies never
  }
}

function addVariable(draft: WordDraft, name: string, place: Place & { readonly isQuoted: boolean }): void {
  const { reading, scope, isQuoted } = place
  const value = NAME.test(name) ? valueOf(reading, name, scope) : undefined
  if (value === undefined) return addUnknown(draft, mayBeSeveral(name, isQuoted) ? 'any' : 'one')
  if (value.text !== undefined && !(value.isInteger && scope.isRepeated)) {
    reading.used.set(name, 'text')
    return addValue(draft, value.text, place)
  }
  // It counts something: which number it is by now is not known, but that it is one word.
  if (!reading.used.has(name)) reading.used.set(name, 'integer')
  addUnknown(draft, isQuoted || !reading.hasSeparators ? 'one' : 'any')
}

function mayBeSeveral(name: string, isQuoted: boolean): boolean {
  return name === '@' || (!isQuoted && !INTEGERS.includes(name))
}

function addValue(draft: WordDraft, text: string, { reading, isQuoted }: Place & { readonly isQuoted: boolean }): void {
  if (!spend(reading, text.length >> 4)) return addUnknown(draft, 'any')
  if (isQuoted) return addText(draft, text, true)
  return reading.hasSeparators ? addUnknown(draft, 'any') : addSplit(draft, text)
}

function addParameter(
  draft: WordDraft,
  part: ParameterExpansionPart,
  place: Place & { readonly isQuoted: boolean },
): void {
  if (part.parameter !== '' && part.prefix === undefined && part.index === undefined && part.operation === undefined) {
    return addVariable(draft, part.parameter, place)
  }
  readParameter(place.reading, part, { scope: place.scope, expandValue, readParts })
  addUnknown(draft, isOneWord(part, place.isQuoted) ? 'one' : 'any')
}
