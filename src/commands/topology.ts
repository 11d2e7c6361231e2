import { command } from '../cli/command-spec.js'
import { EVIDENCE, INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { probeInput } from './probe-input.js'
import { printTopology, TOPOLOGY_FORM } from '../cli/print-topology.js'
import { buildReport } from '../index.js'

export const TOPOLOGY = command({
  id: 'topology',
  summary: 'Draw the way of interrupts: functions, ports, IOMMUs, controllers, verdicts.',
  description:
    'A tree for the terminal, or a picture for Graphviz, Mermaid or a browser. Functions and ports that have all in common are ' +
    'drawn once. The exit code is 0: what the verdicts come to, probe tells.',
  examples: [
    'intremap topology',
    'intremap topology machine.tar.gz --format svg -o machine.svg',
    'intremap topology --format dot | dot -Tpng > machine.png',
  ],
  args: { evidence: EVIDENCE },
  flags: { ...TOPOLOGY_FORM, color: OUTPUT_FLAGS.color, ...INPUT_FLAGS },
  async run(flags, args) {
    printTopology(buildReport(await probeInput(flags, args.evidence)), flags)
    return 0
  },
})
