import { addPlainCommand, applySpec, nameOf } from './apply-spec.ts'
import { runBuiltin } from './builtins.ts'
import { SHARED, markOpaque, spend, type Reading, type Run } from './reading.ts'
import { mayReadInput } from './reads-input.ts'
import { addTarget } from './targets.ts'

/** How many shells and wrappers deep is read. */
export const MAX_LEVELS = 8

/** The folders of the system's programs. */
const SYSTEM_FOLDERS = ['/bin/', '/usr/bin/', '/sbin/', '/usr/sbin/', '/usr/local/bin/']

/** Builtins that run what they are given, of which no system has a program. */
const NO_PROGRAMS = ['eval', 'exec', 'builtin', 'source', '.', 'trap']

/** Reads words as a command: as the shell looks it up, through what only starts another one, down to what runs. */
export function runWords(reading: Reading, run: Run): void {
  const [program] = run.fields
  if (program === undefined || !spend(reading, 1)) return
  if (run.scope.level > MAX_LEVELS) return markOpaque(reading, 'it starts one command in another too often', run.span)
  keepWords(reading, run)
  const { text } = program
  if (text === undefined) {
    markOpaque(reading, 'the program is not known', run.span)
    return addPlainCommand(reading, run, { isKnown: false, kind: 'exec.unknown' })
  }
  if (text.includes('/')) return runFile(reading, run, text)
  if (run.caller === 'shell' && run.scope.state.functions.has(text)) {
    return addPlainCommand(reading, run, { isKnown: false, kind: 'exec' })
  }
  runNamed(reading, run, text)
}

function runNamed(reading: Reading, run: Run, name: string): void {
  // Only a shell does that: what another program starts under such a name is somebody's own.
  if (run.caller === 'program' && NO_PROGRAMS.includes(name)) {
    addPlainCommand(reading, { ...run, effects: [] }, { isKnown: false, kind: 'exec.unknown' })
  }
  if (!runBuiltin(reading, run, name)) runProgram(reading, run, name)
}

function keepWords(reading: Reading, { fields, caller, scope, span }: Run): void {
  if (scope.feed.kind === 'script' && mayReadInput(nameOf(fields[0]) ?? '', fields.slice(1)))
    markOpaque(reading, SHARED, span)
  if (caller === 'shell' && scope.level === 0 && scope.depth === 1) reading.plan ??= fields
  for (const { text } of fields) if (text !== undefined) reading.words.push(text)
}

function runProgram(reading: Reading, run: Run, name: string): void {
  const program = reading.reader.findProgram(name)
  if (program === undefined) {
    // `time -o f rm x`: to bash `time` is a word of its own and `-o` the program, to other shells an option.
    if (name.startsWith('-')) markOpaque(reading, 'the program has the name of an option', run.span)
    return addPlainCommand(reading, run, { isKnown: false, kind: 'exec.unknown' })
  }
  applySpec(reading, { ...run, program })
}

// A program of the system is what its name says. One that lies elsewhere is code of its own; it may all the same be what
// it is named for.
function runFile(reading: Reading, run: Run, path: string): void {
  const name = nameOf(run.fields[0]) ?? ''
  const isSystem = SYSTEM_FOLDERS.includes(path.slice(0, path.length - name.length))
  if (isSystem) return runProgram(reading, run, name)
  const [field] = run.fields
  const { effects, span, scope } = run
  if (field !== undefined) {
    addTarget({ effects, folders: scope.state.folders, span }, 'code.local', field)
  }
  const program = reading.reader.findProgram(name)
  if (program === undefined) addPlainCommand(reading, run, { isKnown: false, kind: undefined })
  else applySpec(reading, { ...run, program })
}
