import { Parser } from '@oclif/core'
import { array, assert, asyncProperty, constantFrom, oneof, type Arbitrary } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommandSpec, FlagSpec } from '../../src/cli/command-spec.js'
import { plainWords } from '../../src/cli/plain-words.js'
import { CAPTURE } from '../../src/commands/capture.js'
import { CHECK } from '../../src/commands/check.js'
import { DECODE } from '../../src/commands/decode.js'
import { DIFF } from '../../src/commands/diff.js'
import { EXPLAIN } from '../../src/commands/explain.js'
import { LINT } from '../../src/commands/lint.js'
import { PROBE } from '../../src/commands/probe.js'
import { oclifArguments, oclifFlags, parsedWords } from '../../src/oclif/tables.js'

const LINES = 4000

/** Values as people write them, good and bad. */
const value = constantFrom(
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
)

function flagWords(name: string, spec: FlagSpec): Arbitrary<readonly string[]> {
  if (spec.kind === 'boolean') return constantFrom([`--${name}`], [`--no-${name}`], [`--${name}=1`])
  const own = spec.kind === 'choice' ? constantFrom(...spec.options) : value
  const any = oneof({ weight: 3, arbitrary: own }, { weight: 1, arbitrary: value })
  const short = spec.char ?? name.charAt(0)
  return any.chain((text) =>
    constantFrom([`--${name}`, text], [`--${name}=${text}`], [`-${short}`, text], [`-${short}${text}`], [`--${name}`]),
  )
}

/** A command line of up to six pieces: flags in all their forms, words, and what no command takes. */
function commandLine({ flags }: CommandSpec): Arbitrary<readonly string[]> {
  const flag = oneof(...Object.entries(flags).map(([name, spec]) => flagWords(name, spec)))
  const word = value.map((text) => [text])
  const odd = constantFrom(['--'], ['--jsn'], ['-h'], ['--help'], ['-o'], ['-oj'], ['--color=AUTO'], ['—json'])
  const piece = oneof({ weight: 5, arbitrary: flag }, { weight: 3, arbitrary: word }, { weight: 1, arbitrary: odd })
  return array(piece, { maxLength: 6 }).map((pieces) => pieces.flat())
}

/** What oclif makes of the words; undefined where it refuses them. */
async function oclifWords(spec: CommandSpec, words: readonly string[]) {
  try {
    const input = { flags: oclifFlags(spec.flags), args: oclifArguments(spec.args), strict: true }
    return parsedWords(spec, await Parser.parse([...words], input))
  } catch {
    return undefined
  }
}

describe.each([PROBE, CHECK, EXPLAIN, LINT, DECODE, DIFF, CAPTURE])('the words of $id', (spec) => {
  test(`are taken as oclif takes them, or left to it: ${LINES} command lines`, async () => {
    let plain = 0
    await assert(
      asyncProperty(commandLine(spec), async (words) => {
        const quick = plainWords(spec, words)
        if (!quick) return
        plain++
        expect(quick).toEqual(await oclifWords(spec, words))
      }),
      { numRuns: LINES },
    )
    // A parser that leaves everything to the other would pass.
    expect(plain).toBeGreaterThan(LINES / 20)
  })
})
