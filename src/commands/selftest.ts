import { Args, Command, Flags } from '@oclif/core'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printDocument } from '../cli/print.js'
import { parsed } from '../cli/usage.js'
import { listMachines } from '../selftest/machine-list.js'
import { runSelftest } from '../selftest/run.js'
import { machineTable, selftestTable } from '../selftest/table.js'

export default class Selftest extends Command {
  static override summary = 'Judge the bundled machines and compare with what is known of them.'
  static override description =
    'Captured machines are compared with what their own kernel answered, described ones with what was written down for ' +
    'them. Needs neither network nor privileges. Exit code: 0 all agree, 1 something differs, 66 no such machine.'
  static override examples = [
    '<%= config.bin %> selftest',
    '<%= config.bin %> selftest --list',
    '<%= config.bin %> selftest arm-v3its-topo-acpi-612 --json',
  ]
  // Any number of names.
  static override strict = false
  static override args = {
    name: Args.string({ description: 'A bundled machine; may be repeated.', ignoreStdin: true }),
  }
  static override flags = {
    list: Flags.boolean({ summary: 'Only list the machines.', helpGroup: 'OUTPUT' }),
    json: OUTPUT_FLAGS.json,
  }

  override async run(): Promise<number> {
    const { argv, flags } = await parsed('selftest', this.parse(Selftest))
    const names = argv.map(String)
    if (flags.list) {
      const list = await listMachines(names)
      printDocument(list, () => machineTable(list), flags)
      return 0
    }
    const result = await runSelftest(names)
    printDocument(result, () => selftestTable(result), flags)
    return result.exitCode
  }
}
