import { SINGLE } from '../budget/limits.js'
import { absent, unreadable, withoutValue, withValue, type Fact } from '../machine/fact.js'
import type { InterruptLine } from '../machine/interrupts.js'
import type { ConfigurationSpace, MsiVector, PciFunction } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readAttribute, readNamesIn } from './attribute.js'

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

/** Both kinds are off, or not there: then no vector is allocated (K: drivers/pci/msi/msi.c, pci_msi_shutdown). */
function disablesMsi(configuration: Fact<ConfigurationSpace>): boolean {
  if (configuration.state !== 'known') return false
  return [configuration.value.msi, configuration.value.msix].every(
    (capability) => capability.state === 'absent' || (capability.state === 'known' && !capability.value.enabled),
  )
}

/** The vectors that `msi_irqs` lists; absent where it lists none. More than a function can have are too large. */
export function readListedVectors(sysroot: Sysroot, directory: string): Fact<readonly MsiVector[]> {
  const numbers = parsed(readNamesIn(sysroot, directory, 'msi_irqs'), (list) =>
    list.every((name) => /^\d{1,9}$/.test(name)) ? list.map(Number).sort((left, right) => left - right) : undefined,
  )
  if (numbers.state !== 'known') return numbers
  const count = numbers.value.length
  if (count === 0) return withoutValue(numbers)
  if (count > SINGLE.vectors || !sysroot.budget.take('vectors', count)) return unreadable('too-large', ...numbers.from)
  const above = `${directory}/msi_irqs`
  return withValue(
    numbers,
    numbers.value.map((irq) => ({
      irq,
      mode: parsed(readAttribute(sysroot, above, String(irq)), (word) =>
        word === 'msi' || word === 'msix' ? word : undefined,
      ),
    })),
  )
}

/**
 * Vectors in use. Where nobody collected them the function's own registers tell that there are none. None listed means that
 * no MSI is enabled, unless those registers or `/proc/interrupts` show one: then the listing is damaged.
 */
export function confirmedVectors(
  listed: Fact<readonly MsiVector[]>,
  configuration: Fact<ConfigurationSpace>,
  hasInterruptLine: boolean,
): Fact<readonly MsiVector[]> {
  switch (listed.state) {
    case 'known':
      return listed
    case 'unreadable': {
      const isIdle = listed.reason === 'not-collected' && !hasInterruptLine && disablesMsi(configuration)
      return isIdle ? absent(...configuration.from) : listed
    }
    case 'absent':
      return enablesMsi(configuration) || hasInterruptLine ? damaged(listed, configuration) : listed
  }
}

/** PCI's MSIs in `/proc/interrupts`: `PCI-MSI`, `IR-PCI-MSIX-0000:01:00.0`, `ITS-PCI-MSI`. */
const PCI_MSI = 'PCI-MSI'

/**
 * The functions as they are, or with unread vectors where nobody collected any: none has `msi_irqs`, and the machine
 * raises MSIs, by its interrupts or its registers, or nobody can tell.
 */
export function withCollectedVectors(
  sysroot: Sysroot,
  functions: readonly PciFunction[],
  lines: Fact<readonly InterruptLine[]>,
): readonly PciFunction[] {
  const listed = ({ msiVectors }: PciFunction) =>
    msiVectors.state === 'known' ||
    msiVectors.from.some(({ path }) => path.endsWith('/msi_irqs') && sysroot.list(path).state !== 'absent')
  if (functions.some(listed)) return functions
  const quiet =
    lines.state === 'known' &&
    !lines.value.some(({ description }) => description.includes(PCI_MSI)) &&
    functions.every(({ configuration }) => !enablesMsi(configuration))
  if (quiet) return functions
  return functions.map((fn) => ({ ...fn, msiVectors: unreadable('not-collected', ...fn.msiVectors.from.slice(0, 1)) }))
}
