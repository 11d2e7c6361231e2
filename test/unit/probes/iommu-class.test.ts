import { describe, expect, it } from 'vitest'
import { absent, known, type Fact } from '../../../src/machine/fact.js'
import type { DeviceTree, DeviceTreeNode } from '../../../src/machine/devicetree.js'
import type { IommuInstance } from '../../../src/machine/iommu.js'
import { probeIommuInstances } from '../../../src/probes/iommu-class.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { link } from './small-machine.js'

function instances(tree: TreeDescription, deviceTree: Fact<DeviceTree> = absent()): readonly IommuInstance[] {
  const fact = probeIommuInstances(memorySysroot({ kind: 'emulated', name: 'class' }, tree), deviceTree)
  return fact.state === 'known' ? fact.value : []
}

/** An instance below `path`, whose class link leads there. */
function instance(path: string, name: string, files: TreeDescription = {}): TreeDescription {
  const directory = `sys/${path}/iommu/${name}`
  return {
    [`sys/class/iommu/${name}`]: link(`../../${path}/iommu/${name}`),
    [`${directory}/devices/0000:00:02.0`]: link('x'),
    ...Object.fromEntries(Object.entries(files).map(([file, content]) => [`${directory}/${file}`, content])),
  }
}

describe('probeIommuInstances', () => {
  it('reads the registers of VT-d, hexadecimal without 0x', () => {
    const [unit] = instances(
      instance('devices/virtual', 'dmar0', {
        'intel-iommu/address': 'fed90000\n',
        'intel-iommu/cap': 'd2008c22260206\n',
        'intel-iommu/ecap': 'f00f4e\n',
      }),
    )
    expect(unit).toMatchObject({
      kind: 'vt-d',
      address: { value: 0xfed9_0000n },
      capability: { value: 0xd2_008c_2226_0206n },
      extendedCapability: { value: 0xf0_0f4en },
      devices: { value: ['0000:00:02.0'] },
      devicePath: { state: 'absent' },
    })
  })

  it.each<[string, string, string | undefined, string]>([
    [
      'smmuv3',
      'devices/platform/arm-smmu-v3.0.auto',
      'smmu3.0x0000000009050000',
      'devices/platform/arm-smmu-v3.0.auto',
    ],
    ['smmuv2', 'devices/platform/5000000.iommu', 'smmu.0x0000000005000000', 'devices/platform/5000000.iommu'],
    ['amd-vi', 'devices/pci0000:00/0000:00:01.0', 'ivhd0', 'devices/pci0000:00/0000:00:01.0'],
    ['virtio-iommu', 'devices/pci0000:00/0000:00:01.0/virtio0', '0000:00:01.0', 'devices/pci0000:00/0000:00:01.0'],
    [
      'virtio-iommu',
      'devices/platform/a003e00.virtio_mmio/virtio1',
      'a003e00.virtio_mmio',
      'devices/platform/a003e00.virtio_mmio',
    ],
    ['other', 'devices/platform/soc/50080000.iommu', '50080000.iommu', 'devices/platform/soc/50080000.iommu'],
  ])('tells %s by its name, and finds the device below it', (kind, path, name, device) => {
    expect(instances(instance(path, name ?? ''))).toMatchObject([{ name, kind, devicePath: { value: device } }])
  })

  it('finds the device of a RISC-V IOMMU through its name', () => {
    const tree = {
      ...instance('devices/virtual', 'riscv-iommu@3010000.iommu'),
      'sys/bus/platform/devices/3010000.iommu': link('../../../devices/platform/soc/3010000.iommu'),
    }
    expect(instances(tree)).toMatchObject([
      { kind: 'riscv', devicePath: { value: 'devices/platform/soc/3010000.iommu' }, address: { state: 'absent' } },
    ])
  })

  it('calls a missing register, a bad base address and a foreign link unreadable', () => {
    const [unit] = instances(instance('devices/virtual', 'dmar0'))
    expect(unit?.extendedCapability).toMatchObject({ state: 'unreadable' })
    const [smmu] = instances(instance('devices/platform/x', 'smmu3.0xzz'))
    expect(smmu?.address).toMatchObject({ reason: 'malformed' })
    const [foreign] = instances({ 'sys/class/iommu/dmar0': link('../../devices/virtual/iommu/dmar') })
    expect(foreign).toMatchObject({ devicePath: { reason: 'malformed' }, devices: { state: 'unreadable' } })
  })

  it('joins of_node with uevent and the tree', () => {
    const node: DeviceTreeNode = {
      path: '/smmuv3@9050000',
      name: 'smmuv3@9050000',
      source: 'x',
      parent: undefined,
      properties: new Map(),
      children: [],
      incomplete: undefined,
    }
    const tree = known<DeviceTree>({
      root: node,
      byPath: new Map([[node.path, node]]),
      byPhandle: new Map(),
      complete: true,
    })
    const device = 'devices/platform/9050000.smmuv3'
    const nodeOf = (target: string, uevent: string) => {
      const [smmu] = instances(
        {
          ...instance(device, 'smmu3.0x0000000009050000'),
          [`sys/${device}/of_node`]: link(target),
          [`sys/${device}/uevent`]: uevent,
        },
        tree,
      )
      return smmu?.deviceTreeNode
    }
    const target = '../../../firmware/devicetree/base/smmuv3@9050000'
    const named = 'OF_FULLNAME=/smmuv3@9050000\n'
    expect(nodeOf(target, named)).toMatchObject({ state: 'known', value: '/smmuv3@9050000' })
    expect(nodeOf(target.slice(0, -1), named)).toMatchObject({ reason: 'malformed' })
    expect(nodeOf(target, 'DRIVER=arm-smmu-v3\n')).toMatchObject({ reason: 'malformed' })
    expect(nodeOf(`${target}1`, 'OF_FULLNAME=/smmuv3@90500001\n')).toMatchObject({ reason: 'malformed' })
  })
})
