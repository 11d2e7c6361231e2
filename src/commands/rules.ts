import { Command } from '@oclif/core'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printRules } from '../cli/print.js'
import { parsed } from '../cli/usage.js'
import { ruleCatalogue, rules } from '../index.js'

export default class Rules extends Command {
  static override summary = 'List the rules behind the verdicts.'
  static override examples = ['<%= config.bin %> rules', '<%= config.bin %> rules --json']
  static override flags = { ...OUTPUT_FLAGS }

  override async run(): Promise<number> {
    const { flags } = await parsed('rules', this.parse(Rules))
    printRules(ruleCatalogue(rules), flags)
    return 0
  }
}
