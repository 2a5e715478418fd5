import { readArithmetic } from './arithmetic.ts'
import type {
  AndOr,
  ArithmeticCommand,
  ArithmeticFor,
  Case,
  CommandNode,
  CompoundList,
  Coproc,
  For,
  Function as ShellFunction,
  If,
  ParsedScript,
  Pipeline,
  PipelineNode,
  Redirected,
  Select,
  Statement,
  TestCommand,
  While,
  Word,
} from './bash-parser.ts'
import { isBuiltin } from './builtins.ts'
import { expandValue, expandWord, readParts } from './expand-word.ts'
import { fedText } from './fed-text.ts'
import type { CommandRange } from './field.ts'
import { MAX_NESTING } from './pre-scan.ts'
import { addFlows, assign, markGlued, markOpaque, ownState, spanOf, spend, type Reading } from './reading.ts'
import { addRedirectFlows, readRedirects } from './redirects.ts'
import { conditionalScope, repeatedScope, subshellScope, type Feed, type Scope } from './scope.ts'
import { readCommand } from './simple-command.ts'
import { eitherFolder } from './targets.ts'
import { readTest } from './test-expression.ts'

/** Reads a script at any depth; an error in it makes nothing of the whole line count. */
export function readScript(reading: Reading, script: ParsedScript, scope: Scope): CommandRange {
  const from = reading.commands.length
  if (script.errors !== undefined && script.errors.length > 0)
    reading.broken ??= 'it is not bash, as far as it can be read'
  if (scope.depth > MAX_NESTING) reading.broken ??= 'it nests deeper than 64'
  if (reading.broken === undefined) readStatements(reading, script.commands, { ...scope, depth: scope.depth + 1 })
  return { from, to: reading.commands.length }
}

function readStatements(reading: Reading, statements: readonly Statement[], scope: Scope): void {
  for (const statement of statements) {
    if (reading.broken !== undefined) return
    const { command } = statement
    if (statement.background === true) readNode(reading, command, subshellScope(scope))
    else if (command.type === 'AndOr') readAndOr(reading, command, scope)
    else readAlone(reading, command, scope)
  }
}

// A `cd` that fails leaves later statements where they were.
function readAlone(reading: Reading, node: PipelineNode, scope: Scope): void {
  const before = scope.state.folders
  readNode(reading, node, scope)
  if (scope.state.folders !== before) scope.state.folders = eitherFolder(before, scope.state.folders)
}

function readAndOr(reading: Reading, { commands, operators }: AndOr, scope: Scope): void {
  const { state } = scope
  const before = state.folders
  for (const [index, node] of commands.entries()) {
    readNode(reading, node, index === 0 ? scope : conditionalScope(scope))
    if (operators.includes('||') && state.folders !== before) state.folders = eitherFolder(before, state.folders)
  }
  if (state.folders !== before) state.folders = eitherFolder(before, state.folders)
}

function readNode(reading: Reading, node: PipelineNode | AndOr, scope: Scope): void {
  if (!spend(reading, 1)) return
  if (scope.depth > MAX_NESTING) reading.broken ??= 'it nests deeper than 64'
  else if (node.type === 'Command') readCommand(reading, node, scope)
  else if (node.type === 'Pipeline') readPipeline(reading, node, scope)
  else if (node.type === 'AndOr') readAndOr(reading, node, scope)
  else readCompound(reading, node, { ...scope, depth: scope.depth + 1 })
}

function readPipeline(reading: Reading, { commands }: Pipeline, scope: Scope): void {
  let before: CommandRange | undefined
  let feed: Feed = scope.feed
  for (const node of commands) {
    const from = reading.commands.length
    // Each part runs in a subshell; the last may not.
    const inner = commands.length === 1 ? scope : { ...subshellScope(scope), feed }
    readNode(reading, node, inner)
    const range = { from, to: reading.commands.length }
    if (before !== undefined) addFlows(reading, before, range)
    before = range
    const text = fedText(reading.commands, range)
    feed = text === undefined || node.type !== 'Command' ? { kind: 'pipe' } : { kind: 'text', text }
  }
}

function readCompound(reading: Reading, node: Exclude<CommandNode, { type: 'Command' }>, scope: Scope): void {
  switch (node.type) {
    case 'Redirected':
      return readRedirected(reading, node, scope)
    case 'Subshell':
      return readList(reading, node.body, subshellScope(scope))
    case 'BraceGroup':
      return readList(reading, node.body, scope)
    case 'If':
      return readIf(reading, node, scope)
    case 'For':
    case 'Select':
      return readFor(reading, node, scope)
    case 'While':
      return readWhile(reading, node, scope)
    default:
      return readRest(reading, node, scope)
  }
}

type Rest = ArithmeticFor | ArithmeticCommand | Case | TestCommand | ShellFunction | Coproc

