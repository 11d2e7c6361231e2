import { Command, Flags } from '@oclif/core'
import { exampleFor, printExample } from '../cli/example.js'
import { INPUT_FLAGS, JUDGE_FLAGS, OUTPUT_FLAGS, reportOptions } from '../cli/flags.js'
import { assertOneForm, PROBE_FORMAT, printAnalysis, wantsText } from '../cli/print-findings.js'
import { parsed } from '../cli/usage.js'
import { analyse, buildReport, openSysroot, probeMachine } from '../index.js'

export default class Probe extends Command {
  static override summary = 'Judge every PCI device and IOMMU group: can it raise only its own interrupts?'
  static override description =
    'Reads this host, or a captured machine, and prints the verdicts, what the kernel would answer, why, and what to do. ' +
    'Exit code: 0 every endpoint is good enough, 1 at least one is not isolated, 3 none is bad and one is unknown or there is none.'
  static override examples = [
    '<%= config.bin %> probe',
    '<%= config.bin %> probe --json --fail-on not-isolated',
    '<%= config.bin %> probe --format junit > intremap.xml',
    '<%= config.bin %> probe --device 01:00.0 --device 01:00.1',
    '<%= config.bin %> probe --sysroot /mnt/captured --kernel-release 6.1',
    'ssh host cat machine.tar.gz | <%= config.bin %> probe --bundle -',
  ]
  static override flags = {
    device: Flags.string({
      summary: 'Only this function, written as lspci does; may be repeated.',
      helpValue: 'ADDR',
      multiple: true,
      helpGroup: 'SELECTION',
    }),
    group: Flags.string({
      summary: 'Only functions of this IOMMU group; may be repeated.',
      helpValue: 'N',
      multiple: true,
      helpGroup: 'SELECTION',
    }),
    all: Flags.boolean({ summary: 'Show everything, not only what fits a screen.', helpGroup: 'OUTPUT' }),
    ...PROBE_FORMAT,
    ...OUTPUT_FLAGS,
    ...JUDGE_FLAGS,
    ...INPUT_FLAGS,
  }

  override async run(): Promise<number> {
    const { flags } = await parsed('probe', this.parse(Probe))
    assertOneForm(flags)
    const options = reportOptions(flags)
    const analysis = analyse(probeMachine(await openSysroot(flags)), options)
    printAnalysis(analysis, flags)
    const { report } = analysis
    const example = wantsText(flags) ? exampleFor(report, flags) : undefined
    if (example !== undefined) {
      printExample(example, buildReport(probeMachine(await openSysroot({ emulated: example }))), flags)
    }
    return report.exitCode
  }
}
