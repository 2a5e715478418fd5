import type { ParsedScript } from './bash-parser.ts'
import type { CommandRange, Field } from './field.ts'
import type { Scope } from './scope.ts'
import type { Flow, Opacity, ShellEffect, ShellEffectKind, Span } from './shell-facts.ts'
import type { ShellReader } from './shell-reader.ts'

/** How much work one line may take: about one step a word, and more for long texts. */
const MAX_STEPS = 20_000

/** A command while it is read. */
export interface CommandDraft {
  program: string | undefined
  isKnown: boolean
  args: readonly (string | undefined)[]
  subcommands: readonly string[]
  flags: ReadonlySet<string>
  hasAllFlags: boolean
  readonly effects: EffectDraft[]
  readonly wrappers: readonly string[]
  readonly isElsewhere: boolean
  readonly span: Span
}

/** An effect while it is read. */
export interface EffectDraft extends ShellEffect {
  readonly targets: (string | undefined)[]
}

/** A command that takes its code from what other commands put out. */
interface CodeTaker {
  readonly index: number
  readonly kind: 'shell' | 'code'
}

/** What is known of a line so far. */
export interface Reading {
  readonly reader: ShellReader
  readonly commands: CommandDraft[]
  readonly effects: EffectDraft[]
  readonly flows: Flow[]
  readonly opaque: Opacity[]
  readonly words: string[]
  readonly takers: CodeTaker[]
  /** Variables of which a value was used. */
  readonly used: Map<string, 'text' | 'integer'>
  /** Variables that a function or a trap assigns: nobody can know when. */
  readonly tainted: Set<string>
  steps: number
  /** Why nothing of the line counts; undefined where it does. */
  broken: string | undefined
  /** The words of the first command of the line itself. */
  plan: readonly Field[] | undefined
  /** Variables that cannot be assigned any more: bash gives up the line where that is tried. */
  readonly fixed: Set<string>
  /** True where bash may have given up a line by now, and gone on with the next one. */
  mayStop: boolean
  /** True where there is a next line, or an `eval` that this one goes on behind. */
  hasLines: boolean
  /** True where the line names `IFS`: blanks may not be what splits values. */
  readonly hasSeparators: boolean
  // Scripts, words and texts hold each other: so their readers are handed in.
  readonly readScript: (reading: Reading, script: ParsedScript, scope: Scope) => CommandRange
  readonly runWords: (reading: Reading, run: Run) => void
  readonly runText: (reading: Reading, text: string, scope: Scope) => void
}

/** Words that run as a command. */
export interface Run {
  readonly fields: readonly Field[]
  readonly scope: Scope
  readonly span: Span
  /** What its redirects and assignments do. */
  readonly effects: EffectDraft[]
  /** Who looks the program up: the shell, with its functions; the shell without (`command`); or another program. */
  readonly caller: 'shell' | 'builtin' | 'program'
}

/** Why a shell is not read that shares its input with what it starts. */
export const SHARED = 'a command may read from the text that its shell reads'

/** Takes steps; false where there are none left. */
export function spend(reading: Reading, steps: number): boolean {
  reading.steps += steps
  if (reading.steps > MAX_STEPS) reading.broken ??= 'it takes too much work to read'
  return reading.broken === undefined
}

/** Marks what could not be read. */
export function markOpaque(reading: Reading, why: string, span: Span): void {
  const last = reading.opaque.at(-1)
  if (last?.why === why && last.span.start === span.start && last.span.end === span.end) return
  reading.opaque.push({ why, span })
}

/** Marks words that bash takes for others: the line is no argv then. */
export function markMisread(reading: Reading, why: string, span: Span): void {
  markOpaque(reading, why, span)
  reading.plan ??= []
}

/** Adds what is done to some targets to an effect of that kind. */
export function addEffect(
  effects: EffectDraft[],
  kind: ShellEffectKind,
  { targets, span }: { readonly targets: readonly (string | undefined)[]; readonly span: Span },
): void {
  for (const effect of effects) {
    if (effect.kind !== kind) continue
    for (const target of targets)
      if (effect.targets.length === 0 || effect.targets.at(-1) !== target) effect.targets.push(target)
    return
  }
  effects.push({ kind, targets: [...targets], span })
}

/** Where something stands in the line: its own place, or that of the text that it is in. */
export function spanOf(node: { readonly pos: number; readonly end: number }, scope: Scope): Span {
  return scope.span ?? { start: node.pos, end: node.end }
}

/** Marks words without a blank between them: the parser ends a word at a process substitution, bash does not. */
export function markGlued(
  reading: Reading,
  nodes: readonly { readonly pos: number; readonly end: number; readonly type: string }[],
  scope: Scope,
): void {
  let before = -1
  for (const node of nodes) {
    const { pos, end, type } = node
    if ((type === 'Word' && isGlued(scope.source, before, pos)) || scope.source[end] === '#') {
      markMisread(reading, 'a process substitution stands in a larger word', spanOf(node, scope))
    }
    before = end
  }
}

function isGlued(source: string, end: number, pos: number): boolean {
  if (end === pos) return true
  return end >= 0 && source[end] === '\\' && /^(?:\\\n)+$/u.test(source.slice(end, pos))
}

/** Says that output of some commands is fed to others. */
export function addFlows(reading: Reading, from: CommandRange, to: CommandRange): void {
  for (let source = from.from; source < from.to; source++) {
    for (let target = to.from; target < to.to; target++) {
      if (!spend(reading, 1)) return
      reading.flows.push({ from: source, to: target })
    }
  }
}

/** Says that what a word holds is fed to a command, and what the command writes to it to others. */
export function addFieldFlows(reading: Reading, fields: readonly Field[], to: CommandRange): void {
  for (const { sources, sinks } of fields) {
    for (const source of sources) addFlows(reading, source, to)
    for (const sink of sinks) addFlows(reading, to, sink)
  }
}
