import { describe, expect, test } from 'vitest'
import { recognise, RECOGNISED_WITHIN } from '../../../src/inputs/recognise.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { mangles, readText as read, valueOf } from '../../support/mangled-texts.js'

const LSPCI_NNK = `00:00.0 Host bridge [0600]: Intel Corporation 8th Gen Core [8086:3ec2] (rev 07)
	Subsystem: ASUSTeK Computer Inc. Device [1043:8694]
	Kernel driver in use: skl_uncore
00:01.0 PCI bridge [0604]: Intel Corporation 6th-10th Gen Core PCIe Controller (x16) [8086:1901] (rev 07)
	Kernel driver in use: pcieport
01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [GeForce GTX 1080] [10de:1b80] (rev a1)
	Subsystem: eVga.com. Corp. Device [3842:6183]
	Kernel driver in use: vfio-pci
	Kernel modules: nvidiafb, nouveau
01:00.1 Audio device [0403]: NVIDIA Corporation GP104 High Definition Audio Controller [10de:10f0] (rev a1)
	Subsystem: eVga.com. Corp. Device [3842:6183]
	Kernel modules: snd_hda_intel
`
const LSPCI_N = `00:00.0 0600: 8086:3ec2 (rev 07)
00:01.0 0604: 8086:1901 (rev 07)
01:00.0 0300: 10de:1b80 (rev a1)
01:00.1 0403: 10de:10f0 (rev a1)
`
const LSPCI_M = `00:00.0 "Host bridge [0600]" "Intel Corporation [8086]" "8th Gen Core [3ec2]" -r07 "ASUSTeK [1043]" "Device [8694]"
00:01.0 "PCI bridge [0604]" "Intel Corporation [8086]" "PCIe Controller (x16) [1901]" -r07 "" ""
01:00.0 "VGA compatible controller [0300]" "NVIDIA Corporation [10de]" "GP104 [1b80]" -ra1 "eVga.com. Corp. [3842]" "Device [6183]"
01:00.1 "Audio device [0403]" "NVIDIA Corporation [10de]" "GP104 HDA [10f0]" -ra1 "eVga.com. Corp. [3842]" "Device [6183]"
`
const LSPCI_VMM = `Slot:	00:00.0
Class:	Host bridge [0600]
Vendor:	Intel Corporation [8086]
Device:	8th Gen Core [3ec2]
Rev:	07

Slot:	00:01.0
Class:	PCI bridge [0604]
Vendor:	Intel Corporation [8086]
Device:	PCIe Controller (x16) [1901]
Rev:	07
Driver:	pcieport

Slot:	01:00.0
Class:	VGA compatible controller [0300]
Vendor:	NVIDIA Corporation [10de]
Device:	GP104 [1b80]
Rev:	a1
Driver:	vfio-pci

Slot:	01:00.1
Class:	Audio device [0403]
Vendor:	NVIDIA Corporation [10de]
Device:	GP104 HDA [10f0]
Rev:	a1
`
const NAMES = ['0000:00:00.0', '0000:00:01.0', '0000:01:00.0', '0000:01:00.1']
const IDS = [0x3ec2, 0x1901, 0x1b80, 0x10f0]
const GROUPS = {
  'the loop of wikis': `IOMMU Group 0:
	00:00.0 Host bridge [0600]: Intel Corporation 8th Gen Core [8086:3ec2] (rev 07)
IOMMU Group 1:
	00:01.0 PCI bridge [0604]: Intel Corporation PCIe Controller (x16) [8086:1901] (rev 07)
	01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [10de:1b80] (rev a1)
	01:00.1 Audio device [0403]: NVIDIA Corporation GP104 HDA [10de:10f0] (rev a1)
`,
  'a member a line': `IOMMU Group 0 00:00.0 Host bridge [0600]: Intel Corporation 8th Gen Core [8086:3ec2] (rev 07)
IOMMU Group 1 00:01.0 PCI bridge [0604]: Intel Corporation PCIe Controller (x16) [8086:1901] (rev 07)
IOMMU Group 1 01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [10de:1b80] (rev a1)
IOMMU Group 1 01:00.1 Audio device [0403]: NVIDIA Corporation GP104 HDA [10de:10f0] (rev a1)
`,
  'ids first, members in columns': `IOMMU group 0:	[8086:3ec2] 00:00.0 Host bridge: Intel Corporation 8th Gen Core (rev 07)
IOMMU group 1:	[8086:1901] 00:01.0 PCI bridge: Intel Corporation PCIe Controller (x16) (rev 07)
		[10de:1b80] 01:00.0 VGA compatible controller: NVIDIA Corporation GP104 (rev a1)
		[10de:10f0] 01:00.1 Audio device: NVIDIA Corporation GP104 HDA (rev a1)
`,
  'reset marks': `Group 0:	[8086:3ec2]     00:00.0  Host bridge   8th Gen Core
Group 1:	[8086:1901] [R] 00:01.0  PCI bridge    PCIe Controller (x16)
		[10de:1b80] [R] 01:00.0  VGA compatible controller   GP104
		[10de:10f0]     01:00.1  Audio device   GP104 HDA
`,
  find: `/sys/kernel/iommu_groups/0/devices/0000:00:00.0
/sys/kernel/iommu_groups/1/devices/0000:00:01.0
/sys/kernel/iommu_groups/1/devices/0000:01:00.0
/sys/kernel/iommu_groups/1/devices/0000:01:00.1
`,
  'ls -l of the links': `lrwxrwxrwx 1 root root 0 Nov  1 10:00 /sys/bus/pci/devices/0000:00:00.0/iommu_group -> ../../../kernel/iommu_groups/0
lrwxrwxrwx 1 root root 0 Nov  1 10:00 /sys/bus/pci/devices/0000:00:01.0/iommu_group -> ../../../kernel/iommu_groups/1
lrwxrwxrwx 1 root root 0 Nov  1 10:00 /sys/bus/pci/devices/0000:01:00.0/iommu_group -> ../../../../kernel/iommu_groups/1
lrwxrwxrwx 1 root root 0 Nov  1 10:00 /sys/bus/pci/devices/0000:01:00.1/iommu_group -> ../../../../kernel/iommu_groups/1
`,
  'ls of the directories': `/sys/kernel/iommu_groups/0/devices:
0000:00:00.0

/sys/kernel/iommu_groups/1/devices:
0000:00:01.0  0000:01:00.0  0000:01:00.1
`,
  'the log': `[    0.500000] pci 0000:00:00.0: Adding to iommu group 0
[    0.500001] pci 0000:00:01.0: Adding to iommu group 1
[    0.500002] pci 0000:01:00.0: Adding to iommu group 1
[    0.500003] pci 0000:01:00.1: Adding to iommu group 1
`,
}
const LOG = `[    0.000000] Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP
[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz-6.1.0-13-amd64 root=UUID=1 ro quiet intel_iommu=on
[    0.100000] DMAR-IR: Enabled IRQ remapping in x2apic mode
`
const INTERRUPTS = `            CPU0       CPU1
   0:         36          0  IR-IO-APIC    2-edge      timer
 126:          0       1234  IR-PCI-MSI 524288-edge      nvidia
 NMI:          0          0   Non-maskable interrupts
`

