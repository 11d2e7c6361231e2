import { describe, expect, test } from 'vitest'
import { recognise } from '../../../src/inputs/recognise.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { mangles, readText, valueOf, wrapped } from '../../support/mangled-texts.js'

const MESSAGES: readonly (readonly [number, string])[] = [
  [0, 'Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP'],
  [0, 'Command line: BOOT_IMAGE=/boot/vmlinuz-6.1.0-13-amd64 root=UUID=1 ro quiet intel_iommu=on'],
  [0.1, 'DMAR-IR: IOAPIC id 2 under DRHD base  0xfed91000 IOMMU 1'],
  [0.2, 'DMAR-IR: Failed to enable irq remapping.  You are vulnerable to irq-injection attacks.'],
  [0.5, 'pci 0000:00:02.0: [8086:3e92] type 00 class 0x030000'],
  [0.6, 'pci 0000:00:02.0: Adding to iommu group 0'],
]
const stamp = (seconds: number) => seconds.toFixed(6).padStart(12)
const lines = (write: (seconds: number, text: string) => string) =>
  MESSAGES.map(([seconds, text]) => `${write(seconds, text)}\n`).join('')
/** The same boot in the spellings of util-linux, systemd, rsyslog and consoles. */
const SPELLINGS: Readonly<Record<string, string>> = {
  dmesg: lines((at, text) => `[${stamp(at)}] ${text}`),
  'dmesg -T': lines((_, text) => `[Sun Sep 22 12:45:27 2024] ${text}`),
  'dmesg -H': lines((at, text) => `${at === 0 ? '[Sep22 12:45]' : `[  +${at.toFixed(6)}]`} ${text}`),
  'dmesg -x': lines((at, text) => `kern  :info  : [${stamp(at)}] ${text}`),
  'dmesg -xT': lines((_, text) => `kern  :warn  : [Sun Sep 22 12:45:27 2024] ${text}`),
  'dmesg -t': lines((_, text) => text),
  'dmesg -r': lines((at, text) => `<6>[${stamp(at)}] ${text}`),
  'dmesg --time-format iso': lines((_, text) => `2024-09-22T12:45:27,123456+02:00 ${text}`),
  'printk caller': lines((at, text) => `[${stamp(at)}][    T1] ${text}`),
  'journalctl -k': lines((_, text) => `Sep 22 12:45:27 host kernel: ${text}`),
  'journalctl -o short-precise': lines((_, text) => `Sep 22 12:45:27.123456 host kernel: ${text}`),
  'journalctl -o short-iso': lines((_, text) => `2024-09-22T12:45:27+0200 host kernel: ${text}`),
  'journalctl -o short-monotonic': lines((at, text) => `[${stamp(at)}] host kernel: ${text}`),
  'journalctl -o short-unix': lines((_, text) => `1727001927.123456 host kernel: ${text}`),
  'journalctl -o cat': lines((_, text) => text),
  'kern.log': lines((at, text) => `2024-09-22T12:45:27.123456+02:00 host kernel: [${stamp(at)}] ${text}`),
  '/dev/kmsg': lines((at, text) => `6,${Math.round(at * 10)},${Math.round(at * 1e6)},-;${text}`),
}

const INTERRUPTS = `           CPU0       CPU1
   0:         36          0  IR-IO-APIC    2-edge      timer
   9:          0          0  IR-IO-APIC    9-fasteoi   acpi
 120:          0          5  DMAR-MSI    0-edge      dmar0
 126:          0       1234  IR-PCI-MSIX-0000:01:00.0    0-edge      nvme0q0
 NMI:          0          0   Non-maskable interrupts
 LOC:       1234       1234   Local timer interrupts
`
const WORDS = 'BOOT_IMAGE=/boot/vmlinuz-6.1.0-13-amd64 root=UUID=1 ro quiet intel_iommu=on intremap=off\n'

const machineOf = (bytes: Uint8Array) => probeMachine(readText(bytes).sysroot)

describe.each(Object.entries(SPELLINGS))('a log as %s', (spelling, log) => {
  test.each(mangles)('%s', (how, mangle) => {
    const bytes = mangle(log)
    expect(recognise(bytes).kind, how).toBe('text')
    const machine = machineOf(bytes)
    expect(valueOf(machine.kernel.release), spelling).toBe('6.1.0-13-amd64')
    expect(valueOf(machine.kernel.architecture)).toBe('x86_64')
    const [device] = buildReport(machine).devices
    expect([device?.address, device?.deviceId, device?.iommuGroup, device?.verdict]).toEqual([
      '0000:00:02.0',
      '0x3e92',
      '0',
      'not-isolated',
    ])
  })

  test.each([80, 72, 50])('broken at %i columns it tells none that is another', (columns) => {
    const machine = machineOf(Buffer.from(wrapped(log, columns)))
    expect(['6.1.0-13-amd64', 'unreadable', 'absent']).toContain(valueOf(machine.kernel.release))
    for (const { address, deviceId, iommuGroup, verdict } of buildReport(machine).devices) {
      expect(address).toBe('0000:00:02.0')
      expect(['0x3e92', 'unknown']).toContain(deviceId)
      expect(['0', 'unknown']).toContain(iommuGroup)
      expect(verdict).not.toMatch(/^isolated/)
    }
  })

  test('cut anywhere it tells no release, group or id that is another', () => {
    for (let length = 1; length < log.length; length += 7) {
      const machine = machineOf(Buffer.from(log.slice(0, length)))
      expect(['6.1.0-13-amd64', 'unreadable', 'absent']).toContain(valueOf(machine.kernel.release))
      for (const { address, deviceId, iommuGroup, verdict } of buildReport(machine).devices) {
        expect(address).toBe('0000:00:02.0')
        expect(['0x3e92', 'unknown']).toContain(deviceId)
        expect(['0', 'unknown']).toContain(iommuGroup)
        expect(verdict).not.toMatch(/^isolated/)
      }
    }
  })
})

describe('/proc/interrupts', () => {
  test.each(mangles)('%s', (how, mangle) => {
    const bytes = mangle(INTERRUPTS)
    expect(recognise(bytes).kind, how).toBe('text')
    const { interrupts, kernel } = machineOf(bytes)
    const { procInterrupts } = interrupts
    if (procInterrupts.state !== 'known') throw new Error(`${how}: ${procInterrupts.state}`)
    expect(procInterrupts.value.map(({ irq }) => irq)).toEqual([0, 9, 120, 126])
    expect(valueOf(kernel.architecture)).toBe('x86_64')
  })

  test('cut anywhere it tells of no interrupt that is not there', () => {
    for (let length = 1; length < INTERRUPTS.length; length += 3) {
      const { procInterrupts } = machineOf(Buffer.from(INTERRUPTS.slice(0, length))).interrupts
      const irqs = procInterrupts.state === 'known' ? procInterrupts.value.map(({ irq }) => irq) : []
      expect([0, 9, 120, 126].slice(0, irqs.length)).toEqual(irqs)
    }
  })
})

describe('/proc/cmdline', () => {
  // What stands before a single line may be its own: several lines have to show a rule.
  const ofOneLine = mangles.filter(([how]) => !/before lines|marks of|behind bars/.test(how))
  test.each(ofOneLine)('%s', (how, mangle) => {
    const { commandLine } = machineOf(mangle(WORDS)).kernel
    expect(valueOf(commandLine), how).toContain('intremap=off')
  })
})
