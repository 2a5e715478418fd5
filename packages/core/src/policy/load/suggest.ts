/** Words longer than this are no misspelling of ours. */
const MAX_WORD = 40

/** The candidate that a word most likely means, or undefined where none is near. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined
  const reach = Math.max(1, Math.floor(word.length / 3))
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > reach) continue
    const distance = editDistance(word.toLowerCase(), candidate)
    if (distance <= reach && (best === undefined || distance < best.distance)) best = { candidate, distance }
  }
  return best?.candidate
}

/** ` (did you mean …?)`, or nothing where no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates)
  return found === undefined ? '' : ` (did you mean \`${found}\`?)`
}

// Damerau–Levenshtein, optimal string alignment: insert, delete, replace, swap two neighbours.
function editDistance(left: string, right: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const replaced = at(last, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1)
      const swapped = isSwap(left.slice(0, row), right.slice(0, column)) ? at(beforeLast, column - 2) + 1 : Infinity
      current.push(Math.min(at(current, column - 1) + 1, at(last, column) + 1, replaced, swapped))
    }
    beforeLast = last
    last = current
  }
  return at(last, right.length)
}

function isSwap(left: string, right: string): boolean {
  return left.length > 1 && right.length > 1 && left.at(-1) === right.at(-2) && left.at(-2) === right.at(-1)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0
}
