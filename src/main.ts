import type { CommandSpec } from './cli/command-spec.js'
import { isExitCode, leave } from './cli/exit.js'
import { plainWords } from './cli/plain-words.js'

/** Commands that scripts start often: they are run without oclif where their words are plainly understood. */
const QUICK: Readonly<Record<string, () => Promise<CommandSpec>>> = {
  capture: async () => (await import('./commands/capture.js')).CAPTURE,
  check: async () => (await import('./commands/check.js')).CHECK,
  decode: async () => (await import('./commands/decode.js')).DECODE,
  diff: async () => (await import('./commands/diff.js')).DIFF,
  explain: async () => (await import('./commands/explain.js')).EXPLAIN,
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

/** Runs one command line and leaves with its exit code; throws what went wrong. */
export async function main(words: readonly string[]): Promise<never> {
  const [id = '', ...rest] = words
  const load = Object.hasOwn(QUICK, id) ? QUICK[id] : undefined
  const spec = await load?.()
  const plain = spec && plainWords(spec, rest)
  if (spec && plain) {
    const code = await spec.run(plain)
    if (isExitCode(code)) leave(code)
    throw new Error(`the command ${id} ended without an exit code`)
  }
  answerForAccount()
  // Not before: it asks while it loads.
  const { runCommandLine } = await import('./oclif/command-line.js')
  return await runCommandLine(words)
}