function functionsOf(bytes: Uint8Array) {
  const { functions } = probeMachine(read(bytes).sysroot)
  return functions.state === 'known' ? functions.value : []
}

describe.each([
  ['lspci -nnk', LSPCI_NNK],
  ['lspci -n', LSPCI_N],
  ['lspci -nnm', LSPCI_M],
  ['lspci -nnvmm', LSPCI_VMM],
])('%s', (_, text) => {
  test.each(mangles)('%s', (how, mangle) => {
    const functions = functionsOf(mangle(text))
    expect(functions.map(({ name }) => name)).toEqual(NAMES)
    expect(functions.map(({ device }) => valueOf(device))).toEqual(IDS)
    expect(recognise(mangle(text)).kind).toBe('text')
    expect(how).not.toBe('')
  })

  test('cut anywhere it tells of no function that is not there', () => {
    for (let length = 1; length < text.length; length += 17) {
      for (const { name, device } of functionsOf(Buffer.from(text.slice(0, length)))) {
        expect(NAMES).toContain(name)
        if (device.state === 'known') expect(device.value).toBe(IDS[NAMES.indexOf(name)])
      }
    }
  })
})

test('a driver is known by its line, and its lack by what follows', () => {
  const drivers = functionsOf(Buffer.from(`${LSPCI_NNK}\n`)).map(({ driver }) => valueOf(driver))
  expect(drivers).toEqual(['skl_uncore', 'pcieport', 'vfio-pci', 'absent'])
  // Without an end the line may just have been cut.
  expect(
    functionsOf(Buffer.from(LSPCI_NNK.trimEnd()))
      .map(({ driver }) => valueOf(driver))
      .at(-1),
  ).toBe('unreadable')
})

describe.each(Object.entries(GROUPS))('groups from %s', (_, text) => {
  test.each(mangles)('%s', (how, mangle) => {
    const functions = functionsOf(mangle(text))
    expect(functions.map(({ name, iommuGroup }) => [name, valueOf(iommuGroup)])).toEqual(
      NAMES.map((name, index) => [name, index === 0 ? '0' : '1']),
    )
    expect(how).not.toBe('')
  })
})

