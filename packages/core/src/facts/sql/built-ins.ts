import { FOREIGN_READING_FUNCTIONS } from './functions/other-dialects.ts'
import { READING_FUNCTIONS } from './functions/postgres-reading.ts'
import { EFFECTS_BY_FUNCTION } from './functions/postgres.ts'
import { type Fields, fieldsOf, fieldsOfKind, listOf } from './nodes.ts'
import type { SqlEffect } from './sql-facts.ts'

const READING: ReadonlySet<string> = new Set(`${READING_FUNCTIONS} ${FOREIGN_READING_FUNCTIONS}`.split(/\s+/))
const READS: readonly SqlEffect[] = ['read']
const OPERATORS: ReadonlySet<string> = new Set(
  `!! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < <-> << <<= <<| <= <> <@
  <^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~= ~>=~ ~>~ ~~ ~~*`.split(
    /\s+/,
  ),
)
// The parser's own names for the ways of BETWEEN; an operator has no letters.
const BETWEEN = /^(NOT )?BETWEEN( SYMMETRIC)?$/
// Settings that make the session another user's.
const USERS: ReadonlySet<string> = new Set(['role', 'session_authorization'])

/** What calling a built-in function may do; undefined for a function that no table knows, or that runs a text. */
export function effectsOf(name: string, call: Fields): readonly SqlEffect[] | undefined {
  if (READING.has(name)) return READS
  if (name === 'set_config') return effectsOfSetting(settingOf(call))
  return EFFECTS_BY_FUNCTION.get(name)
}

/** What giving a setting a value may do; undefined stands for a setting whose name is not in the text. */
export function effectsOfSetting(name: string | undefined): readonly SqlEffect[] {
  return name === undefined || USERS.has(name.toLowerCase()) ? ['session', 'privilege'] : ['session']
}

/** True for an operator of PostgreSQL itself. */
export function isBuiltInOperator(name: string): boolean {
  return OPERATORS.has(name) || BETWEEN.test(name)
}

/** True for a way of TABLESAMPLE that PostgreSQL itself has. */
export function isBuiltInSampling(name: string): boolean {
  return name === 'system' || name === 'bernoulli'
}

function settingOf(call: Fields): string | undefined {
  const first = fieldsOf(fieldsOfKind(listOf(call['args'])[0], 'A_Const')?.['sval'])['sval']
  return typeof first === 'string' ? first : undefined
}
