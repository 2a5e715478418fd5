import { isSubscript } from './arithmetic.ts'
import type { ArrayValue, Assignment, Command, Redirection, Word } from './bash-parser.ts'
import { setVariable, valueOfText } from './builtin-names.ts'
import { isEnvHook } from './env-hooks.ts'
import { expandValue, expandWord, readParts } from './expand-word.ts'
import { unknownField, type Field } from './field.ts'
import { hasArrayGap, hasGap, misreadingOf } from './gaps.ts'
import {
  addEffect,
  markGlued,
  markMisread,
  markOpaque,
  spanOf,
  spend,
  type EffectDraft,
  type Reading,
  type Run,
} from './reading.ts'
import { addRedirectFlows, readRedirects } from './redirects.ts'
import { sharedScope, type Scope } from './scope.ts'
import type { Span } from './shell-facts.ts'
import { assign, readMaybe } from './variables.ts'

/** Reads one simple command: its assignments, its words, its redirects. */
export function readCommand(reading: Reading, command: Command, outer: Scope): void {
  if (!spend(reading, 1)) return
  const misreading = misreadingOf(command, outer.rewritten !== undefined)
  if (misreading !== undefined) markMisread(reading, misreading, spanOf(command, outer))
  if (hasGap(outer.source, command)) reading.broken ??= 'it is not bash, as far as it can be read'
  const from = reading.commands.length
  // Bash expands words first, then redirects, then assignments.
  const fields = expandAll(reading, command, outer)
  // What its substitutions run reads the same input first.
  const scope = reading.commands.length === from ? outer : sharedScope(outer)
  const redirects = command.suffix.filter((item) => item.type !== 'Word' && item.type !== 'Assignment')
  if (command.prefix.length > 0 || redirects.length > 0) readDressed(reading, command, { scope, fields, redirects })
  else reading.runWords(reading, { fields, scope, span: spanOf(command, scope), effects: [], caller: 'shell' })
}

function expandAll(reading: Reading, { name, suffix }: Command, scope: Scope): readonly Field[] {
  const fields: Field[] = []
  if (name !== undefined) fields.push(...expandWord(reading, name, scope))
  markGlued(reading, suffix, scope)
  for (const item of suffix) {
    if (item.type === 'Word') fields.push(...expandWord(reading, item, scope))
    else if (item.type === 'Assignment') fields.push(assignmentField(reading, item, scope))
  }
  return fields
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
    const dress = { assignments, isFed: feed !== undefined }
    if (before.length + redirects.length === 0) runDressed(reading, run, dress)
    else readMaybe(reading, scope, () => runDressed(reading, run, dress))
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
  const from = reading.commands.length
  for (const each of assignments) prefix(reading, each, { scope: run.scope, effects: run.effects, harmless })
  const scope = reading.commands.length === from ? run.scope : sharedScope(run.scope)
  reading.runWords(reading, { ...run, scope })
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
  // A builtin that sets it too sets it for as long.
  reading.tainted.add(name)
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
  if (index !== undefined) readIndex(reading, index, { scope, span })
  if (hasArrayGap(scope.source, value)) reading.broken ??= 'it is not bash, as far as it can be read'
  if (value.type === 'ArrayValue') {
    readArray(reading, value, scope)
    return unknownField(span, { head })
  }
  const field = expandValue(reading, value, scope)
  if (field.text !== undefined) reading.words.push(field.text)
  const text = index === undefined && field.text !== undefined ? head + field.text : undefined
  return { ...field, text, head: head + field.head, folder: undefined, span }
}

function readIndex(
  reading: Reading,
  index: Word,
  { scope, span }: { readonly scope: Scope; readonly span: Span },
): void {
  readParts(reading, index.parts, scope)
  // Where a subscript is too small, bash gives up the line.
  if (!/^\d+$/u.test(index.text)) reading.mayStop = true
  if (!isSubscript(reading, index.text, scope)) markOpaque(reading, 'bash evaluates a subscript', span)
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
