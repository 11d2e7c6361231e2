import { command } from '../cli/command-spec.js'
import { exampleFor, printExample } from '../cli/example.js'
import { ASSIGNABLE_FLAG, EVIDENCE, INPUT_FLAGS, JUDGE_FLAGS, OUTPUT_FLAGS, reportOptions } from '../cli/flags.js'
import { GATE_FLAGS, gateOptions } from '../cli/gate-flags.js'
import { probeInput } from './probe-input.js'
import { formatOf, printAnalysis, REPORT_OUTPUT } from '../cli/print-analysis.js'
import { analyse, buildReport, openSysroot, probeMachine } from '../index.js'

export const PROBE = command({
  id: 'probe',
  summary: 'Judge every PCI device and IOMMU group: can it raise only its own interrupts?',
  description:
    'Reads this host, or what is given of another machine (captures, trees, tables, pasted texts), and prints the verdicts, what the kernel would answer, why, and what to do. ' +
    'Exit code: 0 every endpoint is good enough, 1 at least one is not isolated, 3 none is bad and one is unknown or there is none.',
  examples: [
    'intremap probe',
    'intremap probe lspci.txt dmesg.txt groups.txt',
    'intremap probe --json --fail-on not-isolated',
    'intremap probe --format junit > intremap.xml',
    'intremap probe --format prometheus --force -o intremap.prom',
    'intremap probe --policy strict --baseline accepted.json',
    'intremap probe --device 01:00.0 --device 01:00.1',
    'intremap probe --sysroot /mnt/captured --kernel-release 6.1',
    'ssh host cat machine.tar.gz | intremap probe --bundle -',
  ],
  args: { evidence: EVIDENCE },
  flags: {
    device: {
      kind: 'string',
      summary: 'Only this function, written as lspci does; may be repeated.',
      value: 'ADDR',
      multiple: true,
      group: 'SELECTION',
    },
    group: {
      kind: 'string',
      summary: 'Only functions of this IOMMU group; may be repeated.',
      value: 'N',
      multiple: true,
      group: 'SELECTION',
    },
    all: { kind: 'boolean', summary: 'Show everything, not only what fits a screen.', group: 'OUTPUT' },
    ...REPORT_OUTPUT,
    ...OUTPUT_FLAGS,
    ...JUDGE_FLAGS,
    ...ASSIGNABLE_FLAG,
    ...GATE_FLAGS,
    ...INPUT_FLAGS,
  },
  async run(flags, args) {
    const format = formatOf(flags)
    const options = { ...reportOptions(flags), ...gateOptions(flags, new Date()) }
    const analysis = analyse(await probeInput(flags, args.evidence), options)
    const exitCode = await printAnalysis(analysis, flags)
    const example = format === 'text' && flags.output === undefined ? exampleFor(analysis.report, flags) : undefined
    if (example !== undefined) {
      printExample(example, buildReport(probeMachine(await openSysroot({ emulated: example }))), flags)
    }
    return exitCode
  },
})
