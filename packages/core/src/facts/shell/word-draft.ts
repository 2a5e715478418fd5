import { literalField, unknownField, type CommandRange, type Field } from './field.ts'
import type { Span } from './shell-facts.ts'

/** Collects the fields that one word becomes. */
export interface WordDraft {
  readonly fields: Field[]
  readonly span: Span
  /** True where blanks in values split and globs are resolved: not in assignments. */
  readonly splits: boolean
  text: string
  /** True where there is a word even if its text is empty. */
  isStarted: boolean
  hasTilde: boolean
  /** Where the first unknown stretch begins; undefined where all is known. */
  unknownAt: number | undefined
  /** Where the first glob begins; undefined where there is none. */
  globAt: number | undefined
  isOneFolder: boolean
  count: Field['count']
  sources: CommandRange[]
  sinks: CommandRange[]
}

/** Begins a word. */
export function startWord(span: Span, splits: boolean): WordDraft {
  return {
    fields: [],
    span,
    splits,
    text: '',
    isStarted: false,
    hasTilde: false,
    unknownAt: undefined,
    globAt: undefined,
    isOneFolder: true,
    count: 'one',
    sources: [],
    sinks: [],
  }
}

/** Adds text that stands as it is. */
export function addText(draft: WordDraft, text: string, isQuoted: boolean): void {
  if (isQuoted || text !== '') draft.isStarted = true
  draft.text += text
}

/** Adds a glob. */
export function addGlob(draft: WordDraft, text: string, isPlain: boolean): void {
  if (draft.splits) {
    draft.globAt ??= draft.text.length
    if (!isPlain) draft.isOneFolder = false
  }
  addText(draft, text, true)
}

/** Adds a stretch that nobody can know: one that is part of the word, or one that may split it. */
export function addUnknown(draft: WordDraft, count: Field['count']): void {
  draft.unknownAt ??= draft.text.length
  draft.isStarted = true
  if (draft.splits && count !== 'one') draft.count = count
}

/** Adds the value of a variable, known and unquoted: blanks split it, and globs in it are resolved. */
export function addSplit(draft: WordDraft, value: string): void {
  if (!draft.splits) {
    addText(draft, value, false)
    return
  }
  for (const piece of value.split(/([ \t\n]+)/u)) {
    if (/^[ \t\n]+$/u.test(piece)) endField(draft)
    else if (/[*?[\\]/u.test(piece)) addGlob(draft, piece, false)
    else addText(draft, piece, false)
  }
}

/** Ends one field; what follows begins the next. */
function endField(draft: WordDraft): void {
  if (draft.isStarted) draft.fields.push(fieldOf(draft))
  Object.assign(draft, startWord(draft.span, draft.splits), { fields: draft.fields })
}

/** Ends the word. */
export function endWord(draft: WordDraft): readonly Field[] {
  endField(draft)
  return draft.fields
}

function fieldOf(draft: WordDraft): Field {
  const { text, unknownAt, globAt, sources, sinks, hasTilde, span } = draft
  if (unknownAt === undefined && globAt === undefined) {
    return hasTilde ? { ...literalField(text, span), hasTilde } : literalField(text, span)
  }
  const head = text.slice(0, Math.min(unknownAt ?? text.length, globAt ?? text.length))
  if (unknownAt !== undefined) {
    const count = globAt !== undefined && draft.count === 'one' ? 'some' : draft.count
    return unknownField(span, { head, count, hasTilde, sources, sinks })
  }
  return unknownField(span, { head, count: 'some', hasTilde, folder: folderOf(draft, head) })
}

// A glob never matches `/`, and one that does not begin with a dot matches neither `.` nor `..`: what it matches is in the
// folder before it, as is the file of the glob's own text that stands for no match.
function folderOf({ text, isOneFolder }: WordDraft, head: string): string | undefined {
  const slash = head.lastIndexOf('/')
  const rest = text.slice(slash + 1)
  if (!isOneFolder || rest.includes('/') || rest.startsWith('.')) return undefined
  return slash === -1 ? './' : head.slice(0, slash + 1)
}
