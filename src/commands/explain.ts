import { command } from '../cli/command-spec.js'
import { assertDeviceName, isRuleId, ruleNamed, termNamed } from '../cli/explain-target.js'
import { deviceAddress, EVIDENCE, INPUT_FLAGS, JUDGE_FLAGS, OUTPUT_FLAGS, reportOptions } from '../cli/flags.js'
import { probeInput } from './probe-input.js'
import { printExplanation, printReport, printRule, printTerm } from '../cli/print.js'
import { analyse, explainDevice, ruleCatalogue, rules } from '../index.js'

export const EXPLAIN = command({
  id: 'explain',
  summary: 'Explain one device link by link, one rule, or one word of the outputs.',
  description:
    "Of a device: the way of its interrupts with every witness, the kernel's answer beside the verdict, every rule that did " +
    'not pass with its evidence, and what would change the verdict; --all adds the questions and all evidence. ' +
    'The exit code is that of check. Of a rule: its reference page. Of a word (an acronym, a reason, a verdict, an errno, ' +
    'an exit code, a line of the kernel log): what it means and the question behind it.',
  examples: [
    'intremap explain 01:00.0',
    'intremap explain 01:00.0 --all --emulated ampere-altra-server',
    'intremap explain IR101',
    'intremap explain ITS',
    'intremap explain "No interrupt remapping for device"',
  ],
  args: {
    target: {
      description: 'PCI address as lspci writes it, the id of a rule, or a word of the outputs.',
      required: true,
      offers: ['functions', 'rules'],
    },
    evidence: EVIDENCE,
  },
  flags: {
    all: { kind: 'boolean', summary: 'Show the questions and all evidence.', group: 'OUTPUT' },
    ...OUTPUT_FLAGS,
    ...JUDGE_FLAGS,
    ...INPUT_FLAGS,
  },
  async run(flags, args) {
    if (isRuleId(args.target)) {
      printRule(ruleNamed(args.target, ruleCatalogue(rules)), flags)
      return 0
    }
    const term = termNamed(args.target)
    if (term) {
      printTerm(term, flags)
      return 0
    }
    assertDeviceName(args.target)
    const address = deviceAddress(args.target)
    const options = { ...reportOptions(flags), devices: [address] }
    const analysis = analyse(await probeInput(flags, args.evidence), options)
    if (analysis.report.platformDevices.some(({ name }) => name === address)) {
      printReport(analysis.report, 'human-check', flags)
      return analysis.report.exitCode
    }
    const explanation = explainDevice(analysis, address, options.failOn)
    printExplanation(explanation, flags)
    return explanation.exitCode
  },
})
