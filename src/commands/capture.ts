import { command } from '../cli/command-spec.js'
import { checkCaptureFlags, writeCapture } from '../cli/capture-output.js'
import { EVIDENCE, INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { openInput } from '../cli/open-input.js'
import { captureMachine, probeMachine } from '../index.js'

export const CAPTURE = command({
  id: 'capture',
  summary: 'Write what the probes read, redacted, as a bundle that can be probed anywhere.',
  description:
    'The bundle holds nothing but what a probe reads, without serial numbers, hardware addresses, host names, counters ' +
    'and free texts. It keeps what the verdict needs and what may still name somebody: the suffix of the kernel release, names of ' +
    'modprobe.d files and of device-tree nodes. Probing it gives the same report, but for the names of devices. The same machine gives the same bytes. Other inputs are converted: ' +
    'a copied tree, a bundle, and whatever else probe takes.',
  examples: [
    'intremap capture --list',
    'intremap capture -o machine.tar.gz',
    'ssh host intremap capture -o - | intremap probe --bundle -',
    'intremap capture --sysroot /mnt/copied -o machine.tar.gz',
  ],
  args: { evidence: EVIDENCE },
  flags: {
    output: {
      kind: 'string',
      char: 'o',
      summary: 'Where to write the bundle; - is standard output.',
      value: 'FILE',
      group: 'OUTPUT',
    },
    force: { kind: 'boolean', summary: 'Overwrite the file.', group: 'OUTPUT' },
    list: { kind: 'boolean', summary: 'Print what would be kept: bytes, whether redacted, path.', group: 'OUTPUT' },
    json: OUTPUT_FLAGS.json,
    ...INPUT_FLAGS,
  },
  async run(flags, args) {
    checkCaptureFlags(flags)
    await writeCapture(captureMachine(await openInput(flags, args.evidence), probeMachine), flags)
    return 0
  },
})
