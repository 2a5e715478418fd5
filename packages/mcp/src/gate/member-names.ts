/**
 * A name as the most lenient reader may take it: without regard to case, width and punctuation. Go's decoder of JSON
 * tells no case apart, and others take `input_responses` for `inputResponses`.
 */
export function foldedName(name: string): string {
  return foldedCase(name).replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** Finds members that are not among `known`, and that a lenient reader would take for one of those. */
export function strayNames(known: readonly string[]): (members: object) => boolean {
  const exact = new Set(known)
  const folded = new Set(known.map(foldedName))
  return (members) => {
    for (const key of Object.keys(members)) if (!exact.has(key) && folded.has(foldedName(key))) return true
    return false
  }
}

/** True where two members are told apart by case or width alone: two readers could each take another one. */
export function hasTwins(members: object): boolean {
  const keys = Object.keys(members)
  return keys.length > 1 && new Set(keys.map(foldedCase)).size < keys.length
}

const ASCII = /^[\0-\x7f]*$/

// NFKC after as well: what is lower case may compose anew.
function foldedCase(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase()
  return name.normalize('NFKC').toLowerCase().normalize('NFKC')
}
