import { describe, expect, test } from 'vitest'
import { recognise } from '../../../src/inputs/recognise.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { refusalsOf } from '../../../src/report/probe/refusals.js'
import { readText } from '../../support/mangled-texts.js'

const reportOf = (post: string) => buildReport(probeMachine(readText(Buffer.from(post)).sysroot))
const deviceOf = (post: string, address: string) => {
  const found = reportOf(post).devices.find((device) => device.address === address)
  if (!found) throw new Error(`${address} is not there`)
  return found
}
const groupOf = (post: string, address: string) => deviceOf(post, address).iommuGroup

describe('what QEMU and the kernel say as they refuse names the function', () => {
  test.each([
    ['vfio 0000:08:00.0: no iommu_group found: No such file or directory', '0000:08:00.0', 'unknown'],
    ['vfio error: 0000:08:00.0: group 8 is not viable', '0000:08:00.0', '8'],
    ['-device vfio-pci,host=08:00.0: vfio 0000:08:00.0: group 8 is not viable', '0000:08:00.0', '8'],
    [
      '[   26.895721] vfio-pci 0001:01:00.0: probe with driver vfio-pci failed with error -22',
      '0001:01:00.0',
      'unknown',
    ],
    ['[   26.895721] vfio-pci: probe of 0001:01:00.0 failed with error -22', '0001:01:00.0', 'unknown'],
    [
      'vfio-pci 0000:03:00.0: Firmware has requested this device have a 1:1 IOMMU mapping, rejecting configuring',
      '0000:03:00.0',
      'unknown',
    ],
    ['Jun 20 11:02:31 host QEMU[4403]: kvm: vfio 0000:01:00.0: group 1 is not viable', '0000:01:00.0', '1'],
    [
      'Error: bind failed for 0000:18:00.0 - Cannot bind to driver vfio-pci: [Errno 19] No such device',
      '0000:18:00.0',
      'unknown',
    ],
    [
      'vfio 0000:01:00.0: failed to setup container for group 1: Failed to set iommu for container: Operation not permitted',
      '0000:01:00.0',
      '1',
    ],
    ['EAL:   0000:82:00.0 failed to select IOMMU type', '0000:82:00.0', 'unknown'],
    [
      'EAL: 0000:44:00.3 VFIO group is not viable! Not all devices in IOMMU group bound to VFIO or unbound',
      '0000:44:00.3',
      'unknown',
    ],
  ])('%s', (line, address, group) => {
    for (const post of [`${line}\n`, `I get this:\n\`${line}\`\nHelp!\n`]) {
      expect(recognise(Buffer.from(post)).kind).toBe('text')
      expect(groupOf(post, address)).toBe(group)
    }
  })

  test('and is told with what it means', () => {
    const post = Buffer.from('qemu: vfio 0000:08:00.0: group 8 is not viable\n')
    const refusals = refusalsOf(probeMachine(readText(post).sysroot))
    expect(refusals.map(({ line, says }) => [line, says.slice(0, 39)])).toEqual([
      ['group 8 is not viable', 'Another member of the IOMMU group is bo'],
    ])
  })
})

