import { applyRoles, type RolePlace, type Started } from './apply-roles.ts'
import { literalField, type Field } from './field.ts'
import { parseWords } from './parse-options.ts'
import { NOT_CERTAIN, type ParsedWords } from './parsed-words.ts'
import { isFedByOthers, takeStdin, takesStdin } from './program-input.ts'
import type { CommandSpec } from './program-spec.ts'
import {
  addEffect,
  addFieldFlows,
  markOpaque,
  type CommandDraft,
  type EffectDraft,
  type Reading,
  type Run,
} from './reading.ts'
import type { Scope } from './scope.ts'
import type { ShellEffectKind } from './shell-facts.ts'
import { startAll, type ProgramRun } from './start-programs.ts'
import { addTarget, changeFolder } from './targets.ts'

/** Says what a known program does with its words, and reads what it starts in turn. */
export function applySpec(reading: Reading, run: ProgramRun): void {
  const { program, scope, span } = run
  const parsed = parseWords(program, run.fields.slice(1))
  const before = run.effects.length
  const place: RolePlace = {
    reading,
    effects: run.effects,
    start: scope.state.folders,
    folders: foldersOf(parsed, scope),
    span,
    started: [],
    roles: new Set(),
    code: [],
  }
  applyRoles(parsed, place)
  if (program.spec.looksAround === true && !isAtStart(place)) addTarget(place, 'fs.read', literalField('.', span))
  addOwnEffects(parsed, place)
  if (parsed.fault !== undefined) markOpaque(reading, parsed.fault, span)
  if (parsed.isUncertain) judgeUncertain(parsed, place)
  const stdin = takesStdin(parsed, place, scope.feed)
  if (stdin !== undefined) takeStdin(reading, { run, place, stdin })
  cancelEffects(parsed, run.effects, before)
  const taker = stdin !== undefined && isFedByOthers(scope.feed, stdin) ? stdin : takenCode(place)
  if (taker !== undefined || !isOnlyWrapper(place)) addCommand(reading, run, { parsed, taker })
  startAll(reading, run, { parsed, place })
}

/** One that only starts others is no command of its own, unless it is what others feed. */
function isOnlyWrapper({ started, effects }: RolePlace): boolean {
  return started.length > 0 && effects.length === 0 && !textSources(started)
}

function takenCode({ code }: RolePlace): 'code' | undefined {
  return code.some(({ sources }) => sources.length > 0) ? 'code' : undefined
}

/** Adds a command without a spec's help. */
export function addPlainCommand(
  reading: Reading,
  run: Run,
  { isKnown, kind }: { readonly isKnown: boolean; readonly kind: ShellEffectKind | undefined },
): void {
  const effects = run.effects
  if (kind !== undefined) addEffect(effects, kind, { targets: [], span: run.span })
  pushCommand(reading, run, {
    program: nameOf(run.fields[0]),
    isKnown,
    hasAllFlags: isKnown && run.fields.every(({ text, head }) => text !== undefined && !head.startsWith('-')),
    subcommands: [],
    flags: NO_FLAGS,
  })
}

const NO_FLAGS: ReadonlySet<string> = new Set()

/** A program's name without its folder. */
export function nameOf(field: Field | undefined): string | undefined {
  return field?.text?.slice(field.text.lastIndexOf('/') + 1)
}

type Known = Pick<CommandDraft, 'program' | 'isKnown' | 'hasAllFlags' | 'subcommands' | 'flags'>

function pushCommand(reading: Reading, { fields, scope, span, effects }: Run, known: Known): void {
  const args: (string | undefined)[] = []
  for (let index = 1; index < fields.length; index++) args.push(fields[index]?.text)
  const index = reading.commands.length
  reading.commands.push({
    program: known.program,
    isKnown: known.isKnown,
    args,
    subcommands: known.subcommands,
    flags: known.flags,
    hasAllFlags: known.hasAllFlags,
    effects,
    wrappers: scope.wrappers,
    isElsewhere: scope.isElsewhere,
    span,
  })
  addFieldFlows(reading, fields, { from: index, to: index + 1 })
}

function addCommand(
  reading: Reading,
  run: ProgramRun,
  { parsed, taker }: { readonly parsed: ParsedWords; readonly taker: 'shell' | 'code' | undefined },
): void {
  if (run.effects.length === 0) addEffect(run.effects, 'exec', { targets: [], span: run.span })
  pushCommand(reading, run, {
    program: run.program.name,
    isKnown: true,
    hasAllFlags: parsed.hasAllFlags,
    subcommands: parsed.subcommands,
    flags: parsed.flags,
  })
  if (taker !== undefined) reading.takers.push({ index: reading.commands.length - 1, kind: taker })
}

function foldersOf(parsed: ParsedWords, { state }: Scope): readonly string[] | undefined {
  let folders = state.folders
  for (const { option, value } of parsed.options) {
    if (option.folder === true) folders = changeFolder(folders, value)
  }
  return parsed.isUncertain && parsed.levels.some(({ hasFolderOption }) => hasFolderOption) ? undefined : folders
}

function isAtStart({ folders }: RolePlace): boolean {
  return folders?.length === 1 && folders[0] === ''
}

function addOwnEffects(parsed: ParsedWords, place: RolePlace): void {
  const isAlone = parsed.operands.length === 0 && parsed.started === undefined
  for (const { spec } of parsed.levels) addKinds(spec.effects, place)
  for (const { option } of parsed.options) addKinds(option.effects, place)
  if (isAlone) for (const { spec } of parsed.levels.slice(-1)) addKinds(spec.withoutOperands, place)
}

function addKinds(kinds: CommandSpec['effects'], { effects, span }: RolePlace): void {
  for (const kind of kinds ?? []) {
    if (effects.some((effect) => effect.kind === kind)) continue
    const isOnSomething = kind.startsWith('fs.') || kind.startsWith('net.')
    addEffect(effects, kind, { targets: isOnSomething ? [undefined] : [], span })
  }
}

// A word that nobody can know may be any option that the spec lists. Where such an option does no more than the command
// does anyway, it may do it to anything; else the command is not read.
function judgeUncertain(parsed: ParsedWords, place: RolePlace): void {
  for (const { optionEffects } of parsed.levels.slice(-1)) {
    const isMore =
      optionEffects === undefined ||
      ![...optionEffects].every((kind) => place.effects.some((each) => each.kind === kind))
    if (isMore) markOpaque(place.reading, NOT_CERTAIN, place.span)
    else for (const kind of optionEffects) addEffect(place.effects, kind, { targets: [undefined], span: place.span })
  }
}

function cancelEffects(parsed: ParsedWords, effects: EffectDraft[], from: number): void {
  for (const { option } of parsed.options) {
    for (const kind of option.cancels ?? []) {
      const index = effects.findIndex((effect, at) => at >= from && effect.kind === kind)
      if (index !== -1) effects.splice(index, 1)
    }
  }
}

function textSources(started: readonly Started[]): boolean {
  return started.some(({ kind, fields }) => kind === 'text' && fields.some(({ sources }) => sources.length > 0))
}
