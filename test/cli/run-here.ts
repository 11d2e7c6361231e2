import { guardProcess, leaveWithError } from '../../src/cli/exit.js'
import { main } from '../../src/main.js'
import { withPlayedProcesses } from '../support/played-process.js'
import { temporaryDirectory } from '../support/temporary-directories.js'
import type { Run, RunOptions } from './run-intremap.js'

/** What `bin/run.js` does where no script was compiled. */
async function wholeProgram(words: readonly string[]): Promise<never> {
  guardProcess()
  try {
    return await main(words)
  } catch (error) {
    leaveWithError(error)
  }
}

async function run(words: readonly string[], { env = {}, input = '' }: Omit<RunOptions, 'root'>): Promise<Run> {
  const before = process.cwd()
  const environment = { PATH: process.env['PATH'] ?? '', HOME: temporaryDirectory(), ...env }
  try {
    process.chdir(temporaryDirectory())
    const around = { environment, input: Buffer.from(input), reader: 'reads' } as const
    const left = await withPlayedProcesses(
      async (play) => await play(words, around, async () => await wholeProgram(words)),
    )
    if ('returned' in left) throw new Error(`intremap ${words.join(' ')} ended without an exit code`)
    return left
  } finally {
    process.chdir(before)
  }
}

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs the program's own functions as `intremap` of run-intremap.ts runs a process, within this one and in a fortieth of the
 * time. For what it says and does; what a process is (pipes, terminals, signals, an installation) needs a real one, and
 * test/property/both-ways.test.ts holds that the shipped scripts say the same. One runs at a time.
 */
export async function intremapHere(words: readonly string[], options: Omit<RunOptions, 'root'> = {}): Promise<Run> {
  const next = last.then(async () => await run(words, options))
  last = next.catch(() => undefined)
  return await next
}
