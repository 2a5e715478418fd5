import { isSubscript, readIntegerText } from './arithmetic.ts'
import type {
  ParameterExpansionPart,
  ParameterOperation,
  ParameterSliceOperation,
  Word,
  WordPart,
} from './bash-parser.ts'
import type { Field } from './field.ts'
import { markOpaque, spanOf, type Reading } from './reading.ts'
import type { Scope } from './scope.ts'
import { assign } from './variables.ts'

/** Where an expansion stands. Words hold expansions and these hold words, so what reads those is handed in. */
interface ParameterPlace {
  readonly scope: Scope
  readonly expandValue: (reading: Reading, word: Word, scope: Scope) => Field
  readonly readParts: (reading: Reading, parts: readonly WordPart[] | undefined, scope: Scope) => void
}

const NOT_READ = 'an expansion cannot be read'
const PARAMETER = /^(?:[A-Za-z_]\w*|\d+|[-@*#?$!])$/u

/** Whether an expansion is one word where it stands. */
export function isOneWord({ parameter, prefix, index, operation }: ParameterExpansionPart, isQuoted: boolean): boolean {
  if (prefix === '#' && operation === undefined) return true
  return isQuoted && parameter !== '@' && !isAll(index) && operation?.type !== 'Names'
}

/** Reads what an expansion with a subscript or an operation runs, and what it sets. */
export function readParameter(reading: Reading, part: ParameterExpansionPart, place: ParameterPlace): void {
  const { prefix, index, operation } = part
  const span = spanOf(part, place.scope)
  if (!PARAMETER.test(part.parameter)) markOpaque(reading, NOT_READ, span)
  if (prefix === '!' && !isList(part)) markOpaque(reading, 'a variable names another one', span)
  if (index !== undefined && !isAll(index)) {
    place.readParts(reading, index.parts, place.scope)
    if (!isSubscript(reading, index.text, place.scope)) markOpaque(reading, 'bash evaluates a subscript', span)
  }
  if (operation === undefined) return
  for (const word of wordsOf(operation)) place.expandValue(reading, word, place.scope)
  readOperation(reading, { part, operation, place })
}

/** Whether `${!…}` is a list of names or of subscripts. */
function isList({ index, operation }: ParameterExpansionPart): boolean {
  return operation === undefined ? isAll(index) : operation.type === 'Names'
}

function isAll(index: Word | undefined): boolean {
  return index?.text === '@' || index?.text === '*'
}

/** The words in an operation whose text is not looked at. */
function wordsOf(operation: ParameterOperation): readonly Word[] {
  switch (operation.type) {
    case 'Default':
    case 'Remove':
      return [operation.operand]
    case 'Replace':
      return [operation.pattern, operation.replacement]
    case 'CaseModification':
      return operation.operand === undefined ? [] : [operation.operand]
    case 'Slice':
    case 'Transform':
    case 'Names':
    case 'Unknown':
      return []
    default:
      return operation satisfies never
  }
}

interface Operated {
  readonly part: ParameterExpansionPart
  readonly operation: ParameterOperation
  readonly place: ParameterPlace
}

function readOperation(reading: Reading, { part, operation, place }: Operated): void {
  const { scope } = place
  const span = spanOf(part, scope)
  if (operation.type === 'Default') {
    if (operation.operator.includes('=')) setDefault(reading, part, scope)
  } else if (operation.type === 'Slice') {
    if (operation.length === undefined && operation.offset.text === '') markOpaque(reading, NOT_READ, span)
    readSlice(reading, operation, place)
  } else if (operation.type === 'Transform' && !/^[QEAKakUuL]$/u.test(operation.operand.text)) {
    markOpaque(reading, 'a value is expanded once more', span)
  } else if (operation.type === 'Unknown') markOpaque(reading, NOT_READ, span)
}

function setDefault(reading: Reading, part: ParameterExpansionPart, scope: Scope): void {
  const span = spanOf(part, scope)
  if (part.index !== undefined || !/^[A-Za-z_]/u.test(part.parameter)) markOpaque(reading, NOT_READ, span)
  assign(reading, part.parameter, { value: undefined, scope, span })
}

function readSlice(reading: Reading, { offset, length }: ParameterSliceOperation, place: ParameterPlace): void {
  readBound(reading, offset, place)
  if (length === undefined) return
  // Bash gives up the line where a slice ends before it begins.
  if (!/^\d+$/u.test(length.text)) reading.mayStop = true
  readBound(reading, length, place)
}

function readBound(reading: Reading, bound: Word, { readParts, scope }: ParameterPlace): void {
  readParts(reading, bound.parts, scope)
  if (bound.text === '' || readIntegerText(reading, bound.text, scope)) return
  markOpaque(reading, 'bash evaluates a value that nobody can know as a number', spanOf(bound, scope))
}
