import type { TextEffect, TextReading } from '../../text-reading.ts'

/** Words with which a filter of `jq` or `yq` looks at the environment, loads a file or runs a text; not as a field (`.env`). */
const REACHING =
  /(?<![.\w"'])(?:env|strenv|envsubst|eval|exec|system|load\w*|import|include|modulemeta|get_search_list)\b|\$(?:ENV|__prog)/u

/** A filter of `jq` or `yq`: nothing, or `code.inline` where it may reach beyond its input. At worst it reads any file. */
export function query(text: string | undefined): readonly TextEffect[] {
  if (text === undefined) return [{ kind: 'fs.read' }]
  return REACHING.test(text) ? [{ kind: 'code.inline' }] : []
}

/** A name that as a filter would at most look up a variable called `json`. */
const FILE = /^[\w./@+-]+\.(?:json[5cl]?|ndjson|ya?ml|toml|xml|csv|tsv|txt|props|properties)$/u

/** A word that is a file, or where options took their words before it, such a filter. */
export function queryOrFile(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'fs.read' }]
  const read = { kind: 'fs.read', target: text } as const
  return FILE.test(text) ? [read] : [read, ...query(text)]
}

/** A file for one of the binutils; `@file` stands for the words in it, and one of these may load a plugin. */
export function object(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'fs.read' }]
  return text.startsWith('@') ? 'opaque' : [{ kind: 'fs.read', target: text }]
}
