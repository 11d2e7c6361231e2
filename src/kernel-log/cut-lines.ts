/** Fewest lines of one width, and fewest different beginnings among them, that show that a width cut them. */
const FEWEST_LINES = 8
const FEWEST_BEGINNINGS = 4
const NARROWEST = 60
const SHARE = 0.1

/** The journal and pagers put this character where they left something out. */
export function isElided(line: string): boolean {
  return line.includes('\u2026')
}

interface Line {
  /** Characters of the whole line. */
  readonly width: number
  readonly text: string
}

/**
 * The width at which a terminal cut the lines of a text; undefined where nothing shows one. A width that many lines of
 * different kinds have and none exceeds is a terminal's: messages that repeat have one length too, but begin alike.
 */
export function hardCutWidth(lines: readonly Line[]): number | undefined {
  let widest = 0
  for (const { width } of lines) widest = Math.max(widest, width)
  if (widest < NARROWEST) return undefined
  const there = lines.filter(({ width }) => width === widest)
  if (there.length < FEWEST_LINES || there.length < lines.length * SHARE) return undefined
  const beginnings = new Set(there.map(({ text }) => text.slice(0, 12).split(/[ :]/, 1)[0]))
  return beginnings.size >= FEWEST_BEGINNINGS ? widest : undefined
}