describe('a log by itself', () => {
  const OFF = `[    0.083174] DMAR-IR: [Firmware Bug]: ioapic 0 has no mapping iommu, interrupt remapping will be disabled
[    0.083184] DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.
`
  test('without remapping condemns the machine, with the cause, and is no verdict', () => {
    const { findings, summary, exitCode } = reportOf(OFF)
    expect([summary.verdict, exitCode]).toEqual(['unknown', 3])
    const [found] = findings.filter(({ rule }) => rule === 'IR010')
    expect(found?.summary).toContain('IO-APIC 0 of the MADT')
    expect(found?.actor).toBe('firmware')
  })
  test.each([
    ['with remapping', '[    0.1] DMAR-IR: Enabled IRQ remapping in x2apic mode\n'],
    ['that says nothing of it', '[    0.1] DMAR: IOMMU enabled\n[    0.2] DMAR: No ATSR found\n'],
  ])('%s does not', (_, log) => {
    expect(reportOf(log).findings.filter(({ rule }) => rule === 'IR010')).toEqual([])
  })
  test('is known by the stamps of its lines, also as a difference', () => {
    const log = '```diff\n+[    0.536212] ABC: nothing\n+[    0.536229] DEF: at all\n```\n'
    expect(readText(Buffer.from(log)).found.map(({ kind, used }) => [kind, used])).toEqual([['dmesg', 0]])
  })
  test('gives the class of a function only where no listing does', () => {
    const log = '[    1.6] pci 0000:01:00.0: [1ac1:089a] type 00 class 0x0000ff\n'
    const listing = '01:00.0 System peripheral [0880]: Device [1ac1:089a] (prog-if ff)\n'
    expect(deviceOf(log, '0000:01:00.0').classCode).toBe('0x0000ff')
    expect(deviceOf(`${log}${listing}`, '0000:01:00.0').classCode).toBe('0x088000')
    expect(deviceOf(`${listing}${log}`, '0000:01:00.0').classCode).toBe('0x088000')
  })
})

