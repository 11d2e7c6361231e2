import { Args, Command } from '@oclif/core'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printSchema, SCHEMA_NAMES } from '../cli/schemas.js'
import { parsed } from '../cli/usage.js'

export default class Schema extends Command {
  static override summary = 'Print the JSON Schema (2020-12) of what --json gives.'
  static override examples = ['<%= config.bin %> schema > report.schema.json', '<%= config.bin %> schema lint']
  static override args = {
    name: Args.custom<(typeof SCHEMA_NAMES)[number]>({
      description: 'Which document; report when left out.',
      options: [...SCHEMA_NAMES],
      ignoreStdin: true,
    })(),
  }
  // It is JSON in any case; --json is taken so that errors are JSON too.
  static override flags = { json: OUTPUT_FLAGS.json }

  override async run(): Promise<number> {
    const { args } = await parsed('schema', this.parse(Schema))
    await printSchema(args.name ?? 'report')
    return 0
  }
}
