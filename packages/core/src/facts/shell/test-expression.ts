import { isSubscript, readIntegerText } from './arithmetic.ts'
import type { TestBinaryExpression, TestExpression, TestUnaryExpression, Word } from './bash-parser.ts'
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
      for (const operand of expression.operands) readTest(reading, operand, scope)
      return
    case 'TestNot':
      return readTest(reading, expression.operand, scope)
    case 'TestGroup':
      return readTest(reading, expression.expression, scope)
    default:
      return expression satisfies never
  }
}

function readUnary(reading: Reading, test: TestUnaryExpression, scope: Scope): void {
  readWord(reading, test.operand, scope)
  const isName = test.operator === '-v' || test.operator === '-R'
  if (isName && !/^\w+$/u.test(test.operand.text)) refuse(reading, test, scope)
}

function readBinary(reading: Reading, test: TestBinaryExpression, scope: Scope): void {
  for (const side of [test.left, test.right]) {
    readWord(reading, side, scope)
    if (ARITHMETIC.includes(test.operator) && !isNumber(reading, side, scope)) refuse(reading, test, scope)
  }
}

function readWord(reading: Reading, word: Word, scope: Scope): void {
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
