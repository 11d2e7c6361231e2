import { Command } from '@oclif/core'
import type { CommandSpec } from '../cli/command-spec.js'
import { COMMAND_LIST } from '../commands/command-list.js'
import { oclifArguments, oclifFlags, parsedWords } from './tables.js'
import { parsed } from './usage.js'

/** The class that oclif knows a command by. */
function classOf(spec: CommandSpec): Command.Class {
  const flags = oclifFlags(spec.flags)
  const args = oclifArguments(spec.args)
  return class extends Command {
    static override id = spec.id
    static override summary = spec.summary
    static override description = spec.description
    static override examples = spec.examples.map((line) => line.replaceAll('intremap ', '<%= config.bin %> '))
    static override args = args
    static override flags = flags

    override async run(): Promise<number> {
      return await spec.run(parsedWords(spec, await parsed(spec, this.argv, () => this.parse({ args, flags }))))
    }
  }
}

/** All commands by name, where package.json says that oclif finds them. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  COMMAND_LIST.map((spec) => [spec.id, classOf(spec)]),
)
