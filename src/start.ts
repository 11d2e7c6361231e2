import { guardProcess, leaveWithError } from './cli/exit.js'
import { quickRun } from './quick.js'

export { quickRun as lineRun }

/**
 * The quick commands in one script, which V8 takes up from its code cache. Runs one command line to the end of the
 * process; false where the whole program is needed, and then nothing was done yet.
 */
export async function start(words: readonly string[]): Promise<boolean> {
  const run = await quickRun(words)
  if (!run) return false
  guardProcess()
  try {
    return await run()
  } catch (error) {
    leaveWithError(error)
  }
}
