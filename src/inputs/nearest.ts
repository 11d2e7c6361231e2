/** Steps of inserting, deleting, replacing and swapping neighbours that make one word of the other. */
function distance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    rows.push(current)
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          row > 1 && column > 1 && swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(left.length, right.length)
}

/** Names that may have been meant: those that hold the word, and those that a third of its letters make of it. */
export function nearest(asked: string, names: readonly string[], shown = 3): readonly string[] {
  const rank = (name: string) =>
    asked.length > 2 && name.includes(asked) ? 0 : distance(asked.slice(0, 64), name.slice(0, 64))
  return names
    .map((name) => ({ name, rank: rank(name) }))
    .filter((one) => one.rank <= Math.max(1, asked.length / 3))
    .sort((one, other) => one.rank - other.rank)
    .slice(0, shown)
    .map(({ name }) => name)
}
