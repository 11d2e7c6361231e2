/**
 * What one 512-byte header says of an entry, or several of them together: POSIX.1-1988 ustar with the GNU extensions that
 * tar writes.
 */
export interface TarHeader {
  /** Raw bytes: names are judged, not repaired. They are gone when more of the archive is read. */
  readonly name: Uint8Array
  readonly linkName: Uint8Array
  /** Bytes of content that follow, as the header claims; links, directories and special files have none all the same. */
  readonly size: number
  /** Type flag character; NUL and `7` are regular files as `0`. */
  readonly type: string
  /** Stored sparse: the content that follows is not the file's. */
  readonly sparse: boolean
}

export const BLOCK = 512
/** Place of the checksum in a header, in bytes. */
const CHECKSUM = 148
const CHECKSUM_LENGTH = 8
/** Every other byte of a word: two lanes in which sums of bytes have room. */
const LANES = 0x00ff00ff
const BLANK = 0x20
const DIGIT_0 = 0x30
const DIGIT_7 = 0x37
const EMPTY = new Uint8Array(0)
const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72, 0]

/** Values of a PAX extended header that concern us. Records are read in one pass, whatever they claim. */
export interface PaxOverrides {
  readonly path?: Uint8Array
  readonly linkPath?: Uint8Array
  readonly size?: number
  /** The entry is stored in a sparse format, so its content is not what follows. */
  readonly sparse?: true
}

/** Why a header block or extended header cannot be used. */
export interface TarFault {
  readonly fault: string
}

/** The same bytes as words of four, for summing; a copy where they do not lie at such a place. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2)
}

/** Sum of the bytes of a block, in two lanes of 16 bits. Most of a header is zeros: four words of them are passed at once. */
function blockSum(words: Uint32Array, from: number): number {
  let lanes = 0
  for (let at = from; at < from + BLOCK / 4; at += 4) {
    const [one, two, three, four] = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0]
    if ((one | two | three | four) === 0) continue
    lanes = (lanes + (one & LANES) + ((one >>> 8) & LANES) + (two & LANES) + ((two >>> 8) & LANES)) | 0
    lanes = (lanes + (three & LANES) + ((three >>> 8) & LANES) + (four & LANES) + ((four >>> 8) & LANES)) | 0
  }
  return (lanes & 0xffff) + (lanes >>> 16)
}

/** How many bytes have their highest bit set: each counts 256 less where a sum takes bytes for signed. */
function highBytes(bytes: Uint8Array, start: number, length: number): number {
  let count = 0
  for (let at = start; at < start + length; at += 1) count += (bytes[at] ?? 0) >> 7
  return count
}

/** Whether the checksum holds: unsigned, or signed as old tars wrote it. Its own field counts as blanks. */
function hasRightChecksum(bytes: Uint8Array, start: number, words: Uint32Array): boolean {
  const place = start + CHECKSUM
  const checksum = octal(bytes, place, CHECKSUM_LENGTH)
  let sum = blockSum(words, start / 4)
  for (let at = place; at < place + CHECKSUM_LENGTH; at += 1) sum += BLANK - (bytes[at] ?? 0)
  if (checksum === sum) return true
  return checksum === sum - 256 * (highBytes(bytes, start, BLOCK) - highBytes(bytes, place, CHECKSUM_LENGTH))
}

/**
 * Decodes a header block; its checksum must hold. Names are views of `bytes`.
 *
 * @param start where in `bytes` the block is, a multiple of four
 * @param words `wordsOf(bytes)`, for who reads many blocks of them
 */
export function parseTarHeader(bytes: Uint8Array, start = 0, words = wordsOf(bytes)): TarHeader | TarFault {
  if (!hasRightChecksum(bytes, start, words)) return { fault: 'a header with a wrong checksum' }
  const size = numeric(bytes, start + 124, 12)
  if (size === undefined) return { fault: 'a header with an impossible size' }
  const type = String.fromCharCode(bytes[start + 156] ?? 0)
  // GNU: a map that does not fit goes on in blocks of its own, before the content.
  if (type === 'S' && bytes[start + 482] !== 0) return { fault: 'a sparse file in many pieces' }
  const name = field(bytes, start, 100)
  const prefix = bytes[start + 345] !== 0 && isPosix(bytes, start) ? field(bytes, start + 345, 155) : EMPTY
  return {
    name: prefix.length > 0 ? joined(prefix, name) : name,
    linkName: bytes[start + 157] === 0 ? EMPTY : field(bytes, start + 157, 100),
    size,
    type,
    sparse: type === 'S',
  }
}

