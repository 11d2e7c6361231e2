import { marginOf, withoutMargin } from './margin.js'

/** A line of a text that somebody kept or pasted, without what posts and terminals put around it. */
export interface EvidenceLine {
  /** Without blanks at either end. */
  readonly text: string
  /** Columns before the text. */
  readonly indent: number
  /** In the file, from 1. */
  readonly number: number
  /** Offset of the line in the decoded text, in characters. */
  readonly offset: number
  /** Whether a newline follows. */
  readonly ended: boolean
}

/** Longer lines are looked at only so far: `/proc/interrupts` of 4,096 processors has 45,056 characters. */
const LONGEST_LINE = 64 * 1024
/** Lines of one text. */
export const MOST_LINES = 1_000_000
const LOOKED_AT = 64 * 1024
const TAB_WIDTH = 8

const BYTE_ORDER_MARK = /^\ufeff/
const ESCAPES = /\u001b(?:\[[0-9;:?]{0,32}[@-~]|[()][0-9A-B])/g
/** What editors and browsers put for a blank, and what has no width. */
const ODD_BLANKS = /[\u00a0\u2007\u202f]/g
const NO_WIDTH = /\u200b|\u200c|\u200d|\u2060|\ufeff/g
/** What forums print in place of characters that their pages give a meaning to. */
const ENTITIES = /&(?:lt|gt|amp|nbsp|quot|apos|#39|#x27|#34);/g
const ENTITY_TEXT: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&nbsp;': ' ',
  '&quot;': '"',
  '&#34;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&#x27;': "'",
}
/** What word processors make of straight quotes. */
const DOUBLE_QUOTES = /[\u201c\u201d\u201e\u201f]/g
const SINGLE_QUOTES = /[\u2018\u2019\u201a\u201b]/g
/** And of hyphens; the long dash stands for two. */
const DASHES = /[\u2010-\u2013\u2212]/g
const LONG_DASHES = /[\u2014\u2015]/g
/** None of these is ASCII, as most texts are from end to end. */
const BEYOND_ASCII = /[^\u0000-\u007f]/
const FENCE =
  /^(?:```|~~~)[\w-]{0,20}$|^\[\/?(?:code|CODE|quote|QUOTE|spoiler|SPOILER)(?:=[^\]]{0,80})?\]$|^<\/?(?:pre|code|details|summary)>$/

/** NULs at every odd, or every even, place of the beginning: two bytes a character. */
function widthOf(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | 'bytes' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const start = bytes.subarray(0, 512)
  if (start.length < 8) return 'bytes'
  let [even, odd] = [0, 0]
  for (let at = 0; at + 1 < start.length; at += 2) {
    if (start[at] === 0) even++
    if (start[at + 1] === 0) odd++
  }
  const pairs = Math.floor(start.length / 2)
  if (odd > pairs * 0.8 && even === 0) return 'utf-16le'
  return even > pairs * 0.8 && odd === 0 ? 'utf-16be' : 'bytes'
}

/** Whether bytes can be text at all: their beginning holds no control characters but those of lines, colours and NUL of UTF-16. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false
  if (widthOf(bytes) !== 'bytes') return true
  let odd = 0
  const start = bytes.subarray(0, LOOKED_AT)
  for (const byte of start) {
    if (byte === 0) return false
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b) odd++
  }
  // A stray byte is a broken line, not another format.
  return odd * 50 <= start.length
}

/** A text in UTF-16, with or without a mark, as Windows PowerShell redirects output; undefined for any other. */
export function utf16Text(bytes: Uint8Array): string | undefined {
  const width = widthOf(bytes)
  return width === 'bytes' ? undefined : new TextDecoder(width).decode(bytes)
}

/** A text as characters: UTF-8, UTF-16 with or without a mark, else Latin-1. */
export function decodedText(bytes: Uint8Array): string {
  const wide = utf16Text(bytes)
  if (wide !== undefined) return wide
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  }
}

/** Marks of quoted mail, `> > text`. */
function unquoted(line: string, isTight: boolean): string {
  let at = 0
  while (line.charCodeAt(at) === 0x3e) {
    at++
    if (line.charCodeAt(at) === 0x20 && !isTight) at++
  }
  return at === 0 ? line : line.slice(at)
}

/** Without the marks of code within a line; branches of `tree` begin with one too. */
function withoutTicks(text: string): string {
  const start = text.startsWith('`') && /^`[^`-]/.test(text) ? 1 : 0
  const end = text.endsWith('`') && !text.endsWith('``') ? text.length - 1 : text.length
  return text.slice(start, end)
}

/** Quotes and hyphens as terminals print them. */
function withPlainMarks(line: string): string {
  return line
    .replaceAll(DOUBLE_QUOTES, '"')
    .replaceAll(SINGLE_QUOTES, "'")
    .replaceAll(DASHES, '-')
    .replaceAll(LONG_DASHES, '--')
}

function indentOf(line: string): { readonly columns: number; readonly characters: number } {
  let columns = 0
  let characters = 0
  for (; characters < line.length; characters++) {
    const code = line.charCodeAt(characters)
    if (code === 0x20) columns++
    else if (code === 0x09) columns += TAB_WIDTH - (columns % TAB_WIDTH)
    else break
  }
  return { columns, characters }
}

/**
 * The lines of a text: without line ends of any kind, colours, quote marks, code fences and odd blanks. Blank lines, and
 * what stood in place of one, have an empty text.
 */
export function* evidenceLines(whole: string): Generator<EvidenceLine> {
  const text = whole.replace(BYTE_ORDER_MARK, '')
  const margin = marginOf(text)
  const isAscii = !BEYOND_ASCII.test(text)
  let number = 0
  /** Blank lines since the last one with a text, where each line has one behind it. */
  let blanks = 0
  for (let from = 0; from < text.length && number < MOST_LINES;) {
    const found = text.indexOf('\n', from)
    const end = found < 0 ? text.length : found
    number++
    let line = text.slice(from, Math.min(end, from + LONGEST_LINE))
    if (line.includes('\u001b')) line = line.replaceAll(ESCAPES, '')
    if (line.includes('&')) line = line.replaceAll(ENTITIES, (entity) => ENTITY_TEXT[entity] ?? entity)
    if (!isAscii) line = line.replaceAll(ODD_BLANKS, ' ').replaceAll(NO_WIDTH, '')
    line = unquoted(withoutMargin(line, margin), margin.isQuotedTight)
    if (!isAscii) line = withPlainMarks(line)
    const { columns, characters } = indentOf(line)
    const shown = withoutTicks(line.slice(characters).trimEnd())
    if (margin.isDoubleSpaced && found >= 0) {
      blanks = shown === '' ? blanks + 1 : 0
      if (blanks === 1) {
        from = end + 1
        continue
      }
    }
    yield {
      text: FENCE.test(shown) ? '' : shown,
      indent: columns,
      number,
      offset: from,
      ended: found >= 0,
    }
    from = end + 1
  }
}

const COMMANDS =
  'acpidump bash cat cd clear curl dmesg dtc echo egrep find fish for grep head hexdump hostnamectl iasl journalctl less ls lscpu lsiommu lsmod lspci more od pvesh pveversion scripts sed sh shopt ssh su sudo tail uname virsh while xxd zcat zgrep zsh'.split(
    ' ',
  )
const COMMAND_NAMES: ReadonlySet<string> = new Set(COMMANDS)

/** The command that a line with a shell's prompt starts: `user@host:~$ sudo lspci -nnk`. Undefined for all other lines. */
export function promptedCommand(text: string): string | undefined {
  const mark = /^(?:[^#$%>\u279c\u276f]{0,100}[#$%>\u279c\u276f]) {0,4}/.exec(text.slice(0, 200))
  if (!mark) return undefined
  const command = text.slice(mark[0].length)
  const first = command.split(' ', 1)[0] ?? ''
  const name = first.slice(first.lastIndexOf('/') + 1)
  return COMMAND_NAMES.has(name.replace(/;$/, '')) || first.startsWith('./') ? command : undefined
}
