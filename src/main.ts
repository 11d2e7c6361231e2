import { quickRun, type Commands } from './quick.js'
import { SELDOM } from './start-seldom.js'

/** Commands that are run without oclif where their words are plainly understood. */
export const QUICK: Commands = {
  ...SELDOM,
  check: async () => (await import('./commands/check.js')).CHECK,
  lint: async () => (await import('./commands/lint.js')).LINT,
  probe: async () => (await import('./commands/probe.js')).PROBE,
}

/**
 * oclif asks who runs it, where the home directory is and which shell, and fails for a user without an account, as
 * containers have them; asking may also open a connection to a name service. Nothing here depends on the answers.
 */
function answerForAccount(): void {
  process.env['HOME'] ||= '/nonexistent'
  process.env['SHELL'] ||= '/bin/sh'
}

/** Runs a command line by oclif and leaves with its exit code; throws what went wrong. */
export async function throughOclif(words: readonly string[]): Promise<never> {
  answerForAccount()
  // Not before: it asks while it loads.
  const { runCommandLine } = await import('./oclif/command-line.js')
  return await runCommandLine(words)
}

/** Runs one command line and leaves with its exit code; throws what went wrong. */
export async function main(words: readonly string[]): Promise<never> {
  const run = await quickRun(QUICK, words)
  return run ? await run() : await throughOclif(words)
}
