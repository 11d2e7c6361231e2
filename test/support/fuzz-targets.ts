import type { Budget } from '../../src/budget/budget.js'
import { takesText } from '../../src/budget/text.js'
import { parseRelease } from '../../src/kernel/release.js'
import { parsePciAddress } from '../../src/machine/identifiers.js'
import { dumpAcpiTable } from '../../src/probes/acpi/dump.js'
import { parseAcpiTable } from '../../src/probes/acpi/parse-table.js'
import { architectureOfCpuinfo } from '../../src/probes/architecture.js'
import { intactText } from '../../src/probes/attribute.js'
import { parseNodeList } from '../../src/probes/device-nodes.js'
import { parseDeviceTreeBlob } from '../../src/probes/devicetree/blob.js'
import { parseReservedRegions } from '../../src/probes/iommu-groups.js'
import { parseDomainChain, parseInterruptDomain } from '../../src/probes/irq-domains.js'
import { parseConfiguration } from '../../src/probes/kernel-configuration.js'
import { parseKernelLog } from '../../src/probes/kernel-log.js'
import { parseCommandLine } from '../../src/probes/kernel.js'
import { probeMachine } from '../../src/probes/machine.js'
import { parseModprobeOptions } from '../../src/probes/modprobe.js'
import { decodeConfigurationSpace } from '../../src/probes/pci-configuration-space.js'
import { parseDevicePath } from '../../src/probes/pci-topology.js'
import { chipInDescription, parseProcInterrupts } from '../../src/probes/proc-interrupts.js'
import { readUevent } from '../../src/probes/uevent.js'
import { known } from '../../src/machine/fact.js'
import { extractTables } from '../../src/sysroot/acpi-text-dumps.js'
import { BundleError } from '../../src/sysroot/bundle-error.js'
import { parseManifest } from '../../src/sysroot/bundle-manifest.js'
import { BundleTree } from '../../src/sysroot/bundle-tree.js'
import { memorySysroot } from '../../src/sysroot/memory-sysroot.js'
import { TarReader } from '../../src/sysroot/tar-reader.js'
import { tar } from '../unit/sysroot/handmade-tar.js'
import { smallMachineWith } from './fuzz-machine.js'
import { openedFiles } from './fuzz-opened-files.js'
import { pastedTexts } from './fuzz-pasted-texts.js'
import { acpiSeeds, blobSeed, configurationSeeds, plain, type Seed } from './fuzz-seeds.js'

/** A parser with inputs to begin from. */
export interface FuzzTarget {
  readonly name: string
  readonly kind: 'acpi' | 'binary' | 'text'
  readonly seeds: readonly Seed[]
  /** Result as plain data; throws only what the target's contract allows to be thrown, caught here. Work is charged. */
  readonly parse: (bytes: Uint8Array, budget: Budget) => unknown
  /** Share of the inputs, relative to the other targets. */
  readonly weight: number
}

const decoder = new TextDecoder()

function text(name: string, seeds: readonly string[], parse: (content: string) => unknown): FuzzTarget {
  return {
    name,
    kind: 'text',
    seeds: plain(...seeds),
    parse: (bytes, budget) => (takesText(bytes, budget) ? parse(decoder.decode(bytes)) : 'too large'),
    weight: 1,
  }
}

/** A parser of lines, which gets what the reader of text files hands on. */
function lines(name: string, seeds: readonly string[], parse: (content: readonly string[]) => unknown): FuzzTarget {
  return text(name, seeds, (content) => parse((intactText(content, true) ?? content).split('\n')))
}

/** A dump of one table as acpidump writes it. */
function acpidumpText({ bytes }: Seed): string {
  const rows = [`${decoder.decode(bytes.subarray(0, 4))} @ 0x0000000000000000`]
  for (let at = 0; at < bytes.length; at += 16) {
    const hex = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
    rows.push(`    ${at.toString(16).padStart(4, '0').toUpperCase()}: ${hex.join(' ')}  ................`)
  }
  return `${rows.join('\n')}\n\n`
}

function untar(bytes: Uint8Array, budget: Budget): unknown {
  const tree = new BundleTree('fuzz', budget)
  const reader = new TarReader('fuzz', budget, (entry) => tree.add(entry))
  try {
    reader.push(bytes)
    reader.end()
    return { entries: tree.finish(), notes: tree.notes(), trailing: reader.trailingData }
  } catch (error) {
    // The one class that an archive may end with.
    if (error instanceof BundleError) return error.message
    throw error
  }
}

const MANIFEST = JSON.stringify({
  schema: 'intremap/bundle',
  schemaVersion: '1.0.0',
  unreadable: { 'proc/cmdline': 'permission' },
  listings: { 'sys/class/iommu': ['smmu3.0x0000000009050000'] },
  absent: ['dev/iommu'],
})

const UEVENT = 'DRIVER=e1000e\nPCI_CLASS=20000\nPCI_ID=8086:10D3\nPCI_SLOT_NAME=0000:00:01.0\nMODALIAS=pci:v00008086\n'

function blobTarget(): FuzzTarget {
  return {
    name: 'device-tree blob',
    kind: 'binary',
    seeds: [blobSeed()],
    parse: (bytes, budget) => parseDeviceTreeBlob(bytes, 'blob', budget),
    weight: 4,
  }
}

