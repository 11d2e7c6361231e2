import { Args, Command, Flags } from '@oclif/core'
import { isRuleId, ruleNamed } from '../cli/explain-target.js'
import { deviceAddress, INPUT_FLAGS, JUDGE_FLAGS, OUTPUT_FLAGS, reportOptions } from '../cli/flags.js'
import { printExplanation, printRule } from '../cli/print.js'
import { parsed } from '../cli/usage.js'
import { analyse, explainDevice, openSysroot, probeMachine, ruleCatalogue, rules } from '../index.js'

export default class Explain extends Command {
  static override summary = 'Explain one device link by link, or one rule.'
  static override description =
    "Of a device: the way of its interrupts with every witness, the kernel's answer beside the verdict, every rule that did " +
    'not pass with its evidence, and what would change the verdict; --all adds the questions and all evidence. ' +
    'The exit code is that of check. Of a rule: its reference page.'
  static override examples = [
    '<%= config.bin %> explain 01:00.0',
    '<%= config.bin %> explain 01:00.0 --all --emulated ampere-altra-server',
    '<%= config.bin %> explain IR101',
  ]
  static override args = {
    target: Args.string({
      description: 'PCI address as lspci writes it, or the id of a rule.',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    all: Flags.boolean({ summary: 'Show the questions and all evidence.', helpGroup: 'OUTPUT' }),
    ...OUTPUT_FLAGS,
    ...JUDGE_FLAGS,
    ...INPUT_FLAGS,
  }

  override async run(): Promise<number> {
    const { args, flags } = await parsed('explain', this.parse(Explain))
    if (isRuleId(args.target)) {
      printRule(ruleNamed(args.target, ruleCatalogue(rules)), flags)
      return 0
    }
    const address = deviceAddress(args.target)
    const options = { ...reportOptions(flags), devices: [address] }
    const explanation = explainDevice(analyse(probeMachine(await openSysroot(flags)), options), address, options.failOn)
    printExplanation(explanation, flags)
    return explanation.exitCode
  }
}
