import { command } from '../cli/command-spec.js'
import { openFirmwareSource } from '../inputs/firmware-source.js'
import { INPUT_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { printDecoded } from '../cli/print-decoded.js'
import { decodeFirmware, firmwareDocuments } from '../index.js'

export const DECODE = command({
  id: 'decode',
  summary: 'Show ACPI tables and device trees field by field.',
  description:
    'Files are told by content: binary tables, text of acpidump, iasl or acpiview, device-tree blobs and sources, a capture (.tar.gz), ' +
    'a directory of files, or a device tree as a directory. Without files the machine that is selected, else this host. ' +
    'With --json one object, or an array where there are several. Everything is shown: nothing is redacted, serial numbers neither.',
  examples: [
    'intremap decode /sys/firmware/acpi/tables/IORT',
    'intremap decode acpidump.txt --json',
    'intremap decode board.dtb',
    'intremap decode --bundle machine.tar.gz',
  ],
  args: {
    files: {
      description: 'Tables, dumps, blobs, a capture or a directory; - reads standard input.',
      multiple: true,
      offers: ['files'],
    },
  },
  flags: { ...OUTPUT_FLAGS, ...INPUT_FLAGS },
  async run(flags, args) {
    const source = await openFirmwareSource(args.files, flags)
    printDecoded(decodeFirmware(firmwareDocuments(source)), flags)
    return 0
  },
})
