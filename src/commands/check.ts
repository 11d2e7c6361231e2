import { command } from '../cli/command-spec.js'
import {
  ASSIGNABLE_FLAG,
  deviceAddress,
  EVIDENCE,
  INPUT_FLAGS,
  JUDGE_FLAGS,
  OUTPUT_FLAGS,
  reportOptions,
} from '../cli/flags.js'
import { GATE_FLAGS, gateOptions } from '../cli/gate-flags.js'
import { probeInput } from './probe-input.js'
import { printReport } from '../cli/print.js'
import { buildReport } from '../index.js'

export const CHECK = command({
  id: 'check',
  summary: 'Answer for one device: one sentence and the exit code.',
  description:
    'The exit code is that of the weaker of the device and its IOMMU group: 0 good enough, 1 not isolated, 3 unknown; ' +
    'with --assignable 0 it may be handed out now, 1 it may not, 3 nobody can tell.',
  examples: [
    'intremap check 01:00.0',
    'intremap check 01:00.0 --assignable && echo "may be handed out"',
    'intremap check 0001:01:00.0 --fail-on not-isolated',
    'intremap check 01:00.0 --policy strict',
  ],
  args: {
    addr: {
      description: 'PCI address as lspci writes it; 01:00.0 is segment 0.',
      required: true,
      offers: ['functions'],
    },
    evidence: EVIDENCE,
  },
  flags: { ...OUTPUT_FLAGS, ...JUDGE_FLAGS, ...ASSIGNABLE_FLAG, ...GATE_FLAGS, ...INPUT_FLAGS },
  async run(flags, args) {
    const options = { ...reportOptions(flags), ...gateOptions(flags, new Date()), devices: [deviceAddress(args.addr)] }
    const report = buildReport(await probeInput(flags, args.evidence), options)
    printReport(report, 'human-check', flags)
    return report.exitCode
  },
})
