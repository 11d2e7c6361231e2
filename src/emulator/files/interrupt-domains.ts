import { hasPrivateDomains } from '../plan/chip-names.js'
import { toInteger } from '../byte-record.js'
import { gicAddress } from '../firmware/generated-madt.js'
import { controllerNodeName, gicNodeName } from '../firmware/generated-interrupt-nodes.js'
import { gicVersion } from '../plan/interrupts.js'
import type { MsiControllerDescription } from '../machine-description.js'
import type { MachinePlan, PlannedFunction } from '../plan/planned-machine.js'
import { atLeast } from '../plan/release.js'
import { paddedAddress } from '../plan/iommu-places.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

const FLAG_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'IRQ_DOMAIN_FLAG_HIERARCHY'],
  [0x2, 'IRQ_DOMAIN_NAME_ALLOCATED'],
  [0x10, 'IRQ_DOMAIN_FLAG_MSI'],
  [0x20, 'IRQ_DOMAIN_FLAG_ISOLATED_MSI'],
  [0x100, 'IRQ_DOMAIN_FLAG_MSI_PARENT'],
  [0x200, 'IRQ_DOMAIN_FLAG_MSI_DEVICE'],
]

/** An interrupt domain, with its parents. */
interface Domain {
  readonly name: string
  readonly flags: number
  readonly chip: string
  readonly parent?: Domain
}

/** `irq/domains` and `irq/irqs` of debugfs, as far as they say which domain an MSI belongs to. Root only. */
export function writeInterruptDomains(plan: MachinePlan, builder: SysfsBuilder): void {
  const base = 'sys/kernel/debug/irq'
  if (plan.description.privilege === 'nobody') {
    builder.closed('sys/kernel/debug')
    return
  }
  const domains = new Map<string, Domain>()
  const add = (domain: Domain): void => {
    for (let at: Domain | undefined = domain; at; at = at.parent) domains.set(at.name, at)
  }
  for (const controller of plan.msiControllers.values()) {
    const domain = controller.usable === false ? undefined : controllerDomain(plan, controller)
    if (domain) add(domain)
  }
  for (const fn of plan.functions) {
    const domain = fn.vectors.length > 0 ? deviceDomain(plan, fn) : undefined
    if (!domain) continue
    add(domain)
    for (const { irq, hwirq } of fn.vectors) {
      builder.file(
        `${base}/irqs/${irq}`,
        `handler:  handle_fasteoi_irq\ndevice:   ${fn.name}\n${chain(domain, hwirq, '')}`,
      )
    }
  }
  for (const domain of domains.values()) builder.file(`${base}/domains/${domain.name}`, domainText(domain, ''))
}

function domainText({ name, flags, parent }: Domain, indent: string): string {
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, flag]) => `${indent}            ${flag}\n`)
  return (
    `${indent}name:   ${name}\n${indent} size:   0\n${indent} mapped: 1\n` +
    `${indent} flags:  0x${flags.toString(16).padStart(8, '0')}\n${names.join('')}` +
    (parent ? `${indent} parent: ${parent.name}\n${domainText(parent, `${indent}    `)}` : '')
  )
}

function chain({ name, chip, parent }: Domain, hwirq: number, indent: string): string {
  return (
    `${indent}domain:  ${name}\n${indent} hwirq:   0x${hwirq.toString(16)}\n${indent} chip:    ${chip}\n` +
    `${indent}  flags:   0x20\n${indent}             IRQCHIP_ONESHOT_SAFE\n` +
    (parent ? `${indent} parent:\n${chain(parent, hwirq, `${indent}    `)}` : '')
  )
}

/** The domain of a function's own vectors. Bus token numbers shift by one in 7.2. */
function deviceDomain(plan: MachinePlan, fn: PlannedFunction): Domain | undefined {
  const parent = parentDomain(plan, fn)
  const [vector] = fn.vectors
  if (!parent || !vector) return undefined
  if (!hasPrivateDomains(plan.description, fn.msi)) {
    return { name: `${parent.name.replace(/-\d+$/, '')}-3`, flags: 0x13, chip: vector.chipName, parent }
  }
  const token = (vector.mode === 'msi' ? 11 : 12) - (atLeast(plan.description.kernel.release, 7, 2) ? 1 : 0)
  return { name: `${vector.chipName}-${token}`, flags: 0x213, chip: vector.chipName, parent }
}

function parentDomain(plan: MachinePlan, fn: PlannedFunction): Domain | undefined {
  if (fn.msi === undefined) return undefined
  if (typeof fn.msi === 'object') return controllerDomain(plan, fn.msi)
  const vector: Domain = { name: 'VECTOR', flags: 0x103, chip: 'APIC' }
  if (fn.msi === 'vector') return vector
  const shift = atLeast(plan.description.kernel.release, 7, 2) ? 1 : 0
  const [unit = '0'] = /\d{1,9}$/.exec(plan.iommuPlaces.get(fn.iommu?.name ?? '')?.className ?? '') ?? []
  const amd = fn.iommu?.type === 'amd-vi'
  const name = amd ? `AMD-IR-${unit}-${14 - shift}` : `INTEL-IR-${unit}-${13 - shift}`
  return { name, flags: 0x123, chip: amd ? 'AMD-IR' : 'INTEL-IR', parent: vector }
}

/** The domain that a controller provides to devices; undefined for private receivers, which are the parent's business. */
function controllerDomain(plan: MachinePlan, controller: MsiControllerDescription): Domain | undefined {
  const machine = plan.description
  const devicetree = machine.firmware === 'devicetree'
  const gicName = devicetree ? `:${gicNodeName(machine)}` : `irqchip@${paddedAddress(gicAddress(machine))}`
  const version = gicVersion(machine)
  const gic: Domain = {
    name: version === 2 ? gicName : `${gicName}-1`,
    flags: version === 2 ? 0x1 : 0x3,
    chip: version === 2 ? 'GIC-0' : 'GICv3',
  }
  const own = devicetree
    ? `${gicName}:${controllerNodeName(controller)}-5`
    : `irqchip@${paddedAddress(toInteger(controller.address ?? 0))}-5`
  // IRQ_DOMAIN_FLAG_MSI_IMMUTABLE, which debugfs does not spell out.
  const immutable = atLeast(machine.kernel.release, 6, 17) ? 0x800 : 0
  switch (controller.type) {
    case 'its':
      return { name: own, flags: (controller.preIts ? 0x103 : 0x123) | immutable, chip: 'ITS', parent: gic }
    case 'gicv5-its':
      return {
        name: own,
        flags: 0x123,
        chip: 'GICv5-ITS',
        parent: { name: 'GICv5-LPI', flags: 0x3, chip: 'GICv5-LPI' },
      }
    case 'gicv2m':
      return { name: own, flags: 0x103, chip: 'GICv2m', parent: gic }
    case 'gicv3-mbi':
      return { name: `${gicName}-5`, flags: 0x103, chip: 'MBI', parent: gic }
    case 'imsic':
      return { name: `:${controllerNodeName(controller)}-5`, flags: 0x103, chip: 'IMSIC' }
    case 'dwc':
    case 'hyper-v':
    case 'vmd':
    case 'private':
      return { name: `${controller.name}-5`, flags: 0x103, chip: controller.prefix ?? 'MSI' }
  }
}
