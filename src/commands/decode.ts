import { Args, Command } from '@oclif/core'
import { openFirmwareSource } from '../cli/firmware-source.js'
import { INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { printDecoded } from '../cli/print-decoded.js'
import { parsed } from '../cli/usage.js'
import { decodeFirmware, firmwareDocuments } from '../index.js'

export default class Decode extends Command {
  static override summary = 'Show ACPI tables and device trees field by field.'
  static override description =
    'Files are told by content: binary tables, text of acpidump, iasl or acpiview, device-tree blobs, a capture (.tar.gz), ' +
    'a directory of files, or a device tree as a directory. Without files the machine that is selected, else this host. ' +
    'With --json one object, or an array where there are several.'
  static override examples = [
    '<%= config.bin %> decode /sys/firmware/acpi/tables/IORT',
    '<%= config.bin %> decode acpidump.txt --json',
    '<%= config.bin %> decode board.dtb',
    '<%= config.bin %> decode --bundle machine.tar.gz',
  ]
  static override args = {
    files: Args.string({
      description: 'Tables, dumps, blobs, a capture or a directory; - reads standard input.',
      multiple: true,
      ignoreStdin: true,
    }),
  }
  static override flags = { ...OUTPUT_FLAGS, ...INPUT_FLAGS }

  override async run(): Promise<number> {
    const { args, flags } = await parsed('decode', this.parse(Decode))
    const source = await openFirmwareSource(args.files ?? [], flags)
    printDecoded(decodeFirmware(firmwareDocuments(source)), flags)
    return 0
  }
}
