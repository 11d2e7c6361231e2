import { command } from '../cli/command-spec.js'
import { EVIDENCE, INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { probeInput } from './probe-input.js'
import { printDoctor } from '../cli/print-doctor.js'
import { doctorReport } from '../index.js'
import { treeCompiler } from '../inputs/devicetree-source.js'

export const DOCTOR = command({
  id: 'doctor',
  summary: 'Tell what this run can see of the machine, what it cannot, and what would add it.',
  description:
    'Of this host, or of what is given of another machine. Exit code: 0 all that verdicts rest on is seen, 3 some of it is not, ' +
    'so that verdicts may stay unknown.',
  examples: ['intremap doctor', 'sudo intremap doctor --json', 'intremap doctor machine.tar.gz'],
  args: { evidence: EVIDENCE },
  flags: { ...OUTPUT_FLAGS, ...INPUT_FLAGS },
  async run(flags, args) {
    const doctor = doctorReport(await probeInput(flags, args.evidence), {
      node: process.version,
      root: process.geteuid?.() === 0,
      dtc: treeCompiler(),
    })
    printDoctor(doctor, flags)
    return doctor.exitCode
  },
})
