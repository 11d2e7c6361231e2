import { absent, known, type Fact } from '../machine/fact.js'
import type { InterruptLine } from '../machine/interrupts.js'
import type { ConfigurationSpace, MsiVector } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readAttribute, readNames } from './attribute.js'

const PER_DEVICE_CHIP = /PCI-MSIX?-([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?:\s|$)/

/** The function that a per-device chip name ends with (`ITS-PCI-MSIX-0000:01:00.0`; sysfs-procfs.md section 4). */
export function functionInChipName(text: string): string | undefined {
  return PER_DEVICE_CHIP.exec(text)?.[1]
}

/** Functions that `/proc/interrupts` shows with an MSI of their own. */
export function functionsWithMsi(lines: Fact<readonly InterruptLine[]>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const line of lines.state === 'known' ? lines.value : []) {
    const name = functionInChipName(line.description)
    if (name !== undefined) names.add(name)
  }
  return names
}

function enablesMsi(configuration: Fact<ConfigurationSpace>): boolean {
  if (configuration.state !== 'known') return false
  const { msi, msix } = configuration.value
  return (msi.state === 'known' && msi.value.enabled) || (msix.state === 'known' && msix.value.enabled)
}

/**
 * Vectors in use, from `msi_irqs`. None listed means that no MSI is enabled, unless the function's own registers or
 * `/proc/interrupts` show one: then the listing is damaged.
 */
export function readMsiVectors(
  sysroot: Sysroot,
  directory: string,
  configuration: Fact<ConfigurationSpace>,
  hasInterruptLine: boolean,
): Fact<readonly MsiVector[]> {
  const path = `${directory}/msi_irqs`
  const names = readNames(sysroot, path)
  const numbers = parsed(names, (list) =>
    list.every((name) => /^\d{1,9}$/.test(name)) ? list.map(Number).sort((left, right) => left - right) : undefined,
  )
  if (numbers.state === 'unreadable') return numbers
  if (numbers.state === 'absent' || numbers.value.length === 0) {
    return enablesMsi(configuration) || hasInterruptLine ? damaged(numbers, configuration) : absent(...numbers.from)
  }
  return known(
    numbers.value.map((irq) => ({
      irq,
      mode: parsed(readAttribute(sysroot, `${path}/${irq}`), (word) =>
        word === 'msi' || word === 'msix' ? word : undefined,
      ),
    })),
    ...numbers.from,
  )
}
