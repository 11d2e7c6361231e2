import { command } from '../cli/command-spec.js'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { printDocument } from '../cli/print.js'
import { listMachines } from '../selftest/machine-list.js'
import { runSelftest } from '../selftest/run.js'
import { machineTable, selftestTable } from '../selftest/table.js'

export const SELFTEST = command({
  id: 'selftest',
  summary: 'Judge the bundled machines and compare with what is known of them.',
  description:
    'Captured machines are compared with what their own kernel answered, described ones with what was written down for ' +
    'them. Needs neither network nor privileges. Exit code: 0 all agree, 1 something differs, 66 no such machine.',
  examples: ['intremap selftest', 'intremap selftest --list', 'intremap selftest arm-v3its-topo-acpi-612 --json'],
  args: {
    names: { description: 'Bundled machines; all when left out.', multiple: true, offers: ['machines'] },
  },
  flags: {
    list: { kind: 'boolean', summary: 'Only list the machines.', group: 'OUTPUT' },
    json: OUTPUT_FLAGS.json,
  },
  async run(flags, { names }) {
    if (flags.list) {
      const list = await listMachines(names)
      printDocument(list, () => machineTable(list), flags)
      return 0
    }
    const result = await runSelftest(names)
    printDocument(result, () => selftestTable(result), flags)
    return result.exitCode
  },
})
