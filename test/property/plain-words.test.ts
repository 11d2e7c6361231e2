import { Parser } from '@oclif/core'
import { assert, asyncProperty, constantFrom } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommandSpec } from '../../src/cli/command-spec.js'
import { plainWords } from '../../src/cli/plain-words.js'
import { COMMAND_LIST } from '../../src/commands/command-list.js'
import { QUICK } from '../../src/main.js'
import { oclifArguments, oclifFlags, parsedWords } from '../../src/oclif/tables.js'
import { commandLine, ODD_WORDS, type DrawnWords } from '../support/command-lines.js'

const LINES = 4000

const word = constantFrom(...ODD_WORDS)
const DRAWN: DrawnWords = { flag: () => word, argument: word }

/** What oclif makes of the words; undefined where it refuses them. */
async function oclifWords(spec: CommandSpec, words: readonly string[]) {
  try {
    const input = { flags: oclifFlags(spec.flags), args: oclifArguments(spec.args), strict: true }
    return parsedWords(spec, await Parser.parse([...words], input))
  } catch {
    return undefined
  }
}

describe.each(COMMAND_LIST.filter(({ id }) => id in QUICK))('the words of $id', (spec) => {
  test(`are taken as oclif takes them, or left to it: ${LINES} command lines`, async () => {
    let plain = 0
    await assert(
      asyncProperty(commandLine(spec, DRAWN), async (words) => {
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
