import { command } from '../cli/command-spec.js'
import { openFirmwareSource } from '../inputs/firmware-source.js'
import { INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { LINT_FLAGS, lintOptions } from '../cli/lint-flags.js'
import { assertOneForm } from '../cli/one-form.js'
import { printLint } from '../cli/print-findings.js'
import { firmwareInput, lintFirmware } from '../index.js'

export const LINT = command({
  id: 'lint',
  summary: 'Judge firmware: ACPI tables and device trees, from files or of a machine.',
  description:
    'Files of one machine are judged together, an IORT with its MADT and MCFG. They are told by content: binary tables, ' +
    'text of acpidump, iasl or acpiview, device-tree blobs and sources, a capture (.tar.gz), a directory. Without files the machine ' +
    'that is selected, else this host. Exit code: 0 clean, 1 a finding of medium or above, see --fail-on, 3 none, but a table cannot be read.',
  examples: [
    'intremap lint iort.dat apic.dat mcfg.dat',
    'intremap lint acpidump.txt --kernel-release 5.4',
    'intremap lint board.dtb --format sarif > findings.sarif',
    'intremap lint --sysroot /mnt/captured --fail-on high',
  ],
  args: {
    files: {
      description: 'Tables, dumps, blobs, a capture or a directory; - reads standard input.',
      multiple: true,
      offers: ['files'],
    },
  },
  flags: { ...LINT_FLAGS, ...OUTPUT_FLAGS, ...INPUT_FLAGS },
  async run(flags, args) {
    assertOneForm(flags)
    const options = lintOptions(flags)
    const source = await openFirmwareSource(args.files, flags)
    const report = lintFirmware(firmwareInput(source), options)
    printLint(report, options.failOn, flags)
    return report.exitCode
  },
})
