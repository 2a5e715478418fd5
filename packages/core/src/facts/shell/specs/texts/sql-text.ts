import type { TextReading } from '../../text-reading.ts'

const CODE: TextReading = [{ kind: 'code.inline' }]
const DESTRUCTIVE: TextReading = [{ kind: 'db.destructive' }]

const READS = /^(?:select|show|describe|desc|explain(?!\s*\(?\s*analy[sz]e)|values|use)\b/iu
const PSQL_READS = /^\\(?:d[a-zA-Z]*[+S]*|l\+?|x|timing|conninfo|encoding|echo|q|\?)(?:[ \t]+[\w.*"]+)*$/u
const SQLITE_READS =
  /^\.(?:tables?|schema|indexes|databases|mode|headers?|width|dbinfo|show|help|quit|exit)(?:[ \t]+[\w.%*-]+)*$/u
/** Words that change, load, run or reach something, wherever they stand. */
const CHANGES =
  /\b(?:insert|update|delete|drop|alter|truncate|create|grant|revoke|copy|into|call|do|execute|prepare|merge|replace|attach|detach|vacuum|reindex|load|outfile|dumpfile|program|lock|handler|rename|set|reset|listen|notify|refresh|cluster|import|kill|shutdown|flush|purge|optimize|pragma)\b/iu
/** Functions that read rows and nothing else, and words that may stand before a parenthesis. */
const FUNCTIONS = new Set(
  (
    'abs array_agg array_length avg bool_and bool_or cast ceil ceiling char_length coalesce concat concat_ws count current_date ' +
    'current_timestamp date date_add date_format date_part date_sub date_trunc dense_rank exists extract first_value floor ' +
    'format_type from_unixtime generate_series greatest group_concat hex ifnull iif in is isnull json_agg json_array_length ' +
    'json_extract jsonb_array_length julianday lag last_value lead least left length lower ltrim max min mod now nullif on or ' +
    'and not all any as by where when then else using over from join partition percentile_cont pg_database_size ' +
    'pg_relation_size pg_size_pretty pg_total_relation_size printf quote rank regexp_matches right round row_number rtrim ' +
    'select sqlite_version strftime string_agg substr substring sum sysdate time timestamp to_char to_date total trim typeof ' +
    'union unix_timestamp unnest upper values version with within year month day hour minute current_database current_user'
  ).split(' '),
)

/** What a text for a database's client does: nothing where each statement plainly reads; else it may destroy. */
export function sqlEffects(text: string | undefined): TextReading {
  if (text === undefined) return DESTRUCTIVE
  const trimmed = text.trim()
  if (PSQL_READS.test(trimmed) || SQLITE_READS.test(trimmed)) return []
  if (/[\\]|^\s*\.|[\n;][ \t]*(?:\.|system\b|source\b)|^(?:system|source)\b/iu.test(trimmed)) return CODE
  const isRead = trimmed
    .split(';')
    .map((statement) => statement.trim())
    .every((statement) => statement === '' || READS.test(statement))
  return isRead && !CHANGES.test(trimmed) && callsOnlyReads(trimmed) ? [] : DESTRUCTIVE
}

function callsOnlyReads(text: string): boolean {
  // Comments may hold code for MySQL, and a quoted name may call what the words do not show.
  if (/\/\*|["`\]]\s*\(/u.test(text)) return false
  const names = [...text.matchAll(/(?<![^\s()+\-*/,=<>;|])([^\s()+\-*/,=<>;|]+)\s*\(/gu)].map((match) =>
    (match[1] ?? '').toLowerCase(),
  )
  return names.every((name) => FUNCTIONS.has(name))
}
