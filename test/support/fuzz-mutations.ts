/** A field of a seed whose value matters to its parser: a length, a count, an offset, a type. */
export interface SeedField {
  readonly offset: number
  readonly size: 1 | 2 | 4 | 8
  readonly big: boolean
}

/** xorshift32: the same numbers for the same seed, everywhere. */
export class Random {
  private state: number

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    let mixed = (seed ^ 0x9e3779b9) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    this.state = (mixed ^ (mixed >>> 16)) >>> 0 || 1
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    this.state >>>= 0
    return this.state % below
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.int(values.length)] ?? values[0]
  }
}

/** Values at which lengths, counts and offsets break. */
function oddValue(random: Random, length: number): number {
  return random.of([
    0,
    1,
    2,
    4,
    7,
    8,
    16,
    20,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffffff,
    0x80000000,
    0xfffffff0,
    0xffffffff,
    length,
    length - 1,
    length + 1,
    length - 4,
    random.int(length + 8),
    random.int(0x100),
    random.int(0xffffffff),
  ])
}

function write(bytes: Uint8Array, { offset, size, big }: SeedField, value: number): void {
  if (offset + size > bytes.length) return
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size === 1) view.setUint8(offset, value)
  else if (size === 2) view.setUint16(offset, value, !big)
  else if (size === 4) view.setUint32(offset, value, !big)
  else {
    view.setUint32(offset, big ? 0 : value, !big)
    view.setUint32(offset + 4, big ? value : 0, !big)
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(256))
}

/** No input grows past this: inputs are many, not large. */
const MOST_BYTES = 8192

/** One random change that knows nothing of the format. */
export function changeBytes(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const { length } = bytes
  const from = random.int(length + 1)
  const to = from + random.int(Math.min(64, length - from) + 1)
  switch (random.int(9)) {
    case 0:
      return bytes.slice(0, from)
    case 1:
      return joined(bytes.subarray(0, from), bytes.subarray(to))
    case 2:
      return length > MOST_BYTES ? bytes : joined(bytes.subarray(0, to), bytes.subarray(from))
    case 3:
      return length > MOST_BYTES ? bytes : joined(bytes, randomBytes(random, random.int(32)))
    case 4: {
      const start = random.int(other.length + 1)
      return joined(bytes.subarray(0, from), other.subarray(start, start + MOST_BYTES - from))
    }
    case 5: {
      const changed = bytes.slice()
      const size = random.of<SeedField['size']>([1, 2, 4])
      write(changed, { offset: from, size, big: random.int(2) === 0 }, oddValue(random, length))
      return changed
    }
    default: {
      const changed = bytes.slice()
      if (from < length)
        changed[from] = random.of([0, 1, 0x0a, 0x0d, 0x1b, 0x20, 0x2f, 0x7f, 0x80, 0xff, random.int(256)])
      return changed
    }
  }
}

/** Writes an odd value into a field that the format has there. */
export function changeField(random: Random, bytes: Uint8Array, fields: readonly SeedField[]): Uint8Array {
  const field = fields[random.int(Math.max(1, fields.length))]
  const changed = bytes.slice()
  if (field) write(changed, field, oddValue(random, bytes.length))
  return changed
}

const WORDS = [
  '0',
  '-1',
  '65536',
  '4294967295',
  '99999999999999999999',
  '0x',
  'ffff',
  'yes',
  '',
  '\t',
  '\r',
  '\0',
  '\u{202e}',
  '::',
  '/../',
  '<>',
  '{',
  '"',
] as const

/** Takes a word or line of a text and makes something else of it. */
export function changeText(random: Random, bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(bytes)
  const lines = text.split('\n')
  const index = random.int(lines.length)
  const line = lines[index] ?? ''
  const word = random.of(WORDS)
  switch (random.int(6)) {
    case 0:
      lines.splice(index, 1)
      break
    case 1:
      lines.splice(random.int(lines.length), 0, line)
      break
    case 2:
      lines[index] = line.replace(/[0-9a-f]+/i, word)
      break
    case 3: {
      const words = line.split(/(\s+)/)
      words[random.int(words.length)] = word
      lines[index] = words.join('')
      break
    }
    case 4:
      lines[index] = line.slice(0, random.int(line.length + 1)) + word
      break
    default:
      if (text.length < MOST_BYTES) lines[index] = line + line
  }
  return Uint8Array.from(lines.join('\n'), (letter) => letter.charCodeAt(0) & 0xff)
}

/** ACPI tables whose length and sum are right get further: the parser believes them. */
export function withSoundHeader(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 36) return bytes
  const sound = bytes.slice()
  write(sound, { offset: 4, size: 4, big: false }, sound.length)
  sound[9] = 0
  sound[9] = (256 - (sound.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff
  return sound
}
