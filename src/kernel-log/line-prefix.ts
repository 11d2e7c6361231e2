import { LineCursor } from './line-cursor.js'
import { bracketedDate, fullDate, isoDate, looksDated, secondsSinceBoot, syslogDate, unixTime } from './time-stamps.js'

/** Ways in which people keep a kernel log; `bare` has no time stamps. */
export type Spelling =
  | 'dmesg'
  | 'dmesg-ctime'
  | 'dmesg-iso'
  | 'kmsg'
  | 'syslog'
  | 'journal-iso'
  | 'journal-unix'
  | 'journal-monotonic'
  | 'xen'
  | 'bare'

/**
 * What a line is: a message of the kernel, one of another program, one that has a time and nobody named as its author
 * (`unsigned`), one without a prefix, or one with a prefix that is not known.
 */
export type ReadLine =
  | { readonly kind: 'message'; readonly text: string; readonly spelling: Spelling }
  | { readonly kind: 'unsigned'; readonly text: string; readonly spelling: Spelling }
  | { readonly kind: 'bare'; readonly text: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown' }

const OTHER: ReadLine = { kind: 'other' }
const UNKNOWN: ReadLine = { kind: 'unknown' }
/** Facilities of syslog(3) but `kern`, as `dmesg -x` names them: user space may write to the kernel's buffer. */
const FACILITIES: ReadonlySet<string> = new Set(
  'user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  ),
)
const LEVEL = /^(?:emerg|alert|crit|err|warn|notice|info|debug)$/

/** What every tag of the kernel begins with; a message may hold it too. */
const KERNEL_TAGS = ['kernel:', 'klogd:', 'kernel[']
const isKernelTag = (word: string) =>
  word === 'kernel:' || word === 'klogd:' || (word.startsWith('kernel[') && word.endsWith(']:'))
const isTag = (word: string) => word.length > 1 && word.endsWith(':')

/** `[    T1]` or `[   C0]`, the caller of CONFIG_PRINTK_CALLER. */
function caller(cursor: LineCursor): void {
  cursor.attempt(() => {
    cursor.blanks()
    if (!cursor.literal('[')) return false
    cursor.blanks()
    return cursor.oneOf('TC') && cursor.digits(1, 10) !== undefined && cursor.literal(']')
  })
}

/** The rest of the line as a message, without what printk itself puts before it. */
function message(cursor: LineCursor, spelling: Spelling): ReadLine {
  cursor.attempt(() => {
    cursor.blanks()
    return secondsSinceBoot(cursor)
  })
  caller(cursor)
  cursor.blanks()
  return { kind: 'message', text: cursor.line.slice(cursor.at), spelling }
}

/** After a time: `host kernel: message`, also without the host or with a facility; or the message of another program. */
function signed(cursor: LineCursor, spelling: Spelling): ReadLine {
  cursor.blanks()
  const start = cursor.at
  if (cursor.attempt(() => secondsSinceBoot(cursor)) === true) return message(cursor, spelling)
  let isOther = false
  for (let words = 0; words < 3; words++) {
    const word = cursor.word()
    if (isKernelTag(word)) return message(cursor, spelling)
    // A program signs as the first word or, after the host, as the second.
    isOther ||= words < 2 && isTag(word)
    cursor.blanks()
    if (words === 1 && !/^\w+\.\w+$/.test(word)) break
  }
  return isOther ? OTHER : { kind: 'unsigned', text: cursor.line.slice(start), spelling }
}

/** `<6>` before the time; undefined where the line has none. */
function priority(cursor: LineCursor): number | undefined {
  return cursor.attempt(() => {
    if (!cursor.literal('<')) return undefined
    const digits = cursor.digits(1, 4)
    return digits !== undefined && cursor.literal('>') ? Number(digits) : undefined
  })
}

/** `kern  :`: a short word, blanks, and a colon. */
function label(cursor: LineCursor): string | undefined {
  const word = /^[a-z]{2,8}\d?(?=[ :])/.exec(cursor.line.slice(cursor.at, cursor.at + 12))?.[0]
  if (word === undefined) return undefined
  cursor.at += word.length
  cursor.blanks()
  return cursor.literal(':') ? word : undefined
}

/** `kern  :info  : ` of `dmesg -x`; the facility. */
function decoded(cursor: LineCursor): string | undefined {
  return cursor.attempt(() => {
    const facility = label(cursor)
    const level = facility === undefined ? undefined : label(cursor)
    const isKnown = facility === 'kern' || (facility !== undefined && FACILITIES.has(facility))
    return isKnown && level !== undefined && LEVEL.test(level) ? facility : undefined
  })
}

/** `6,339,5140900,-;message` of /dev/kmsg and of the extended network console. */
function kmsg(cursor: LineCursor): ReadLine | undefined {
  const number = cursor.attempt(() => {
    const digits = cursor.digits(1, 4)
    const fields =
      digits !== undefined &&
      cursor.literal(',') &&
      cursor.digits(1, 20) !== undefined &&
      cursor.literal(',') &&
      cursor.digits(1, 20) !== undefined &&
      cursor.literal(',')
    if (!fields) return undefined
    const end = cursor.line.indexOf(';', cursor.at)
    if (end < 0 || end - cursor.at > 64) return undefined
    cursor.at = end + 1
    return Number(digits)
  })
  if (number === undefined) return undefined
  return number >= 8 ? OTHER : message(cursor, 'kmsg')
}

/** `1 2024-09-22T12:45:27+02:00 host kernel - - - message` of RFC 5424. */
function protocol5424(cursor: LineCursor): ReadLine | undefined {
  return cursor.attempt(() => {
    if (!cursor.literal('1 ') || isoDate(cursor) === undefined || !cursor.blanks()) return undefined
    cursor.word()
    cursor.blanks()
    const program = cursor.word()
    for (let field = 0; field < 3; field++) {
      if (!cursor.blanks()) return undefined
      cursor.word()
    }
    return program === 'kernel' ? message(cursor, 'syslog') : OTHER
  })
}

function dated(cursor: LineCursor): ReadLine | undefined {
  if (secondsSinceBoot(cursor)) {
    // `[    5.000000] host kernel: message` is the journal's; people leave out the host.
    const journal = cursor.attempt(() => {
      cursor.blanks()
      const first = cursor.word()
      if (isKernelTag(first)) return message(cursor, 'journal-monotonic')
      const second = (cursor.blanks(), cursor.word())
      return isKernelTag(second) && !isTag(first) ? message(cursor, 'journal-monotonic') : undefined
    })
    return journal ?? message(cursor, 'dmesg')
  }
  if (bracketedDate(cursor)) return message(cursor, 'dmesg-ctime')
  const iso = isoDate(cursor)
  if (iso !== undefined) return iso === 'comma' ? message(cursor, 'dmesg-iso') : signed(cursor, 'journal-iso')
  if (syslogDate(cursor) || fullDate(cursor)) return signed(cursor, 'syslog')
  if (unixTime(cursor)) return signed(cursor, 'journal-unix')
  return kmsg(cursor)
}

/** `<6>[    1.234567] message`, as nearly all lines are: nothing beside the time that has to be looked at. */
const PLAIN = /^(?:<[0-7]>)?\[ {0,9}\d{1,10}\.\d{1,9}\] (?=[^\s[])/

/** The message of a plain line, found with one look; undefined for all others. */
function plainMessage(line: string): string | undefined {
  const prefix = PLAIN.exec(line)?.[0]
  return prefix === undefined || KERNEL_TAGS.some((tag) => line.includes(tag)) ? undefined : line.slice(prefix.length)
}

/** What Xen prints, by `xl dmesg` or on the serial console that it shares with its control domain. */
const XEN = /^\(XEN\) (?:\[[^\]]{1,40}\] ?)?/

/** A message of Xen, which keeps its mark and so is none of Linux; undefined for all others. */
function xenMessage(line: string): ReadLine | undefined {
  const prefix = XEN.exec(line)?.[0]
  return prefix === undefined
    ? undefined
    : { kind: 'message', text: `(XEN) ${line.slice(prefix.length)}`, spelling: 'xen' }
}

/** Takes apart one line, without its line end and without colours. It looks at each character a bounded number of times. */
export function readLine(line: string): ReadLine {
  const plain = plainMessage(line)
  if (plain !== undefined) return { kind: 'message', text: plain, spelling: 'dmesg' }
  const ofXen = xenMessage(line)
  if (ofXen !== undefined) return ofXen
  const cursor = new LineCursor(line)
  // Indented or quoted, as in mails and on web pages.
  cursor.attempt(() => {
    while (cursor.blanks() || cursor.literal('> ') || cursor.literal('| ') || cursor.literal('+')) continue
    return '[<'.includes(cursor.line.charAt(cursor.at)) || cursor.at === 0
  })
  const level = priority(cursor)
  if (level !== undefined) {
    const rfc = protocol5424(cursor)
    if (rfc) return rfc
  }
  const facility = decoded(cursor)
  if (facility !== undefined) cursor.blanks()
  const read = dated(cursor)
  const isUser = (facility !== undefined && facility !== 'kern') || (level !== undefined && level >= 8)
  if (read) return isUser && read.kind === 'message' && read.spelling !== 'syslog' ? OTHER : read
  if (level !== undefined || facility !== undefined) return isUser ? OTHER : message(cursor, 'dmesg')
  if (looksDated(line)) return UNKNOWN
  return { kind: 'bare', text: line.slice(cursor.at).trimStart() }
}
