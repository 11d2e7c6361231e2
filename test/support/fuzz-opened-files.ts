import { gzipSync } from 'node:zlib'
import { Budget } from '../../src/budget/budget.js'
import { LIMITS } from '../../src/budget/limits.js'
import { takesText } from '../../src/budget/text.js'
import { beginningOfGzip, gunzipped } from '../../src/inputs/decompress.js'
import { sourceIn } from '../../src/inputs/devicetree-source.js'
import { InputError } from '../../src/inputs/errors.js'
import { recognise } from '../../src/inputs/recognise.js'
import { reportIn } from '../../src/inputs/report-file.js'
import { probeMachine } from '../../src/probes/machine.js'
import { probePciNames } from '../../src/probes/pci-names.js'
import { describedEntries } from '../../src/sysroot/memory-entry.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import { decodedText } from '../../src/text/evidence-lines.js'
import { tar } from '../unit/sysroot/handmade-tar.js'
import { smallMachineWith } from './fuzz-machine.js'
import { acpiSeeds, blobSeed, plain, type Seed } from './fuzz-seeds.js'
import type { FuzzTarget } from './fuzz-targets.js'

const ARCHIVE = Uint8Array.from(tar({ name: 'sys/', type: '5' }, { name: 'sys/a', content: 'x\n' }))
const SOURCE = `/dts-v1/;

/ {
	compatible = "acme,board";
	its: msi-controller@8080000 {
		compatible = "arm,gic-v3-its";
		reg = <0x0 0x8080000 0x0 0x20000>;
	};
};
`
const PCI_IDS = `# List
8086  Intel Corporation
	1571  Ethernet Controller X710 for 10GbE
# a comment

	1572  Ethernet Controller X710 for 10GbE SFP+
		1028 0000  Ethernet 10G X710 rNDC
C 02  Network controller
`
const REPORT = JSON.stringify({
  schema: 'intremap/report',
  schemaVersion: '1.0.0',
  summary: { verdict: 'isolated', devices: {} },
  devices: [{ address: '0000:01:00.0', verdict: 'isolated', findings: [] }],
})

const blind = (bytes: Uint8Array): Seed => ({ bytes: Uint8Array.from(bytes), fields: [] })

/** Whatever a gzip file yields is its format's own multiple; what is held is that no more is unpacked than is asked for. */
function compressedFiles(): FuzzTarget {
  const parse = (bytes: Uint8Array, budget: Budget) => {
    const most = 4 * bytes.length + 4096
    const content = gunzipped(bytes, new Budget({ ...LIMITS, unpackedBytes: most }))
    if (typeof content === 'string') return content
    if (content.length > most) throw new RangeError(`${content.length} bytes from ${bytes.length}`)
    budget.take('unpackedBytes', content.length)
    return [content, recognise(beginningOfGzip(bytes))]
  }
  const files = [ARCHIVE, Buffer.from(PCI_IDS), gzipSync(ARCHIVE)]
  return { name: 'gzip files', kind: 'binary', seeds: files.map((file) => blind(gzipSync(file))), parse, weight: 0.3 }
}

/** A file of any kind whose name tells nothing: what it is taken for. */
function anyFile(): FuzzTarget {
  const seeds = [
    blind(gzipSync(ARCHIVE)),
    blind(ARCHIVE),
    ...acpiSeeds().slice(0, 2),
    blobSeed(),
    ...plain(SOURCE, PCI_IDS, 'QEMU: Checking for hardware virtualization : PASS\n', 'nothing of interest\n'),
    blind(Buffer.from('\ufeff00:00.0 Host bridge: A B\n', 'utf16le')),
    ...[
      [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
      [0x28, 0xb5, 0x2f, 0xfd],
      [0x50, 0x4b, 3, 4],
    ].map((magic) => blind(Uint8Array.from([...magic, ...new Uint8Array(600)]))),
  ]
  return { name: 'what a file is', kind: 'binary', seeds, parse: (bytes) => recognise(bytes), weight: 1 }
}

/** The list of PCI ids of a machine with two functions. */
function pciIds(): readonly FuzzTarget[] {
  const [machine] = smallMachineWith
  if (!machine) return []
  const functions = probeMachine(machine.sysroot).functions
  return ['pci.ids', 'pci.ids.gz'].map((name) => {
    const content = new TextEncoder().encode(PCI_IDS)
    return {
      name,
      kind: 'text',
      seeds: [blind(name.endsWith('.gz') ? gzipSync(content) : content)],
      parse: (bytes, budget) => {
        const tree = new MemoryTree(describedEntries({ [`usr/share/misc/${name}`]: bytes }))
        return [...probePciNames(new MemorySysroot({ kind: 'sysroot', name: 'fuzz' }, tree, budget), functions)]
      },
      weight: 0.5,
    }
  })
}

/** Readers of files that are opened, beside those of the tables and texts in them. */
export function openedFiles(): readonly FuzzTarget[] {
  return [
    compressedFiles(),
    anyFile(),
    ...pciIds(),
    {
      name: 'device-tree source',
      kind: 'text',
      seeds: plain(SOURCE, `Hello,\n> > here it is\n\`\`\`\n${SOURCE}\`\`\`\nThanks\n`),
      parse: (bytes, budget) => (takesText(bytes, budget) ? sourceIn(decodedText(bytes)) : 'too large'),
      weight: 1,
    },
    {
      name: 'report that was kept',
      kind: 'text',
      seeds: plain(REPORT),
      parse: (bytes, budget) => {
        try {
          return reportIn('fuzz', bytes, budget)
        } catch (error) {
          if (error instanceof InputError) return error.message
          throw error
        }
      },
      weight: 1,
    },
  ]
}
