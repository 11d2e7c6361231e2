import { toInteger } from '../byte-record.js'
import { controllerNodeName } from '../firmware/generated-interrupt-nodes.js'
import { groupTypeOf } from '../plan/group-types.js'
import { gicVersion } from '../plan/interrupts.js'
import type { MsiControllerDescription } from '../machine-description.js'
import type { MachinePlan } from '../plan/planned-machine.js'

const plain = (value: bigint): string => value.toString(16).padStart(8, '0')
const wide = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`

/** The lines that say something about interrupts and IOMMUs, with their priority and a time stamp. */
export function kernelLog(plan: MachinePlan): string {
  const machine = plan.description
  const lines = [`Linux version ${machine.kernel.release}`, `Kernel command line: ${machine.kernel.commandLine ?? ''}`]
  if (machine.architecture === 'arm64') {
    const version = gicVersion(machine)
    if (version === 3 || version === 4) {
      lines.push('GICv3: 256 SPIs implemented', `GICv3: GICv${version} features: 16 PPIs`)
    }
    if (version === 5) lines.push('GICv5 IRS: irs@8010000 detected SPI range [0-255]')
  }
  for (const controller of plan.msiControllers.values())
    for (const one of controllerLines(plan, controller)) lines.push(one)
  const first = [...plan.iommus.values()].find(({ driver, enabled }) => driver !== false && enabled !== false)
  const words = (machine.kernel.commandLine ?? '').split(/\s+/)
  const passthrough = words.includes('iommu.passthrough=1') || words.includes('iommu=pt')
  lines.push(
    passthrough
      ? 'iommu: Default domain type: Passthrough (set via kernel command line)'
      : 'iommu: Default domain type: Translated',
  )
  if (first && !passthrough) {
    const lazy = groupTypeOf(machine, first) === 'DMA-FQ'
    lines.push(`iommu: DMA domain TLB invalidation policy: ${lazy ? 'lazy' : 'strict'} mode`)
  }
  for (const one of iommuLines(plan)) lines.push(one)
  for (const fn of plan.functions) {
    if (fn.group !== undefined) lines.push(`${fn.driver ?? 'pci'} ${fn.name}: Adding to iommu group ${fn.group}`)
  }
  const { log } = machine.kernel
  if (log !== undefined && log !== false) for (const one of log) lines.push(one)
  return lines.map((line) => `<6>[    0.000000] ${line}\n`).join('')
}

/** What fwnode_get_name() gives: the node's name, or that of a node made for the address. */
function fwnodeName({ description }: MachinePlan, controller: MsiControllerDescription): string {
  if (description.firmware === 'devicetree') return controllerNodeName(controller)
  return `irqchip@${wide(toInteger(controller.address ?? 0))}`
}

function controllerLines(plan: MachinePlan, controller: MsiControllerDescription): readonly string[] {
  const base = toInteger(controller.address ?? 0)
  const spiBase = controller.spiBase ?? 80
  const spiEnd = spiBase + (controller.spiCount ?? 64) - 1
  if (controller.usable === false) return []
  switch (controller.type) {
    case 'its': {
      const nolpi = (plan.description.kernel.commandLine ?? '').split(/\s+/).includes('irqchip.gicv3_nolpi=1')
      if (nolpi) return ['ITS: No ITS available, not enabling LPIs']
      const workaround = controller.preIts ? ['GIC: enabling workaround for ITS: Socionext Synquacer pre-ITS'] : []
      return [
        `ITS [mem 0x${plain(base)}-0x${plain(base + 0x1ffffn)}]`,
        ...workaround,
        `ITS@${wide(base)}: allocated 8192 Devices @40200000 (indirect, esz 8, psz 64K, shr 1)`,
      ]
    }
    case 'gicv2m':
      return [`GICv2m: range[mem 0x${plain(base)}-0x${plain(base + 0xfffn)}], SPI[${spiBase}:${spiEnd}]`]
    case 'gicv3-mbi':
      return [`GICv3: MBI range [${spiBase}:${spiEnd}]`, `GICv3: Using MBI frame ${wide(base)}`]
    case 'gicv5-its':
      return [`GICv5 ITS: ITS ${fwnodeName(plan, controller)} enabled using 2-level device table device_id_bits 16`]
    case 'imsic':
    case 'dwc':
    case 'hyper-v':
    case 'vmd':
    case 'private':
      return []
  }
}

function iommuLines(plan: MachinePlan): readonly string[] {
  return [...plan.iommus.values()].flatMap((iommu): readonly string[] => {
    if (iommu.driver === false || iommu.enabled === false) return []
    const place = plan.iommuPlaces.get(iommu.name)
    const device = place?.device?.split('/').at(-1) ?? ''
    switch (iommu.type) {
      case 'smmuv3':
        return [
          ...(iommu.coherent === false
            ? [`arm-smmu-v3 ${device}: IDR0.COHACC overridden by FW configuration (false)`]
            : []),
          `arm-smmu-v3 ${device}: ias 44-bit, oas 44-bit (features 0x00088705)`,
        ]
      case 'smmuv2':
        return [`arm-smmu ${device}: probing hardware configuration...`, `arm-smmu ${device}: SMMUv2 with:`]
      case 'vt-d':
        return plan.remapping
          ? ['DMAR: IOMMU enabled', 'DMAR-IR: Enabled IRQ remapping in x2apic mode']
          : ['DMAR: IOMMU enabled', 'DMAR-IR: Not enabling interrupt remapping']
      case 'amd-vi':
        return [`AMD-Vi: ${plan.remapping ? 'Interrupt remapping enabled' : 'Disabling interrupt remapping'}`]
      case 'virtio-iommu':
      case 'riscv':
        return []
    }
  })
}
