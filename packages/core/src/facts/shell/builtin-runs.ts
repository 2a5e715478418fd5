import { addPlainCommand } from './apply-spec.ts'
import type { Field } from './field.ts'
import { markOpaque, type Reading, type Run } from './reading.ts'
import type { Scope } from './scope.ts'
import { addTarget, changeFolder, eitherFolder } from './targets.ts'

/** `cd` and `pushd`. What comes later may be in either folder, unless it only runs where this succeeded. */
export function changeDirectory(reading: Reading, run: Run): void {
  const { scope } = run
  if (run.caller !== 'program') {
    const { folders } = scope.state
    const changed = changeFolder(folders, folderOf(run))
    moveTo(reading, run, scope.isStraight ? changed : eitherFolder(folders, changed))
  }
  addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
}

/** The folder that a word of `cd` names; undefined where nobody can know. */
function folderOf({ fields }: Run): Field | undefined {
  const [program, ...words] = fields
  const [target, ...others] = words.filter(({ text }) => text === undefined || !/^-(?:[LPe@n]+|-)$/u.test(text))
  if (target === undefined && program?.text === 'cd') return { ...program, text: '~', head: '~', hasTilde: true }
  const isKnown = target?.count === 'one' && others.length === 0 && !/^[-+]\d/u.test(target.head)
  return isKnown ? target : undefined
}

/** `popd`. */
export function leaveDirectory(reading: Reading, run: Run): void {
  if (run.caller !== 'program') moveTo(reading, run, undefined)
  addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
}

function moveTo(reading: Reading, { scope, span }: Run, folders: readonly string[] | undefined): void {
  const { state } = scope
  state.folders = folders
  if (scope.isRepeated) markOpaque(reading, 'the folder changes again and again', span)
}

/** Options of builtins that run what they name. */
const PEELED: Readonly<Record<string, RegExp>> = { command: /^-p+$/u, builtin: /^(?!)/u, exec: /^-[cl]+$/u }
const LOOKING_UP = /^-p*[vV][pvV]*$/u

/** `command`, `builtin` and `exec`: what they name runs, and no function does. */
export function peel(reading: Reading, run: Run): void {
  const [program, ...words] = run.fields
  const name = program?.text ?? ''
  const fields = words.slice(endOfOptions(name, words))
  const [first] = fields
  if (first === undefined || (name === 'command' && LOOKING_UP.test(first.head))) {
    return addPlainCommand(reading, run, { isKnown: true, kind: run.effects.length === 0 ? 'exec' : undefined })
  }
  if (first.head.startsWith('-')) markOpaque(reading, 'an option is not known', run.span)
  const { scope } = run
  const inner = { ...scope, wrappers: [...scope.wrappers, name], level: scope.level + 1 }
  reading.runWords(reading, { ...run, fields, scope: inner, caller: callerOf(name, run) })
}

// What replaces the shell is looked up as a program.
function callerOf(name: string, { caller }: Run): Run['caller'] {
  return caller === 'program' || name === 'exec' ? 'program' : 'builtin'
}

function takesName(option: Field | undefined, value: Field | undefined): boolean {
  return option?.text === '-a' && value?.count === 'one'
}

function endOfOptions(name: string, words: readonly Field[]): number {
  let at = 0
  while (PEELED[name]?.test(words[at]?.text ?? '') === true) at += 1
  if (name === 'exec' && takesName(words[at], words[at + 1])) at += 2
  return words[at]?.text === '--' ? at + 1 : at
}

/** `eval`: its words, joined, are a text for this very shell. */
export function evaluate(reading: Reading, run: Run): void {
  const { scope, span } = run
  const [, ...words] = run.fields
  const fields = words[0]?.text === '--' ? words.slice(1) : words
  const inner: Scope = { ...scope, level: scope.level + 1, span, wrappers: [...scope.wrappers, 'eval'] }
  const isKnown = fields.every(({ text, hasTilde }) => text !== undefined && !hasTilde)
  if (isKnown && fields[0]?.text?.startsWith('-') !== true) {
    if (run.effects.length > 0) addPlainCommand(reading, run, { isKnown: true, kind: undefined })
    return reading.runText(reading, fields.map(({ text }) => text).join(' '), inner)
  }
  addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
  takeCode(reading, run, fields)
}

/** `source`: afterwards nothing of this shell is known. */
export function sourceFile(reading: Reading, run: Run): void {
  const { scope, span } = run
  const [, first, second] = run.fields
  const file = first?.text === '--' ? second : first
  const taken = file === undefined || file.count !== 'one' ? undefined : sourced(run, file)
  if (taken === undefined) markOpaque(reading, 'a file that nobody can know is read', span)
  addPlainCommand(reading, run, { isKnown: true, kind: undefined })
  if (taken === 'shell' || taken === 'code') reading.takers.push({ index: reading.commands.length - 1, kind: taken })
  for (const name of scope.state.values.keys()) reading.tainted.add(name)
  scope.state.folders = undefined
}

/** What is read instead of a file that is known: what a pipe, or a substitution, holds. */
function sourced({ scope, effects, span }: Run, file: Field): 'shell' | 'code' | 'file' | undefined {
  if (/^\/dev\/(?:stdin|fd\/\d+)$/u.test(file.text ?? '')) return scope.feed.kind === 'pipe' ? 'shell' : undefined
  addTarget({ effects, folders: scope.state.folders, span }, 'code.local', file)
  return file.sources.length > 0 ? 'code' : 'file'
}

function takeCode(reading: Reading, run: Run, fields: readonly Field[]): void {
  const index = reading.commands.length - 1
  if (fields.some(({ sources }) => sources.length > 0)) reading.takers.push({ index, kind: 'shell' })
  else markOpaque(reading, 'the shell runs a text that nobody can know', run.span)
}

/** `trap`: its text runs later. */
export function setTrap(reading: Reading, run: Run): void {
  const words = run.fields.slice(1).filter(({ text }) => text !== '--')
  const [action] = words
  addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
  if (action === undefined || words.length === 1 || /^(?:-[lp]?|)$/u.test(action.text ?? '?')) return
  const { scope, span } = run
  if (action.text === undefined) return markOpaque(reading, 'the shell runs a text that nobody can know', span)
  reading.runText(reading, action.text, {
    ...scope,
    level: scope.level + 1,
    span,
    isStraight: false,
    isLate: true,
    isRepeated: true,
    wrappers: [...scope.wrappers, 'trap'],
  })
}
