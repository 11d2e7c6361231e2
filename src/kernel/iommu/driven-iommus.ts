import type { IommuInstance } from '../../machine/iommu.js'
import type { Machine } from '../../machine/machine.js'
import type { DescribedIommu } from './described-iommu.js'

/** Places of instances in their list, by what tells them apart; of several with the same the first. */
class Places<Key> {
  private readonly places = new Map<Key | undefined, number>()

  add(key: Key, place: number): void {
    if (!this.places.has(key)) this.places.set(key, place)
  }

  of(key: Key | undefined): number {
    return this.places.get(key) ?? Infinity
  }
}

/** The IOMMUs that a driver runs, by all that functions and descriptions know of them: every function asks. */
export class DrivenIommus {
  private readonly instances: readonly IommuInstance[]
  private readonly byName = new Places<string>()
  /** Names, without that of a driver before them. */
  private readonly byFunction = new Places<string>()
  private readonly byMember = new Places<string>()
  private readonly byNode = new Places<string>()
  private readonly byAddress = new Places<bigint>()
  /** Of those whose node is not known. */
  private readonly byAddressAlone = new Places<bigint>()

  constructor(instances: readonly IommuInstance[]) {
    this.instances = instances
    for (const [place, { name, devices, deviceTreeNode, address }] of instances.entries()) {
      this.byName.add(name, place)
      this.byFunction.add(name.slice(name.lastIndexOf('@') + 1), place)
      for (const device of devices.state === 'known' ? devices.value : []) this.byMember.add(device, place)
      if (deviceTreeNode.state === 'known') this.byNode.add(deviceTreeNode.value, place)
      if (address.state !== 'known') continue
      this.byAddress.add(address.value, place)
      if (deviceTreeNode.state !== 'known') this.byAddressAlone.add(address.value, place)
    }
  }

  /** The one of this name. */
  named(name: string | undefined): IommuInstance | undefined {
    return this.instances[this.byName.of(name)]
  }

  /** The one that lists a device as one that it serves. */
  serving(device: string | undefined): IommuInstance | undefined {
    return this.instances[this.byMember.of(device)]
  }

  /** The one that a described IOMMU is. */
  of({ source, ownFunction, nodePath, address }: DescribedIommu): IommuInstance | undefined {
    if (source === 'architecture') return this.serving(ownFunction)
    // An IOMMU that is a PCI function goes by its address: virtio-iommu plainly, RISC-V's behind its driver's name.
    const ofFunction = this.byFunction.of(ownFunction)
    const ofFirmware =
      nodePath === undefined
        ? this.byAddress.of(address)
        : Math.min(this.byNode.of(nodePath), this.byAddressAlone.of(address))
    return this.instances[Math.min(ofFunction, ofFirmware)]
  }
}

/** The driven IOMMUs of a machine: none where they cannot be read. */
export function drivenIommus({ iommus }: Machine): DrivenIommus {
  return new DrivenIommus(iommus.state === 'known' ? iommus.value : [])
}
