import { isSubscript } from './arithmetic.ts'
import type { ArrayValue, Assignment, Command, Redirection } from './bash-parser.ts'
import { setVariable, valueOfText } from './builtin-names.ts'
import { isEnvHook } from './env-hooks.ts'
import { expandValue, expandWord, readParts } from './expand-word.ts'
import { unknownField, type Field } from './field.ts'
import {
  addEffect,
  assign,
  markGlued,
  markOpaque,
  spanOf,
  spend,
  type EffectDraft,
  type Reading,
  type Run,
} from './reading.ts'
import { addRedirectFlows, readRedirects } from './redirects.ts'
import type { Scope } from './scope.ts'

/** Reads one simple command: its assignments, its words, its redirects. */
export function readCommand(reading: Reading, command: Command, scope: Scope): void {
  if (!spend(reading, 1)) return
  const fields: Field[] = []
  // Bash expands words first, then redirects, then assignments.
  if (command.name !== undefined) fields.push(...expandWord(reading, command.name, scope))
  const redirects: Redirection[] = []
  markGlued(reading, command.suffix, scope)
  for (const item of command.suffix) {
    if (item.type === 'Word') fields.push(...expandWord(reading, item, scope))
    else if (item.type === 'Assignment') fields.push(assignmentField(reading, item, scope))
    else redirects.push(item)
  }
  if (command.prefix.length > 0 || redirects.length > 0) readDressed(reading, command, { scope, fields, redirects })
  else reading.runWords(reading, { fields, scope, span: spanOf(command, scope), effects: [], caller: 'shell' })
}

interface Dressed {
  readonly scope: Scope
  readonly fields: readonly Field[]
  readonly redirects: readonly Redirection[]
}

function readDressed(reading: Reading, command: Command, { scope, fields, redirects }: Dressed): void {
  const span = spanOf(command, scope)
  const assignments = command.prefix.filter((item) => item.type === 'Assignment')
  const before = command.prefix.filter((item) => item.type !== 'Assignment')
  const redirected = readRedirects(reading, [...before, ...redirects], scope)
  const { effects, feed } = redirected
  const from = reading.commands.length
  if (fields.length === 0) {
    for (const each of assignments) set(reading, each, { scope, effects: reading.effects })
    reading.effects.push(...effects)
  } else {
    const run = {
      fields,
      scope: feed === undefined ? scope : { ...scope, feed },
      span,
      effects,
      caller: 'shell' as const,
    }
    runDressed(reading, run, { assignments, isFed: feed !== undefined })
  }
  addRedirectFlows(reading, redirected, { from, to: reading.commands.length })
}

interface Dress {
  readonly assignments: readonly Assignment[]
  readonly isFed: boolean
}

function runDressed(reading: Reading, run: Run, { assignments, isFed }: Dress): void {
  const [program, ...words] = run.fields
  // Where `read` splits is no matter of other programs.
  const harmless = program?.text === 'read' ? 'IFS' : undefined
  for (const each of assignments) prefix(reading, each, { scope: run.scope, effects: run.effects, harmless })
  reading.runWords(reading, run)
  if (isFed && words.length === 0 && program?.text === 'exec') {
    markOpaque(reading, 'the standard input changes for all that follows', run.span)
  }
}

interface Setting {
  readonly scope: Scope
  readonly effects: EffectDraft[]
}

/** An assignment before a command: it holds for that command alone, or in some shells for longer. */
function prefix(
  reading: Reading,
  assignment: Assignment,
  { scope, effects, harmless }: Setting & { readonly harmless: string | undefined },
): void {
  const field = assignmentField(reading, assignment, scope)
  const { name } = assignment
  const span = spanOf(assignment, scope)
  if (scope.state.values.has(name) || reading.used.has(name)) assign(reading, name, { value: undefined, scope, span })
  const value = field.text?.slice(name.length + 1)
  if (name !== harmless && isEnvHook(name, assignment.append === true ? undefined : value))
    addEffect(effects, 'env.hook', { targets: [name], span })
}

function set(reading: Reading, assignment: Assignment, { scope, effects }: Setting): void {
  const { name, value, append, index } = assignment
  const span = spanOf(assignment, scope)
  const field = assignmentField(reading, assignment, scope)
  const isPlain = value.type === 'Word' && append !== true && index === undefined && !field.hasTilde
  const text = isPlain ? field.text?.slice(name.length + 1) : undefined
  const isInteger =
    isPlain && value.parts?.every(({ type }) => type === 'ArithmeticExpansion') === true && value.parts.length === 1
  const known = isInteger ? { text: undefined, isInteger } : valueOfText(text)
  setVariable(reading, { fields: [], scope, span, effects, caller: 'shell' }, { name, value: known })
}

/** An assignment as the word that a builtin such as `export` gets. */
function assignmentField(reading: Reading, { name, value, append, index, pos, end }: Assignment, scope: Scope): Field {
  const span = spanOf({ pos, end }, scope)
  const head = `${name}${append === true ? '+' : ''}=`
  if (index !== undefined) {
    readParts(reading, index.parts, scope)
    if (!isSubscript(reading, index.text, scope)) markOpaque(reading, 'bash evaluates a subscript', span)
  }
  if (value.type === 'ArrayValue') {
    readArray(reading, value, scope)
    return unknownField(span, { head })
  }
  const field = expandValue(reading, value, scope)
  if (field.text !== undefined) reading.words.push(field.text)
  const text = index === undefined && field.text !== undefined ? head + field.text : undefined
  return { ...field, text, head: head + field.head, folder: undefined, span }
}

function readArray(reading: Reading, { elements }: ArrayValue, scope: Scope): void {
  markGlued(reading, elements, scope)
  for (const element of elements) {
    const subscript = /^\[(.*?)\]=/su.exec(element.text)?.[1]
    if (
      subscript !== undefined &&
      !isSubscript(reading, subscript, scope) &&
      !/^[\w.-]+$|^(['"])[\w .-]*\1$/u.test(subscript)
    ) {
      markOpaque(reading, 'bash evaluates a subscript', spanOf(element, scope))
    }
    for (const { text } of expandWord(reading, element, scope)) if (text !== undefined) reading.words.push(text)
  }
}
