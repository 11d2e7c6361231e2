/** One 512-byte header, POSIX.1-1988 ustar with the GNU extensions that tar writes. */
export interface TarHeader {
  /** Raw bytes: names are judged, not repaired. */
  readonly name: Uint8Array
  readonly linkName: Uint8Array
  /** Bytes of content that follow, as the header claims. */
  readonly size: number
  /** Type flag character; NUL and `7` are regular files as `0`. */
  readonly type: string
}

export const BLOCK = 512

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

/** Decodes a header block; its checksum (unsigned, or signed as old tars wrote it) must hold. */
export function parseTarHeader(block: Uint8Array): TarHeader | TarFault {
  const checksum = octal(block, 148, 8)
  let unsigned = 0
  let signed = 0
  for (let at = 0; at < BLOCK; at += 1) {
    const counted = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0)
    unsigned += counted
    signed += counted > 127 ? counted - 256 : counted
  }
  if (checksum !== unsigned && checksum !== signed) return { fault: 'a header with a wrong checksum' }
  const size = numeric(block, 124, 12)
  if (size === undefined) return { fault: 'a header with an impossible size' }
  const type = ascii(block, 156, 1)
  // GNU: a map that does not fit goes on in blocks of its own, before the content.
  if (type === 'S' && block[482] !== 0) return { fault: 'a sparse file in many pieces' }
  const name = field(block, 0, 100)
  const posix = ascii(block, 257, 6) === 'ustar\0'
  const prefix = posix ? field(block, 345, 155) : new Uint8Array(0)
  return {
    name: prefix.length > 0 ? joined(prefix, name) : name,
    linkName: field(block, 157, 100),
    size,
    type,
  }
}

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

/** Bytes of a NUL-terminated field, copied. */
export function field(block: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = block.subarray(offset, offset + length)
  const end = bytes.indexOf(0)
  return bytes.slice(0, end < 0 ? bytes.length : end)
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

/** Octal digits, blanks around them allowed. */
function octal(block: Uint8Array, offset: number, length: number): number | undefined {
  const digits = ascii(field(block, offset, length), 0, length).trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

/** Octal, or big-endian binary where the first bit is set (GNU); negative and unsafe numbers are impossible sizes. */
function numeric(block: Uint8Array, offset: number, length: number): number | undefined {
  const bytes = block.subarray(offset, offset + length)
  const first = bytes[0] ?? 0
  if ((first & 0x80) === 0) return octal(block, offset, length)
  let value = first & 0x7f
  for (const byte of bytes.subarray(1)) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : undefined
}
