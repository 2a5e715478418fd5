import type { RolePlace } from './apply-roles.ts'
import type { KnownProgram } from './compiled-spec.ts'
import { unknownField, type Field } from './field.ts'
import { NOT_CERTAIN, type ParsedWords } from './parsed-words.ts'
import { markOpaque, type Reading, type Run } from './reading.ts'
import { freshState, type Scope } from './scope.ts'

/** A program that a spec knows, about to be run. */
export interface ProgramRun extends Run {
  readonly program: KnownProgram
}

/** Reads the commands and the texts that a program starts. */
export function startAll(
  reading: Reading,
  run: ProgramRun,
  { parsed, place }: { readonly parsed: ParsedWords; readonly place: RolePlace },
): void {
  if (place.started.length === 0) return
  const { scope, program, span } = run
  const inner: Scope = {
    ...scope,
    wrappers: [...scope.wrappers, program.name],
    isElsewhere: scope.isElsewhere || parsed.levels.some(({ spec }) => spec.elsewhere === true),
    level: scope.level + 1,
    isStraight: true,
    isLate: false,
    isRepeated: false,
    span,
    state: freshState(place.folders),
  }
  for (const started of place.started) {
    if (started.kind === 'text')
      startText(reading, started.fields, started.isInput === true ? { ...inner, feed: { kind: 'script' } } : inner)
    else {
      const scopeOf = started.isAnywhere === true ? { ...inner, state: freshState(undefined) } : inner
      const fields = handedOn(reading, parsed, started.fields)
      if (fields.length > 0) reading.runWords(reading, { fields, scope: scopeOf, span, effects: [], caller: 'program' })
    }
  }
}

function startText(reading: Reading, fields: readonly Field[], scope: Scope): void {
  const texts = fields.map(({ text }) => text)
  const isKnown = fields.every(({ text, hasTilde }) => text !== undefined && !hasTilde)
  if (isKnown) return reading.runText(reading, texts.join(' '), scope)
  const index = reading.commands.length - 1
  if (fields.some(({ sources }) => sources.length > 0) && index >= 0) reading.takers.push({ index, kind: 'shell' })
  else markOpaque(reading, 'a shell is given a text that nobody can know', scope.span ?? { start: 0, end: 0 })
}

/** The words of a command that another one starts: what it replaces in them, and adds, is not known. */
function handedOn(reading: Reading, parsed: ParsedWords, fields: readonly Field[]): readonly Field[] {
  const placeholders = parsed.options.filter(({ option }) => option.placeholder === true)
  const marks = ['{}']
  for (const { value } of placeholders) {
    if (value?.text !== undefined) marks.push(value.text)
    else if (value !== undefined) markOpaque(reading, NOT_CERTAIN, value.span)
  }
  const isFound = parsed.options.some(({ option }) => option.value === 'until')
  const isOperand = isFound && parsed.operands.every(({ text }) => text !== undefined && !text.startsWith('-'))
  const replaced = fields.map((field) => replace(field, { marks, isOperand }))
  const adds = parsed.levels.some(({ spec }) => spec.stdin === 'words') && placeholders.length === 0
  const last = fields.at(-1)
  return adds && last !== undefined ? [...replaced, unknownField(last.span, { count: 'any' })] : replaced
}

function replace(
  field: Field,
  { marks, isOperand }: { readonly marks: readonly string[]; readonly isOperand: boolean },
): Field {
  const { text } = field
  if (text === undefined) return field
  const at = marks.map((mark) => (mark === '' ? -1 : text.indexOf(mark))).filter((index) => index !== -1)
  if (at.length === 0) return field
  return {
    ...field,
    text: undefined,
    head: text.slice(0, Math.min(...at)),
    isOperand: isOperand && Math.min(...at) === 0,
  }
}
