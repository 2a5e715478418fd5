import { isEnvHook } from './env-hooks.ts'
import { addEffect, markOpaque, spend, type EffectDraft, type Reading } from './reading.ts'
import type { Scope, ShellState, Value } from './scope.ts'
import type { Span } from './shell-facts.ts'

/** The state of a shell, its own from now on. */
export function ownState(reading: Reading, state: ShellState): ShellState {
  if (!state.isShared) return state
  spend(reading, (state.values.size + state.functions.size) >> 3)
  state.values = new Map(state.values)
  state.functions = new Set(state.functions)
  state.isShared = false
  return state
}

/** Variables that change how later words are read. */
const READING = [
  'HOME',
  'CDPATH',
  'PWD',
  'OLDPWD',
  'BASH_ALIASES',
  'BASH_CMDS',
  'SHELLOPTS',
  'BASHOPTS',
  'POSIXLY_CORRECT',
  'GLOBIGNORE',
]

/** Variables that bash itself does not let anybody assign. */
const FIXED = ['UID', 'EUID', 'PPID', 'SHELLOPTS', 'BASHOPTS', 'BASH_VERSINFO']

/** Says that a variable cannot be assigned from now on. */
export function fixVariable(reading: Reading, name: string, { isStraight }: Scope): void {
  reading.fixed.add(name)
  if (!isStraight) reading.mayStop = true
}

/** Reads what may not run at all, such as a command whose redirect fails: what it sets is not certain then. */
export function readMaybe(reading: Reading, { state }: Scope, read: () => void): void {
  const { values, functions, isShared } = state
  // So that what changes is a copy.
  state.isShared = true
  read()
  if (state.values === values) {
    state.isShared = isShared
    return
  }
  spend(reading, state.values.size >> 3)
  for (const [name, value] of state.values) {
    const before = values.get(name)
    if (value !== before) state.values.set(name, eitherValue(before, value))
  }
  state.functions = new Set(functions)
}

/** What is known of a variable that holds one value or another. */
function eitherValue(some: Value, others: Value): Value {
  if (some?.text !== undefined && some.text === others?.text) return some
  return some?.isInteger === true && others?.isInteger === true ? { text: undefined, isInteger: true } : undefined
}

/** Whether what stands here runs for certain: bash did not give up the line, or nothing of it comes later. */
export function isCertain({ mayStop, hasLines }: Reading): boolean {
  return !mayStop || !hasLines
}

/** Gives a variable a value; what was read under another one, and may run after this, is not read. */
export function assign(reading: Reading, name: string, assigned: Assigned): void {
  const { value, scope, span, effects = reading.effects } = assigned
  if (isEnvHook(name, value?.text)) addEffect(effects, 'env.hook', { targets: [name], span })
  judgeName(reading, name, span)
  if (scope.isLate) reading.tainted.add(name)
  if (!scope.isStraight) return assignSometime(reading, name, assigned)
  const { values } = ownState(reading, scope.state)
  values.set(name, isCertain(reading) ? value : eitherValue(values.get(name), value))
}

function judgeName(reading: Reading, name: string, span: Span): void {
  if (READING.includes(name)) markOpaque(reading, 'a variable that bash itself goes by is set', span)
  if (name === 'IFS' && !reading.hasSeparators) markOpaque(reading, 'what splits values changes', span)
  // A function that calls itself too often has bash give up the line as well.
  if (reading.fixed.has(name) || FIXED.includes(name) || name === 'FUNCNEST') reading.mayStop = true
}

interface Assigned {
  readonly value: Value
  readonly scope: Scope
  readonly span: Span
  /** Where it is said that the variable makes other programs run: with the line where left out. */
  readonly effects?: EffectDraft[]
}

function assignSometime(reading: Reading, name: string, { value, scope, span }: Assigned): void {
  const { values } = ownState(reading, scope.state)
  const isInteger = value?.isInteger === true
  if (reading.used.get(name) === 'text' || (reading.used.has(name) && !isInteger)) {
    markOpaque(reading, 'a variable that is used changes at a time that nobody can know', span)
  }
  values.set(name, eitherValue(values.get(name), value))
}

// Variables that bash gives values of its own, at its own times.
const SPECIAL =
  /^(?:_|REPLY|MAPFILE|OPT(?:ARG|IND|ERR)|COPROC\w*|BASH\w*|S?RANDOM|SECONDS|LINENO|EPOCH\w+|FUNCNAME|GROUPS|DIRSTACK|PIPESTATUS|HIST\w+|COMP_\w+|READLINE_\w+|PPID|E?UID|COLUMNS|LINES|SHLVL|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE)$/u

/** What a variable is known to hold where it is used. */
export function valueOf(reading: Reading, name: string, scope: Scope): Value {
  if (scope.isLate || reading.tainted.has(name)) return undefined
  const value = scope.state.values.get(name)
  return value === undefined || SPECIAL.test(name) ? undefined : value
}
