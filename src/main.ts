import { quickRun } from './quick.js'

/**
 * oclif asks who runs it, where the home directory is and which shell, and fails for a user without an account, as
 * containers have them; asking may also open a connection to a name service. Nothing here depends on the answers.
 */
function answerForAccount(): void {
  process.env['HOME'] ||= '/nonexistent'
  process.env['SHELL'] ||= '/bin/sh'
}

/** Runs one command line and leaves with its exit code; throws what went wrong. */
export async function main(words: readonly string[]): Promise<never> {
  const run = await quickRun(words)
  if (run) return await run()
  answerForAccount()
  // Not before: it asks while it loads.
  const { runCommandLine } = await import('./oclif/command-line.js')
  return await runCommandLine(words)
}
