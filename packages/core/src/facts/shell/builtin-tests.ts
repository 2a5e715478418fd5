import { addPlainCommand, applySpec } from './apply-spec.ts'
import type { Field } from './field.ts'
import { markOpaque, type Reading, type Run } from './reading.ts'

const BINARY = ['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef', '-a', '-o']
const UNARY = /^-[a-zA-Z]$/u
const NAME = /^(?:[A-Za-z_]\w*|\d+)$/u

/**
 * Reads `test` and `[`. `-v` and `-R` evaluate a subscript in their operand, quoted or not: so they must be certain, and
 * no word that nobody can know may stand where it could be one of them.
 */
export function runTest(reading: Reading, run: Run): void {
  const [program, ...words] = run.fields
  if (program?.text === '[' && words.at(-1)?.text === ']') words.pop()
  if (!words.every((word, index) => isRead(words, word, index))) {
    markOpaque(reading, 'a test may evaluate what nobody can know', run.span)
  }
  const known = reading.reader.findProgram(program?.text ?? '')
  if (known === undefined) addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
  else applySpec(reading, { ...run, program: known })
}

function isRead(words: readonly Field[], { text, count }: Field, index: number): boolean {
  const before = words[index - 1]?.text ?? ''
  if (before === '-v' || before === '-R') return text !== undefined && NAME.test(text)
  if (text !== undefined) return true
  return count === 'one' && isOperand(words, index, before)
}

/** Whether a word is an operand for certain: it stands alone, behind an operator, or before one that takes two. */
function isOperand(words: readonly Field[], index: number, before: string): boolean {
  if (words.length === 1 || before === '!' || UNARY.test(before) || BINARY.includes(before)) return true
  return BINARY.includes(words[index + 1]?.text ?? '')
}
