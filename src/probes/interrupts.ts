import { knownIn, valueOr, type Fact } from '../machine/fact.js'
import type { Interrupt, InterruptFacts, InterruptLine } from '../machine/interrupts.js'
import type { PciFunction } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, readAttribute } from './attribute.js'
import { probeInterruptDomains, readDomainChain } from './irq-domains.js'
import { functionInChipName } from './pci-msi-vectors.js'
import { chipInDescription } from './proc-interrupts.js'

/**
 * The chip of an interrupt that some `msi_irqs` names, and which therefore has one: `chip_name`, which must agree with
 * the line of `/proc/interrupts` where there is one, else that line's. A chip name that ends with a function's address
 * belongs to that function's own domain.
 */
function chipNameOf(
  sysroot: Sysroot,
  irq: number,
  description: string | undefined,
  owners: readonly string[],
): Fact<string> {
  const attribute = readAttribute(sysroot, `sys/kernel/irq/${irq}`, 'chip_name')
  const printed = () => {
    if (description === undefined) return undefined
    const chip = chipInDescription(description)
    return chip === undefined ? undefined : knownIn('proc', 'interrupts', chip, description)
  }
  const name = attribute.state === 'known' ? attribute : (printed() ?? attribute)
  if (name.state !== 'known') return name.state === 'absent' ? damaged(name) : name
  if (description !== undefined && !description.startsWith(`${name.value} `)) {
    const line = printed()
    return line ? damaged(name, line) : damaged(name)
  }
  const owner = functionInChipName(name.value)
  return owner === undefined || owners.includes(owner) ? name : damaged(name)
}

/** Joins the functions' vectors with `/sys/kernel/irq`, `/proc/interrupts` and, where it is mounted, debugfs. */
export function probeInterrupts(
  sysroot: Sysroot,
  functions: Fact<readonly PciFunction[]>,
  procInterrupts: Fact<readonly InterruptLine[]>,
): InterruptFacts {
  const owners = new Map<number, string[]>()
  for (const { name, msiVectors } of valueOr(functions, [])) {
    for (const { irq } of valueOr(msiVectors, [])) {
      const names = owners.get(irq)
      if (names) names.push(name)
      else owners.set(irq, [name])
    }
  }
  const descriptions = new Map(valueOr(procInterrupts, []).map((line) => [line.irq, line.description]))
  const domains = probeInterruptDomains(sysroot)
  const byNumber = new Map<number, Interrupt>()
  const domainChains = new Map<number, Fact<readonly string[]>>()
  for (const [irq, names] of owners) {
    byNumber.set(irq, { irq, chipName: chipNameOf(sysroot, irq, descriptions.get(irq), names) })
    if (domains.state === 'known') domainChains.set(irq, readDomainChain(sysroot, irq))
  }
  return { byNumber, procInterrupts, domains, domainChains }
}
