import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  hostBridgeBindingOf,
  interruptControllerOf,
  iommuBindingOf,
  iommuKindOf,
  msiProviderOf,
} from '../../../src/machine/devicetree-bindings.js'
import { DraftNode } from '../../../src/machine/devicetree-builder.js'
import { walkNodes, type DeviceTreeNode } from '../../../src/machine/devicetree.js'
import { known, unreadable } from '../../../src/machine/fact.js'
import { parseDeviceTreeBlob } from '../../../src/probes/devicetree/blob.js'
import { ascii, words } from '../probes/devicetree/flat-tree.js'
import { CORPUS } from '../../support/outside.js'

/** Text `unreadable!` stands for a property that could not be read. */
type Value = string | Uint8Array

function node(properties: Readonly<Record<string, Value>>, parent?: DraftNode): DraftNode {
  const draft = new DraftNode(parent, parent ? 'child@0' : '', 'base')
  for (const [name, value] of Object.entries(properties)) {
    const bytes = typeof value === 'string' ? ascii(value) : value
    draft.properties.set(
      name,
      value === 'unreadable!' ? unreadable('io', { path: name }) : known(bytes, { path: name }),
    )
  }
  return draft
}
const compatible = (...names: readonly string[]): string => `${names.join('\0')}\0`
const kindOf = (found: ReturnType<typeof msiProviderOf>): string =>
  found.state === 'known' ? (found.value === 'none' ? 'none' : found.value.kind) : found.state

describe('IOMMUs', () => {
  test.each([
    ['smmuv3', 'arm,smmu-v3'],
    ['smmuv3', 'nvidia,tegra264-smmu', 'arm,smmu-v3'],
    ['smmuv2', 'arm,smmu-v1'],
    ['smmuv2', 'qcom,x1e80100-smmu-500', 'qcom,adreno-smmu', 'qcom,smmu-500', 'arm,mmu-500'],
    ['smmuv2', 'marvell,ap806-smmu-500', 'arm,mmu-500'],
    ['smmuv2', 'cavium,smmu-v2'],
    ['smmuv2', 'nvidia,tegra194-smmu', 'nvidia,smmu-500'],
    ['riscv', 'qemu,riscv-iommu', 'riscv,iommu'],
    ['virtio-iommu', 'virtio,pci-iommu'],
    ['other', 'apple,t8103-dart'],
    ['other', 'renesas,ipmmu-r8a779g0', 'renesas,rcar-gen4-ipmmu-vmsa'],
    ['other', 'rockchip,rk3588-iommu', 'rockchip,rk3568-iommu'],
    ['other', 'nvidia,tegra210-smmu'],
    ['other', 'fsl,pamu'],
    ['none', 'arm,gic-v3'],
  ])('%s: %s', (kind, ...names) => {
    expect(iommuKindOf(node({ compatible: compatible(...names) }))).toMatchObject({ state: 'known', value: kind })
  })

  test('#iommu-cells makes an unknown node an IOMMU, and a virtio-mmio device a virtio-iommu', () => {
    const cells = { '#iommu-cells': words(1) }
    expect(iommuKindOf(node({ compatible: compatible('acme,mmu'), ...cells }))).toMatchObject({ value: 'other' })
    expect(iommuKindOf(node({ compatible: compatible('virtio,mmio'), ...cells }))).toMatchObject({
      value: 'virtio-iommu',
    })
    expect(iommuKindOf(node({ compatible: compatible('virtio,mmio') }))).toMatchObject({ value: 'none' })
  })

  test('what could not be read is not decided', () => {
    expect(iommuKindOf(node({ compatible: 'unreadable!' })).state).toBe('unreadable')
    expect(iommuKindOf(node({ compatible: 'arm,smmu-v3' })).state).toBe('unreadable')
    expect(iommuKindOf(node({ compatible: compatible('a,b'), '#iommu-cells': 'unreadable!' })).state).toBe('unreadable')
    const incomplete = node({})
    incomplete.incomplete = 'permission'
    expect(iommuKindOf(incomplete)).toMatchObject({ state: 'unreadable', reason: 'permission' })
  })
})

