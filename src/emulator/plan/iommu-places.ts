import { toInteger } from '../byte-record.js'
import type { IommuDescription, MachineDescription } from '../machine-description.js'
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
  const platform = (acpiName: string, className: string): IommuPlace => {
    const device = platformPath(machine, iommu, acpiName)
    return { className, device, instance: `${device}/iommu/${className}`, platformDevice: device }
  }
  const virtual = (className: string, platformDevice?: string): IommuPlace => {
    return { className, device: undefined, instance: `sys/devices/virtual/iommu/${className}`, platformDevice }
  }
  switch (iommu.type) {
    case 'smmuv3':
      return platform(`arm-smmu-v3.${index}.auto`, `smmu3.${paddedAddress(address)}`)
    case 'smmuv2':
      return platform(`arm-smmu.${index}.auto`, `smmu.${paddedAddress(address)}`)
    case 'virtio-iommu': {
      const device = functionPath ?? platformPath(machine, iommu, `LNRO0005:${index.toString(16).padStart(2, '0')}`)
      const className = device.split('/').at(-1) ?? ''
      const instance = `${device}/virtio${index}/iommu/${className}`
      return { className, device, instance, platformDevice: functionPath === undefined ? device : undefined }
    }
    case 'vt-d':
      return virtual(`dmar${index}`)
    case 'amd-vi': {
      const className = `ivhd${index}`
      const device = functionPath ?? 'sys/devices/virtual'
      return { className, device, instance: `${device}/iommu/${className}`, platformDevice: undefined }
    }
    case 'riscv': {
      const device = platformPath(machine, iommu, `${address.toString(16)}.iommu`)
      return virtual(`riscv-iommu@${device.split('/').at(-1) ?? ''}`, device)
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
