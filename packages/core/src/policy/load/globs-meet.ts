/** Whether some text matches both globs. */
export function globsMeet(left: string, right: string): boolean {
  // A cell says whether the rests of both, from its row and column on, match one text; filled in from the ends.
  let below = lastRow(right)
  for (let row = left.length - 1; row >= 0; row--) {
    const cells = [...below.slice(0, -1), isStars(left.slice(row))]
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

function lastRow(glob: string): readonly boolean[] {
  return Array.from({ length: glob.length + 1 }, (_, column) => isStars(glob.slice(column)))
}

function isStars(text: string): boolean {
  return /^\**$/.test(text)
}

function at(cells: readonly boolean[], column: number): boolean {
  return cells[column] ?? false
}
