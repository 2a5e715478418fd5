import { RISKS } from '../../action/action-event.ts'
import { asciiLower } from '../../action/capability.ts'
import { globMatches } from '../../action/pattern.ts'
import { isTooLongToFind } from '../../facts/find-text.ts'
import { fieldOf } from '../context-field.ts'
import type { Condition, ContextField } from '../model.ts'
import { some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { comparison } from './comparison.ts'
import { type CompiledCondition, listed, type Why } from './condition.ts'

type Kind<Name extends Condition['kind']> = Extract<Condition, { kind: Name }>

/** A glob over a context field; a field that the event does not have is unknown, even to `*`. */
export function contextCondition({ field, globs }: Kind<'context'>): CompiledCondition {
  const read = fieldOf(field)
  const tests = globs.map((glob) => globTest(field === 'environment' ? asciiLower(glob) : glob))
  return {
    name: field,
    cost: 1,
    inner: [],
    test: ({ event }) => {
      const value = read(event)
      if (value === undefined) return UNKNOWN
      return some(tests, (matches) => truthOf(matches(value)))
    },
    why: (_facts, truth) => contextWhy(field, globs, truth),
  }
}

/** One of some levels of risk. */
export function riskCondition({ levels }: Kind<'risk'>): CompiledCondition {
  return {
    name: 'risk',
    cost: 0,
    inner: [],
    test: ({ event }) => truthOf(levels.includes(event.risk)),
    why: (_facts, truth) => ({ text: `\`risk\` is ${truth === TRUE ? '' : 'not '}one of ${listed(levels)}` }),
  }
}

/** A level of risk, or one above. */
export function riskAtLeastCondition({ level }: Kind<'risk_at_least'>): CompiledCondition {
  const { test } = riskCondition({ kind: 'risk', levels: RISKS.slice(RISKS.indexOf(level)) })
  return {
    name: 'risk_at_least',
    cost: 0,
    inner: [],
    test,
    why: (_facts, truth) => ({ text: `\`risk\` is ${truth === TRUE ? 'at least' : 'below'} \`${level}\`` }),
  }
}

/** How many agents stand between the host and the call. */
export function callerDepthCondition({ op, value }: Kind<'caller_depth'>): CompiledCondition {
  const test = comparison(op, String(value))
  return {
    name: `caller_depth_${op}`,
    cost: 0,
    inner: [],
    test: ({ event }) => (event.callerDepth === undefined ? UNKNOWN : test(event.callerDepth)),
    why: (_facts, truth) =>
      truth === UNKNOWN
        ? missing('caller_depth')
        : { text: `\`caller_depth\` is ${truth === TRUE ? '' : 'not '}${op} ${String(value)}` },
  }
}

/** A glob, compiled; undefined where the answer could take too long. */
export function globTest(glob: string): (text: string) => boolean | undefined {
  const [first = '', last, ...more] = glob.split('*')
  if (last === undefined) return (text) => text === glob
  const shortest = glob.replaceAll(/\*+/g, '*')
  const least = glob.replaceAll('*', '').length
  if (more.length > 0) return longGlobTest(shortest, least)
  return (text) => text.length >= least && text.startsWith(first) && text.endsWith(last)
}

/** The longest text that a glob looks for somewhere in another. */
export function longestInGlob(glob: string): number {
  return glob
    .split('*')
    .slice(1, -1)
    .reduce((most, { length }) => Math.max(most, length), 0)
}

// A text that is shorter than the glob's own characters costs nothing, so the glob's length adds nothing to the text's.
function longGlobTest(glob: string, least: number): (text: string) => boolean | undefined {
  const longest = longestInGlob(glob)
  return (text) => {
    if (text.length < least) return false
    return isTooLongToFind(longest, text.length) ? undefined : globMatches(glob, text)
  }
}

function contextWhy(field: ContextField, globs: readonly string[], truth: TruthValue): Why {
  if (truth === UNKNOWN) return missing(field)
  return { text: `\`${field}\` matches ${truth === TRUE ? 'one' : 'none'} of ${listed(globs)}` }
}

/** What is said of a context field that an event does not have. */
export function missing(field: string): Why {
  return {
    text: `\`${field}\` is missing`,
    remedy: `the host that guards the tool has to give \`${field}\` with each event`,
  }
}
