import { Command, Flags } from '@oclif/core'
import { checkCaptureFlags, writeCapture } from '../cli/capture-output.js'
import { INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { parsed } from '../cli/usage.js'
import { captureMachine, openSysroot, probeMachine } from '../index.js'

export default class Capture extends Command {
  static override summary = 'Write what the probes read, redacted, as a bundle that can be probed anywhere.'
  static override description =
    'The bundle holds nothing but what a probe reads, without serial numbers, hardware addresses, host names, counters ' +
    'and free texts. Probing it gives the same report. The same machine gives the same bytes. Other inputs are converted: ' +
    'a copied tree (with acpidump.txt beside it), a bundle, the text of lspci -vvvxxxx.'
  static override examples = [
    '<%= config.bin %> capture --list',
    '<%= config.bin %> capture -o machine.tar.gz',
    'ssh host intremap capture -o - | <%= config.bin %> probe --bundle -',
    '<%= config.bin %> capture --sysroot /mnt/copied -o machine.tar.gz',
  ]
  static override flags = {
    output: Flags.string({
      char: 'o',
      summary: 'Where to write the bundle; - is standard output.',
      helpValue: 'FILE',
      helpGroup: 'OUTPUT',
    }),
    force: Flags.boolean({ summary: 'Overwrite the file.', helpGroup: 'OUTPUT' }),
    list: Flags.boolean({
      summary: 'Print what would be kept: bytes, whether redacted, path.',
      helpGroup: 'OUTPUT',
    }),
    json: OUTPUT_FLAGS.json,
    ...INPUT_FLAGS,
  }

  override async run(): Promise<number> {
    const { flags } = await parsed('capture', this.parse(Capture))
    checkCaptureFlags(flags)
    await writeCapture(captureMachine(await openSysroot(flags), probeMachine), flags)
    return 0
  }
}
