import type { Reference } from './rule.js'

/** A part of the IORT specification, by the name of its section. */
export function iortClause(locator: string): Reference {
  return { kind: 'specification', title: 'Arm DEN 0049, IO Remapping Table', locator }
}

/** A section of the ACPI specification. */
export function acpiClause(locator: string): Reference {
  return { kind: 'specification', title: 'ACPI 6.5', locator }
}

/** A rule of the Arm Base System Architecture, as its compliance suite names it. */
export function bsaRule(locator: string): Reference {
  return { kind: 'bsa-rule', title: 'Arm Base System Architecture', locator }
}

/** A function of Linux's driver of the ITS. */
export function linuxIts(name: string): Reference {
  return { kind: 'linux', title: 'Linux, GICv3 ITS', locator: `drivers/irqchip/irq-gic-v3-its.c: ${name}` }
}

/** A function of Linux's IORT code. */
export function linuxIort(name: string): Reference {
  return { kind: 'linux', title: 'Linux, IORT', locator: `drivers/acpi/arm64/iort.c: ${name}` }
}

/** A binding document of Linux. */
export function binding(locator: string): Reference {
  return { kind: 'binding', title: 'Device tree bindings', locator: `Documentation/devicetree/bindings/${locator}` }
}

/** Both maps of a host bridge. */
export const MAP_BINDINGS: readonly Reference[] = [binding('pci/pci-iommu.txt'), binding('pci/pci-msi.txt')]

/** A function of Linux's device-tree code. */
export function linuxOf(locator: string): Reference {
  return { kind: 'linux', title: 'Linux, device tree', locator }
}
