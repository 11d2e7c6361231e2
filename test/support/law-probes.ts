import { vi } from 'vitest'
import { RememberedProbes } from './remembered-probes.js'

/** What the probes of the machine at hand answered. A test file that imports this shares a process with its like only. */
export const probes = new RememberedProbes()

const PROBES =
  /^(?:probe[A-Z]|read(?:Lines$|Pci|Physical|Domain)|confirmed(?:Instances|Tables)$|(?:membershipsOf|tableBytesOf)$)/

// Probes that read much, or are given what others answered. Each is called through its module, which is where they are put in.
for (const module of [
  'acpi/tables',
  'attribute',
  'device-nodes',
  'devicetree/tree',
  'firmware-identity',
  'interrupts',
  'iommu-class',
  'iommu-groups',
  'irq-domains',
  'kernel',
  'kernel-configuration',
  'kernel-log',
  'membership',
  'modprobe',
  'pci',
  'pci-function-reading',
  'pci-function-use',
  'pci-names',
  'pci-virtual-functions',
  'platform',
  'proc-interrupts',
  'second-witnesses',
  'virtualization',
]) {
  vi.doMock(`../../src/probes/${module}.js`, async (original) => {
    const actual: unknown = await original()
    return typeof actual === 'object' && actual !== null ? probes.ofModule(actual, PROBES) : {}
  })
}

export const { probeMachine } = await import('../../src/probes/machine.js')
