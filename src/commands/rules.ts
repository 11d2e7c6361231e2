import { command } from '../cli/command-spec.js'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printRules } from '../cli/print.js'
import { ruleCatalogue, rules } from '../index.js'

export const RULES = command({
  id: 'rules',
  summary: 'List the rules behind the verdicts.',
  examples: ['intremap rules', 'intremap rules --json'],
  args: {},
  flags: { ...OUTPUT_FLAGS },
  async run(flags) {
    printRules(ruleCatalogue(rules), flags)
    return 0
  },
})
