import { describe, expect, it } from 'vitest'
import { remappingInUse } from '../../../../src/kernel/msi/x86-remapping.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { InterruptLine } from '../../../../src/machine/interrupts.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'

const BASE = probeMachine(sysrootOf({ machine: intel({}) }))

function inUse(procInterrupts: Fact<readonly InterruptLine[]>) {
  return remappingInUse({ ...BASE, interrupts: { ...BASE.interrupts, procInterrupts } })
}
const lines = (...descriptions: readonly string[]) =>
  known(descriptions.map((description, irq) => ({ irq, description })))

// sysfs-procfs.md section 4: IR-IO-APIC and IR-PCI-MSI show remapping at work, IO-APIC and PCI-MSI without IR its absence;
// the IOMMU's own MSI shows neither.
describe('what the interrupts in use say of remapping', () => {
  it.each<[string | undefined, Fact<readonly InterruptLine[]>]>([
    ['on', lines('DMAR-MSI 0-edge dmar0', 'IR-IO-APIC 2-edge timer')],
    ['on', lines('DMAR-MSI 0-edge dmar0', 'IR-PCI-MSI 524288-edge nvme0q0')],
    ['on', lines('DMAR-MSI 0-edge dmar0', 'IR-PCI-MSIX-0000:01:00.0 0-edge nvme0q0')],
    ['off', lines('DMAR-MSI 0-edge dmar0', 'IO-APIC 2-edge timer')],
    ['on', lines('IO-APIC 2-edge timer', 'IR-IO-APIC 8-edge rtc0')],
    [undefined, lines('DMAR-MSI 0-edge dmar0')],
    [undefined, lines()],
    [undefined, absent()],
    [undefined, unreadable('permission')],
  ])('%s (row %#)', (expected, procInterrupts) => {
    expect(inUse(procInterrupts)).toBe(expected)
  })
})
