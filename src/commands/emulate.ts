import { Args, Command, Flags } from '@oclif/core'
import { readDescription } from '../cli/description-file.js'
import { emulationRequest, writeEmulated } from '../cli/emulate-output.js'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printDocument } from '../cli/print.js'
import { parsed } from '../cli/usage.js'
import { loadEmulator, probeMachine } from '../index.js'

export default class Emulate extends Command {
  static override summary = 'Build the files of a machine that is described: sysfs, procfs, firmware.'
  static override description =
    'FILE describes root complexes, IOMMUs, MSI controllers, devices, kernel and faults in a few lines of JSON. The tree ' +
    'that comes of it is probed with --sysroot DIR, a bundle with --bundle FILE. Nothing is written outside DIR.'
  static override examples = [
    '<%= config.bin %> emulate machine.json -o machine && <%= config.bin %> probe --sysroot machine',
    '<%= config.bin %> emulate machine.json -o machine.tar.gz',
    '<%= config.bin %> emulate - -o - < machine.json | <%= config.bin %> probe --bundle -',
    '<%= config.bin %> emulate --schema > description.schema.json',
  ]
  static override args = {
    file: Args.string({ description: 'The description; - is standard input.', ignoreStdin: true }),
  }
  static override flags = {
    output: Flags.string({
      char: 'o',
      summary: 'Directory to write the tree into; FILE.tar.gz writes a bundle, - a bundle to standard output.',
      helpValue: 'DIR',
      helpGroup: 'OUTPUT',
    }),
    force: Flags.boolean({
      summary: 'Overwrite the bundle; replace the tree that an earlier run wrote into DIR, and nothing else.',
      helpGroup: 'OUTPUT',
    }),
    schema: Flags.boolean({ summary: 'Print the JSON Schema (2020-12) of descriptions.', helpGroup: 'OUTPUT' }),
    json: OUTPUT_FLAGS.json,
  }

  override async run(): Promise<number> {
    const { args, flags } = await parsed('emulate', this.parse(Emulate))
    const { emulateMachine, parseMachineDescription, DESCRIPTION_SCHEMA } = await loadEmulator()
    if (flags.schema) {
      printDocument(DESCRIPTION_SCHEMA, () => '', { json: true })
      return 0
    }
    const { file, output } = emulationRequest(args.file, flags)
    const machine = readDescription(file, parseMachineDescription)
    await writeEmulated(machine.name, emulateMachine(machine), output, flags, probeMachine)
    return 0
  }
}
