import { addPlainCommand } from './apply-spec.ts'
import { isDecimal } from './arithmetic.ts'
import type { Field } from './field.ts'
import { markOpaque, type Reading, type Run } from './reading.ts'
import type { Value } from './scope.ts'
import { assign, fixVariable } from './variables.ts'

const NAME = /^[A-Za-z_]\w*$/u
const ASSIGNMENT = /^([A-Za-z_]\w*)(\+?)=/u
const WHY = 'a variable that nobody can know is set'

/** The value of an assignment whose text is known. */
export function valueOfText(text: string | undefined): Value {
  return text === undefined ? undefined : { text, isInteger: isDecimal(text) }
}

/** Gives a variable of this shell a value on behalf of a command. */
export function setVariable(
  reading: Reading,
  { scope, span, effects }: Run,
  { name, value }: { readonly name: string; readonly value: Value },
): void {
  assign(reading, name, { value, scope, span, effects })
}

/** Declarations after which a later value may not be what it is set to. */
const UNSURE = ['local', 'readonly']

/** `export`, `declare` and their like. */
export function declareNames(reading: Reading, run: Run): void {
  const { options, words } = splitOptions(run.fields.slice(1))
  const name = run.fields[0]?.text ?? ''
  const isFixed = name === 'readonly' || options.some((option) => /^-\w*r/u.test(option))
  // Outside a function `local` fails, and sets nothing.
  const isPlain = !UNSURE.includes(name) && options.every((option) => /^[-+][xg]+$/u.test(option))
  const isKnown = options.every((option) => (name === 'export' ? /^-[np]+$/u : /^[-+][xrgpaAlutfF]+$/u).test(option))
  if (!isKnown) markOpaque(reading, 'a declaration changes what a name means', run.span)
  for (const word of words) declareName(reading, run, { word, isPlain, isFixed })
  finish(reading, run)
}

interface Declared {
  readonly word: Field
  /** False where an attribute changes what values become. */
  readonly isPlain: boolean
  /** True where nobody can set it any more. */
  readonly isFixed: boolean
}

function declareName(reading: Reading, run: Run, { word, isPlain, isFixed }: Declared): void {
  const found = ASSIGNMENT.exec(word.head)
  const name = found?.[1] ?? word.text ?? ''
  if (!NAME.test(name) || word.count === 'any') markOpaque(reading, WHY, run.span)
  if (!isPlain) reading.tainted.add(name)
  if (found !== null) setVariable(reading, run, { name, value: assignedValue(word, found) })
  if (isFixed) fixVariable(reading, name, run.scope)
}

function assignedValue({ text, count, hasTilde }: Field, [whole, , plus]: RegExpExecArray): Value {
  return plus === '' && count === 'one' && !hasTilde ? valueOfText(text?.slice(whole.length)) : undefined
}

const READ_OPTION = /^-[ersE]*[adiNnptu]?$/u
const READ_ATTACHED = /^-[ersE]*[dNntu].+$/u

/** `read`: what it reads is not known. */
export function readNames(reading: Reading, run: Run): void {
  const words = run.fields.slice(1).map(({ text }) => text)
  for (let index = 0; index < words.length; index++) {
    const text = words[index] ?? ''
    // The value of `-a` is a name like the others.
    if (READ_OPTION.test(text)) index += /[diNnptu]$/u.test(text) ? 1 : 0
    else if (NAME.test(text)) setVariable(reading, run, { name: text, value: undefined })
    else if (!READ_ATTACHED.test(text)) markOpaque(reading, WHY, run.span)
  }
  finish(reading, run)
}

function finish(reading: Reading, run: Run): void {
  addPlainCommand(reading, run, { isKnown: true, kind: run.effects.length === 0 ? 'exec' : undefined })
}

/** `mapfile` and `readarray`: the last word names what is set. */
export function importNames(reading: Reading, run: Run): void {
  for (const { text = '' } of run.fields.slice(1)) {
    if (NAME.test(text)) setVariable(reading, run, { name: text, value: undefined })
    else if (text !== '-t') markOpaque(reading, WHY, run.span)
  }
  finish(reading, run)
}

/** `getopts`: the second word names what is set. */
export function nameOption(reading: Reading, run: Run): void {
  const [, options, { text = '' } = {}, ...others] = run.fields
  if (options?.text === undefined || !NAME.test(text) || others.length > 0) markOpaque(reading, WHY, run.span)
  for (const name of [text, 'OPTARG']) setVariable(reading, run, { name, value: undefined })
  finish(reading, run)
}

/** `unset`. */
export function unsetNames(reading: Reading, run: Run): void {
  for (const { text } of run.fields.slice(1)) {
    if (text === '-v') continue
    if (text === undefined || !NAME.test(text)) markOpaque(reading, WHY, run.span)
    else if (run.scope.state.functions.has(text)) markOpaque(reading, 'a function is taken away', run.span)
    else setVariable(reading, run, { name: text, value: undefined })
  }
  finish(reading, run)
}

function splitOptions(words: readonly Field[]): {
  readonly options: readonly string[]
  readonly words: readonly Field[]
} {
  const end = words.findIndex(({ text, head }) => !/^[-+]./u.test(text ?? head))
  const at = end === -1 ? words.length : end
  return { options: words.slice(0, at).map(({ text }) => text ?? '?'), words: words.slice(at) }
}