describe('MSI providers', () => {
  const its = compatible('arm,gic-v3-its')
  test.each([
    ['its', { compatible: its, 'msi-controller': '' }],
    // D12: Linux logs that it ignores the ITS.
    ['none', { compatible: its }],
    ['unreadable', { compatible: its, 'msi-controller': 'unreadable!' }],
    ['unreadable', { compatible: 'unreadable!', 'msi-controller': '' }],
    ['gicv2m', { compatible: compatible('arm,gic-v2m-frame'), 'msi-controller': '' }],
    ['none', { compatible: compatible('arm,gic-v2m-frame') }],
    ['gicv3-mbi', { compatible: compatible('arm,gic-v3'), 'msi-controller': '', 'mbi-ranges': words(160, 32) }],
    ['none', { compatible: compatible('arm,gic-v3'), 'msi-controller': '' }],
    ['none', { compatible: compatible('arm,gic-v3'), 'mbi-ranges': words(160, 32) }],
    ['imsic', { compatible: compatible('qemu,imsics', 'riscv,imsics'), 'msi-controller': '' }],
    ['other', { compatible: compatible('loongson,pch-msi-1.0') }],
    ['other', { compatible: compatible('fsl,1s1043a-msi') }],
    ['other', { compatible: compatible('acme,msi'), 'msi-controller': '' }],
    ['host-bridge', { compatible: compatible('brcm,iproc-msi'), 'msi-controller': '' }],
    ['none', { compatible: compatible('pci-host-ecam-generic'), 'msi-map': words(0, 1, 0, 0x10000) }],
    // D11: a DesignWare bridge with neither of the two properties has its own receiver.
    ['host-bridge', { compatible: compatible('qcom,pcie-ipq6018') }],
    ['host-bridge', { compatible: compatible('rockchip,rk3588-pcie', 'rockchip,rk3568-pcie') }],
    ['none', { compatible: compatible('rockchip,rk3568-pcie'), 'msi-map': words(0, 1, 0, 0x10000) }],
    ['none', { compatible: compatible('marvell,armada8k-pcie', 'snps,dw-pcie'), 'msi-parent': words(3) }],
    ['none', { compatible: compatible('snps,dw-pcie'), 'msi-parent': words(3), 'msi-map': 'unreadable!' }],
    ['unreadable', { compatible: compatible('snps,dw-pcie'), 'msi-map': 'unreadable!' }],
    ['host-bridge', { compatible: compatible('ti,keystone-pcie'), 'msi-parent': words(3) }],
    ['host-bridge', { compatible: compatible('qcom,pcie-sa8255p'), 'msi-map': words(0, 1, 0, 0x10000) }],
    ['host-bridge', { compatible: compatible('xlnx,nwl-pcie-2.11'), 'msi-parent': words(3) }],
    ['host-bridge', { compatible: compatible('brcm,bcm2712-pcie'), 'msi-parent': words(3), phandle: words(3) }],
    ['none', { compatible: compatible('brcm,bcm2712-pcie'), 'msi-parent': words(4), phandle: words(3) }],
    ['unreadable', { compatible: compatible('brcm,bcm2712-pcie'), 'msi-parent': words(4), phandle: 'unreadable!' }],
  ] as const)('%s: %o', (kind, properties) => {
    expect(kindOf(msiProviderOf(node(properties)))).toBe(kind)
  })

  test('only the ITSs look at the payload; of an unknown controller nobody knows', () => {
    const answer = (properties: Readonly<Record<string, Value>>) =>
      msiProviderOf(node({ ...properties, 'msi-controller': '' }))
    expect(answer({ compatible: its })).toMatchObject({ value: { payloadChecked: 'yes' } })
    expect(answer({ compatible: compatible('arm,gic-v2m-frame') })).toMatchObject({ value: { payloadChecked: 'no' } })
    expect(answer({ compatible: compatible('acme,msi') })).toMatchObject({ value: { payloadChecked: 'unknown' } })
  })

  test('the frame of a GICv5 ITS stands for its ITS, if it has an address to write to', () => {
    const parent = node({ compatible: compatible('arm,gic-v5-its') })
    const frame = node({ 'msi-controller': '', 'reg-names': 'ns-translate\0' }, parent)
    const provider = msiProviderOf(frame)
    expect(provider).toMatchObject({ value: { kind: 'gicv5-its', payloadChecked: 'yes' } })
    expect(provider.state === 'known' && provider.value !== 'none' && provider.value.domainNode).toBe(parent)
    expect(kindOf(msiProviderOf(node({ 'msi-controller': '', 'reg-names': 's-translate\0' }, parent)))).toBe('none')
    expect(kindOf(msiProviderOf(node({ 'msi-controller': '', 'reg-names': 'unreadable!' }, parent)))).toBe('unreadable')
    const unclear = node({ compatible: 'unreadable!' })
    expect(kindOf(msiProviderOf(node({ 'msi-controller': '' }, unclear)))).toBe('unreadable')
  })

  test('what sits between wires and MSIs serves no PCI function', () => {
    const provider = msiProviderOf(node({ compatible: compatible('hisilicon,mbigen-v2'), 'msi-controller': '' }))
    expect(provider).toMatchObject({ value: { kind: 'other', serves: 'platform' } })
  })
})

