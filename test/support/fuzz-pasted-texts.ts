import type { Budget } from '../../src/budget/budget.js'
import { takesText } from '../../src/budget/text.js'
import { recognise } from '../../src/inputs/recognise.js'
import { openTold } from '../../src/inputs/told-sysroot.js'
import { TextEvidence } from '../../src/inputs/texts/text-evidence.js'
import { ToldMachine } from '../../src/inputs/texts/told-machine.js'
import { plain } from './fuzz-seeds.js'
import type { FuzzTarget } from './fuzz-targets.js'

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
  'pvesh hardware/pci':
    '\u250c\u2500\u2500\u2500\u2500\u2510\n\u2502 class    \u2502 device \u2502 id           \u2502 iommugroup \u2502 vendor \u2502\n\u255e\u2550\u2550\u2550\u2550\u2561\n\u2502 0x030000 \u2502 0x1db6 \u2502 0000:01:00.0 \u2502          1 \u2502 0x10de \u2502\n\u2502 0x060400 \u2502 0x1901 \u2502 0000:00:01.0 \u2502         -1 \u2502 0x8086 \u2502\n\u2514\u2500\u2500\u2500\u2500\u2518\n',
  hexdump:
    '0000000 5649 5352 0030 0000 9e02 4d41 2044 0020\n*\n0000020 6d41 5464 6261 656c 0001 0000 4d41 2044\n0000030\n',
  xxd: '00000000: 4956 5253 3000 0000 029e 414d 4420 2000  IVRS0.....AMD  .\n',
}

/** Every kind of text by itself, through the recogniser and to the machine that it tells of. */
export function pastedTexts(): readonly FuzzTarget[] {
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
