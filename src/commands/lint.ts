import { Args, Command } from '@oclif/core'
import { openFirmwareSource } from '../cli/firmware-source.js'
import { INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { LINT_FLAGS, lintOptions } from '../cli/lint-flags.js'
import { assertOneForm, printLint } from '../cli/print-findings.js'
import { parsed } from '../cli/usage.js'
import { firmwareInput, lintFirmware } from '../index.js'

export default class Lint extends Command {
  static override summary = 'Judge firmware: ACPI tables and device trees, from files or of a machine.'
  static override description =
    'Files of one machine are judged together, an IORT with its MADT and MCFG. They are told by content: binary tables, ' +
    'text of acpidump, iasl or acpiview, device-tree blobs, a capture (.tar.gz), a directory. Without files the machine ' +
    'that is selected, else this host. Exit code: 0 clean, 1 a finding of medium or above, see --fail-on, 3 none, but a table cannot be read.'
  static override examples = [
    '<%= config.bin %> lint iort.dat apic.dat mcfg.dat',
    '<%= config.bin %> lint acpidump.txt --kernel-release 5.4',
    '<%= config.bin %> lint board.dtb --format sarif > findings.sarif',
    '<%= config.bin %> lint --sysroot /mnt/captured --fail-on high',
  ]
  static override args = {
    files: Args.string({
      description: 'Tables, dumps, blobs, a capture or a directory; - reads standard input.',
      multiple: true,
      ignoreStdin: true,
    }),
  }
  static override flags = { ...LINT_FLAGS, ...OUTPUT_FLAGS, ...INPUT_FLAGS }

  override async run(): Promise<number> {
    const { args, flags } = await parsed('lint', this.parse(Lint))
    assertOneForm(flags)
    const options = lintOptions(flags)
    const source = await openFirmwareSource(args.files ?? [], flags)
    const report = lintFirmware(firmwareInput(source), options)
    printLint(report, options.failOn, flags)
    return report.exitCode
  }
}
