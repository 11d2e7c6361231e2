import { Args, Command } from '@oclif/core'
import { deviceAddress, INPUT_FLAGS, JUDGE_FLAGS, OUTPUT_FLAGS, reportOptions } from '../cli/flags.js'
import { printReport } from '../cli/print.js'
import { parsed } from '../cli/usage.js'
import { buildReport, openSysroot, probeMachine } from '../index.js'

export default class Check extends Command {
  static override summary = 'Answer for one device: one sentence and the exit code.'
  static override description =
    'The exit code is that of the weaker of the device and its IOMMU group: 0 good enough, 1 not isolated, 3 unknown.'
  static override examples = [
    '<%= config.bin %> check 01:00.0',
    '<%= config.bin %> check 0001:01:00.0 --fail-on not-isolated && echo go',
  ]
  static override args = {
    addr: Args.string({
      description: 'PCI address as lspci writes it; 01:00.0 is segment 0.',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = { ...OUTPUT_FLAGS, ...JUDGE_FLAGS, ...INPUT_FLAGS }

  override async run(): Promise<number> {
    const { args, flags } = await parsed('check', this.parse(Check))
    const options = { ...reportOptions(flags), devices: [deviceAddress(args.addr)] }
    const report = buildReport(probeMachine(await openSysroot(flags)), options)
    printReport(report, 'human-check', flags)
    return report.exitCode
  }
}
