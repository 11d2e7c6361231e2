import { array, constantFrom, oneof, tuple, type Arbitrary } from 'fast-check'
import type { CommandSpec, FlagSpec } from '../../src/cli/command-spec.js'

/** Values as people and scripts write them, good and bad, for flags and arguments that take any. */
export const ODD_WORDS = [
  '01:00.0',
  '4',
  'dir',
  '-',
  '',
  '-x',
  '--json',
  'never',
  'unknown',
  'high',
  'json',
  'a=b',
  '6.1',
  '00:1f.8',
  '99999:00.0',
  '0x10',
  '-1',
  '1e9',
  '2.6',
  '4294967296',
  'é→漢\u{1f5a5}',
  '\u001b[31m',
  'a\nb',
  '\u202e',
  ' ',
  '%s',
  '__proto__',
  'constructor',
  'machine/../nowhere',
] as const

function flagWords(name: string, spec: FlagSpec, word: Arbitrary<string>): Arbitrary<readonly string[]> {
  if (spec.kind === 'boolean') {
    const plain = constantFrom([`--${name}`])
    const odd = constantFrom([`--no-${name}`], [`--${name}=1`], [`--${name.slice(0, -1)}`], [`--${name}`, `--${name}`])
    return oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: odd })
  }
  const own = spec.kind === 'choice' ? constantFrom(...spec.options) : word
  const value = oneof({ weight: 5, arbitrary: own }, { weight: 1, arbitrary: constantFrom(...ODD_WORDS) })
  const short = spec.char ?? name.charAt(0)
  return value.chain((text) => {
    const plain = constantFrom([`--${name}`, text], [`--${name}=${text}`])
    const odd = constantFrom(
      [`-${short}`, text],
      [`-${short}${text}`],
      [`-${short}=${text}`],
      [`--${name}`],
      [`--${name.slice(0, -1)}`, text],
      [`--${name}`, text, `--${name}`, text],
    )
    return oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: odd })
  })
}

/** What no command takes, and what ends or explains. */
const NO_COMMANDS = [['--'], ['--jsn'], ['-h'], ['--help'], ['-o'], ['-oj'], ['--color=AUTO'], ['—json'], ['---json']]

/** Which words a command's flags and arguments are drawn from; odd ones come beside them. */
export interface DrawnWords {
  readonly flag: (name: string) => Arbitrary<string>
  readonly argument: Arbitrary<string>
}

/** A command line of up to six pieces behind the command's name: flags in all their forms, words, and what no command takes. */
export function commandLine(
  { flags, args }: CommandSpec,
  { flag, argument }: DrawnWords,
): Arbitrary<readonly string[]> {
  const flagged = oneof(...Object.entries(flags).map(([name, spec]) => flagWords(name, spec, flag(name))))
  const word = argument.map((text) => [text])
  const piece = oneof(
    { weight: 10, arbitrary: flagged },
    { weight: 4, arbitrary: word },
    { weight: 1, arbitrary: constantFrom(...NO_COMMANDS) },
  )
  const needed = Object.values(args).filter(({ required }) => required).length
  // Mostly with what is needed, so that the rest is looked at.
  const first = oneof(
    { weight: 4, arbitrary: array(argument, { minLength: needed, maxLength: needed }) },
    { weight: 1, arbitrary: constantFrom<readonly string[]>([]) },
  )
  return tuple(first, array(piece, { maxLength: 6 })).map(([words, pieces]) => [...words, ...pieces.flat()])
}
