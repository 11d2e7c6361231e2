import { Command } from '@oclif/core'
import type { CommandSpec } from '../cli/command-spec.js'
import { CAPTURE } from '../commands/capture.js'
import { CHECK } from '../commands/check.js'
import { DECODE } from '../commands/decode.js'
import { EMULATE } from '../commands/emulate.js'
import { EXPLAIN } from '../commands/explain.js'
import { LINT } from '../commands/lint.js'
import { PROBE } from '../commands/probe.js'
import { RULES } from '../commands/rules.js'
import { SCHEMA } from '../commands/schema.js'
import { SELFTEST } from '../commands/selftest.js'
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
      return await spec.run(
        parsedWords(spec, await parsed(spec.id, Object.keys(spec.flags), this.parse({ args, flags }))),
      )
    }
  }
}

const SPECS = [CAPTURE, CHECK, DECODE, EMULATE, EXPLAIN, LINT, PROBE, RULES, SCHEMA, SELFTEST]

/** All commands by name, where package.json says that oclif finds them. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  SPECS.map((spec) => [spec.id, classOf(spec)]),
)
