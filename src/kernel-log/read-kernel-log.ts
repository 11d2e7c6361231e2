import { hardCutWidth, isElided } from './cut-lines.js'
import { isSeparator, lastBoot, separatesBoots } from './boots.js'
import { readLine, type ReadLine, type Spelling } from './line-prefix.js'
import { messageOf, type RecognisedLine } from './messages.js'
import { refusedFormat, type RefusedFormat } from './refused-formats.js'

/** Beyond these a text is no kernel log (K: include/linux/printk.h, PRINTK_MESSAGE_MAX). */
const MOST_LINES = 1_000_000
const LONGEST_LINE = 2048
/** What no intact line holds; tab is part of some messages. */
const DAMAGED_LINE = /[\u0000-\u0008\u000a-\u001f\u007f\ufffd]/
/** Spellings that name the program of each line. */
const SIGNED: readonly Spelling[] = ['syslog', 'journal-iso', 'journal-unix']
const COLOURS = /\u001b\[[0-9;:]*[mK]/g
/** Stands in a log whose redaction had to leave lines out, so that the log that is kept is as incomplete as the first. */
const LEFT_OUT = /^-- (\d{1,9}) of (\d{1,9}) lines not read --$/

export interface KernelLogText {
  /** Messages of the kernel's last boot, without level, time and caller, in order; what was seen of a cut one too. */
  readonly lines: readonly string[]
  /** What each of `lines` is, undefined for those that say nothing here. */
  readonly recognised: readonly (RecognisedLine | undefined)[]
  /** Lines that could not be read or not to their end. Any may have said anything. */
  readonly unread: number
  /** Lines that are not blank. */
  readonly total: number
  /** Messages of boots before the last one, which say nothing of the machine as it runs. */
  readonly earlierBoots: number
  /** How most lines are written; undefined where there is no line. */
  readonly spelling: Spelling | RefusedFormat | undefined
}

/** Text for a number of unread lines that `readKernelLog` counts again. */
export function leftOutLine({ unread, total }: KernelLogText): string {
  return `-- ${unread} of ${total} lines not read --`
}

/** The lines of a text without line ends, colours and byte order mark; the last may have been cut. */
function* linesOf(text: string): Generator<{ readonly line: string; readonly ended: boolean }> {
  // Two bytes a character, as Windows' shell writes what a program prints, arrive here as characters with a NUL each.
  const wide = text.startsWith('\ufffd\ufffd') && text.charCodeAt(3) === 0
  const plain = wide ? text.slice(2).replaceAll('\0', '') : text.startsWith('\ufeff') ? text.slice(1) : text
  for (let start = 0; start < plain.length;) {
    const found = plain.indexOf('\n', start)
    const end = found < 0 ? plain.length : found
    let last = Math.min(end, start + LONGEST_LINE + 1)
    while (last > start && plain.charCodeAt(last - 1) === 0x0d) last--
    const line = plain.slice(start, last)
    yield { line: line.includes('\u001b') ? line.replaceAll(COLOURS, '') : line, ended: found >= 0 }
    start = end + 1
  }
}

interface Seen {
  readonly line: ReadLine | { readonly kind: 'separator'; readonly betweenBoots: boolean }
  /** Characters of the whole line, with what stood before the message. */
  readonly width: number
  /** The line ends early: in the text itself, or where the tool that printed it says so. */
  readonly cut: boolean
}

/** The lines of a text that are intact each by itself, and the number of those that are not. */
interface Split {
  readonly seen: readonly Seen[]
  readonly total: number
  readonly unread: number
}

function split(text: string): Split {
  const seen: Seen[] = []
  let [total, unread] = [0, 0]
  for (const { line, ended } of linesOf(text)) {
    if (line.trim() === '') continue
    const mark = line.startsWith('-- ') ? LEFT_OUT.exec(line) : null
    if (mark) {
      // The lines beside it are those that were kept, and counted before.
      unread += Number(mark[1])
      total = Math.max(total, Number(mark[2]))
      continue
    }
    total++
    const isIntact = line.length <= LONGEST_LINE && seen.length < MOST_LINES && !DAMAGED_LINE.test(line)
    if (!isIntact) unread++
    else if (isSeparator(line))
      seen.push({ line: { kind: 'separator', betweenBoots: separatesBoots(line) }, width: 0, cut: false })
    else seen.push({ line: readLine(line), width: line.length, cut: !ended || isElided(line) })
  }
  return { seen, total, unread }
}

/** The message at `at` with the lines after it that have no prefix: a terminal broke it, or it has line ends of its own. */
function joined(seen: readonly Seen[], at: number, message: string): string {
  let whole = message
  for (let next = at + 1; next < seen.length && whole.length < LONGEST_LINE; next++) {
    const line = seen[next]?.line
    if (line?.kind !== 'bare') break
    whole += line.text
  }
  return whole
}

/** How often each spelling was met. */
function spellingsOf(seen: readonly Seen[]): ReadonlyMap<Spelling, number> {
  const spellings = new Map<Spelling, number>()
  for (const { line } of seen) {
    if (line.kind === 'message') spellings.set(line.spelling, (spellings.get(line.spelling) ?? 0) + 1)
  }
  return spellings
}

/**
 * Reads a kernel log in any of the spellings in which people keep one: dmesg with its options, the journal's short
 * formats, syslog files, serial consoles, quoted, coloured or broken by a terminal. What it cannot read it counts.
 * Linear in the text.
 */
export function readKernelLog(text: string): KernelLogText {
  const refused = refusedFormat(text)
  const { seen, total, unread: damaged } = split(text)
  if (refused !== undefined)
    return { lines: [], recognised: [], unread: total, total, earlierBoots: 0, spelling: refused }

  const spellings = spellingsOf(seen)
  const isSigned = SIGNED.some((spelling) => spellings.has(spelling))
  const messages: { readonly width: number; readonly text: string }[] = []
  for (const { line, width } of seen) if (line.kind === 'message') messages.push({ width, text: line.text })
  const cutWidth = hardCutWidth(messages)
  const lines: string[] = []
  const recognised: (RecognisedLine | undefined)[] = []
  const starts: number[] = []
  const unstamped = new Set<number>()
  let unread = damaged
  seen.forEach(({ line, width, cut }, at) => {
    const continues = line.kind === 'message' && seen[at + 1]?.line.kind === 'bare'
    if (line.kind === 'separator') {
      if (line.betweenBoots) starts.push(lines.length)
    } else if (
      cut ||
      line.kind === 'unknown' ||
      (line.kind === 'unsigned' && !isSigned) ||
      (width === cutWidth && !continues)
    ) {
      unread++
    }
    if (line.kind !== 'message' && line.kind !== 'bare') return
    // Beside lines that the journal says are the kernel's, one without that word is another program's.
    if (line.kind === 'message' && line.spelling === 'dmesg' && spellings.has('journal-monotonic')) return
    if (line.kind === 'bare' && spellings.size > 0) unstamped.add(lines.length)
    const alone = messageOf(line.text)
    const whole = alone === undefined && continues ? joined(seen, at, line.text) : line.text
    const found = alone ?? (continues ? messageOf(whole) : undefined)
    lines.push(found === undefined ? line.text : whole)
    recognised.push(found)
  })
  const kept = lastBoot(lines, starts, unstamped)
  const [most] = [...spellings].sort(([, left], [, right]) => right - left)
  return {
    lines: kept,
    recognised: recognised.slice(lines.length - kept.length),
    unread,
    total: Math.max(total, unread),
    earlierBoots: lines.length - kept.length,
    spelling: most?.[0] ?? (lines.length > 0 ? 'bare' : undefined),
  }
}