test.each([
  ['gicv2', 'arm,gic-400'],
  ['gicv2', 'arm,cortex-a15-gic'],
  ['gicv3', 'qcom,msm8996-gic-v3', 'arm,gic-v3'],
  ['gicv5', 'arm,gic-v5'],
  ['gicv5-irs', 'arm,gic-v5-irs'],
  ['gicv5-iwb', 'arm,gic-v5-iwb'],
  ['plic', 'sifive,fu540-c000-plic', 'sifive,plic-1.0.0'],
  ['aplic', 'qemu,aplic', 'riscv,aplic'],
  ['none', 'arm,gic-v2m-frame'],
])('interrupt controller %s: %s', (kind, ...names) => {
  expect(interruptControllerOf(node({ compatible: compatible(...names) }))).toMatchObject({ value: kind })
})

/** Read off what dtc prints: IOMMU kinds, MSI providers (with their number) and host bridges of a board. */
const BOARDS: readonly [string, { iommus: string; providers: Readonly<Record<string, number>>; bridges: number }][] = [
  ['amlogic/meson-axg-s400', { iommus: '', providers: { 'host-bridge': 2 }, bridges: 2 }],
  ['arm/morello-sdp', { iommus: 'smmuv3', providers: { its: 4 }, bridges: 2 }],
  ['arm/juno', { iommus: 'smmuv2', providers: { gicv2m: 4 }, bridges: 1 }],
  ['broadcom/bcm2711-rpi-4-b', { iommus: '', providers: { 'host-bridge': 1 }, bridges: 1 }],
  ['nvidia/tegra210-p3450-0000', { iommus: 'other', providers: { 'host-bridge': 1 }, bridges: 1 }],
  ['xilinx/zynqmp-zcu102-rev1.0', { iommus: 'smmuv2', providers: { 'host-bridge': 1 }, bridges: 1 }],
]
const DEBIAN = `${CORPUS}/debian-dtb-7.2`
const boards = BOARDS.filter(([board]) => existsSync(`${DEBIAN}/${board}.dtb`))

describe.skipIf(boards.length === 0)(
  `boards of the corpus${boards.length > 0 ? '' : ' (not run: no corpus here)'}`,
  () => {
    test.each(boards)('%s', (board, expected) => {
      const { tree } = parseDeviceTreeBlob(readFileSync(`${DEBIAN}/${board}.dtb`), board)
      const nodes: DeviceTreeNode[] = tree ? [...walkNodes(tree.root)] : []
      const iommus = nodes.flatMap((at) => {
        const binding = iommuBindingOf(at)
        return binding.state === 'known' && binding.value !== 'none' ? [binding.value.kind] : []
      })
      const providers: Record<string, number> = {}
      for (const kind of nodes.map((at) => kindOf(msiProviderOf(at)))) {
        if (kind !== 'none') providers[kind] = (providers[kind] ?? 0) + 1
      }
      const bridges = nodes.filter((at) => {
        const bridge = hostBridgeBindingOf(at)
        return bridge.state === 'known' && bridge.value !== 'none'
      })
      expect({ iommus: [...new Set(iommus)].join(), providers, bridges: bridges.length }).toEqual(expected)
    })
  },
)
