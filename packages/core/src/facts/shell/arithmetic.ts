import type { ArithmeticExpression, WordPart } from './bash-parser.ts'
import { markOpaque, spanOf, type Reading } from './reading.ts'
import { subshellScope, type Scope } from './scope.ts'
import { assign, valueOf } from './variables.ts'

// What bash takes for no number, such as `08`, leaves a variable as it was.
const INTEGER = /^\s*-?(?:0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*|10#\d+|16#[\da-fA-F]+|8#[0-7]+|2#[01]+)\s*$/u
const NAME = /^[A-Za-z_]\w*$/u
const ASSIGNING = /^(?:=|\+=|-=|\*=|\/=|%=|<<=|>>=|&=|\^=|\|=)$/u
/** A sum of more terms nests deeper than a stack may. */
const MAX_DEPTH = 200
const WHY = 'bash evaluates a value that nobody can know as a number'
/** A variable that was counted with. */
const COUNTED = { text: undefined, isInteger: true } as const

/** Where an expression stands. */
interface ArithmeticPlace {
  readonly scope: Scope
  readonly node: { readonly pos: number; readonly end: number; readonly text?: string }
  /** How deep in an expression. */
  readonly depth?: number
  /** Reads what parts of words run; handed in, since words hold expressions. */
  readonly readParts: (reading: Reading, parts: readonly WordPart[] | undefined, scope: Scope) => void
}

/**
 * Reads an arithmetic expression. Bash evaluates the values of its variables as expressions in turn, subscripts and the
 * substitutions in them included: so only numbers, and variables that hold integers for certain, are read.
 */
export function readArithmetic(
  reading: Reading,
  expression: ArithmeticExpression | undefined,
  outer: ArithmeticPlace,
): void {
  if (expression === undefined) return readNothing(reading, outer)
  const place = { ...outer, depth: (outer.depth ?? 0) + 1 }
  if (place.depth > MAX_DEPTH) return markOpaque(reading, 'an expression is too long', spanOf(outer.node, outer.scope))
  switch (expression.type) {
    case 'ArithmeticBinary':
      return readBinary(reading, expression, place)
    case 'ArithmeticUnary':
      return readUnary(reading, expression, place)
    case 'ArithmeticTernary':
      readArithmetic(reading, expression.test, place)
      readArithmetic(reading, expression.consequent, place)
      return readArithmetic(reading, expression.alternate, place)
    case 'ArithmeticGroup':
      return readArithmetic(reading, expression.expression, place)
    case 'ArithmeticWord':
      return readOperand(reading, expression, place)
    case 'ArithmeticCommandExpansion':
      return readSubstitution(reading, expression, place)
    default:
      return expression satisfies never
  }
}

function readNothing(reading: Reading, { node, scope }: ArithmeticPlace): void {
  if (!/^\$?\(\(\s*\)\)$/u.test(node.text ?? '')) markOpaque(reading, WHY, spanOf(node, scope))
}

function readSubstitution(
  reading: Reading,
  { script }: Extract<ArithmeticExpression, { type: 'ArithmeticCommandExpansion' }>,
  { node, scope }: ArithmeticPlace,
): void {
  if (script !== undefined) reading.readScript(reading, script, { ...subshellScope(scope), rewritten: 'last' })
  markOpaque(reading, WHY, spanOf(node, scope))
}

function readUnary(
  reading: Reading,
  { operator, operand }: Extract<ArithmeticExpression, { type: 'ArithmeticUnary' }>,
  place: ArithmeticPlace,
): void {
  readArithmetic(reading, operand, place)
  if (operator === '++' || operator === '--') count(reading, operand, place)
}

function readBinary(
  reading: Reading,
  { operator, left, right }: Extract<ArithmeticExpression, { type: 'ArithmeticBinary' }>,
  place: ArithmeticPlace,
): void {
  readArithmetic(reading, right, place)
  if (/^(?:\/|%|\*\*)/u.test(operator) && !isPositive(right) && place.node.text?.startsWith('$') === true)
    reading.mayStop = true
  if (operator !== '=') readArithmetic(reading, left, place)
  if (ASSIGNING.test(operator)) count(reading, left, place)
}

function isPositive(expression: ArithmeticExpression): boolean {
  return expression.type === 'ArithmeticWord' && /^[1-9]\d*$/u.test(expression.value)
}

function count(reading: Reading, target: ArithmeticExpression, { scope, node }: ArithmeticPlace): void {
  const span = spanOf(node, scope)
  if (target.type !== 'ArithmeticWord' || !NAME.test(target.value)) return markOpaque(reading, WHY, span)
  assign(reading, target.value, { value: COUNTED, scope, span })
}

function readOperand(
  reading: Reading,
  word: Extract<ArithmeticExpression, { type: 'ArithmeticWord' }>,
  place: ArithmeticPlace,
): void {
  const { parts } = word
  const isRead =
    parts === undefined
      ? readIntegerText(reading, word.value, place.scope)
      : parts.every((part) => isNumber(reading, part, place))
  if (isRead) return
  place.readParts(reading, parts, place.scope)
  markOpaque(reading, WHY, spanOf(place.node, place.scope))
}

function isNumber(reading: Reading, part: WordPart, place: ArithmeticPlace): boolean {
  switch (part.type) {
    case 'Literal':
      return readIntegerText(reading, part.text, place.scope)
    case 'SimpleExpansion':
      return isCounted(reading, part.text.slice(1), place.scope)
    case 'ParameterExpansion': {
      if (part.index !== undefined || part.operation !== undefined || part.prefix === '!') return false
      return part.prefix === '#' || isCounted(reading, part.parameter, place.scope)
    }
    case 'ArithmeticExpansion':
      readArithmetic(reading, part.expression, { ...place, node: part })
      return true
    default:
      return false
  }
}

function isCounted(reading: Reading, name: string, scope: Scope): boolean {
  return name === '?' || name === '#' || name === '$' || (NAME.test(name) && readIntegerText(reading, name, scope))
}

/** Whether a text is a number that bash reads in base 10. */
export function isDecimal(text: string | undefined): boolean {
  return text !== undefined && /^-?(?:0|[1-9]\d*)$/u.test(text)
}

/** Whether a text is a number for certain: digits, or a variable that holds some. */
export function readIntegerText(reading: Reading, text: string, scope: Scope): boolean {
  if (INTEGER.test(text)) return true
  const name = text.trim()
  if (!NAME.test(name) || valueOf(reading, name, scope)?.isInteger !== true) return false
  if (!reading.used.has(name)) reading.used.set(name, 'integer')
  return true
}

/** Whether a subscript holds nothing that bash would run: a number, a plain key, or a variable that holds an integer. */
export function isSubscript(reading: Reading, text: string, scope: Scope): boolean {
  if (text === '@' || text === '*') return true
  return readIntegerText(reading, text.replace(/^\$/u, ''), scope) && text !== '$'
}
