import { guardProcess, leaveWithError } from './cli/exit.js'
import { main, QUICK } from './main.js'
import { quickRun } from './quick.js'

/** What runs a command line that is none of the quick ones. For who compiles the program ahead. */
export async function lineRun(words: readonly string[]): Promise<(() => Promise<never>) | undefined> {
  return (await quickRun(QUICK, words)) ? undefined : () => main(words)
}

/** The whole program, for what the quick commands leave to it in the single executable, which brings its own Node.js. */
export async function run(words: readonly string[]): Promise<void> {
  guardProcess()
  try {
    await main(words)
  } catch (error) {
    leaveWithError(error)
  }
}
