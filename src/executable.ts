import { guardProcess, leaveWithError } from './cli/exit.js'
import { main } from './main.js'
import { quickRun } from './quick.js'

export { quickRun }

/** What the single executable runs: it brings its own Node.js, and all is in this one file. */
export async function run(words: readonly string[]): Promise<void> {
  guardProcess()
  try {
    await main(words)
  } catch (error) {
    leaveWithError(error)
  }
}