const isPosix = (bytes: Uint8Array, start: number): boolean =>
  USTAR.every((byte, index) => bytes[start + 257 + index] === byte)

/** Decodes the records `LENGTH KEY=VALUE\n` of a PAX extended header. */
export function parsePax(content: Uint8Array): PaxOverrides | TarFault {
  const overrides: { path?: Uint8Array; linkPath?: Uint8Array; size?: number; sparse?: true } = {}
  let at = 0
  while (at < content.length && content[at] !== 0) {
    // Nine digits are more than any extended header is long, so the scan for the blank is bounded.
    const blank = content.subarray(at, at + 10).indexOf(0x20)
    const digits = blank > 0 ? ascii(content, at, blank) : ''
    const end = at + Number(digits)
    if (!/^\d+$/.test(digits) || end > content.length || end < at + blank + 3 || content[end - 1] !== 0x0a) {
      return { fault: 'a damaged PAX extended header' }
    }
    const record = content.subarray(at + blank + 1, end - 1)
    const equals = record.indexOf(0x3d)
    const key = equals > 0 && equals <= 64 ? ascii(record, 0, equals) : ''
    const value = record.subarray(equals + 1)
    if (key === 'path' && !overrides.sparse) overrides.path = value.slice()
    else if (key === 'GNU.sparse.name') Object.assign(overrides, { path: value.slice(), sparse: true })
    else if (key === 'linkpath') overrides.linkPath = value.slice()
    else if (key.startsWith('GNU.sparse.')) overrides.sparse = true
    else if (key === 'size') {
      const size = value.length <= 16 ? Number(ascii(value, 0, value.length)) : Number.NaN
      if (!Number.isSafeInteger(size) || size < 0) return { fault: 'a PAX header with an impossible size' }
      overrides.size = size
    }
    at = end
  }
  return overrides
}

/** Bytes of a NUL-terminated field, where they lie. */
export function field(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  let end = offset
  while (end < offset + length && bytes[end] !== 0) end += 1
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, end - offset)
}

function joined(prefix: Uint8Array, name: Uint8Array): Uint8Array {
  const path = new Uint8Array(prefix.length + 1 + name.length)
  path.set(prefix)
  path[prefix.length] = 0x2f
  path.set(name, prefix.length + 1)
  return path
}

function ascii(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length))
}

/** White space of Latin-1: tab to carriage return, blank and no-break space. */
const isBlank = (byte: number): boolean => byte === BLANK || (byte >= 0x09 && byte <= 0x0d) || byte === 0xa0

/** Octal digits up to the field's NUL, blanks around them allowed; none are 0. */
function octal(block: Uint8Array, offset: number, length: number): number | undefined {
  let at = offset
  let end = offset
  while (end < offset + length && block[end] !== 0) end += 1
  while (at < end && isBlank(block[at] ?? 0)) at += 1
  while (end > at && isBlank(block[end - 1] ?? 0)) end -= 1
  let value = 0
  for (; at < end; at += 1) {
    const byte = block[at] ?? 0
    if (byte < DIGIT_0 || byte > DIGIT_7) return undefined
    value = value * 8 + (byte - DIGIT_0)
  }
  return value
}

/** Octal, or big-endian binary where the first bit is set (GNU); negative and unsafe numbers are impossible sizes. */
function numeric(block: Uint8Array, offset: number, length: number): number | undefined {
  const first = block[offset] ?? 0
  if ((first & 0x80) === 0) return octal(block, offset, length)
  let value = first & 0x7f
  for (const byte of block.subarray(offset + 1, offset + length)) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : undefined
}
