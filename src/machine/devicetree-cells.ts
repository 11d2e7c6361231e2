/** Cells of a 64-bit number, the widest that Linux makes of cells (K: include/linux/of.h, of_read_number). */
const MOST_CELLS = 2

/**
 * `count` big-endian cells from `at` as one number. Leading zero cells may be more than fit; undefined where the number
 * has more than 64 bits or the cells are not all there: cells that do not fit are never dropped.
 */
export function numberFromCells(cells: readonly number[], at = 0, count = cells.length - at): bigint | undefined {
  const end = at + count
  if (count < 0 || end > cells.length) return undefined
  const first = Math.max(at, end - MOST_CELLS)
  for (let index = at; index < first; index++) if (cells[index] !== 0) return undefined
  let value = 0n
  for (let index = first; index < end; index++) value = (value << 32n) | BigInt(cells[index] ?? 0)
  return value
}