describe('commands at a prompt', () => {
  const LSPCI = `0001:00:00.0 PCI bridge: Broadcom Inc. BCM2712 PCIe Bridge (rev 30)
0001:01:00.0 Ethernet controller: Intel Corporation I350 (rev 01)

`
  const FIND = `user@pi:~$ sudo find /sys/kernel/iommu_groups/ -type l
/sys/kernel/iommu_groups/1/devices/107c580000.hvs
/sys/kernel/iommu_groups/1/devices/axi:gpu
`
  test('that list all groups show which functions have none', () => {
    expect(groupOf(`${LSPCI}${FIND}user@pi:~$ \n`, '0001:01:00.0')).toBe('none')
    expect(deviceOf(`${LSPCI}${FIND}\n`, '0001:01:00.0').verdict).toBe('not-isolated')
    const none = 'user@pi:~$ ls /sys/kernel/iommu_groups/\nuser@pi:~$ uname -r\n'
    expect(groupOf(`${LSPCI}${none}`, '0001:01:00.0')).toBe('none')
    const missing =
      "user@pi:~$ ls /sys/kernel/iommu_groups\nls: cannot access '/sys/kernel/iommu_groups': No such file or directory\n"
    expect(groupOf(`${LSPCI}${missing}`, '0001:01:00.0')).toBe('none')
  })
  const LOOP = `user@pi:~$ for g in $(find /sys/kernel/iommu_groups/* -maxdepth 0 -type d); do echo "IOMMU Group \${g##*/}:"; ls $g/devices; done
IOMMU Group 0:
fdd90000.vop

IOMMU Group 1:
0002:01:00.0
`
  test('so does the loop that goes round, up to the next prompt', () => {
    expect(groupOf(`${LSPCI}${LOOP}user@pi:~$ \n`, '0001:01:00.0')).toBe('none')
    expect(groupOf(`${LSPCI}${LOOP}user@pi:~$ uname -r\n`, '0001:01:00.0')).toBe('none')
    expect(groupOf(`${LSPCI}${LOOP}\nand so on\n`, '0001:01:00.0')).toBe('unknown')
  })
  test.each([
    ['were cut', FIND],
    ['were searched', FIND.replace('-type l', '-type l | grep hvs').concat('\n')],
    ['were not shown', 'user@pi:~$ find /sys/kernel/iommu_groups -type l\n\nand that shows nothing I know\n'],
  ])('do not where they %s', (_, text) => {
    expect(groupOf(`${LSPCI}${text}`, '0001:01:00.0')).toBe('unknown')
  })
  test.each(['...', '[...]', '\u2026', '<snip>', '[ output truncated ]', 'and so on'])(
    'nor does a loop with "%s" in it',
    (cut) => {
      const text = LOOP.replace('IOMMU Group 1:', `${cut}\nIOMMU Group 1:`)
      expect(groupOf(`${LSPCI}${text}user@pi:~$ \n`, '0001:01:00.0')).toBe('unknown')
    },
  )
  test.each([
    ['searches', LOOP.replace('ls $g/devices;', 'ls $g/devices | grep 0002;')],
    ['goes round some', LOOP.replace('iommu_groups/*', 'iommu_groups/*/devices/0002*')],
  ])('nor does a loop that %s', (_, text) => {
    expect(groupOf(`${LSPCI}${text}user@pi:~$ \n`, '0001:01:00.0')).toBe('unknown')
  })
  test('members in columns are all members, those of the platform among them', () => {
    const text = LOOP.replace('0002:01:00.0', '0001:00:00.0  0001:01:00.0  fdd90000.vop')
    expect(reportOf(`${LSPCI}${text}user@pi:~$ \n`).groups.find(({ id }) => id === '1')?.devices).toEqual([
      '0001:00:00.0',
      '0001:01:00.0',
      'fdd90000.vop',
    ])
  })
  test.each([
    ['below a heading', 'IOMMU Group 1:\n0000:00:01.0\n[...]\n'],
    ['among paths', '/sys/kernel/iommu_groups/1/devices/0000:00:01.0\n...\n'],
    ['before it', '...\n/sys/kernel/iommu_groups/1/devices/0000:00:01.0\n'],
  ])('a group is not whole where lines were left out %s', (_, text) => {
    const devices = 'sys/kernel/iommu_groups/1/devices'
    expect(readText(Buffer.from(text)).sysroot.list(devices)).toEqual({ state: 'unreadable', reason: 'malformed' })
    const whole = text.replace(/^\W+\n/m, '')
    expect(readText(Buffer.from(whole)).sysroot.list(devices)).toEqual({ state: 'known', value: ['0000:00:01.0'] })
  })
  test('a group is whole where words begin with dots, or lines of something else were left out', () => {
    const list = '/sys/kernel/iommu_groups/1/devices/0000:00:01.0\n'
    for (const text of [`...and here it is:\n${list}`, `${list}...which is all\n`, `${list}\n00:01.0 A: B\n\n[...]\n`])
      expect(readText(Buffer.from(text)).sysroot.list('sys/kernel/iommu_groups/1/devices').state).toBe('known')
  })
  test('no group at all says nothing where Xen may own the IOMMU', () => {
    const text = `${LSPCI}user@host:~$ ls /sys/kernel/iommu_groups/\nuser@host:~$ uname -r\n`
    expect(deviceOf(text, '0001:01:00.0').verdict).toBe('unknown')
  })
  test('that list one group name its members', () => {
    const long = `me@host:~$ ls -la /sys/kernel/iommu_groups/15/devices/
total 0
drwxr-xr-x 2 root root 0 Jun 21 19:40 .
drwxr-xr-x 3 root root 0 Jun 21 19:40 ..
lrwxrwxrwx 1 root root 0 Jun 21 19:40 0000:04:00.0 -> ../../../../devices/pci0000:00/0000:00:02.1/0000:04:00.0
lrwxrwxrwx 1 root root 0 Jun 21 19:40 0000:05:00.0 -> ../../../../devices/pci0000:00/0000:00:02.1/0000:05:00.0
`
    expect(reportOf(long).groups.map(({ id, devices }) => [id, devices])).toEqual([
      ['15', ['0000:04:00.0', '0000:05:00.0']],
    ])
    const short = '$ ls /sys/kernel/iommu_groups/6/devices/\n0000:86:00.0  0000:86:00.1\n'
    expect(groupOf(short, '0000:86:00.1')).toBe('6')
  })
})

