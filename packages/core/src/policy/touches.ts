import type { ShellCommand, ShellEffect, ShellEffectKind } from '../facts/shell/shell-facts.ts'
import { commandsOf, type EventMeaning, meaningOf, pathsOf, type ReadingPlace, targetOf } from './bound-facts.ts'
import type { EventFacts } from './event-facts.ts'
import { removesWhole } from './removing.ts'

/** A file that an action surely touches, under each of its names. */
interface Touch {
  /** `open`: the tool's capability does not say whether it reads or changes. */
  readonly how: 'read' | 'change' | 'remove' | 'open'
  readonly paths: readonly string[]
  /** With all that is below. */
  readonly isWhole: boolean
}

/** What an action surely does to files of this machine, and the programs that it surely runs. */
export interface Touches {
  readonly files: readonly Touch[]
  readonly commands: readonly Pick<ShellCommand, 'program' | 'subcommands' | 'args'>[]
}

/** Where relative paths and `~` lead, where the tool's binding does not say. */
export interface TouchPlace {
  readonly folder: string
  readonly home: string | undefined
}

const CHANGES: ReadonlySet<ShellEffectKind> = new Set(['fs.write', 'fs.delete', 'fs.perm', 'fs.wipe', 'persist'])
/** Programs that take away the whole of what they are given; others may pick from it (`find … -delete`). */
const REMOVERS: ReadonlySet<string | undefined> = new Set(['rm', 'mv'])
const READS: ReadonlySet<ShellEffectKind> = new Set(['fs.read', 'net.upload'])
/** Programs that take the whole of a folder with them, and the options with which they do; `tar` needs none. */
const COPIERS: ReadonlySet<string | undefined> = new Set(['cp', 'scp', 'rsync', 'zip', 'tar'])
const DEEP = ['recursive', 'archive', 'recurse-paths', 'r'] as const
/** The middle part of capabilities that only look. */
const LOOKING: ReadonlySet<string> = new Set([
  'read',
  'get',
  'list',
  'stat',
  'search',
  'view',
  'open',
  'access',
  'call',
])

/** What can be told for certain: what is opaque, dynamic or on another machine is left out. */
export function touchesOf(facts: EventFacts, place: ReadingPlace, at: TouchPlace): Touches | undefined {
  const commands = commandsOf(facts, place).flatMap((reading) => reading.facts.commands)
  const loose = commandsOf(facts, place).flatMap((reading) => reading.facts.effects)
  const own = commands.filter(({ isElsewhere }) => !isElsewhere)
  const meaning = meaningOf(facts, place)
  const resolving = { place, meaning, root: rootOf(meaning, at), home: at.home, doer: undefined }
  const files = [
    ...loose.flatMap((effect) => effectTouches(effect, resolving)),
    ...own.flatMap((doer) => doer.effects.flatMap((effect) => effectTouches(effect, { ...resolving, doer }))),
    ...pathTouches(facts, place),
  ]
  return files.length + own.length === 0 ? undefined : { files, commands: own }
}

function rootOf({ arguments: { cwd }, binding }: EventMeaning, { folder }: TouchPlace): string {
  return cwd?.startsWith('/') === true ? cwd : (binding?.root ?? folder)
}

interface Resolving {
  readonly place: ReadingPlace
  readonly meaning: EventMeaning
  readonly root: string
  readonly home: string | undefined
  readonly doer: ShellCommand | undefined
}

function effectTouches({ kind, targets }: ShellEffect, at: Resolving): readonly Touch[] {
  const change = kind === 'fs.delete' && REMOVERS.has(at.doer?.program) ? 'remove' : 'change'
  const how = CHANGES.has(kind) ? change : READS.has(kind) ? 'read' : undefined
  if (how === undefined) return []
  return targets.flatMap((target) => {
    const paths = target === undefined ? [] : namesOf(target, at)
    return paths.length === 0 ? [] : [{ how, paths, isWhole: how === 'remove' || takesWhole(kind, at.doer) }]
  })
}

function takesWhole(kind: ShellEffectKind, doer: ShellCommand | undefined): boolean {
  const isDeep = doer?.program === 'tar' || DEEP.some((flag) => doer?.flags.has(flag) === true)
  return isDeep && (kind === 'fs.perm' || (kind === 'fs.read' && COPIERS.has(doer?.program)))
}

function namesOf(target: string, { place, meaning, root, home }: Resolving): readonly string[] {
  const isHome = target === '~' || target.startsWith('~/')
  if (isHome && home === undefined) return []
  const path = isHome ? `${home ?? ''}${target.slice(1)}` : target
  const { facts, asWritten } = targetOf(path, { meaning, root, links: place.readers.links })
  return [facts, asWritten].flatMap((each) => (each.kind === 'path' ? [each.path] : []))
}

function pathTouches(facts: EventFacts, place: ReadingPlace): readonly Touch[] {
  const action = facts.event.capability.split('.')[1] ?? ''
  const how = LOOKING.has(action) ? 'open' : removesWhole(facts.event) ? 'remove' : 'change'
  return pathsOf(facts, place).flatMap(({ facts: real, asWritten }) => {
    const paths = [real, asWritten].flatMap((each) => (each.kind === 'path' ? [each.path] : []))
    return paths.length === 0 ? [] : [{ how, paths, isWhole: how === 'remove' }]
  })
}
