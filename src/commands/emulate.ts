import { command } from '../cli/command-spec.js'
import { emulationRequest, writeEmulated } from '../cli/emulate-output.js'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printSchema } from '../cli/schemas.js'
import { loadEmulator, probeMachine } from '../index.js'
import { readDescription } from '../inputs/description-file.js'

export const EMULATE = command({
  id: 'emulate',
  summary: 'Build the files of a machine that is described: sysfs, procfs, firmware.',
  description:
    'FILE describes root complexes, IOMMUs, MSI controllers, devices, kernel and faults in a few lines of JSON. The tree ' +
    'that comes of it is probed with --sysroot DIR, a bundle with --bundle FILE. Nothing is written outside DIR.',
  examples: [
    'intremap emulate machine.json -o machine && intremap probe --sysroot machine',
    'intremap emulate machine.json -o machine.tar.gz',
    'intremap emulate - -o - < machine.json | intremap probe --bundle -',
    'intremap emulate --schema > description.schema.json',
  ],
  args: {
    file: { description: 'The description; - is standard input.', offers: ['files'] },
  },
  flags: {
    output: {
      kind: 'string',
      char: 'o',
      summary: 'Directory to write the tree into; FILE.tar.gz writes a bundle, - a bundle to standard output.',
      value: 'DIR',
      group: 'OUTPUT',
    },
    force: {
      kind: 'boolean',
      summary: 'Overwrite the bundle; replace the tree that an earlier run wrote into DIR, and nothing else.',
      group: 'OUTPUT',
    },
    schema: { kind: 'boolean', summary: 'Print the JSON Schema (2020-12) of descriptions.', group: 'OUTPUT' },
    json: OUTPUT_FLAGS.json,
  },
  async run(flags, args) {
    if (flags.schema) {
      printSchema('description')
      return 0
    }
    const { file, output } = emulationRequest(args.file, flags)
    const { emulateMachine, parseMachineDescription } = await loadEmulator()
    const machine = readDescription(file, parseMachineDescription)
    await writeEmulated(machine.name, emulateMachine(machine), output, flags, probeMachine)
    return 0
  },
})
