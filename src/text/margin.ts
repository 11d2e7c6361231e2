/** Lines that are looked at to see what stands before each of them. */
const LOOKED_AT = 48
const LONGEST_START = 200
/** Fewer lines show no rule. */
const FEWEST = 3

/** What a pager, a page or a serial console put around all lines of a text. */
export interface Margin {
  /** A number, `12 `, `12:` or `12. `, or the same mark, stands before each line; `none` is what texts have themselves. */
  readonly before: 'number' | '|' | '+' | 'none'
  /** A blank line follows each line. */
  readonly isDoubleSpaced: boolean
  /** Marks of quoted mail, `>`, have no blank behind them, so that a blank there is the text's own. */
  readonly isQuotedTight: boolean
}

const NUMBER = /^[ \t]{0,8}(\d{1,7})[.:|)]?(?:[ \t]|$)/

/** The first lines of a text, each as far as it matters. */
function beginningOf(text: string): readonly string[] {
  const lines: string[] = []
  for (let from = 0; from < text.length && lines.length < LOOKED_AT;) {
    const found = text.indexOf('\n', from)
    const end = found < 0 ? text.length : found
    lines.push(text.slice(from, Math.min(end, from + LONGEST_START)).replace(/\r{1,4}$/, ''))
    from = end + 1
  }
  return lines
}

/** Numbers that count the lines; those of a pager leave blank lines out or count them too. */
function isNumbered(lines: readonly string[]): boolean {
  let before: number | undefined
  let numbered = 0
  for (const line of lines) {
    if (line.trim() === '') continue
    const number = NUMBER.exec(line)?.[1]
    if (number === undefined) return false
    if (before !== undefined && Number(number) !== before + 1) return false
    before = Number(number)
    numbered++
  }
  return numbered >= FEWEST
}

/** A mark stands before every line, with a blank behind a bar; branches of `lspci -t` are none. */
function isMarked(lines: readonly string[], mark: '|' | '+'): boolean {
  const shown = lines.filter((line) => line.trim() !== '')
  const isOne = (line: string) => {
    if (!line.startsWith(mark)) return false
    const next = line.charAt(1)
    return mark === '|' ? next === '' || next === ' ' || next === '\t' : next !== '-' || line.charAt(2) === '['
  }
  return shown.length >= FEWEST && shown.every(isOne)
}

function isDoubleSpaced(lines: readonly string[]): boolean {
  let shown = 0
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    const next = lines[at + 1]
    if (next !== undefined && next.trim() !== '') return false
    if (next !== undefined) shown++
  }
  return shown >= FEWEST
}

/** Tells from the beginning of a text what stands around its lines; nothing is said of what begins otherwise. */
export function marginOf(text: string): Margin {
  const lines = beginningOf(text)
  const mark = (['|', '+'] as const).find((one) => isMarked(lines, one))
  const before = mark ?? (isNumbered(lines) ? 'number' : 'none')
  const isQuotedTight = lines.some((line) => /^>[^> \t]/.test(line))
  return { before, isDoubleSpaced: isDoubleSpaced(lines), isQuotedTight }
}

/** A line without what stands before it. */
export function withoutMargin(line: string, { before }: Margin): string {
  switch (before) {
    case 'none':
      return line
    case 'number':
      return line.slice(NUMBER.exec(line.slice(0, 20))?.[0].length ?? 0)
    case '|':
      return line.startsWith('|') ? line.slice(line.startsWith('| ') ? 2 : 1) : line
    case '+':
      return line.startsWith('+') ? line.slice(1) : line
  }
}
