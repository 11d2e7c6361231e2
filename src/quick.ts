import type { CommandSpec } from './cli/command-spec.js'
import { isExitCode, leave } from './cli/exit.js'
import { plainWords } from './cli/plain-words.js'

/** Commands by name, each loaded when it is asked for. */
export type Commands = Readonly<Record<string, () => CommandSpec | Promise<CommandSpec>>>

/**
 * What runs a command line and leaves with its exit code, or throws what went wrong; undefined where the line is none of
 * these commands', or oclif's to parse, to refuse or to explain.
 */
export async function quickRun(
  commands: Commands,
  words: readonly string[],
): Promise<(() => Promise<never>) | undefined> {
  const [id = '', ...rest] = words
  const load = Object.hasOwn(commands, id) ? commands[id] : undefined
  const spec = await load?.()
  const plain = spec && plainWords(spec, rest)
  if (!spec || !plain) return undefined
  return async () => {
    const code = await spec.run(plain)
    if (isExitCode(code)) leave(code)
    throw new Error(`the command ${id} ended without an exit code`)
  }
}