describe('rows of /proc/interrupts without the heading', () => {
  const ROWS = ` 181:          0         12   ITS-PCI-MSI-0004:00:00.0   0 Edge      PCIe PME
 182:          0          0   ITS-PCI-MSI-0004:01:00.0   0 Edge      mhi
`
  test('are read', () => {
    const { interrupts } = probeMachine(readText(Buffer.from(`$ grep MSI /proc/interrupts\n${ROWS}`)).sysroot)
    const { procInterrupts } = interrupts
    if (procInterrupts.state !== 'known') throw new Error(procInterrupts.state)
    expect(procInterrupts.value.map(({ irq }) => irq)).toEqual([181, 182])
  })
  test('of a dump of configuration space are none', () => {
    const dump = '01:00.0 VGA: X\n00: de 10 80 1b 07 04 10 00 a1 00 00 03 10 00 80 00\n10: 00 00 00 00 07 04 10 00\n'
    expect(readText(Buffer.from(dump)).found.map(({ kind }) => kind)).toEqual(['lspci'])
  })
})

describe('the host bridge tells an architecture', () => {
  const bridge = (ids: string) =>
    `\`00:00.0 Host bridge [0600]: Some Company Bridge [${ids}] (rev 13)\n01:00.0 VGA compatible controller [0300]: X [10de:1b80]\``
  test.each([
    ['8086:3405', 'x86_64'],
    ['1022:1480', 'x86_64'],
    ['1022:1a00', 'unknown'],
    ['1b36:0008', 'unknown'],
  ])('%s: %s', (ids, architecture) => {
    expect(reportOf(bridge(ids)).platform.architecture).toBe(architecture)
  })
  test('so that a chipset that cannot remap is decided by the listing alone', () => {
    expect(reportOf(`${bridge('8086:3405')}\n`).summary.verdict).toBe('not-isolated')
  })
})

test('a configuration with the escapes of Markdown is read, and tells no read error', () => {
  const post = '**CONFIG_VFIO_NOIOMMU=y**\nCONFIG_VFIO=m\n\\# CONFIG_INTEL_IOMMU is not set\n'
  const machine = probeMachine(readText(Buffer.from(post)).sysroot)
  expect(machine.kernel.configuration.state === 'known' && [...machine.kernel.configuration.value]).toEqual([
    ['CONFIG_VFIO_NOIOMMU', 'y'],
    ['CONFIG_VFIO', 'm'],
    ['CONFIG_INTEL_IOMMU', 'n'],
  ])
  expect(
    buildReport(machine)
      .unread.map(({ reason }) => reason)
      .filter((reason) => reason !== 'not-collected'),
  ).toEqual([])
})

describe('parameters that somebody printed', () => {
  const UNSAFE =
    '$ cat /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts\nY\n$ lspci -n\n01:00.0 0300: 10de:1b80\n'
  const found = (post: string) =>
    reportOf(post).findings.filter(({ rule, summary }) => rule === 'IR001' && !summary.includes('cannot be read'))
  test.each([
    ['a parameter', UNSAFE, 1],
    ['a parameter that is off', UNSAFE.replace('\nY\n', '\nN\n'), 0],
    ['a parameter without its value', UNSAFE.replace('\nY\n', '\n'), 0],
    ['a parameter whose line was cut', UNSAFE.slice(0, UNSAFE.indexOf('Y') + 1), 0],
  ])('%s', (_, post, number) => {
    expect(found(post)).toHaveLength(number)
  })
})

test('a list of groups without colons names class, ids, driver and group', () => {
  const post = `IOMMU Group  12: 0000:01:00.1 SATA controller [0106] Some Company 400 Series [1022:43c8] (rev 01)
        Subsystem: ASMedia Technology Inc. 400 Series [1b21:1062]
        Kernel driver in use: ahci
`
  const { name, classCode, deviceId, driver, iommuGroup } = deviceOf(post, '0000:01:00.1')
  expect([name, classCode, deviceId, driver, iommuGroup]).toEqual([
    'Some Company 400 Series',
    '0x010600',
    '0x43c8',
    'ahci',
    '12',
  ])
})

test('lscpu tells the architecture', () => {
  const post = '$ lscpu\nArchitecture:                    aarch64\nCPU(s):  4\n$ lspci -n\n01:00.0 0300: 10de:1b80\n'
  expect(reportOf(post).platform.architecture).toBe('arm64')
})
