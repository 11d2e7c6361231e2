import { describe, expect, it } from 'vitest'
import { card, judged, tree } from '../../rules/metal.js'
import { its } from '../../rules/vector.js'

/** A card that holds no vector, so that nothing but the tree tells. */
function answers(compatible: string, properties: Readonly<Record<string, readonly (string | number)[]>>) {
  const node = 'pcie@10000000'
  const machine = tree({
    kernel: { release: '6.1.0' },
    msiControllers: [its],
    deviceTree: { properties: { [`/${node}`]: { phandle: [0x77], ...properties } } },
    rootComplexes: [
      { iommu: 'smmu', node, compatible: [compatible], functions: [card(1, { msix: 0, msixCapable: 2 })] },
    ],
  })
  const device = judged({ machine }).report.devices.find(({ address }) => address === '0000:01:00.0')
  return [device?.kernel.isolatedMsi, device?.reason]
}

/**
 * kernel-decision.md section 5: which bridge drivers register a receiver of their own. On 6.1 each that is registered makes
 * R_glob no, whoever uses it.
 */
describe('the receiver of a host bridge', () => {
  const map = { 'msi-map': [0, '&its', 0, 0x10000] }
  it.each([
    ['brcm,bcm2711-pcie', { 'msi-parent': [0x77] }, 'no', 'host-bridge-msi'],
    ['brcm,bcm2711-pcie', map, 'yes', 'its-behind-smmu'],
    ['nvidia,tegra210-pcie', map, 'no', 'its-behind-smmu'],
    ['nvidia,tegra210-pcie', {}, 'no', 'host-bridge-msi'],
    ['qcom,pcie-sm8250', map, 'yes', 'its-behind-smmu'],
    ['qcom,pcie-sm8250', {}, 'no', 'host-bridge-msi'],
    ['pci-host-ecam-generic', {}, 'yes', 'no-msi-controller'],
    // A driver that nobody here knows may have a receiver.
    ['vendor,unheard-of-pcie', map, 'unknown', 'its-behind-smmu'],
  ] as const)('%s %j', (compatible, properties, isolatedMsi, reason) => {
    expect(answers(compatible, properties)).toEqual([isolatedMsi, reason])
  })
})
