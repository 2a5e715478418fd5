import type { ParsedScript, Statement } from './bash-parser.ts'
import { isBuiltin } from './builtins.ts'
import { judgeTakers } from './code-takers.ts'
import { literalField } from './field.ts'
import { MAX_BYTES, opaqueFacts, refusalOf } from './pre-scan.ts'
import { markOpaque, spend, type EffectDraft, type Reading } from './reading.ts'
import { MAX_LEVELS, runWords } from './run-words.ts'
import { outermostScope, type Scope } from './scope.ts'
import type { ShellFacts, Span } from './shell-facts.ts'
import type { ShellReader } from './shell-reader.ts'
import { readScript } from './walk.ts'

// Bash makes one word of it, the parser two.
const GLUED = /[^\s;&|()<>][<>]\(/u
// Bash takes a line end behind a backslash out before it looks for these, the parser after.
const BROKEN = /\$[\w{]*\\\n|[\d}]\\\n(?:\\\n)*[<>]|[<>&|;(]\\\n(?:\\\n)*[<>&|;(]/u
// Whether it is kept hangs on where the shell has the text from.
const OPEN_ESCAPE = /(?<!\\)(?:\\\\)*\\$/u

/** What a line of bash means. Never throws: what cannot be read is opaque. */
export function readShell(text: string, reader: ShellReader): ShellFacts {
  const refusal = refusalOf(text)
  if (refusal !== undefined) return opaqueFacts(refusal, text.length)
  try {
    const script = reader.parse(text)
    const reading = startReading(reader, text)
    const scope = outermostScope(text)
    const isDoubtful = markDoubt(reading, text, scope)
    readScript(reading, script, scope)
    return finish(reading, text.length, isDoubtful ? undefined : planOf(reading, script))
  } catch {
    // Whatever breaks the parser or this reader: nothing is known then.
    return opaqueFacts('it cannot be read', text.length)
  }
}

/** What an argv means that a tool starts without a shell: its words stand as they are. */
export function readArgv(argv: readonly string[], reader: ShellReader): ShellFacts {
  const text = argv.join(' ')
  const refusal = refusalOfArgv(argv, text)
  if (refusal !== undefined) return opaqueFacts(refusal, text.length)
  const reading = startReading(reader, text)
  let at = 0
  const fields = argv.map((word) => {
    const span = { start: at, end: at + word.length }
    at += word.length + 1
    return literalField(word, span)
  })
  const span = { start: 0, end: text.length }
  try {
    runWords(reading, { fields, scope: outermostScope(text), span, effects: [], caller: 'program' })
    return finish(reading, text.length, argv)
  } catch {
    return opaqueFacts('it cannot be read', text.length)
  }
}

// What stands in its words is as if quoted.
function refusalOfArgv(argv: readonly string[], text: string): string | undefined {
  if (argv.length === 0) return 'there is no program'
  if (text.length > MAX_BYTES) return 'it is longer than 16 KiB'
  return CONTROLS.test(text) ? 'it holds a control character' : undefined
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const CONTROLS = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/u

function startReading(reader: ShellReader, text: string): Reading {
  return {
    reader,
    commands: [],
    effects: [],
    flows: [],
    opaque: [],
    words: [],
    takers: [],
    used: new Map(),
    tainted: new Set(),
    fixed: new Set(),
    mayStop: false,
    hasLines: text.includes('\n'),
    steps: 0,
    broken: undefined,
    plan: undefined,
    hasSeparators: text.includes('IFS'),
    readScript,
    runWords,
    runText,
  }
}

/** Reads a text that a shell in the line runs. */
function runText(reading: Reading, text: string, scope: Scope): void {
  const span = scope.span ?? { start: 0, end: 0 }
  if (scope.level > MAX_LEVELS) return markOpaque(reading, 'it starts one shell in another too often', span)
  const refusal = refusalOf(text)
  if (refusal !== undefined) return markOpaque(reading, 'a shell is given a text that cannot be read', span)
  if (!spend(reading, 1 + (text.length >> 4))) return
  reading.hasLines = true
  markDoubt(reading, text, scope)
  if (text.includes('IFS') && !reading.hasSeparators) markOpaque(reading, 'what splits values changes', span)
  readScript(reading, reading.reader.parse(text), { ...scope, source: text, rewritten: undefined })
}

/** Marks a text whose words bash, or another shell, takes for others than the parser does. */
function markDoubt(reading: Reading, text: string, scope: Scope): boolean {
  const doubt = doubtOf(text)
  if (doubt !== undefined) markOpaque(reading, doubt, scope.span ?? { start: 0, end: text.length })
  return doubt !== undefined
}

function doubtOf(text: string): string | undefined {
  if (text.endsWith('\\') && OPEN_ESCAPE.test(text)) return 'it ends with a backslash'
  if (text.includes('\\\n') && BROKEN.test(text)) return 'a line ends within an expansion or an operator'
  return text.includes('(') && GLUED.test(text) ? 'a process substitution stands in a larger word' : undefined
}

function finish(reading: Reading, length: number, argv: readonly string[] | undefined): ShellFacts {
  judgeTakers(reading)
  if (reading.broken !== undefined) return opaqueFacts(reading.broken, length)
  const { commands, effects, flows, opaque, words } = reading
  return { commands, effects, flows, opaque, words, unread: unreadSpans(reading), argv }
}

function unreadSpans({ commands, effects: loose }: Reading): readonly Span[] {
  // What is put into the environment or planted is a text that others run.
  const spans = [...loose, ...commands.flatMap(({ effects }) => effects)].filter(isRunByOthers).map(({ span }) => span)
  for (const { span, isElsewhere, effects } of commands) {
    if (isElsewhere || effects.some(({ kind }) => kind === 'exec.unknown' || kind.startsWith('code.'))) spans.push(span)
  }
  return spans
}

const isRunByOthers = ({ kind }: EffectDraft): boolean => kind === 'env.hook' || kind === 'persist'

/** The words of a line that is one program and its words, all known; undefined for any other. */
function planOf({ plan = [] }: Reading, { commands }: ParsedScript): readonly string[] | undefined {
  const [statement, ...others] = commands
  if (statement === undefined || others.length > 0 || !isBare(statement)) return undefined
  const words: string[] = []
  for (const { text, hasTilde } of plan) {
    if (text === undefined || hasTilde) return undefined
    words.push(text)
  }
  const [program] = words
  return program === undefined || isBuiltin(program) ? undefined : words
}

/** One command without assignments and redirects, which the shell waits for. */
function isBare({ command, background }: Statement): boolean {
  if (command.type !== 'Command' || background === true) return false
  return command.prefix.length === 0 && command.suffix.every(({ type }) => type === 'Word')
}
