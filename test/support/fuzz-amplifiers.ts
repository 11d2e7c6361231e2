import { withSoundHeader, type Random } from './fuzz-mutations.js'
import type { FuzzTarget } from './fuzz-targets.js'

/** Ways to make a small piece of a format many of it. */
export const AMPLIFICATIONS = [
  'piece',
  'tail',
  'line',
  'blanks',
  'digits',
  'letters',
  'quotes',
  'slashes',
  'newlines',
  'zeros',
  'ones',
] as const
export type Amplification = (typeof AMPLIFICATIONS)[number]

const RUNS: Readonly<Record<Exclude<Amplification, 'piece' | 'tail' | 'line'>, string>> = {
  blanks: ' ',
  digits: '1',
  letters: 'a',
  quotes: '" ',
  slashes: '../',
  newlines: '\n',
  zeros: '\0',
  ones: '\u0001\u0002',
}

/** Tables that say how many nodes they have. */
const COUNTED: ReadonlySet<string> = new Set(['IORT', 'VIOT', 'RIMT'])

/** The line of a text around an offset, with its newline. */
function lineAround(bytes: Uint8Array, offset: number): readonly [number, number] {
  const from = bytes.lastIndexOf(0x0a, Math.max(0, offset - 1)) + 1
  const newline = bytes.indexOf(0x0a, from)
  return [from, newline < 0 ? bytes.length : newline + 1]
}

/**
 * A seed in which one thing stands so often that the input has about `size` bytes: what a format repeats (lines,
 * structures, entries), and what a careless reader goes back over (blanks, digits, quotes).
 *
 * @param at where, as a part of the seed from 0 to 1
 */
export function amplify(
  target: FuzzTarget,
  seed: Uint8Array,
  how: Amplification,
  at: number,
  size: number,
): Uint8Array {
  const { fields } = target.seeds.find(({ bytes }) => bytes === seed) ?? { fields: [] }
  // The last structures of a table begin where one of the last fields stands.
  const place = fields[Math.floor((0.5 + at / 2) * fields.length)]?.offset
  const offset = how === 'tail' && place !== undefined ? place : Math.floor(at * seed.length)
  const end = how === 'tail' ? seed.length : Math.min(seed.length, offset + 24)
  const around = how === 'line' ? lineAround(seed, offset) : ([offset, end] as const)
  const piece =
    how === 'piece' || how === 'line' || how === 'tail'
      ? seed.subarray(around[0], around[1])
      : new TextEncoder().encode(RUNS[how])
  const times = Math.max(1, Math.floor((size - seed.length) / Math.max(1, piece.length)))
  const whole = new Uint8Array(seed.length + times * piece.length)
  const behind = how === 'line' || how === 'tail' ? around[1] : offset
  whole.set(seed.subarray(0, behind))
  whole.set(piece, behind)
  // Twice as much each time: a piece may be one byte.
  for (let done = piece.length, all = times * piece.length; done < all && done > 0; done *= 2)
    whole.copyWithin(behind + done, behind, behind + Math.min(done, all - done))
  whole.set(seed.subarray(behind), behind + times * piece.length)
  if (target.kind !== 'acpi') return whole
  if (how === 'tail' && COUNTED.has(new TextDecoder().decode(seed.subarray(0, 4)))) whole.set([0xff, 0xff], 36)
  return withSoundHeader(whole)
}

/** A random one, of 16 KiB. */
export function amplified(random: Random, target: FuzzTarget): Uint8Array {
  const seed = target.seeds[random.int(target.seeds.length)]?.bytes ?? new Uint8Array(0)
  return amplify(target, seed, random.of(AMPLIFICATIONS), random.int(1000) / 1000, 16 * 1024)
}
