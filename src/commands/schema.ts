import { command } from '../cli/command-spec.js'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printSchema, SCHEMA_NAMES } from '../cli/schemas.js'

export const SCHEMA = command({
  id: 'schema',
  summary: 'Print the JSON Schema (2020-12) of what --json gives.',
  examples: ['intremap schema > report.schema.json', 'intremap schema lint'],
  args: {
    name: {
      description: 'Which document; report when left out.',
      options: SCHEMA_NAMES,
    },
  },
  flags: { json: OUTPUT_FLAGS.json },
  async run(_flags, args) {
    printSchema(args.name ?? 'report')
    return 0
  },
})
