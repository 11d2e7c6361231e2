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
 * What runs a command line and leaves with its exit code, or throws what went wrong; undefined where the line is oclif's
 * to parse, to refuse or to explain.
 */
export async function quickRun(words: readonly string[]): Promise<(() => Promise<never>) | undefined> {
  const [id = '', ...rest] = words
  const load = Object.hasOwn(QUICK, id) ? QUICK[id] : undefined
  const spec = await load?.()
  const plain = spec && plainWords(spec, rest)
  if (!spec || !plain) return undefined
  return async () => {
    const code = await spec.run(plain)
    if (isExitCode(code)) leave(code)
    throw new Error(`the command ${id} ended without an exit code`)
  }
}
