import type { Reach } from '../../action/pattern.ts'
import { type ArgumentKind, DEFAULT_NAMES } from '../arguments-of.ts'
import { meaningOf, type ReadingPlace } from '../bound-facts.ts'
import type { EventFacts } from '../event-facts.ts'
import { FALSE, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import { listed, type Why } from './condition.ts'

/** What was said of each part of some arguments, and whether there is a part that nobody could read. */
export interface PartTruths {
  readonly values: readonly TruthValue[]
  readonly hasUnread: boolean
}

/**
 * Wide: some part is such; what was not read may be one. Narrow: every part is; what was not read may be none. Of no part
 * at all nothing is proved.
 */
export function overParts({ values, hasUnread }: PartTruths, reach: Reach): TruthValue {
  const decisive = reach === 'wide' ? TRUE : FALSE
  if (values.includes(decisive)) return decisive
  if (hasUnread || values.includes(UNKNOWN)) return UNKNOWN
  return reach === 'narrow' && values.length > 0 ? TRUE : FALSE
}

const NOUNS: Readonly<Record<ArgumentKind, string>> = { command: 'command', sql: 'SQL', path: 'path', url: 'URL' }

/** Why a condition is unknown where an event has no argument of a kind. */
export function noArgument(kind: ArgumentKind, facts: EventFacts, place: ReadingPlace): Why {
  const bound = meaningOf(facts, place).binding?.[kind]
  if (kind === 'sql' && bound === undefined) {
    const remedy = 'name it in `tools`, with `sql` and its `dialect`'
    return { text: '`tools` binds no SQL for this tool', remedy }
  }
  const names: readonly string[] = bound ?? (kind === 'sql' ? [] : DEFAULT_NAMES[kind])
  const [first = ''] = names
  if (names.length === 1) return { text: `\`${first}\`, its ${NOUNS[kind]}, is missing`, missingArg: first }
  const text = `there is no ${NOUNS[kind]}: none of ${listed(names)} is given`
  return { text, missingArg: first }
}

/** Why something is unknown where an argument could not be read. */
export function unreadArgument(name: string, why: string): Why {
  return { text: `\`${name}\` cannot be read for certain: ${why}` }
}

/** Why a condition is true or false of the parts of some arguments. `noun` is one part, `what` is said of it. */
export function partsWhy(value: Decided, { noun, what }: { readonly noun: string; readonly what: string }): Why {
  const isTrue = value.truth === TRUE
  if (value.reach === 'wide') return { text: `${isTrue ? 'a' : 'no'} ${noun} ${what}` }
  return { text: `${isTrue ? 'every' : 'not every'} ${noun} ${what}` }
}

/** A value that is known, and where its condition stands. */
interface Decided {
  readonly truth: TruthValue
  readonly reach: Reach
}

/** What the keys of a condition say, for people. */
export function keysText(condition: object): string {
  const keys = Object.keys(condition).filter((key) => key !== 'kind')
  return `what \`${keys.join('`, `')}\` say`
}
