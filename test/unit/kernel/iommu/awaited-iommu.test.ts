import { expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { isAwaited } from '../../../../src/kernel/iommu/awaited-iommu.js'
import { iommuDriverOf } from '../../../../src/kernel/iommu/iommu-driver.js'
import type { DescribedIommu } from '../../../../src/kernel/iommu/described-iommu.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IommuKind } from '../../../../src/machine/kinds.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'
import { pciFunction } from '../pci/pci-functions.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))
const described = (kind: IommuKind, source: DescribedIommu['source']): DescribedIommu => ({
  kind,
  source,
  streamIds: [],
  from: [],
})
const TIMEOUT = 'nvme 0000:01:00.0: deferred probe timeout, ignoring dependency'

interface Situation {
  readonly iommu?: DescribedIommu
  readonly release?: string
  readonly option?: string
  readonly log?: readonly string[]
  readonly driver?: Fact<string>
}

/**
 * K: drivers/base/dd.c, driver_deferred_probe_check_state; drivers/acpi/arm64/iort.c, iort_iommu_driver_enabled;
 * drivers/acpi/viot.c, from 5.14 on. Of a tree the kernel does not look whether a driver was built.
 */
it.each<[string, boolean, Situation]>([
  ['the SMMU of an IORT', true, {}],
  ['one whose driver was built', true, { option: 'CONFIG_ARM_SMMU_V3=m' }],
  ['one whose driver was not built', false, { option: 'CONFIG_ARM_SMMU_V3=n' }],
  ['one where another driver was not built', true, { option: 'CONFIG_ARM_SMMU=n' }],
  ['one that was given up', false, { log: [TIMEOUT] }],
  ['one where something else was given up', true, { log: ['usb 1-1: deferred probe timeout, ignoring dependency'] }],
  ['one without which a driver has the function', true, { driver: known('nvme') }],
  ['the SMMU of a tree', true, { iommu: described('smmuv3', 'devicetree') }],
  [
    'the SMMU of a tree, whose driver was not built',
    true,
    { iommu: described('smmuv3', 'devicetree'), option: 'CONFIG_ARM_SMMU_V3=n' },
  ],
  [
    'the SMMU of a tree, without which a driver has the function',
    false,
    { iommu: described('smmuv3', 'devicetree'), driver: known('nvme') },
  ],
  [
    'the SMMU of a tree, where that cannot be read',
    true,
    { iommu: described('smmuv3', 'devicetree'), driver: unreadable('io') },
  ],
  ['the SMMU of a tree that was given up', false, { iommu: described('smmuv3', 'devicetree'), log: [TIMEOUT] }],
  ['the virtio-iommu of a VIOT, 5.13', false, { iommu: described('virtio-iommu', 'viot'), release: '5.13.0' }],
  [
    'the virtio-iommu of a VIOT, on a release that nobody knows',
    true,
    { iommu: described('virtio-iommu', 'viot'), release: 'custom' },
  ],
  ['the virtio-iommu of a VIOT, 5.14', true, { iommu: described('virtio-iommu', 'viot'), release: '5.14.0' }],
  [
    'the virtio-iommu of a VIOT, not built',
    false,
    { iommu: described('virtio-iommu', 'viot'), option: 'CONFIG_VIRTIO_IOMMU=n' },
  ],
  ['the virtio-iommu of a tree, 5.13', true, { iommu: described('virtio-iommu', 'devicetree'), release: '5.13.0' }],
  ['one of a driver that nobody knows', true, { iommu: described('other', 'iort'), option: 'CONFIG_ARM_SMMU_V3=n' }],
])('the kernel waits for %s: %s', (_, expected, at) => {
  const { iommu = described('smmuv3', 'iort'), release = '6.12.0', option, log = [], driver = absent() } = at
  const [name = '', value = ''] = option?.split('=') ?? []
  const configuration = known(new Map(option === undefined ? [] : [[name, value]]))
  const kernel = { ...BASE.kernel, release: known(release), log: known(log), configuration }
  const fn = { ...pciFunction({ at: '01:00.0' }), driver }
  expect(isAwaited(contextOf({ ...BASE, kernel }), fn, iommu)).toBe(expected)
})

// K: drivers/iommu/Kconfig and the Makefiles there: which can be a module, and what it is called; its log lines begin with
// the name in `struct platform_driver`.
it.each<[IommuKind, string | undefined, string]>([
  ['smmuv3', undefined, 'CONFIG_ARM_SMMU_V3 arm_smmu_v3 arm-smmu-v3'],
  ['smmuv2', undefined, 'CONFIG_ARM_SMMU arm_smmu arm-smmu'],
  ['virtio-iommu', undefined, 'CONFIG_VIRTIO_IOMMU virtio_iommu virtio_iommu'],
  ['riscv', undefined, 'CONFIG_RISCV_IOMMU none riscv,iommu'],
  ['other', 'rockchip,rk3568-iommu', 'CONFIG_ROCKCHIP_IOMMU none rk_iommu'],
  ['other', 'apple,t8103-dart', 'CONFIG_APPLE_DART apple_dart apple-dart'],
  ['other', 'renesas,ipmmu-r8a7795', 'CONFIG_IPMMU_VMSA none ipmmu-vmsa'],
  ['other', 'mediatek,mt8195-iommu-vdo', 'CONFIG_MTK_IOMMU mtk_iommu mtk-iommu'],
  ['other', 'vendor,unheard-of', 'none'],
  ['other', 'UNREADABLE', 'none'],
  ['other', undefined, 'none'],
  // The kind is told by the binding, before the vendor's name in it.
  ['smmuv3', 'apple,t8103-dart', 'CONFIG_ARM_SMMU_V3 arm_smmu_v3 arm-smmu-v3'],
])('the driver of %s %s: %s', (kind, compatible, expected) => {
  const node = compatible === undefined ? undefined : nodeAt(deviceTree({ iommu: { compatible } }), '/iommu')
  const found = iommuDriverOf(kind, node)
  expect(found ? `${found.option} ${found.module ?? 'none'} ${found.logName}` : 'none').toBe(expected)
})
