import type { Links } from '../../kernel/files.ts'
import type { PathFacts, PathReading } from './path-facts.ts'
import { normalised, parentOf } from './posix-path.ts'

/** PATH_MAX of Linux; what is longer names nothing. */
const MAX_PATH = 4096
// Places that each process sees as its own: who judges and who opens see different files there.
const OF_THE_PROCESS = /^\/(proc\/(self|thread-self|\d+)|dev\/(fd|stdin|stdout|stderr))(\/|$)/

/** What keeps a text from being read as a path; the first that matches tells why. */
const UNREADABLE: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'it is empty'],
  // oxlint-disable-next-line no-control-regex
  [/[\0-\u001f\u007f-\u009f]/, 'it has control characters'],
  [/^\s|\s$/, 'it begins or ends with a blank, which some programs cut off'],
  [/[\p{Cf}\p{Zl}\p{Zp}]/u, 'it has invisible characters'],
  [/\\/, 'it has a backslash'],
  [/^~/, 'it begins with `~`'],
  [/\$/, 'it has a `$`'],
  [/^[A-Za-z][A-Za-z0-9+.-]*:/, 'it begins like a drive or a URL'],
  [/^\/\/(?!\/)/, 'it begins with two slashes'],
]

/** What most paths are made of, and none of the above finds fault with: one look in place of nine. */
const PLAIN = /^\/?(?![~/])(?!.*\/\/)[\w./@%+=,-]+$/

/**
 * What a path names, as the machine would find it: absolute, normalised, links resolved down to the deepest folder that
 * is there. What two programs could read in two ways is opaque, and so is what cannot be looked at.
 */
export function readPath(text: string, reading: PathReading): PathFacts {
  const why = whyUnreadable(text, reading)
  if (why !== undefined) return { kind: 'opaque', why }
  const whole = text.startsWith('/') ? text : `${reading.root ?? ''}/${text}`
  const path = normalised(whole)
  if (OF_THE_PROCESS.test(path)) return { kind: 'opaque', why: 'it means another file to each process' }
  return reading.links === undefined ? { kind: 'path', path, isResolved: false } : resolved(whole, path, reading.links)
}

function whyUnreadable(text: string, { root, decodes }: PathReading): string | undefined {
  if (text.length > MAX_PATH) return 'it is too long'
  if (!text.isWellFormed()) return 'it has a lone surrogate'
  const found = PLAIN.test(text) ? undefined : UNREADABLE.find(([pattern]) => pattern.test(text))
  if (found !== undefined) return found[1]
  if (decodes && text.includes('%')) return 'the tool decodes its percent-escapes'
  return root === undefined && !text.startsWith('/') ? 'it is relative, and its tool has no `root`' : undefined
}

function resolved(whole: string, path: string, links: Links): PathFacts {
  try {
    if (!agreeOnParents(whole, links)) return { kind: 'opaque', why: 'it has a `..` behind a link or a missing folder' }
    const real = realOf(path, links)
    if (real === undefined) return { kind: 'opaque', why: 'it goes through a link that leads nowhere' }
    if (OF_THE_PROCESS.test(real)) return { kind: 'opaque', why: 'it means another file to each process' }
    return { kind: 'path', path: real, isResolved: true }
  } catch {
    // No permission, a loop of links, an I/O error: where it leads is not known.
    return { kind: 'opaque', why: 'its links cannot be followed' }
  }
}

// Some programs cut `x/..` out of the text, the system goes where the link `x` leads and up from there.
function agreeOnParents(whole: string, links: Links): boolean {
  const end = /.*\/\.\.(?=\/|$)/.exec(whole)?.[0]
  if (end === undefined) return true
  const bySystem = links.realPath(end)
  return bySystem !== undefined && bySystem === links.realPath(normalised(end))
}

// The deepest part that is there, resolved, and the rest as it stands. A link without a target is a door to wherever it
// points: who writes there makes that file.
function realOf(path: string, links: Links): string | undefined {
  let there = path
  for (;;) {
    const real = links.realPath(there)
    if (real !== undefined) return there === path ? real : normalised(`${real}/${path.slice(there.length)}`)
    if (links.isLink(there)) return undefined
    if (there === '/') return path
    there = parentOf(there)
  }
}
