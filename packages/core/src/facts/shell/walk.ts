import { isDecimal, readArithmetic } from './arithmetic.ts'
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
  Subshell,
  TestCommand,
  While,
} from './bash-parser.ts'
import { isBuiltin } from './builtins.ts'
import { expandWord, readParts } from './expand-word.ts'
import { fedText } from './fed-text.ts'
import type { CommandRange } from './field.ts'
import { isLikeArithmetic } from './like-arithmetic.ts'
import { MAX_NESTING } from './pre-scan.ts'
import { SHARED, addFlows, markGlued, markOpaque, spanOf, spend, type Reading } from './reading.ts'
import { addRedirectFlows, readRedirects } from './redirects.ts'
import {
  conditionalScope,
  followedScope,
  lateScope,
  repeatedScope,
  sharedScope,
  subshellScope,
  type Feed,
  type Scope,
} from './scope.ts'
import { readCommand } from './simple-command.ts'
import { eitherFolder } from './targets.ts'
import { readTest, readWord } from './test-expression.ts'
import { assign, isCertain, ownState, readMaybe } from './variables.ts'

/** Reads a script at any depth; an error in it makes nothing of the whole line count. */
export function readScript(reading: Reading, script: ParsedScript, scope: Scope): CommandRange {
  const from = reading.commands.length
  if (script.errors !== undefined && script.errors.length > 0)
    reading.broken ??= 'it is not bash, as far as it can be read'
  if (scope.depth > MAX_NESTING) reading.broken ??= 'it nests deeper than 64'
  if (reading.broken === undefined) readStatements(reading, script.commands, { ...scope, depth: scope.depth + 1 })
  return { from, to: reading.commands.length }
}

function readStatements(reading: Reading, statements: readonly Statement[], outer: Scope): void {
  const scope = statements.length > 1 ? sharedScope(outer) : outer
  for (const [index, { command, background }] of statements.entries()) {
    if (reading.broken !== undefined) return
    const inner = index + 1 < statements.length ? followedScope(scope) : scope
    if (background === true) readNode(reading, command, subshellScope(inner))
    else if (command.type === 'AndOr') readAndOr(reading, command, inner)
    else readAlone(reading, command, inner)
  }
}

// A `cd` that fails leaves later statements where they were.
function readAlone(reading: Reading, node: PipelineNode, scope: Scope): void {
  const before = scope.state.folders
  readNode(reading, node, scope)
  if (scope.state.folders !== before) scope.state.folders = eitherFolder(before, scope.state.folders)
}

function readAndOr(reading: Reading, { commands, operators }: AndOr, outer: Scope): void {
  const scope = sharedScope(outer)
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
  else readCompound(reading, node, { ...followedScope(scope), depth: scope.depth + 1 })
}

function readPipeline(reading: Reading, { commands, prefixes }: Pipeline, scope: Scope): void {
  const { state } = scope
  const { folders } = state
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
  // What runs behind a `cd` that is negated runs where it failed.
  if (prefixes.some(({ type }) => type === 'Negation')) state.folders = eitherFolder(folders, state.folders)
}

function readCompound(reading: Reading, node: Exclude<CommandNode, { type: 'Command' }>, scope: Scope): void {
  switch (node.type) {
    case 'Redirected':
      return readRedirected(reading, node, scope)
    case 'Subshell':
      return readSubshell(reading, node, scope)
    case 'BraceGroup':
      return readList(reading, node.body, scope)
    case 'If':
      return readIf(reading, node, sharedScope(scope))
    case 'For':
    case 'Select':
      return readFor(reading, node, sharedScope(scope))
    case 'While':
      return readWhile(reading, node, sharedScope(scope))
    default:
      return readRest(reading, node, sharedScope(scope))
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

function readSubshell(reading: Reading, node: Subshell, scope: Scope): void {
  if (isLikeArithmetic(node)) markOpaque(reading, 'two subshells begin like arithmetic', spanOf(node, scope))
  readList(reading, node.body, subshellScope(scope))
}

function readRedirected(reading: Reading, { command, redirects }: Redirected, scope: Scope): void {
  const redirected = readRedirects(reading, redirects, scope)
  reading.effects.push(...redirected.effects)
  const from = reading.commands.length
  const inner = redirected.feed === undefined ? scope : { ...scope, feed: redirected.feed }
  readMaybe(reading, scope, () => readNode(reading, command, inner))
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
  const isInteger = node.type === 'For' && words.length > 0 && words.every(({ text }) => isDecimal(text))
  const span = spanOf(node, scope)
  if (node.type === 'Select' && scope.feed.kind === 'script') markOpaque(reading, SHARED, span)
  assign(reading, node.name.text, { value: isInteger ? { text: undefined, isInteger } : undefined, scope, span })
  readList(reading, node.body, inner)
}

function readWhile(reading: Reading, { clause, body }: While, scope: Scope): void {
  const inner = repeatedScope(scope)
  readList(reading, clause, inner)
  readList(reading, body, inner)
}

function readCase(reading: Reading, { word, items }: Case, scope: Scope): void {
  readWord(reading, word, scope)
  const inner = conditionalScope(scope)
  for (const { pattern, body } of items) {
    for (const each of pattern) readWord(reading, each, scope)
    readList(reading, body, inner)
  }
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
    readNode(reading, node.body, { ...lateScope(scope), state })
  }
  if (scope.isStraight && !scope.isLate && isCertain(reading)) ownState(reading, scope.state).functions.add(name)
}

function readCoproc(reading: Reading, { name, body, pos, end }: Coproc, scope: Scope): void {
  // Written anew, the command follows the name that bash gave the coproc, and that is the program then.
  if (body.type === 'Command' && scope.rewritten !== undefined)
    markOpaque(reading, 'a coproc has no name', spanOf({ pos, end }, scope))
  for (const each of name === undefined ? [] : [name.text, `${name.text}_PID`])
    assign(reading, each, { value: undefined, scope, span: spanOf({ pos, end }, scope) })
  if (body.type === 'CompoundList') reading.broken ??= 'it is not bash, as far as it can be read'
  else readNode(reading, body, { ...subshellScope(scope), feed: { kind: 'pipe' } })
}
