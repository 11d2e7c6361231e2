import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { platformMsiIsolated } from '../../../../src/kernel/msi/platform-msi.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IortNode, IortTable, NamedComponentNode } from '../../../../src/machine/iort.js'
import type { Architecture } from '../../../../src/machine/kernel.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree, type NodeLiteral, type PropertyValue } from '../devicetree/device-tree-nodes.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'

const MACHINE = probeMachine(sysrootOf({ machine: arm({ kernel: { log: false } }) }))
const CLOSED = unreadable('permission')
const [ITS, ALPINE, DISABLED, STRANGE, BARE, UNSURE, BRIDGE] = [1, 2, 3, 4, 5, 6, 7]

const controller = (compatible: string, phandle: number, more: NodeLiteral = {}): NodeLiteral => ({
  compatible,
  'msi-controller': [],
  phandle: [phandle],
  reg: [0, 0x8080000 + phandle * 0x20000, 0, 0x20000],
  ...more,
})

interface Situation {
  readonly name?: string
  readonly architecture?: Architecture
  readonly msiParent?: PropertyValue
  /** Path of the device's node, of a tree. */
  readonly node?: Fact<string>
  readonly isTreeClosed?: true
  readonly iort?: Fact<IortTable>
  readonly release?: string
}

function isolated(at: Situation): string {
  const {
    name = '1000.dma',
    architecture = 'arm64',
    msiParent,
    node = known('/dma'),
    isTreeClosed,
    iort = absent(),
    release = '6.12.0',
  } = at
  const tree = deviceTree({
    '#address-cells': [2],
    '#size-cells': [2],
    its: controller('arm,gic-v3-its', ITS, { '#msi-cells': [1] }),
    alpine: controller('al,alpine-msix', ALPINE),
    disabled: controller('al,alpine-msix', DISABLED, { status: 'disabled' }),
    strange: controller('UNREADABLE', STRANGE),
    unsure: controller('arm,gic-v3-its', UNSURE, { status: 'UNREADABLE', '#msi-cells': [1] }),
    bare: { phandle: [BARE] },
    pcie: { compatible: 'brcm,bcm2711-pcie', 'msi-controller': [], phandle: [BRIDGE], 'msi-parent': [BRIDGE] },
    dma: { ...(msiParent !== undefined && { 'msi-parent': msiParent }) },
  })
  const context = contextOf({
    ...MACHINE,
    kernel: { ...MACHINE.kernel, architecture: known(architecture), release: known(release) },
    deviceTree: isTreeClosed ? CLOSED : known(tree),
    acpi: { ...MACHINE.acpi, iort },
    functions: known([]),
  })
  const device = { name, driver: absent(), iommuGroup: absent(), deviceTreeNode: node }
  return platformMsiIsolated(context, msiControllersOf(context), device)
}

/** K: drivers/of/irq.c, of_msi_configure: the first of msi-parent with a domain; kernel-decision.md section 1: none is no. */
describe('the MSI domain of a device of a tree isolates', () => {
  it.each<[string, string, Situation]>([
    ['by an ITS', 'yes', { msiParent: [ITS, 5] }],
    ['not by another controller', 'no', { msiParent: [ALPINE] }],
    ['by the first that has a domain', 'yes', { msiParent: [DISABLED, ITS, 5] }],
    ['not by the second', 'no', { msiParent: [ALPINE, ITS, 5] }],
    ['not without msi-parent', 'no', {}],
    ['not by what is disabled', 'no', { msiParent: [DISABLED] }],
    ['not by what is no controller', 'no', { msiParent: [BARE] }],
    ['or not, by what may be any controller', 'unknown', { msiParent: [STRANGE] }],
    ['or not, where msi-parent cannot be read', 'unknown', { msiParent: 'UNREADABLE' }],
    ['or not, where its node cannot be read', 'unknown', { node: CLOSED }],
    ['or not, where its node is not in the tree', 'unknown', { node: known('/gone') }],
    ['or not, where the tree cannot be read', 'unknown', { msiParent: [ITS, 5], isTreeClosed: true }],
    ['on RISC-V as well', 'yes', { msiParent: [ITS, 5], architecture: 'riscv64' }],
    ['on no other architecture', 'no', { msiParent: [ITS, 5], architecture: 'x86_64' }],
    // Its receiver has no domain for other devices.
    ['past a host bridge with a receiver of its own', 'yes', { msiParent: [BRIDGE, ITS, 5] }],
    ['or not, by an ITS of which nobody knows whether it is there', 'unknown', { msiParent: [UNSURE, 5] }],
    ['by the long form of a single parent before 6.12 too', 'yes', { msiParent: [ITS, 5], release: '6.1.0' }],
    ['never on x86, whatever its name', 'no', { name: 'dpni.3', architecture: 'x86_64' }],
    // drivers/bus/fsl-mc: objects of that bus have the domain that the bus takes from an ITS.
    ['or not, on the fsl-mc bus', 'unknown', { name: 'dpni.3', msiParent: [ALPINE] }],
    ['by what it has, under a name that only looks like one of that bus', 'no', { name: 'dpni3', msiParent: [ALPINE] }],
  ])('%s: %s', (_, expected, at) => {
    expect(isolated(at)).toBe(expected)
  })
})

/** K: drivers/acpi/arm64/iort.c, acpi_configure_pmsi_domain. Which named component a device is only the DSDT tells. */
describe('the MSI domain of a device under ACPI isolates', () => {
  const component = (...references: readonly number[]): NamedComponentNode => ({
    type: 'named-component',
    typeCode: 1,
    offset: 500,
    length: 64,
    revision: 4,
    identifier: 0,
    mappings: references.map((outputReference) => mapping({ outputReference, singleMapping: true })),
    mappingCount: references.length,
    flags: 0,
    cacheCoherency: 1,
    memoryHints: 0,
    memoryFlags: 0,
    addressSizeLimit: 48,
    objectName: '\\_SB.DMA0',
  })
  const table = (...nodes: readonly IortNode[]) => known(tableOf(rc([mapping({ outputReference: 300 })]), ...nodes))
  const bridge: IortNode = { ...smmu(200, {}), type: 'iwb', typeCode: 7, configBase: 0n, iwbIndex: 0, objectName: '' }
  const behindSmmu = smmu(200, { mappings: [mapping({ outputReference: 300 })] })
  it.each<[string, string, Fact<IortTable>]>([
    ['never without an IORT', 'no', absent()],
    ['or not, where the IORT cannot be read', 'unknown', CLOSED],
    ['never without a named component', 'no', table(behindSmmu, group(300, [0]))],
    ['or not, where one leads to an ITS group', 'unknown', table(group(300, [0]), component(300))],
    ['or not, where one leads there through an SMMU', 'unknown', table(behindSmmu, group(300, [0]), component(200))],
    [
      'or not, where its second mapping leads there',
      'unknown',
      table(smmu(200, {}), group(300, [0]), component(200, 300)),
    ],
    ['or not, where one leads to a wire bridge', 'unknown', table(bridge, component(200))],
    ['or not, where a mapping before it leads nowhere', 'unknown', table(group(300, [0]), component(300, 301))],
    ['never where one leads to an SMMU alone', 'no', table(smmu(200, {}), component(200))],
    ['never where one leads nowhere', 'no', table(group(300, [0]), component(301))],
    [
      'never where nodes lead to each other',
      'no',
      table(smmu(200, { mappings: [mapping({ outputReference: 500 })] }), component(200)),
    ],
  ])('%s: %s', (_, expected, iort) => {
    expect(isolated({ node: absent(), iort })).toBe(expected)
  })
})