/** Every parser of foreign bytes or text. */
export function fuzzTargets(): readonly FuzzTarget[] {
  const acpi = acpiSeeds()
  return [
    {
      name: 'ACPI tables',
      kind: 'acpi',
      seeds: acpi,
      parse: (bytes, budget) => parseAcpiTable(bytes, 'table', budget),
      weight: 8,
    },
    {
      name: 'ACPI tables, field by field',
      kind: 'acpi',
      seeds: acpi,
      parse: (bytes, budget) => dumpAcpiTable(bytes, 'table', budget),
      weight: 2,
    },
    blobTarget(),
    {
      name: 'configuration space',
      kind: 'binary',
      seeds: configurationSeeds(),
      parse: (bytes) => decodeConfigurationSpace(bytes, 'function'),
      weight: 3,
    },
    {
      name: 'table dumps',
      kind: 'text',
      seeds: plain(
        ...acpi.map(acpidumpText),
        'Raw Table Data: Length 36 (0x24)\n\n    0000: 41 50 49 43 24 00 00 00 01 3F 42 4F 43 48 53 20  // APIC$....?BOCHS \n',
      ),
      parse: (bytes, budget) => extractTables(bytes, 'dump', budget),
      weight: 1,
    },
    {
      name: 'tar archives',
      kind: 'binary',
      seeds: [
        {
          bytes: Uint8Array.from(
            tar(
              { name: 'sys/', type: '5' },
              { name: 'sys/a', content: 'x\n' },
              { name: 'sys/l', type: '2', linkName: 'a' },
            ),
          ),
          fields: [0, 512, 1536].flatMap((at) =>
            [124, 148, 156, 157, 257].map((offset) => ({ offset: at + offset, size: 4 as const, big: false })),
          ),
        },
      ],
      parse: untar,
      weight: 1,
    },
    {
      name: 'bundle manifest',
      kind: 'text',
      seeds: plain(MANIFEST),
      parse: parseManifest,
      weight: 1,
    },
    ...pastedTexts(),
    ...openedFiles(),
    lines(
      '/proc/interrupts',
      [
        '           CPU0       CPU1\n 10:        123          0     GICv3  27 Level     arch_timer\n 50:  7  0 ITS-PCI-MSIX-0000:01:00.0   0 Edge      eth0-rx-0\nIPI0:         5          6       Rescheduling interrupts\nErr:          0\n',
      ],
      parseProcInterrupts,
    ),
    text(
      'chip column',
      ['ITS-PCI-MSIX-0000:01:00.0   0 Edge      eth0-rx-0', 'GICv3  27 Level     arch_timer'],
      chipInDescription,
    ),
    lines(
      'interrupt domain',
      [
        'name:   :interrupt-controller@8000000:its@8080000-3\n size:   0\n mapped: 12\n flags:  0x00000073\n            IRQ_DOMAIN_FLAG_HIERARCHY\n parent: :interrupt-controller@8000000-1\n    name:   :interrupt-controller@8000000-1\n     size:   0\n     mapped: 30\n     flags:  0x00000003\n',
      ],
      parseInterruptDomain,
    ),
    lines(
      'interrupt',
      [
        'handler:  handle_fasteoi_irq\ndevice:   0000:01:00.0\nstatus:   0x00000000\ndomain:  :its-PCI-MSIX-0000:01:00.0-12\n hwirq:   0x0\n chip:    ITS-PCI-MSIX-0000:01:00.0\n  flags:   0x220\n parent:\n    domain:  :its@8080000-3\n     hwirq:   0x2000\n',
      ],
      parseDomainChain,
    ),
    lines(
      'reserved regions',
      ['0x0000000008000000 0x00000000080fffff msi\n0x00000000fee00000 0x00000000feefffff direct-relaxable\n'],
      parseReservedRegions,
    ),
    text(
      'kernel configuration',
      [
        '#\n# Automatically generated file\n#\nCONFIG_ARM_GIC_V3_ITS=y\n# CONFIG_VFIO_NOIOMMU is not set\nCONFIG_CMDLINE="quiet \\"x\\""\n',
      ],
      parseConfiguration,
    ),
    text(
      'kernel log',
      [
        '<6>[    0.000000] ITS [mem 0x08080000-0x0809ffff]\n<6>[    0.000001] GICv3: 256 SPIs implemented\n[12.5] plain\n',
      ],
      parseKernelLog,
    ),
    text('command line', ['quiet iommu.passthrough=1 "a b=c d" intremap=off,nosid pci=noats --\n'], parseCommandLine),
    text(
      'modprobe.d',
      ['options vfio_iommu_type1 allow_unsafe_interrupts=1\n# comment\noptions kvm-arm \\\n vgic_v4_enable=1\n'],
      parseModprobeOptions,
    ),
    lines(
      'device nodes',
      ['dir 0755 - /dev/vfio\nchr 0666 10:196 /dev/vfio/vfio\nabsent - - /dev/iommu\n'],
      parseNodeList,
    ),
    lines(
      'processors',
      [
        'processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n',
        'processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu apic\n',
      ],
      architectureOfCpuinfo,
    ),
    text('uevent', [UEVENT], (content) =>
      readUevent(memorySysroot({ kind: 'sysroot', name: 'fuzz' }, { 'd/uevent': content }), 'd'),
    ),
    text('device path', ['../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0'], (content) =>
      parseDevicePath(known(content), '0000:01:00.0'),
    ),
    text('release', ['6.12.95+deb12-arm64', '7.2', '4.18.0-553.el8.aarch64'], parseRelease),
    text('PCI address', ['0000:01:00.0', '10000:e1:1f.7', '01:00.0'], parsePciAddress),
    ...wholeMachine(),
  ]
}

/** A small machine one of whose files is changed: the readers of single attributes are tried through it. */
function wholeMachine(): readonly FuzzTarget[] {
  return smallMachineWith.map(({ path, content, sysroot }): FuzzTarget => ({
    name: `machine with another ${path.replace(/^.*\//, '')}`,
    kind: 'text',
    seeds: [{ bytes: content, fields: [] }],
    parse: (bytes, budget) => probeMachine(sysroot.withChange(path, { kind: 'bytes', bytes }, budget)),
    weight: 0.01,
  }))
}
