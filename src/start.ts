import { guardProcess, leaveWithError } from './cli/exit.js'
import { quickRun, type Commands } from './quick.js'

/** What a script of quick commands is taken up for. */
export interface QuickScript {
  /**
   * Runs one command line to the end of the process; false where the whole program is needed, and then nothing was done
   * yet.
   */
  readonly start: (words: readonly string[]) => Promise<boolean>
  /** What runs a line of these commands. For who compiles the script ahead. */
  readonly lineRun: (words: readonly string[]) => Promise<(() => Promise<never>) | undefined>
}

/** Quick commands in one script, which V8 takes up from its code cache. */
export function quickScript(commands: Commands): QuickScript {
  const lineRun = (words: readonly string[]) => quickRun(commands, words)
  return {
    lineRun,
    async start(words) {
      const run = await lineRun(words)
      if (!run) return false
      guardProcess()
      try {
        return await run()
      } catch (error) {
        leaveWithError(error)
      }
    },
  }
}
