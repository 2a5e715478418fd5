import * as z from 'zod'
import type { Reach } from '../../action/pattern.ts'
import { SHELL_EFFECTS } from '../../facts/shell/shell-facts.ts'
import { SQL_EFFECTS, SQL_KINDS } from '../../facts/sql/sql-facts.ts'
import { HOST_CLASSES } from '../../facts/url/url-facts.ts'
import type { RawPath, RawShell, RawSql, RawUrl } from './raw-policy.ts'
import { closed, filled, oneOrMany, text } from './schema-parts.ts'
import { checkFlag, checkFolder, checkHostGlob, checkNameGlob, checkProgramGlob, checkScheme } from './texts-meaning.ts'

const folders = (what: string): z.ZodType<string | string[]> => oneOrMany(text(checkFolder, { pattern: '^/' }), what)
const flags = (what: string): z.ZodType<string | string[]> => oneOrMany(text(checkFlag, { pattern: '^[^-\\s]' }), what)
const names = (what: string): z.ZodType<string | string[]> => oneOrMany(text(checkNameGlob, { minLength: 1 }), what)

const NOT_SAFE = 'cannot stand where being true lets through: that something is found proves nothing safe'
const ONLY = (key: string): string => `${NOT_SAFE}; write \`${key}\``

const shellEffects = z.enum(SHELL_EFFECTS).meta({ id: 'shellEffect' })
const shell = {
  effects_only: oneOrMany(shellEffects, 'The command provably has no other effect').optional(),
  program: oneOrMany(text(checkProgramGlob, { minLength: 1 }), "Globs over the program's name").optional(),
  flags_all: flags('All these options are set, by their long names').optional(),
  flags_any: flags('One of these options is set, by its long name').optional(),
  targets_under: folders('What it is done to is below one of these folders').optional(),
  targets_outside: folders('What it is done to is outside all of these folders').optional(),
}

/** What a command may do, or surely does. */
export function shellSchema(reach: Reach): z.ZodType<RawShell> {
  const hint = {
    id: reach === 'wide' ? 'shellStops' : 'shellLets',
    description: 'What a command does; all keys hold together on one command',
  }
  if (reach === 'narrow') return filled(closed(shell, { effects_any: ONLY('effects_only') }), hint)
  const any = oneOrMany(shellEffects, 'The command may have one of these effects').optional()
  return filled(closed({ effects_any: any, ...shell }), hint)
}

const sqlEffects = z.enum(SQL_EFFECTS).meta({ id: 'sqlEffect' })
const kinds = z.enum(SQL_KINDS).meta({ id: 'sqlKind' })
const sqlOnly = {
  effects_only: oneOrMany(sqlEffects, 'The statement provably has no other effect').optional(),
  kinds_only: oneOrMany(kinds, 'The statement is of one of these kinds').optional(),
  tables_only: names('It reads and writes no other tables; globs, `schema.table`').optional(),
}
const sqlAny = {
  effects_any: oneOrMany(sqlEffects, 'The statement may have one of these effects').optional(),
  kinds_any: oneOrMany(kinds, 'The statement is of one of these kinds').optional(),
  tables_any: names('It reads or writes one of these tables; globs, `schema.table`').optional(),
  functions_any: names('It calls one of these functions; globs').optional(),
  where: oneOrMany(
    z.enum(['missing', 'constant']),
    'Its WHERE is missing, or is the same for every row; only of statements that take one',
  ).optional(),
}

/** What an SQL statement may do, or surely does. */
export function sqlSchema(reach: Reach): z.ZodType<RawSql> {
  const hint = {
    id: reach === 'wide' ? 'sqlStops' : 'sqlLets',
    description: 'What SQL does; all keys hold together on one statement',
  }
  if (reach === 'wide') return filled(closed({ ...sqlAny, ...sqlOnly }), hint)
  return filled(
    closed(sqlOnly, {
      effects_any: ONLY('effects_only'),
      kinds_any: ONLY('kinds_only'),
      tables_any: ONLY('tables_only'),
      functions_any: NOT_SAFE,
      where: NOT_SAFE,
    }),
    hint,
  )
}

/** Where a path is. */
export const pathSchema: z.ZodType<RawPath> = filled(
  closed({
    under: folders('Below one of these folders').optional(),
    outside: folders('Outside all of these folders').optional(),
  }),
  { id: 'path', description: 'Where a path is, by segment, links resolved' },
)

/** The short form of `path: { under }`. */
export const pathPrefixSchema: z.ZodType<string | string[]> = folders(
  'A path is below one of these folders, by segment',
)

/** What a URL names. */
export const urlSchema: z.ZodType<RawUrl> = filled(
  closed({
    schemes: oneOrMany(text(checkScheme, { pattern: '^[A-Za-z][A-Za-z0-9+.-]*$' }), 'Its scheme').optional(),
    hosts: oneOrMany(
      text(checkHostGlob, { minLength: 1 }),
      'Globs over its host, by label: `*.example.com`',
    ).optional(),
    host_class: oneOrMany(z.enum(HOST_CLASSES), 'What kind of place the host is').optional(),
    ports: oneOrMany(z.number().int().min(0).max(65_535), 'Its port, also the one that its scheme implies').optional(),
  }),
  { id: 'url', description: 'What a URL names; all keys hold together on one URL' },
)
