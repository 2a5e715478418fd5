import type { ShellCommand, ShellEffect, ShellEffectKind, ShellFacts } from '../../facts/shell/shell-facts.ts'
import { type EventMeaning, targetOf } from '../bound-facts.ts'
import type { ShellKeys } from '../model.ts'
import { every, FALSE, some, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import type { ConditionPlace } from './condition.ts'
import { folderTest, type FolderTest, type Side } from './folder-test.ts'
import type { Doer, Doing } from './shell-keys.ts'

/** Judges what a command is done to. */
export type TargetTest = (doer: Doer, doing: Doing) => TruthValue

/** What a key of targets says. */
interface TargetKey {
  readonly keys: ShellKeys
  readonly folders: readonly string[]
  readonly side: Side
}

/** Effects whose targets are paths. What the others are done to (hosts, processes, services) is no path. */
const ON_PATHS: ReadonlySet<ShellEffectKind> = new Set([
  'fs.read',
  'fs.write',
  'fs.delete',
  'fs.perm',
  'fs.wipe',
  'code.local',
  'persist',
])

/** Programs that a command can come through and start in the same folder, or in one that its targets say. */
const KEEPS_FOLDER: ReadonlySet<string> = new Set([
  'env',
  'git',
  'nohup',
  'nice',
  'ionice',
  'timeout',
  'time',
  'stdbuf',
  'setsid',
  'command',
  'builtin',
  'exec',
  'xargs',
  'bash',
  'sh',
  'eval',
])
/** Programs that show a command another root. */
const OTHER_ROOT: ReadonlySet<string> = new Set(['chroot', 'unshare', 'nsenter', 'systemd-run'])

/**
 * Where the paths are that a command is done to. With `effects_any`, only the targets of those effects count. An effect
 * without a target that anybody knows is unknown, and so is a relative path where the folder is.
 */
export function targetTest({ keys, folders, side }: TargetKey, place: ConditionPlace): TargetTest {
  const isIn = folderTest(folders, side, place)
  const wanted =
    keys.effects_any === undefined ? ON_PATHS : new Set(keys.effects_any.filter((kind) => ON_PATHS.has(kind)))
  const quantify = place.reach === 'wide' ? some : every
  return (doer, doing) => {
    const effects = doer.effects.filter(({ kind }) => wanted.has(kind))
    if (effects.length === 0) return withoutTargets(keys, place)
    if (isTooMuch(doing.facts, folders)) return UNKNOWN
    const judging = { doer, place, isIn, meaning: doing.meaning, root: rootOf(doer, doing) }
    return quantify(effects, (effect) => {
      const whole = takesWhole(effect.kind, doer) ? 'whole' : undefined
      const isSuch = (target: string | undefined): TruthValue =>
        target === undefined ? UNKNOWN : judge(target, { ...judging, whole })
      return overTargets(effect, isSuch, quantify)
    })
  }
}

/** Effects that take a folder with all that is in it. */
const WHOLE: ReadonlySet<ShellEffectKind> = new Set(['fs.delete', 'fs.perm', 'fs.wipe'])
/** Programs that go down into folders by themselves. */
const WALKERS: ReadonlySet<string | undefined> = new Set([
  'find',
  'fd',
  'tar',
  'rsync',
  'zip',
  'rg',
  'ag',
  'tree',
  'du',
])

function takesWhole(kind: ShellEffectKind, { command }: Doer): boolean {
  return WHOLE.has(kind) || WALKERS.has(command?.program) || command?.flags.has('recursive') === true
}

/** The most targets of a line: to find where one leads may take several calls to the system. */
const MAX_TARGETS = 1024
/** The most targets × folders. */
const MAX_PAIRS = 65_536

function isTooMuch(facts: ShellFacts, folders: readonly string[]): boolean {
  const { targets } = lineOf(facts)
  return targets > MAX_TARGETS || targets * folders.length > MAX_PAIRS
}

/** What a line is as a whole: asked once a command, so counted once a line. */
interface Line {
  readonly targets: number
  /** What a `cd` changes, the targets say; where `popd` leads, they do not. */
  readonly movesBack: boolean
}

// Not state of ours: what was counted goes with the line.
const lines = new WeakMap<ShellFacts, Line>()

function lineOf(facts: ShellFacts): Line {
  const known = lines.get(facts)
  if (known !== undefined) return known
  const { commands, effects } = facts
  const count = (each: readonly ShellEffect[]): number => each.reduce((sum, { targets }) => sum + targets.length, 0)
  const line = {
    targets: commands.reduce((sum, command) => sum + count(command.effects), count(effects)),
    movesBack: commands.some(({ program }) => program === undefined || program === 'popd'),
  }
  lines.set(facts, line)
  return line
}

// Nothing that is done to a path. That proves something only where `effects_only` says what else there may be.
function withoutTargets(keys: ShellKeys, { reach }: ConditionPlace): TruthValue {
  if (reach === 'wide') return FALSE
  return keys.effects_only === undefined ? UNKNOWN : TRUE
}

type Quantifier = typeof some

function overTargets(
  { kind, targets }: ShellEffect,
  isSuch: (target: string | undefined) => TruthValue,
  quantify: Quantifier,
): TruthValue {
  // Code of the workspace stands for nothing but itself: where it is not named, it is no path.
  if (targets.length === 0) return kind === 'code.local' && quantify === some ? FALSE : UNKNOWN
  return quantify(targets, isSuch)
}

interface Judging {
  readonly root: string | undefined
  readonly place: ConditionPlace
  readonly doer: Doer
  readonly meaning: EventMeaning
  readonly isIn: FolderTest
  readonly whole: 'whole' | undefined
}

function judge(target: string, { root, place, doer, meaning, isIn, whole }: Judging): TruthValue {
  const isElsewhere = doer.command !== undefined && runsElsewhere(doer.command)
  // Another machine's links are not ours, and what stands there proves nothing about here.
  const links = isElsewhere ? undefined : place.readers.links
  const value = isIn(targetOf(target, { meaning, root, links }), whole)
  return isElsewhere && place.reach === 'narrow' && value === TRUE ? UNKNOWN : value
}

// The folder that relative paths start from; undefined where nobody knows it.
function rootOf({ command }: Doer, { facts, meaning }: Doing): string | undefined {
  const { cwd } = meaning.arguments
  if (cwd === undefined || !cwd.startsWith('/') || lineOf(facts).movesBack) return undefined
  return command?.wrappers.every((name) => KEEPS_FOLDER.has(name)) === false ? undefined : cwd
}

function runsElsewhere({ isElsewhere, wrappers }: ShellCommand): boolean {
  return isElsewhere || wrappers.some((name) => OTHER_ROOT.has(name))
}
