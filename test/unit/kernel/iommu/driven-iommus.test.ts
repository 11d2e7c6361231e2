import { expect, it } from 'vitest'
import { array, assert, constantFrom, property, record } from 'fast-check'
import { DrivenIommus } from '../../../../src/kernel/iommu/driven-iommus.js'
import type { DescribedIommu } from '../../../../src/kernel/iommu/described-iommu.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IommuInstance } from '../../../../src/machine/iommu.js'

const DEVICES = ['0000:00:01.0', '0000:00:02.0']
const fact = <T>(...values: readonly T[]) =>
  constantFrom<Fact<T>>(absent(), unreadable('io'), ...values.map((one) => known(one)))

const instances = array(
  record({
    name: constantFrom('smmu3.0x1000', ...DEVICES, `riscv-iommu-pci@${DEVICES[0]}`),
    kind: constantFrom<IommuInstance['kind']>('smmuv3', 'virtio-iommu'),
    address: fact(0x1000n, 0x2000n),
    devices: fact<readonly string[]>([], DEVICES, DEVICES.slice(1)),
    capability: constantFrom<Fact<bigint>>(absent()),
    extendedCapability: constantFrom<Fact<bigint>>(absent()),
    devicePath: constantFrom<Fact<string>>(absent()),
    deviceTreeNode: fact('/iommu@1000', '/iommu@2000'),
  }),
  { maxLength: 4 },
)
const described = record<DescribedIommu>(
  {
    kind: constantFrom('smmuv3'),
    source: constantFrom('iort', 'devicetree', 'architecture'),
    streamIds: constantFrom<readonly number[]>([]),
    from: constantFrom<DescribedIommu['from']>([]),
    address: constantFrom(0x1000n, 0x2000n),
    nodePath: constantFrom('/iommu@1000', '/iommu@2000'),
    ownFunction: constantFrom(...DEVICES),
  },
  { requiredKeys: ['kind', 'source', 'streamIds', 'from'] },
)

/** One after the other, as a person would compare them. */
function isIt({ source, ownFunction, nodePath, address }: DescribedIommu, instance: IommuInstance): boolean {
  const { name, devices, deviceTreeNode } = instance
  if (source === 'architecture') return devices.state === 'known' && devices.value.includes(ownFunction ?? '')
  if (ownFunction !== undefined && (name === ownFunction || name.endsWith(`@${ownFunction}`))) return true
  if (nodePath !== undefined && deviceTreeNode.state === 'known') return deviceTreeNode.value === nodePath
  return address !== undefined && instance.address.state === 'known' && instance.address.value === address
}

it('the instance that a described IOMMU is, is the first that goes by its function, its node or its registers', () => {
  assert(
    property(instances, described, (all, one) => {
      const driven = new DrivenIommus(all)
      expect(driven.of(one)).toBe(all.find((instance) => isIt(one, instance)))
      for (const name of DEVICES) {
        expect(driven.named(name)).toBe(all.find((instance) => instance.name === name))
        expect(driven.serving(name)).toBe(
          all.find(({ devices }) => devices.state === 'known' && devices.value.includes(name)),
        )
      }
      expect(driven.named(undefined)).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})
