import { chipNameOf, hasPrivateDomains } from './chip-names.js'
import type { MachineDescription } from '../machine-description.js'
import { longName, ridOf, type PlannedFunction, type Vector, type WiredInterrupt } from './planned-machine.js'

/** Version of the machine's GIC: as described, else the one that its MSI controllers need. */
export function gicVersion(machine: MachineDescription): 2 | 3 | 4 | 5 {
  if (machine.gic?.version !== undefined) return machine.gic.version
  const types = new Set((machine.msiControllers ?? []).map(({ type }) => type))
  if (types.has('gicv5-its')) return 5
  return types.has('gicv2m') && !types.has('its') && !types.has('gicv3-mbi') ? 2 : 3
}

/** First event interrupt of an SMMU: GSIV, and hardware number of the interrupt. */
export function smmuGsiv(index: number): number {
  return 106 + 4 * index
}

/** Whether functions with this controller can have MSIs at all under this command line. */
function msiWorks(machine: MachineDescription, fn: PlannedFunction): boolean {
  const words = (machine.kernel.commandLine ?? '').split(/\s+/)
  if (fn.msi === undefined || words.some((word) => /^pci=(?:.*,)?nomsi(?:,|$)/.test(word))) return false
  if (typeof fn.msi === 'string') return true
  if (fn.msi.usable === false) return false
  return fn.msi.type !== 'its' || !words.includes('irqchip.gicv3_nolpi=1')
}

/**
 * Gives the vectors in use their Linux numbers: those that the description names, else free ones in address order behind
 * the wired interrupts, which are the result.
 */
export function assignVectors(
  machine: MachineDescription,
  functions: readonly PlannedFunction[],
  remapping: boolean,
): readonly WiredInterrupt[] {
  const wired = wiredInterrupts(machine, remapping)
  const taken = new Set([
    ...wired.map(({ irq }) => irq),
    ...functions.flatMap(({ description }) => description.irqs ?? []),
  ])
  const units = new Set(
    (machine.iommus ?? []).flatMap((iommu) =>
      iommu.type === 'amd-vi' && iommu.driver !== false && iommu.function !== undefined
        ? [longName(iommu.function)]
        : [],
    ),
  )
  let next = machine.architecture === 'x86_64' ? 24 : 50
  const free = (): number => {
    while (taken.has(next)) next++
    return next++
  }
  for (const fn of functions) {
    const { description } = fn
    // An AMD-Vi unit is a PCI function with an MSI of its own, which no driver link shows.
    const ownUnit = units.has(fn.name)
    const driver = ownUnit ? 'AMD-Vi' : fn.driver
    const mode = description.msix === undefined ? 'msi' : 'msix'
    const count = description.msix ?? description.msi ?? (ownUnit ? 1 : 0)
    if (count === 0 || driver === undefined || !msiWorks(machine, fn)) continue
    const privateDomain = hasPrivateDomains(machine, fn.msi)
    const base = privateDomain ? 0 : ridOf(fn) * 2048 + fn.address.segment * 2 ** 27
    const chipName = chipNameOf(machine, fn, mode)
    fn.vectors = Array.from({ length: count }, (_, index): Vector => {
      const action = description.actions?.[index] ?? (ownUnit ? driver : `${driver}-${fn.name}-${index}`)
      return { irq: description.irqs?.[index] ?? free(), mode, chipName, hwirq: base + index, action }
    })
  }
  return wired
}

function wiredInterrupts(machine: MachineDescription, remapping: boolean): readonly WiredInterrupt[] {
  switch (machine.architecture) {
    case 'arm64':
      return armInterrupts(machine)
    case 'x86_64':
      return x86Interrupts(machine, remapping)
    case 'riscv64':
      return [
        { irq: 10, chipName: 'RISC-V INTC', hwirq: 5, type: 'edge', handler: '', action: 'riscv-timer' },
        {
          irq: 11,
          chipName: 'APLIC-MSI-d000000.interrupt-controller',
          hwirq: 10,
          type: 'level',
          handler: 'fasteoi',
          action: 'ttyS0',
        },
      ]
    case 's390x':
      return []
  }
}

function armInterrupts(machine: MachineDescription): readonly WiredInterrupt[] {
  const version = gicVersion(machine)
  const chip = version === 2 ? 'GIC-0' : version === 5 ? 'GICv5-SPI' : 'GICv3'
  const timerChip = version === 5 ? 'GICv5-PPI' : chip
  const wired: WiredInterrupt[] = [
    { irq: 10, chipName: timerChip, hwirq: 27, type: 'level', handler: '', action: 'arch_timer' },
    { irq: 11, chipName: chip, hwirq: 33, type: 'level', handler: '', action: 'uart-pl011' },
  ]
  const smmus = (machine.iommus ?? []).filter(({ type }) => type === 'smmuv3' || type === 'smmuv2')
  smmus.forEach((iommu, index) => {
    if (iommu.driver === false || iommu.enabled === false) return
    const hwirq = smmuGsiv(index)
    const edge = { chipName: chip, type: 'edge', handler: '' } as const
    if (iommu.type === 'smmuv3') {
      wired.push({ ...edge, irq: 12 + 2 * index, hwirq, action: 'arm-smmu-v3-evtq' })
      wired.push({ ...edge, irq: 13 + 2 * index, hwirq: hwirq + 3, action: 'arm-smmu-v3-gerror' })
    } else wired.push({ ...edge, type: 'level', irq: 12 + 2 * index, hwirq, action: 'arm-smmu global fault' })
  })
  return wired
}

function x86Interrupts(machine: MachineDescription, remapping: boolean): readonly WiredInterrupt[] {
  const ioApic = { chipName: remapping ? 'IR-IO-APIC' : 'IO-APIC', type: 'edge', handler: 'edge' } as const
  const wired: WiredInterrupt[] = [
    { ...ioApic, irq: 0, hwirq: 2, action: 'timer' },
    { ...ioApic, irq: 4, hwirq: 4, action: 'ttyS0' },
    { ...ioApic, irq: 9, hwirq: 9, type: 'level', handler: 'fasteoi', action: 'acpi' },
  ]
  const units = (machine.iommus ?? []).filter(
    ({ type, driver }) => (type === 'vt-d' || type === 'amd-vi') && driver !== false,
  )
  units.forEach(({ type }, index) => {
    if (type === 'amd-vi') return
    const message = { irq: 24 + index, type: 'edge', handler: 'edge' } as const
    wired.push({ ...message, chipName: 'DMAR-MSI', hwirq: index, action: `dmar${index}` })
  })
  return wired
}
