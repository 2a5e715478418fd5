import { asciiLower, isSegment } from '../action/capability.ts'
import { sha256Hex } from '../kernel/digest.ts'

/** What a folded name ends in. 96 bits: nobody finds a second name for a segment that a rule lets through. */
const SUFFIX = /-h[0-9a-f]{24}$/
const HASH_DIGITS = 24
const MAX_PLAIN = 128
const MAX_FOLDED = 64

/**
 * A name of a tool or server as one segment of a capability; different names have different segments.
 *
 * A name that is a segment stands for itself. Any other is folded and gets a hash of the name as written, and so
 * does one that looks as if it had such a hash already: no name can be chosen so that it lands on another one.
 */
export function toolSegment(name: string): string {
  if (isSegment(name) && name.length <= MAX_PLAIN && !SUFFIX.test(name)) return name
  const folded = asciiLower(name)
    .replaceAll(/[^a-z0-9_-]+/g, '_')
    .slice(0, MAX_FOLDED)
  return `${folded}-h${sha256Hex(name).slice(0, HASH_DIGITS)}`
}
