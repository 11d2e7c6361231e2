import { expect, test } from 'vitest'
import { areaOf, placeOfPath, type EvidencePlace } from '../../../src/machine/evidence-areas.js'

test.each<readonly [path: string, place: EvidencePlace]>([
  ['sys/firmware/acpi/tables/IORT', 'acpi-tables'],
  ['sys/firmware/fdt', 'device-tree'],
  ['sys/bus/pci/devices/0000:01:00.0/config', 'configuration-space'],
  ['sys/bus/pci/devices/0000:01:00.0/msi_irqs/24', 'interrupts'],
  ['sys/bus/pci/devices/0000:01:00.0/class', 'pci-functions'],
  ['proc/interrupts', 'interrupts'],
  ['boot/config-6.12.0', 'kernel-configuration'],
  // The directory over several areas, which only a mask makes evidence of its own.
  ['sys/firmware', 'firmware'],
  ['sys/firmware/memmap/0/type', 'other-files'],
  ['sys/kernel/debug/irq/domains', 'debugfs'],
  ['sys/kernel/debugging', 'other-files'],
  ['proc/cmdline', 'other-files'],
])('%s is evidence of %s', (path, place) => {
  expect(placeOfPath(path)).toBe(place)
  expect(areaOf(path)?.name ?? place).toBe(place)
})
