import { globMatches } from '../../action/pattern.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { globsMeet } from './globs-meet.ts'
import type { PolicyFile } from './load-files.ts'
import type { WrittenTool } from './parse-file.ts'
import { workBudget } from './work-budget.ts'

/** The most keys of `tools` with `*` that share their text before the first `*`. */
const MAX_ALIKE = 64

interface Entry {
  readonly tool: WrittenTool
  readonly file: PolicyFile
  /** The text before the first `*`; the whole key where there is none. */
  readonly prefix: string
  readonly isGlob: boolean
  /** What it says, as a text. */
  readonly says: string
}

/** The most cells that globs are held against each other in, and what each pair costs beside. */
const MAX_WORK = 20_000_000
const PAIR = 8

/** Tells where it is open, or changed by another file, what a tool's call means. */
export function checkToolKeys(files: readonly PolicyFile[], isAbove: IsAbove): void {
  const entries = files.flatMap((file) => file.tools.map((tool) => entryOf(tool, file)))
  const globsByPrefix = Map.groupBy(
    entries.filter((entry) => entry.isGlob),
    (entry) => entry.prefix,
  )
  for (const alike of globsByPrefix.values()) {
    const [first, extra] = [alike[0], alike[MAX_ALIKE]]
    if (first && extra) tell(extra, `more than ${String(MAX_ALIKE)} keys that start with \`${first.prefix}*\``)
  }
  const budget = workBudget(MAX_WORK)
  for (const entry of entries) {
    for (const glob of globsAbove(entry, globsByPrefix)) {
      if (!budget.spend(PAIR + (entry.isGlob ? entry.tool.key.length * glob.tool.key.length : 0))) {
        tell(entry, 'too many keys with `*` to hold against each other')
        return
      }
      checkPair(entry, glob, isAbove)
    }
  }
}

/** Whether the first file extends the second, directly or through others. */
export type IsAbove = (file: PolicyFile, base: PolicyFile) => boolean

function entryOf(tool: WrittenTool, file: PolicyFile): Entry {
  const star = tool.key.indexOf('*')
  return {
    tool,
    file,
    prefix: star === -1 ? tool.key : tool.key.slice(0, star),
    isGlob: star !== -1,
    says: canonicalJson(tool.binding),
  }
}

// Keys that can both match start alike, so each key needs to be held only against the globs of its own prefixes.
function* globsAbove(entry: Entry, globsByPrefix: ReadonlyMap<string, readonly Entry[]>): Generator<Entry> {
  for (let length = 0; length <= entry.prefix.length; length++) {
    const alike = globsByPrefix.get(entry.prefix.slice(0, length)) ?? []
    for (const glob of alike.slice(0, MAX_ALIKE)) {
      // Of two globs with one prefix, the pair is met twice: it is told at the later one.
      if (glob === entry) break
      yield glob
    }
  }
}

// `entry` wins over `glob` where both match: it is exact, or its prefix is longer. With prefixes alike, nothing wins.
function checkPair(entry: Entry, glob: Entry, isAbove: IsAbove): void {
  if (entry.tool.key === glob.tool.key) return // in two files: told where files are composed
  const isTie = entry.isGlob && entry.prefix.length === glob.prefix.length
  const fault = isTie ? tieOf(entry, glob) : changeOf(entry, glob, isAbove)
  if (fault !== undefined && canBothMatch(entry, glob)) tell(entry, fault)
}

function tieOf(entry: Entry, glob: Entry): string {
  return `\`${entry.tool.key}\` and \`${glob.tool.key}\` can match one tool, and neither is longer before its \`*\``
}

function changeOf(entry: Entry, glob: Entry, isAbove: IsAbove): string | undefined {
  // A base may name a tool that a glob of what extends it covers too: the base's word stands.
  if (entry.file === glob.file || isAbove(glob.file, entry.file)) return undefined
  if (entry.says === glob.says) return undefined
  return `\`${entry.tool.key}\` would change what \`${glob.tool.key}\` of another file says of that tool`
}

function canBothMatch(entry: Entry, glob: Entry): boolean {
  return entry.isGlob ? globsMeet(entry.tool.key, glob.tool.key) : globMatches(glob.tool.key, entry.tool.key)
}

function tell(entry: Entry, message: string): void {
  entry.tool.findings.add(entry.tool.spot, message)
}
