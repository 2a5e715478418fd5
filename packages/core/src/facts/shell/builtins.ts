import { addPlainCommand, applySpec } from './apply-spec.ts'
import { isDecimal, readIntegerText } from './arithmetic.ts'
import { declareNames, importNames, nameOption, readNames, unsetNames } from './builtin-names.ts'
import { changeDirectory, evaluate, leaveDirectory, peel, setTrap, sourceFile } from './builtin-runs.ts'
import { runTest } from './builtin-tests.ts'
import { mayBeOption, type Field } from './field.ts'
import { markOpaque, type Reading, type Run } from './reading.ts'
import { assign } from './variables.ts'

type Builtin = (reading: Reading, run: Run) => void

/** Reads words as a builtin of bash; false where the name is none. */
export function runBuiltin(reading: Reading, run: Run, name: string): boolean {
  const builtin = BUILTINS.get(name)
  if (builtin === undefined) return false
  builtin(reading, run)
  return true
}

/** Whether bash has a command of that name of its own. */
export function isBuiltin(name: string): boolean {
  // `%1` is a job, not a program.
  return BUILTINS.has(name) || SHADOWING.includes(name) || name.startsWith('%')
}

/** Builtins that do what the program of their name does. */
const SHADOWING = ['', 'kill']

// What it does is what its spec says; where there is none, nothing.
const plain: Builtin = (reading, run) => {
  const program = reading.reader.findProgram(run.fields[0]?.text ?? '')
  if (program === undefined) addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
  else applySpec(reading, { ...run, program })
}

const unreadable: Builtin = (reading, run) => {
  markOpaque(reading, 'a builtin changes what later words mean', run.span)
  addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
}

/** A builtin that is read only without options, or with some. */
function onlyWith(pattern: RegExp): Builtin {
  return (reading, run) => {
    const isRead = run.fields.slice(1).every(({ text }) => text !== undefined && pattern.test(text))
    if (!isRead) return unreadable(reading, run)
    addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
  }
}

const print: Builtin = (reading, run) => {
  const [, first, { text: name = '' } = {}] = run.fields
  if (first?.text === '-v' && NAME.test(name)) {
    assign(reading, name, { value: undefined, scope: run.scope, span: run.span })
    return addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
  }
  if (first !== undefined && maySet(first)) markOpaque(reading, 'it may set a variable that nobody can know', run.span)
  plain(reading, run)
}

const NAME = /^[A-Za-z_]\w*$/u

function maySet(field: Field): boolean {
  return field.text === undefined ? mayBeOption(field) : field.text.startsWith('-v')
}

const COUNTING = /^([A-Za-z_]\w*)(?:\+\+|--|([-+*]?)=(-?\d+))$/u

const count: Builtin = (reading, run) => {
  for (const { text } of run.fields.slice(1)) {
    const [, name = '', operator, number = '0'] = COUNTING.exec(text ?? '') ?? []
    // Unless it is set anew, what it holds is evaluated.
    const isRead = isDecimal(number) && (operator === '' || readIntegerText(reading, name, run.scope))
    if (!isRead) markOpaque(reading, 'bash evaluates a value that nobody can know as a number', run.span)
    else assign(reading, name, { value: { text: undefined, isInteger: true }, scope: run.scope, span: run.span })
  }
  addPlainCommand(reading, run, { isKnown: true, kind: 'exec' })
}

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...[
    ':',
    'true',
    'false',
    'break',
    'continue',
    'return',
    'exit',
    'shift',
    'times',
    'umask',
    'type',
    'jobs',
    'bg',
    'fg',
    'disown',
    'logout',
    'caller',
    'ulimit',
    'dirs',
    'pwd',
    'help',
    'echo',
    'suspend',
  ].map((name) => [name, plain] as const),
  ...['alias', 'unalias', 'bind', 'complete', 'compgen', 'compopt', 'enable', 'fc'].map(
    (name) => [name, unreadable] as const,
  ),
  ['hash', onlyWith(/^(?:-r|[\w.+]+)$/u)],
  ['history', onlyWith(/^\d+$/u)],
  ['wait', onlyWith(/^(?:-n|-f|%?\d+)$/u)],
  ['set', onlyWith(/^(?:[-+](?:[euxv]+|[euxv]*o)|pipefail|errexit|nounset|xtrace|verbose)$/u)],
  ['shopt', onlyWith(/^(?:-[suq]|nullglob|dotglob|globstar|nocaseglob|inherit_errexit)$/u)],
  ['printf', print],
  ['test', runTest],
  ['[', runTest],
  ['let', count],
  ['cd', changeDirectory],
  ['pushd', changeDirectory],
  ['popd', leaveDirectory],
  ['eval', evaluate],
  ['source', sourceFile],
  ['.', sourceFile],
  ['exec', peel],
  ['command', peel],
  ['builtin', peel],
  ['trap', setTrap],
  ['export', declareNames],
  ['declare', declareNames],
  ['typeset', declareNames],
  ['local', declareNames],
  ['readonly', declareNames],
  ['read', readNames],
  ['mapfile', importNames],
  ['readarray', importNames],
  ['getopts', nameOption],
  ['unset', unsetNames],
])
