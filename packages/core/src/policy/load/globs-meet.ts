/** Whether some text matches both globs. */
export function globsMeet(left: string, right: string): boolean {
  if (!startsMeet(left, right)) return false
  const leftStars = starsFrom(left)
  const rightStars = starsFrom(right)
  // A cell says whether the rests of both, from its row and column on, match one text; filled in from the ends.
  let below = Array.from({ length: right.length + 1 }, (_, column) => column >= rightStars)
  for (let row = left.length - 1; row >= 0; row--) {
    const cells = [...below.slice(0, -1), row >= leftStars]
    for (let column = right.length - 1; column >= 0; column--) {
      const isStar = left[row] === '*' || right[column] === '*'
      // A star ends, or takes in what stands opposite: either way one side moves on.
      cells[column] = isStar
        ? at(below, column) || at(cells, column + 1)
        : left[row] === right[column] && at(below, column + 1)
    }
    below = cells
  }
  return at(below, 0)
}

function startsMeet(left: string, right: string): boolean {
  for (let index = 0; index < left.length && index < right.length; index++) {
    if (left[index] === '*' || right[index] === '*') return true
    if (left[index] !== right[index]) return false
  }
  return true
}

/** From where on a glob is nothing but stars. */
function starsFrom(glob: string): number {
  let from = glob.length
  while (from > 0 && glob[from - 1] === '*') from -= 1
  return from
}

function at(cells: readonly boolean[], column: number): boolean {
  return cells[column] ?? false
}
