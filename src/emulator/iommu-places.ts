import { toInteger } from './byte-record.js'
import type { IommuDescription, MachineDescription } from './machine-description.js'
import type { IommuPlace } from './planned-machine.js'

/** A 64-bit address the way `%pa` prints it. */
export function paddedAddress(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`
}

/** Where the kernel shows each IOMMU. `index` counts those of one type. */
export function iommuPlace(
  machine: MachineDescription,
  iommu: IommuDescription,
  index: number,
  functionPath: string | undefined,
): IommuPlace {
  const address = toInteger(iommu.address ?? 0)
  const within = (device: string, className: string): IommuPlace => ({
    className,
    device,
    instance: `${device}/iommu/${className}`,
  })
  switch (iommu.type) {
    case 'smmuv3':
      return within(platformPath(machine, iommu, `arm-smmu-v3.${index}.auto`), `smmu3.${paddedAddress(address)}`)
    case 'smmuv2':
      return within(platformPath(machine, iommu, `arm-smmu.${index}.auto`), `smmu.${paddedAddress(address)}`)
    case 'virtio-iommu': {
      const device = functionPath ?? platformPath(machine, iommu, `LNRO0005:0${index}`)
      const className = device.split('/').at(-1) ?? ''
      return { className, device, instance: `${device}/virtio${index}/iommu/${className}` }
    }
    case 'vt-d':
      return { className: `dmar${index}`, device: undefined, instance: `sys/devices/virtual/iommu/dmar${index}` }
    case 'amd-vi':
      return within(functionPath ?? 'sys/devices/virtual', `ivhd${index}`)
    case 'riscv': {
      const className = `riscv-iommu@${address.toString(16)}.iommu`
      return { className, device: undefined, instance: `sys/devices/virtual/iommu/${className}` }
    }
  }
}

/** Device-tree node of an IOMMU that is no PCI function. */
export function iommuNode(iommu: IommuDescription): string {
  return iommu.node ?? `iommu@${toInteger(iommu.address ?? 0).toString(16)}`
}

/** `compatible` of an IOMMU's node. */
export function iommuCompatible(iommu: IommuDescription): readonly string[] {
  if (iommu.compatible) return iommu.compatible
  switch (iommu.type) {
    case 'smmuv3':
      return ['arm,smmu-v3']
    case 'smmuv2':
      return ['arm,mmu-500']
    case 'virtio-iommu':
      return iommu.function === undefined ? ['virtio,mmio'] : ['virtio,pci-iommu']
    case 'riscv':
      return ['riscv,iommu']
    case 'vt-d':
    case 'amd-vi':
      return []
  }
}

function platformPath(machine: MachineDescription, iommu: IommuDescription, acpiName: string): string {
  if (machine.firmware !== 'devicetree') return `sys/devices/platform/${acpiName}`
  const [nodeName = ''] = iommuNode(iommu).split('@')
  return `sys/devices/platform/${toInteger(iommu.address ?? 0).toString(16)}.${nodeName}`
}
