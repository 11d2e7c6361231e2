import { expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { isDrivenByLog } from '../../../../src/kernel/iommu/driven-by-log.js'
import type { DescribedIommu } from '../../../../src/kernel/iommu/described-iommu.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IortTable } from '../../../../src/machine/iort.js'
import type { IommuInstance } from '../../../../src/machine/iommu.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { rc, smmu, tableOf } from '../iort/iort-nodes.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))
const IORT_OF_TWO = known(tableOf(rc([]), smmu(200, {}), smmu(300, {})))
const byTree = (kind: DescribedIommu['kind'], address?: bigint): DescribedIommu => ({
  kind,
  source: 'devicetree',
  streamIds: [],
  from: [],
  ...(address !== undefined && { address }),
})
const V3 = byTree('smmuv3', 0x9050000n)
const V2 = byTree('smmuv2', 0x9050000n)
const IN_IORT: DescribedIommu = { kind: 'smmuv3', source: 'iort', address: 0x9050000n, streamIds: [], from: [] }
const X86: DescribedIommu = { kind: 'vt-d', source: 'dmar', streamIds: [], from: [] }

interface Situation {
  readonly described: DescribedIommu
  readonly log?: readonly string[] | Fact<readonly string[]>
  readonly iommus?: Fact<readonly IommuInstance[]>
  readonly iort?: Fact<IortTable>
}

const FEATURES = 'ias 44-bit, oas 44-bit (features 0x00008305)'
const v3 = (name: string) => `arm-smmu-v3 ${name}: ${FEATURES}`

/**
 * K: arm_smmu_device_hw_probe of arm-smmu-v3.c ("ias %lu-bit, oas %lu-bit (features 0x%08x)"), arm_smmu_device_cfg_probe of
 * arm-smmu.c ("SMMUv%d with:"). An IORT numbers its devices, in a tree their names begin with the address.
 */
it.each<[string, boolean, Situation]>([
  ['the SMMUv3 of a tree, by its address', true, { described: V3, log: [v3('9050000.smmuv3')] }],
  [
    'one that tells of its output alone',
    true,
    { described: V3, log: ['arm-smmu-v3 9050000.smmuv3: oas 44-bit (features 0x1)'] },
  ],
  ['another of a tree', false, { described: V3, log: [v3('9060000.smmuv3')] }],
  ['one whose address only begins like that', false, { described: V3, log: [v3('90500000.smmuv3')] }],
  ['one of such a name without a dot', false, { described: V3, log: [v3('90500000')] }],
  ['one whose address is not known', false, { described: byTree('smmuv3'), log: [v3('9050000.smmuv3')] }],
  ['the same, whatever names there are', false, { described: byTree('smmuv3'), log: [v3('undefined.smmuv3')] }],
  [
    'one of a VIOT, where an IORT has as many',
    false,
    { described: { ...IN_IORT, source: 'viot' }, log: [v3('arm-smmu-v3.0.auto'), v3('arm-smmu-v3.1.auto')] },
  ],
  ['one of another maker', false, { described: byTree('other', 0x9050000n) }],
  ['none', false, { described: byTree('none') }],
  ['one of which nobody knows what it is', false, { described: byTree('unknown') }],
  ['one that says something else', false, { described: V3, log: ['arm-smmu-v3 9050000.smmuv3: option mask 0x0'] }],
  ['the SMMUv2 of a tree', true, { described: V2, log: ['arm-smmu 9050000.iommu: SMMUv2 with:'] }],
  ['the SMMUv1 of a tree', true, { described: V2, log: ['arm-smmu 9050000.iommu: SMMUv1 with:'] }],
  ['an SMMUv3 where an SMMUv2 is described', false, { described: V2, log: [v3('9050000.iommu')] }],
  ['an SMMUv2 where an SMMUv3 is described', false, { described: V3, log: ['arm-smmu 9050000.iommu: SMMUv2 with:'] }],
  [
    'one that started, and a driver that gave up',
    false,
    { described: V3, log: [v3('9050000.smmuv3'), 'arm-smmu-v3 9060000.smmuv3: failed to allocate queue'] },
  ],
  ['all that an IORT has', true, { described: IN_IORT, log: [v3('arm-smmu-v3.0.auto'), v3('arm-smmu-v3.1.auto')] }],
  [
    'one of two that an IORT has, told twice',
    false,
    { described: IN_IORT, log: [v3('arm-smmu-v3.0.auto'), v3('arm-smmu-v3.0.auto')] },
  ],
  ['more than an IORT has', false, { described: IN_IORT, log: [0, 1, 2].map((at) => v3(`arm-smmu-v3.${at}.auto`)) }],
  [
    'those of a tree where an IORT is asked',
    false,
    { described: IN_IORT, log: [v3('9050000.smmuv3'), v3('9060000.smmuv3')] },
  ],
  [
    'all of an IORT that cannot be read',
    false,
    { described: IN_IORT, log: [v3('arm-smmu-v3.0.auto')], iort: unreadable('io') },
  ],
  // The tables of x86 leave one driver to choose from.
  ['VT-d', true, { described: X86 }],
  ['AMD-Vi', true, { described: { ...X86, kind: 'amd-vi', source: 'ivrs' } }],
  ['a virtio-iommu', false, { described: { ...X86, kind: 'virtio-iommu', source: 'viot' } }],
  ['a RISC-V IOMMU', false, { described: byTree('riscv', 0x9050000n) }],
  // What was collected, or cannot be read, is never outdone by the log.
  ['one where none is driven', false, { described: V3, log: [v3('9050000.smmuv3')], iommus: known([]) }],
  ['one where the driven ones cannot be read', false, { described: X86, iommus: unreadable('permission') }],
  ['one where no class is', false, { described: X86, iommus: absent() }],
  ['one where no log is', false, { described: X86, log: absent() }],
  ['one where the log cannot be read', false, { described: V3, log: unreadable('permission') }],
])(
  'the log shows at work: %s: %s',
  (_, expected, { described, log = [], iommus = unreadable('not-collected'), iort = IORT_OF_TWO }) => {
    const lines: Fact<readonly string[]> = 'state' in log ? log : known(log)
    const machine = { ...BASE, iommus, kernel: { ...BASE.kernel, log: lines }, acpi: { ...BASE.acpi, iort } }
    expect(isDrivenByLog(contextOf(machine), described)).toBe(expected)
  },
)
