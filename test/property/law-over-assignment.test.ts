import { expect, it } from 'vitest'
// First, since the others load the probes.
import { checkLaw } from '../support/soundness-law.js'
import { card, intel, link, sysrootOf, text, tree, type TestCase } from '../unit/rules/metal.js'
import { vmdInOneGroup } from '../unit/rules/vector-platforms.js'

const NODE = 'ethernet@1000'
const DEVICE = '1000.ethernet'

/** What decides an assignment beside the route of an MSI: no loss of it may strengthen an answer. */
const MACHINES: readonly (readonly [string, TestCase])[] = [
  ['a VMD with what stands behind it', { machine: vmdInOneGroup(true) }],
  [
    'the control domain of Xen',
    {
      machine: intel({ iommus: [], acpi: { dmar: null }, rootComplexes: [{ functions: [card(1)] }] }),
      edit: (files) => {
        files.set('sys/hypervisor/type', text('xen\n'))
        files.set('proc/xen/capabilities', text('control_d\n'))
      },
    },
  ],
  [
    'no-IOMMU mode',
    {
      machine: intel({
        kernel: { parameters: { 'vfio.enable_unsafe_noiommu_mode': 'Y' } },
        iommus: [],
        rootComplexes: [{ functions: [card(1, {}, 'none')] }],
      }),
    },
  ],
  [
    'a platform device with an ITS in the group',
    {
      machine: tree({
        rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: 7 }, 'vfio-pci')] }],
        deviceTree: {
          nodes: { [NODE]: { properties: { compatible: 'example,mac', 'msi-parent': ['&its', 5] } } },
        },
      }),
      edit: (files) => {
        const directory = `sys/devices/platform/${DEVICE}`
        files.set(`${directory}/iommu_group`, link('../../../kernel/iommu_groups/7'))
        files.set(`${directory}/uevent`, text(`OF_FULLNAME=/${NODE}\n`))
        files.set(`${directory}/of_node`, link(`../../../firmware/devicetree/base/${NODE}`))
        files.set(`sys/bus/platform/devices/${DEVICE}`, link(`../../../devices/platform/${DEVICE}`))
        files.set(`sys/kernel/iommu_groups/7/devices/${DEVICE}`, link(`../../../../devices/platform/${DEVICE}`))
      },
    },
  ],
]

it.each(MACHINES)('%s: no failed read and no loss strengthens an answer', (_, testCase) => {
  const { mutations, reads, violations } = checkLaw(sysrootOf(testCase))
  expect(mutations).toBeGreaterThan(reads)
  expect(violations).toEqual([])
})