function readRest(reading: Reading, node: Rest, scope: Scope): void {
  switch (node.type) {
    case 'ArithmeticFor':
    case 'ArithmeticCommand':
      return readNumbers(reading, node, scope)
    case 'Case':
      return readCase(reading, node, scope)
    case 'TestCommand':
      return readTest(reading, node.expression, scope)
    case 'Function':
      return readFunction(reading, node, scope)
    case 'Coproc':
      return readCoproc(reading, node, scope)
    default:
      return node satisfies never
  }
}

function readRedirected(reading: Reading, { command, redirects }: Redirected, scope: Scope): void {
  const redirected = readRedirects(reading, redirects, scope)
  reading.effects.push(...redirected.effects)
  const from = reading.commands.length
  readNode(reading, command, redirected.feed === undefined ? scope : { ...scope, feed: redirected.feed })
  addRedirectFlows(reading, redirected, { from, to: reading.commands.length })
}

function readNumbers(reading: Reading, node: ArithmeticFor | ArithmeticCommand, scope: Scope): void {
  if (node.type === 'ArithmeticFor') return readCounting(reading, node, scope)
  const place = { pos: node.pos, end: node.end, text: `((${node.body}))` }
  readArithmetic(reading, node.expression, { scope, node: place, readParts })
}

function readCounting(reading: Reading, node: ArithmeticFor, scope: Scope): void {
  const inner = repeatedScope(scope)
  if (node.initialize !== undefined) readArithmetic(reading, node.initialize, { scope, node, readParts })
  for (const each of [node.test, node.update]) {
    if (each !== undefined) readArithmetic(reading, each, { scope: inner, node, readParts })
  }
  readList(reading, node.body, inner)
}

function readList(reading: Reading, { commands }: CompoundList, scope: Scope): void {
  readStatements(reading, commands, scope)
}

function readIf(reading: Reading, node: If, scope: Scope): void {
  const { state } = scope
  const before = state.folders
  readList(reading, node.clause, scope)
  const inner = conditionalScope(scope)
  readList(reading, node.then, inner)
  for (const branch of node.elif) {
    readList(reading, branch.clause, inner)
    readList(reading, branch.then, inner)
  }
  if (node.else !== undefined) readList(reading, node.else, inner)
  state.folders = eitherFolder(before, state.folders)
}

function readFor(reading: Reading, node: For | Select, scope: Scope): void {
  markGlued(reading, node.wordlist ?? [], scope)
  const words = (node.wordlist ?? []).flatMap((word) => expandWord(reading, word, scope))
  for (const { text } of words) if (text !== undefined) reading.words.push(text)
  const inner = repeatedScope(scope)
  const isInteger =
    node.type === 'For' && words.length > 0 && words.every(({ text }) => text !== undefined && /^-?\d+$/u.test(text))
  const span = spanOf(node, scope)
  assign(reading, node.name.text, { value: isInteger ? { text: undefined, isInteger } : undefined, scope, span })
  readList(reading, node.body, inner)
}

function readWhile(reading: Reading, { clause, body }: While, scope: Scope): void {
  const inner = repeatedScope(scope)
  readList(reading, clause, inner)
  readList(reading, body, inner)
}

function readCase(reading: Reading, { word, items }: Case, scope: Scope): void {
  readValue(reading, word, scope)
  const inner = conditionalScope(scope)
  for (const { pattern, body } of items) {
    for (const each of pattern) readValue(reading, each, scope)
    readList(reading, body, inner)
  }
}

function readValue(reading: Reading, word: Word, scope: Scope): void {
  const { text } = expandValue(reading, word, scope)
  if (text !== undefined) reading.words.push(text)
}

function readFunction(reading: Reading, node: ShellFunction, scope: Scope): void {
  const name = node.name.value
  const span = spanOf(node, scope)
  const isTaken = name.includes('/') || isBuiltin(name) || reading.reader.findProgram(name) !== undefined
  if (isTaken || node.name.parts !== undefined) markOpaque(reading, 'a function takes the name of a program', span)
  if (node.body.type === 'CompoundList') reading.broken ??= 'it is not bash, as far as it can be read'
  else {
    // What it is called with is not known, nor what else its input or its folder is then.
    const state = { ...ownState(reading, scope.state), folders: undefined }
    readNode(reading, node.body, { ...repeatedScope(scope), isLate: true, state, feed: { kind: 'pipe' } })
  }
  if (scope.isStraight && !scope.isLate) ownState(reading, scope.state).functions.add(name)
}

function readCoproc(reading: Reading, { name, body }: Coproc, scope: Scope): void {
  if (name !== undefined) assign(reading, name.text, { value: undefined, scope, span: spanOf(name, scope) })
  if (body.type === 'CompoundList') reading.broken ??= 'it is not bash, as far as it can be read'
  else readNode(reading, body, { ...subshellScope(scope), feed: { kind: 'pipe' } })
}
