import { globMatches, type Reach } from '../../action/pattern.ts'
import type { ShellCommand, ShellEffect, ShellEffectKind, ShellFacts } from '../../facts/shell/shell-facts.ts'
import type { EventMeaning } from '../bound-facts.ts'
import type { ShellKeys } from '../model.ts'
import { every, FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import type { ConditionPlace } from './condition.ts'
import { type TargetTest, targetTest } from './shell-targets.ts'

/** What does something in a line: a command, or the line itself by its redirects and assignments. */
export interface Doer {
  /** Undefined for the line itself. */
  readonly command: ShellCommand | undefined
  readonly effects: readonly ShellEffect[]
}

/** The line that a command is one of, and the event that it belongs to. */
export interface Doing {
  readonly facts: ShellFacts
  readonly meaning: EventMeaning
}

/** Judges one that does something. */
export type DoerTest = (doer: Doer, doing: Doing) => TruthValue

/** Each that does something in a line. */
export function doersOf({ commands, effects }: ShellFacts): readonly Doer[] {
  const doers = commands.map((command) => ({ command, effects: command.effects }))
  return effects.length === 0 ? doers : [...doers, { command: undefined, effects }]
}

/** What `shell` says of one command: Kleene's *and* of its keys. */
export function doerTest(keys: ShellKeys, place: ConditionPlace): DoerTest {
  const tests: DoerTest[] = []
  if (keys.program !== undefined) tests.push(programTest(keys.program, place.reach))
  if (keys.effects_any !== undefined) tests.push(anyEffect(keys.effects_any))
  if (keys.effects_only !== undefined) tests.push(onlyEffects(keys.effects_only))
  if (keys.flags_all !== undefined) tests.push(flagTest(keys.flags_all, 'every'))
  if (keys.flags_any !== undefined) tests.push(flagTest(keys.flags_any, 'some'))
  for (const test of targetTests(keys, place)) tests.push(test)
  return (doer, doing) => every(tests, (test) => test(doer, doing))
}

function targetTests(keys: ShellKeys, place: ConditionPlace): readonly TargetTest[] {
  const { targets_under: under, targets_outside: outside } = keys
  return [
    ...(under === undefined ? [] : [targetTest({ keys, folders: under, side: 'under' }, place)]),
    ...(outside === undefined ? [] : [targetTest({ keys, folders: outside, side: 'outside' }, place)]),
  ]
}

function anyEffect(kinds: readonly ShellEffectKind[]): DoerTest {
  const wanted: ReadonlySet<ShellEffectKind> = new Set(kinds)
  return (doer) => truthOf(kindsOf(doer).some((kind) => wanted.has(kind)))
}

function onlyEffects(kinds: readonly ShellEffectKind[]): DoerTest {
  const allowed: ReadonlySet<ShellEffectKind> = new Set(kinds)
  return (doer) => truthOf(kindsOf(doer).every((kind) => allowed.has(kind)))
}

// INVARIANT: nobody knows what a program does that no spec knows, whatever else it was found to do.
function kindsOf({ command, effects }: Doer): readonly ShellEffectKind[] {
  const kinds = effects.map(({ kind }) => kind)
  if (command === undefined || command.isKnown) return kinds.length === 0 ? ['exec'] : kinds
  return ['exec.unknown', ...kinds]
}

// Wide: what it came through counts as well, for `sudo rm` runs `sudo`. Narrow: all that it came through must be such.
function programTest(globs: readonly string[], reach: Reach): DoerTest {
  const matches = (name: string): boolean => globs.some((glob) => globMatches(glob, name))
  return ({ command }) => {
    if (command === undefined) return FALSE
    const { program, wrappers } = command
    const own = program === undefined ? UNKNOWN : truthOf(matches(program))
    if (wrappers.length === 0) return own
    const through = (name: string): TruthValue => truthOf(matches(name))
    return reach === 'wide' ? or(own, some(wrappers, through)) : and(own, every(wrappers, through))
  }
}

function or(left: TruthValue, right: TruthValue): TruthValue {
  return left > right ? left : right
}

function and(left: TruthValue, right: TruthValue): TruthValue {
  return left < right ? left : right
}

function flagTest(flags: readonly string[], quantifier: 'every' | 'some'): DoerTest {
  return ({ command }) => {
    if (command === undefined) return FALSE
    const { flags: set, hasAllFlags } = command
    const has = (flag: string): boolean => set.has(flag)
    const isSuch = quantifier === 'every' ? flags.every(has) : flags.some(has)
    if (isSuch) return TRUE
    return hasAllFlags && command.isKnown ? FALSE : UNKNOWN
  }
}