describe('a whole post', () => {
  const loop = GROUPS['the loop of wikis']
  const post = `Hello,\nmy GPU does not pass through. lspci:\n\n${LSPCI_NNK}\n$ dmesg | grep -e DMAR\n${LOG}\n$ cat /proc/interrupts\n${INTERRUPTS}\nand the groups:\n${loop}\nAny help?\n`

  test.each(mangles)('%s is taken apart', (how, mangle) => {
    const { found, sysroot } = read(mangle(post))
    expect(found.map(({ kind }) => kind)).toEqual(['lspci', 'IOMMU groups', 'dmesg', '/proc/interrupts'])
    const machine = probeMachine(sysroot)
    expect(valueOf(machine.kernel.release)).toBe('6.1.0-13-amd64')
    expect(valueOf(machine.kernel.architecture)).toBe('x86_64')
    expect(valueOf(machine.groups)).toHaveLength(2)
    expect(
      machine.kernel.commandLine.state === 'known' && machine.kernel.commandLine.value.includes('intel_iommu=on'),
    ).toBe(true)
    expect(machine.interrupts.procInterrupts.state).toBe('known')
    expect(how).not.toBe('')
  })

  test('has its verdict lowered to unknown by what it leaves out', () => {
    const report = buildReport(probeMachine(read(Buffer.from(post)).sysroot))
    expect(report.summary.verdict).toBe('unknown')
    expect(report.groups.find(({ id }) => id === '1')?.devices).toEqual(NAMES.slice(1))
  })

  test('with remapping off in the log is decided', () => {
    const off = post.replace(
      'DMAR-IR: Enabled IRQ remapping in x2apic mode',
      'DMAR-IR: Failed to enable irq remapping.  You are vulnerable to irq-injection attacks.',
    )
    expect(buildReport(probeMachine(read(Buffer.from(off)).sysroot)).summary.verdict).toBe('not-isolated')
  })
})

test('texts without a blank between them are kept apart, whatever comes first', () => {
  const dump = '01:00.0 VGA: X\n00: de 10 80 1b 07 04 10 00 a1 00 00 03 10 00 80 00\n'
  const heading = INTERRUPTS.replace('CPU0', '        CPU0')
  for (const text of [`${LSPCI_NNK}${heading}`, `${heading}${LSPCI_NNK}${dump}`]) {
    const machine = probeMachine(read(Buffer.from(text)).sysroot)
    expect(valueOf(machine.interrupts.procInterrupts)).toHaveLength(2)
    expect(valueOf(machine.functions)).toHaveLength(4)
  }
})

test('two texts that contradict each other lower the fact', () => {
  const functions = functionsOf(Buffer.from(`${LSPCI_NNK}\n${LSPCI_N.replace('10de:1b80', '10de:1b81')}`))
  expect(valueOf(functions[2]?.device ?? { state: 'none' })).toBe('unreadable')
})

describe('the recogniser', () => {
  const filler = 'nothing to see here\n'.repeat(RECOGNISED_WITHIN / 20 + 1)

  test('looks at the first 64 KiB and no more', () => {
    expect(recognise(Buffer.from(filler.slice(0, 1000) + LSPCI_NNK)).kind).toBe('text')
    expect(recognise(Buffer.from(filler + LSPCI_NNK)).kind).toBe('unknown')
    const touched: number[] = []
    const watched = new Proxy(Buffer.from(LSPCI_NNK + filler + filler), {
      get: (target, key) => {
        if (key === 'subarray') {
          return (from = 0, to = target.length) => {
            touched.push(to)
            return target.subarray(from, to)
          }
        }
        const value: unknown = Reflect.get(target, key)
        return value
      },
    })
    expect(recognise(watched).kind).toBe('text')
    expect(touched).toEqual([RECOGNISED_WITHIN])
  })

  test.each([
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz -dc'],
    [[0x42, 0x5a, 0x68, 0x39], 'bzip2 -dc'],
    [[0x50, 0x4b, 0x03, 0x04], 'unzip'],
  ])('names the command for %j', (magic, command) => {
    const found = recognise(Uint8Array.from([...magic, 0, 0, 0, 0]))
    expect(found.kind === 'refused' && found.hint.startsWith(command)).toBe(true)
  })

  test('refuses what is nothing', () => {
    expect(recognise(new Uint8Array(0)).kind).toBe('unknown')
    expect(recognise(Buffer.from('just prose, and more of it\n')).kind).toBe('unknown')
    expect(recognise(Uint8Array.from({ length: 300 }, (_, at) => (at * 7) % 256)).kind).toBe('unknown')
  })
})
