import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { answerSentence } from '../../../src/render/probe/answer-sentence.js'
import { indexed } from '../../../src/render/report-index.js'
import { actionsOf } from '../../../src/render/sections/steps-section.js'
import { buildReport } from '../../../src/report/probe/build.js'
import type { Report } from '../../../src/report/types.js'
import { readText } from '../../support/mangled-texts.js'

const LISTING = `01:00.0 Ethernet controller [0200]: Intel Corporation I350 [8086:1521] (rev 01)
	Kernel driver in use: igb
	Kernel modules: igb

`
const stamped = (messages: readonly string[]) =>
  messages.map((message, at) => `[    0.${String(at).padStart(6, '0')}] ${message}\n`).join('')
/** A boot with remapping, whose units all can and whose function has a group. */
const REMAPPED = stamped([
  'Linux version 6.8.0-45-generic (build@host) (gcc 13) #45-Ubuntu SMP',
  'Command line: BOOT_IMAGE=/vmlinuz ro intel_iommu=on',
  'DMAR: DRHD base: 0x0000009d7fc000 flags: 0x1',
  'DMAR: dmar0: reg_base_addr 9d7fc000 ver 1:0 cap 8d2078c106f0466 ecap f020df',
  'DMAR-IR: Enabled IRQ remapping in x2apic mode',
  'pci 0000:01:00.0: Adding to iommu group 2',
])
/** Every function of s390 is on a root bus of its own. */
const onRootBus = (text: string) => text.replaceAll('01:00.0', '00:00.0')
const ON_HYPER_V = stamped([
  'Linux version 6.1.0-28-cloud-amd64 (build@host) (gcc 12) #1 SMP',
  'Command line: BOOT_IMAGE=/vmlinuz ro',
  'DMI: Microsoft Corporation Virtual Machine/Virtual Machine, BIOS Hyper-V UEFI Release v4.1 05/13/2024',
  'Hypervisor detected: Microsoft Hyper-V',
])
const ON_S390 = stamped([
  'Linux version 6.8.0-41-generic (build@host) (gcc 13) #41-Ubuntu SMP',
  'setup.289988: Linux is running natively in 64-bit mode',
  'Kernel command line: root=/dev/dasda1',
])
const NO_GROUPS = '$ find /sys/kernel/iommu_groups -type l\n$ cat /proc/version\n'
const GROUP = '$ find /sys/kernel/iommu_groups -type l\n/sys/kernel/iommu_groups/2/devices/0000:01:00.0\n$ cat x\n'
const S390_JOINED = stamped(['zpci: PCI support enabled', 'pci 0000:01:00.0: Adding to iommu group 2'])

/** A report about texts that somebody gave by name. */
function reportOf(text: string): Report {
  const machine = probeMachine(readText(Buffer.from(text)).sysroot)
  return buildReport({ ...machine, origin: { ...machine.origin, inputs: [] } })
}
const deviceOf = ({ devices: [device] }: Report) => [device?.verdict, device?.reason]
const firstStep = (report: Report) => actionsOf(indexed(report))[0]?.text

