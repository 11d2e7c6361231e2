import type { Budget } from '../../src/budget/budget.js'
import { takesText } from '../../src/budget/text.js'
import { recognise } from '../../src/inputs/recognise.js'
import { openTold } from '../../src/inputs/told-sysroot.js'
import { TextEvidence } from '../../src/inputs/texts/text-evidence.js'
import { ToldMachine } from '../../src/inputs/texts/told-machine.js'
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
import { acpiSeeds, blobSeed, configurationSeeds, type Seed } from './fuzz-seeds.js'

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

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const plain = (...texts: readonly string[]): readonly Seed[] =>
  texts.map((text) => ({ bytes: encoder.encode(text), fields: [] }))

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

const LSPCI = `00:00.0 Host bridge: Red Hat, Inc. QEMU PCIe Host bridge
\tSubsystem: Red Hat, Inc. Device 1100
\tKernel driver in use: none
00: 36 1b 08 00 00 00 00 00 00 00 00 06 00 00 00 00
10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 f4 1a 00 11
30: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00

`

/** One specimen of every kind of text that people paste. */
const PASTED: Readonly<Record<string, string>> = {
  'lspci -vvvx': LSPCI,
  'lspci -vvv':
    '00:1b.0 PCI bridge: Intel Root Port (rev f0) (prog-if 00 [Normal decode])\n\tControl: I/O+ Mem+ BusMaster+\n\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n\tCapabilities: [140 v1] Access Control Services\n\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-\n\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-\n\tKernel driver in use: pcieport\n\n01:00.0 Ethernet controller [0200]: Intel X710 [8086:1572] (rev 02)\n\tFlags: bus master, fast devsel, latency 0, IRQ 16, IOMMU group 2\n',
  'lspci -vmm':
    'Slot:\t01:00.0\nClass:\tVGA compatible controller [0300]\nVendor:\tNVIDIA [10de]\nDevice:\tX [1db6]\nRev:\ta1\nIOMMUGroup:\t4\n\n',
  'lspci -m': '00:00.0 "Host bridge [0600]" "Intel [8086]" "Device [0d57]" -r07 "" ""\n',
  'lspci -t':
    '-[0000:00]-+-00.0\n           +-01.0-[01]--+-00.0\n           |            \\-00.1\n           \\-1c.0-[02-03]----00.0\n',
  'IOMMU groups':
    'IOMMU Group 1:\n\t00:01.0 PCI bridge [0604]: Intel [8086:1901] (rev 07)\nIOMMU group 2:\t[8086:1912] 00:02.0 VGA\n/sys/kernel/iommu_groups/3/devices/0000:00:03.0\nIOMMU Group 4 00:04.0 X: Y\n',
  'kernel log':
    '[    0.000000] Linux version 6.1.0-13-amd64 (x@y) #1\n[    0.1] DMAR-IR: Enabled IRQ remapping in x2apic mode\n[    1.0] pci 0000:01:00.0: Adding to iommu group 1\n[    1.1] pci 0000:01:00.0: [8086:1572] type 00 class 0x020000\n[    1.2] pci 0000:00:01.0: PCI bridge to [bus 01]\n',
  '/proc/interrupts':
    '           CPU0       CPU1\n 24:          1          0  IR-PCI-MSI 524288-edge      nvme0q0\n 25: 7 0 IR-PCI-MSIX-0000:01:00.0   0-edge      eth0\nNMI:          0          0   Non-maskable interrupts\n',
  configuration: '# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_IRQ_REMAP=y\n# CONFIG_VFIO_NOIOMMU is not set\n',
  'command line':
    '$ cat /proc/cmdline\nBOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet intel_iommu=on\nLinux h 6.1.0-13-amd64 #1 SMP x86_64 GNU/Linux\n',
  nodedev:
    "<device>\n<driver>\n<name>vfio-pci</name>\n</driver>\n<capability type='pci'>\n<class>0x030000</class>\n<domain>0</domain>\n<bus>1</bus>\n<slot>0</slot>\n<function>0</function>\n<product id='0x1db6'>x</product>\n<vendor id='0x10de'>y</vendor>\n<iommuGroup number='1'>\n<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\n</iommuGroup>\n</capability>\n</device>\n",
  hexdump:
    '0000000 5649 5352 0030 0000 9e02 4d41 2044 0020\n*\n0000020 6d41 5464 6261 656c 0001 0000 4d41 2044\n0000030\n',
  xxd: '00000000: 4956 5253 3000 0000 029e 414d 4420 2000  IVRS0.....AMD  .\n',
}

/** Every kind of text by itself, through the recogniser and to the machine that it tells of. */
function pastedTexts(): readonly FuzzTarget[] {
  return Object.entries(PASTED).map(([name, content]) => ({
    name: `pasted ${name}`,
    kind: 'text' as const,
    seeds: plain(content),
    parse: (bytes: Uint8Array, budget: Budget) => {
      if (!takesText(bytes, budget)) return 'too large'
      const machine = new ToldMachine()
      const found = new TextEvidence(machine, 'fuzz').read(bytes)
      const told = openTold(machine, { kind: 'bundle', name: 'fuzz' })
      return [recognise(bytes).kind, found, told.list('sys/bus/pci/devices'), told.list('sys/kernel/iommu_groups')]
    },
    weight: 0.5,
  }))
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
      parse: (bytes) => decodeConfigurationSpace(bytes, 'config'),
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
