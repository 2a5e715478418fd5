import { isSubscript, readIntegerText } from './arithmetic.ts'
import type {
  TestBinaryExpression,
  TestExpression,
  TestLogicalExpression,
  TestUnaryExpression,
  Word,
} from './bash-parser.ts'
import { expandValue } from './expand-word.ts'
import { markOpaque, spanOf, type Reading } from './reading.ts'
import type { Scope } from './scope.ts'

const ARITHMETIC = ['-eq', '-ne', '-lt', '-le', '-gt', '-ge']

/** Reads `[[ … ]]`: numbers and the names of `-v` are evaluated, with the substitutions in their subscripts. */
export function readTest(reading: Reading, expression: TestExpression, scope: Scope): void {
  switch (expression.type) {
    case 'TestUnary':
      return readUnary(reading, expression, scope)
    case 'TestBinary':
      return readBinary(reading, expression, scope)
    case 'TestLogical':
      return readLogical(reading, expression, scope)
    case 'TestNot':
      return readTest(reading, expression.operand, scope)
    case 'TestGroup':
      return readTest(reading, expression.expression, scope)
    default:
      return expression satisfies never
  }
}

// To shells without this form it is a program named `[[`: behind `&&` and `||` another one begins, and `<` and `>` are
// redirects.
function readLogical(reading: Reading, test: TestLogicalExpression, scope: Scope): void {
  for (const [index, operand] of test.operands.entries()) {
    readTest(reading, operand, scope)
    const first = index === 0 ? undefined : firstWord(operand)
    if (first !== undefined && expandValue(reading, first, scope).text !== undefined) refuse(reading, test, scope)
  }
}

/** The word that an expression begins with; undefined where that is an operator or a bracket. */
function firstWord(test: TestExpression): Word | undefined {
  if (test.type === 'TestBinary') return test.left
  return test.type === 'TestUnary' && test.pos === test.operand.pos ? test.operand : undefined
}

function readUnary(reading: Reading, test: TestUnaryExpression, scope: Scope): void {
  readWord(reading, test.operand, scope)
  const isName = test.operator === '-v' || test.operator === '-R'
  if (isName && !/^\w+$/u.test(test.operand.text)) refuse(reading, test, scope)
}

function readBinary(reading: Reading, test: TestBinaryExpression, scope: Scope): void {
  if (test.operator === '<' || test.operator === '>') refuse(reading, test, scope)
  for (const side of [test.left, test.right]) {
    readWord(reading, side, scope)
    if (ARITHMETIC.includes(test.operator) && !isNumber(reading, side, scope)) refuse(reading, test, scope)
  }
}

/** Reads a word that is compared: a value, of which nothing becomes of the line but what it runs. */
export function readWord(reading: Reading, word: Word, scope: Scope): void {
  const { text } = expandValue(reading, word, scope)
  if (text !== undefined) reading.words.push(text)
}

function refuse(reading: Reading, node: TestExpression, scope: Scope): void {
  markOpaque(reading, 'a test may evaluate what nobody can know', spanOf(node, scope))
}

function isNumber(reading: Reading, { text }: Word, scope: Scope): boolean {
  const plain = text.replace(/^"(.*)"$/su, '$1')
  return (
    /^\$[?#$]$|^\$\{#\w+\}$/u.test(plain) ||
    readIntegerText(reading, plain, scope) ||
    isSubscript(reading, plain, scope)
  )
}