describe('what is missing is named, in the first sentence and in the first step', () => {
  test.each<readonly [string, string, string, string]>([
    ['remapping by the log', REMAPPED, 'the interrupts in use', 'cat /proc/interrupts'],
    ['a guest of Hyper-V', ON_HYPER_V, 'the IOMMU groups', 'find /sys/kernel/iommu_groups -type l'],
    ['s390x', ON_S390, 'the IOMMU groups', 'find /sys/kernel/iommu_groups -type l'],
    ['s390x by lines of zPCI alone, with a group', S390_JOINED, 'the kernel command line', 'cat /proc/cmdline'],
  ])('%s', (_, text, what, command) => {
    const report = reportOf(LISTING + text)
    expect(deviceOf(report)).toEqual(['unknown', 'unreadable'])
    expect(answerSentence(indexed(report)).text).toContain(`(nobody gave ${what}, which would tell most)`)
    expect(firstStep(report)).toContain(`Add ${what} to the evidence (\`${command}\`)`)
    expect(report.nextPiece).toMatchObject({ command })
  })

  // K: arch/s390/include/asm/msi.h, arch_is_isolated_msi; drivers/iommu/s390-iommu.c.
  test('with it s390x is judged: by its constant, whatever its interrupts in use are called', () => {
    expect(deviceOf(reportOf(onRootBus(LISTING + ON_S390 + S390_JOINED)))).toEqual([
      'isolated-with-caveats',
      'architecture-constant',
    ])
    // A group that nobody shows an IOMMU's driver make may be one of the no-IOMMU mode.
    const report = reportOf(onRootBus(LISTING + ON_S390 + GROUP))
    expect(deviceOf(report)).toEqual(['unknown', 'unreadable'])
    expect(firstStep(report)).toContain('Take a capture on the machine itself')
  })

  test('with it a guest of Hyper-V without groups has no IOMMU before its function', () => {
    const report = reportOf(LISTING + ON_HYPER_V + NO_GROUPS)
    expect(deviceOf(report)).toEqual(['not-isolated', 'iommu-not-probed'])
    expect(firstStep(report)).toContain('The hypervisor provides the IOMMU')
  })

  test('where Hyper-V decides and all was given that tells of it, nobody is asked for more', () => {
    const report = reportOf(LISTING + ON_HYPER_V + GROUP)
    expect(report.nextPiece).toBe('none')
    expect(
      actionsOf(indexed(report))
        .map(({ text }) => text)
        .join(' '),
    ).not.toMatch(/evidence|capture/)
  })
})

describe('a list without names, seen from one prompt to the next', () => {
  const LISTED = LISTING + REMAPPED.replace(/.*Adding to iommu group.*\n/, '')
  test.each<readonly [string, string, boolean]>([
    ['ls', '$ ls /sys/class/iommu\n$ cat x\n', true],
    ['ls as root, with an end', '$ sudo ls /sys/class/iommu/\nuser@host:~$ \n', true],
    ['ls -l', '$ ls -l /sys/class/iommu\ntotal 0\n$ cat x\n', true],
    [
      'a kernel without the class',
      "$ ls /sys/class/iommu\nls: cannot access '/sys/class/iommu': No such file or directory\n",
      true,
    ],
    ['names', '$ ls /sys/class/iommu\ndmar0  dmar1\n$ cat x\n', false],
    ['names of which a reader of groups takes lines', `$ ls /sys/class/iommu\n${GROUP.slice(2)}`, false],
    [
      'no permission',
      "$ ls /sys/class/iommu\nls: cannot open directory '/sys/class/iommu': Permission denied\n$ ls\n",
      false,
    ],
    [
      'a dump of tables that follows without a prompt',
      '$ ls /sys/class/iommu\nDMAR @ 0x0000000000000000\n$ cat x\n',
      false,
    ],
    ['no end', '$ ls /sys/class/iommu\n', false],
    ['another directory', '$ ls /sys/class/iommu/dmar0/devices\n$ cat x\n', false],
  ])('of IOMMUs: %s', (_, text, isNone) => {
    const machine = probeMachine(readText(Buffer.from(LISTED + text)).sysroot)
    expect(machine.iommus).toMatchObject(isNone ? { state: 'known', value: [] } : { state: 'unreadable' })
  })

  test('of groups, as ls -l prints it', () => {
    const machine = probeMachine(
      readText(Buffer.from(`${LISTED}$ ls -l /sys/kernel/iommu_groups\ntotal 0\n$ cat x\n`)).sysroot,
    )
    expect(machine.groups).toMatchObject({ state: 'known', value: [] })
  })

  test('alone it is a text that is known', () => {
    expect(readText(Buffer.from(NO_GROUPS)).found.map(({ kind }) => kind)).toEqual(['IOMMU groups'])
  })
})
