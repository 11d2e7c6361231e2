import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { decided, undecided } from '../../../../src/kernel/decision.js'
import { describedIommu } from '../../../../src/kernel/iommu/iommu-description.js'
import type { TableHeader } from '../../../../src/machine/acpi-table.js'
import type { DeviceTree } from '../../../../src/machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { ViotNode, ViotTable } from '../../../../src/machine/viot.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, intel, sysrootOf } from '../../rules/metal.js'
import { amd } from '../../rules/x86-machines.js'
import { deviceTree, type PropertyValue } from '../devicetree/device-tree-nodes.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'
import { pciFunction } from '../pci/pci-functions.js'

const ARM = probeMachine(sysrootOf({ machine: arm({}) }))
const X86 = probeMachine(sysrootOf({ machine: intel({}) }))
const CLOSED = unreadable('permission')
const NO_TABLES = { iort: absent(), viot: absent(), rimt: absent(), dmar: absent(), ivrs: absent() } as const

const header: TableHeader = {
  signature: 'VIOT',
  length: 104,
  revision: 0,
  checksum: 'ok',
  oemId: 'EXAMPL',
  oemTableId: 'EXAMPLE ',
  oemRevision: 1,
}
/** Functions 00:01.0 to 01:ff of segments 1 and 2 behind a virtio-iommu that is 00:02.0 of segment 1. */
const range: ViotNode = {
  type: 'pci-range',
  typeCode: 1,
  offset: 48,
  length: 24,
  endpointStart: 0x5000,
  segmentStart: 1,
  segmentEnd: 2,
  bdfStart: 8,
  bdfEnd: 0x1ff,
  outputNode: 72,
}
const pci: ViotNode = { type: 'virtio-iommu-pci', typeCode: 3, offset: 72, length: 16, segment: 1, bdf: 0x10 }
const viot = (...nodes: readonly ViotNode[]): ViotTable => ({ header, diagnostics: [], damaged: false, nodes })

function described(base: Machine, tables: Partial<Machine['acpi']>, at: string, segment = 0, classCode?: number) {
  const literal = pciFunction({ at, ...(classCode === undefined ? {} : { classCode }) })
  const fn = { ...literal, address: { ...literal.address, segment } }
  const { bus, device, function: number } = fn.address
  const machine = { ...base, acpi: { ...base.acpi, ...NO_TABLES, ...tables }, functions: known([fn]) }
  const context = contextOf({ ...machine, deviceTree: absent() })
  const answer = describedIommu(context, fn, decided([(bus << 8) | (device << 3) | number]))
  if (answer.state === 'undecided') return answer.doubt
  if (answer.value === 'none') return 'none'
  const { kind, source, streamIds, ownFunction, address } = answer.value
  const place = source === 'viot' && address !== undefined ? [`at ${address.toString(16)}`] : []
  return [kind, source, ...streamIds, ...(ownFunction === undefined ? [] : [ownFunction]), ...place].join(' ')
}

// K: drivers/acpi/viot.c, viot_iommu_configure, viot_pci_dev_iommu_init: endpoint id = (segment - start) * 65536 + bdf -
// bdf start + endpoint start; the IOMMU's own function is not behind itself.
describe('the virtio-iommu of a VIOT', () => {
  const table = { viot: known(viot(range, pci)) }
  it.each([
    ['00:01.0', 1, 'virtio-iommu viot 20480 0001:00:02.0'],
    ['01:1f.7', 1, `virtio-iommu viot ${0x5000 + 0x1ff - 8} 0001:00:02.0`],
    ['00:02.0', 2, `virtio-iommu viot ${0x5000 + 0x10000 + 0x10 - 8} 0001:00:02.0`],
    ['00:02.0', 1, 'none'],
    ['00:00.7', 1, 'none'],
    ['02:00.0', 1, 'none'],
    ['00:01.0', 0, 'none'],
    ['00:01.0', 3, 'none'],
  ])('of %s in segment %i: %s', (at, segment, expected) => {
    expect(described(ARM, table, at, segment)).toBe(expected)
    expect(described(X86, table, at, segment)).toBe(expected)
  })
})

it('the virtio-iommu of a VIOT is a function of any bus', () => {
  const elsewhere = { viot: known(viot(range, { ...pci, bdf: 0x4117 })) }
  expect(described(ARM, elsewhere, '00:01.0', 1)).toBe('virtio-iommu viot 20480 0001:41:02.7')
})

// K: drivers/acpi/scan.c, acpi_iommu_configure_id: IORT, then RIMT, then VIOT; what cannot be read may have said more.
describe('the tables of a machine', () => {
  const iort = tableOf(
    rc([mapping({ outputReference: 200 })]),
    smmu(200, { mappings: [mapping({ outputReference: 300 })] }),
    group(300, [0]),
  )
  const other = tableOf(rc([mapping({ outputReference: 300 })]), group(300, [0]))
  const old = tableOf(rc([mapping({ outputReference: 200 })]), {
    ...smmu(200, {}),
    type: 'smmu',
    typeCode: 3,
    span: 0x10000n,
  })
  const last = tableOf(rc([mapping({ idCount: 0x100, outputReference: 200 })]), smmu(200, {}))
  const dangling = tableOf(rc([mapping({ outputReference: 201 })]), smmu(200, {}))
  const CUSTOM: Machine = { ...ARM, kernel: { ...ARM.kernel, release: known('custom') } }
  const here: ViotNode = { ...range, segmentStart: 0 }
  const mmio: ViotNode = { type: 'virtio-iommu-mmio', typeCode: 4, offset: 72, length: 16, base: 0xa000000n }
  it.each<[string, Machine, Partial<Machine['acpi']>, string]>([
    ['an IORT', ARM, { iort: known(iort) }, 'smmuv3 iort 256'],
    ['an IORT and a VIOT that is closed', ARM, { iort: known(iort), viot: CLOSED }, 'smmuv3 iort 256'],
    ['an IORT with an SMMU of version 2', ARM, { iort: known(old) }, 'smmuv2 iort 256'],
    // Up to 5.4 the range ends before the function (iort-walk.md section 2).
    ['an IORT that releases read otherwise', CUSTOM, { iort: known(last) }, 'kernel-unknown'],
    ['an IORT whose reference is that of no node', ARM, { iort: known(dangling) }, 'unreadable'],
    [
      'a RIMT',
      ARM,
      { rimt: known({ header, diagnostics: [], damaged: false, nodes: [], nodeCount: 0 }) },
      'controller-unknown',
    ],
    [
      'a VIOT with an IOMMU that is no function',
      ARM,
      { viot: known(viot(here, mmio)) },
      'virtio-iommu viot at a000000',
    ],
    ['a VIOT whose IOMMU is of no known type', ARM, { viot: known(viot(here)) }, 'unreadable'],
    ['an IORT without an SMMU', ARM, { iort: known(other) }, 'none'],
    ['an IORT without an SMMU and a VIOT that is closed', ARM, { iort: known(other), viot: CLOSED }, 'unreadable'],
    ['an IORT without an SMMU and a RIMT that is closed', ARM, { iort: known(other), rimt: CLOSED }, 'unreadable'],
    ['an IORT that is closed', ARM, { iort: CLOSED }, 'unreadable'],
    ['no table', ARM, {}, 'none'],
    ['no table', X86, {}, 'none'],
    ['a DMAR that is closed', X86, { dmar: CLOSED }, 'unreadable'],
    ['an IVRS that is closed', X86, { ivrs: CLOSED }, 'unreadable'],
    ['a VIOT that is closed', X86, { viot: CLOSED }, 'unreadable'],
    ['a DMAR', X86, { dmar: X86.acpi.dmar }, 'vt-d dmar 256'],
    ['a DMAR and a VIOT that is closed', X86, { dmar: X86.acpi.dmar, viot: CLOSED }, 'vt-d dmar 256'],
  ])('%s (row %#)', (_, base, tables, expected) => {
    expect(described(base, tables, '01:00.0')).toBe(expected)
  })
  // K: drivers/iommu/s390-iommu.c; nobody reads what firmware of the others says.
  it.each([
    ['s390x', 'other architecture 0000:01:00.0'],
    ['powerpc', 'controller-unknown'],
    ['loongarch64', 'controller-unknown'],
    ['other', 'controller-unknown'],
  ] as const)('are not asked on %s: %s', (architecture, expected) => {
    const kernel = { ...ARM.kernel, architecture: known(architecture) }
    expect(described({ ...ARM, kernel }, { iort: known(iort) }, '01:00.0')).toBe(expected)
  })
  it('give nothing where the ids are not known', () => {
    const fn = pciFunction({ at: '01:00.0' })
    expect(describedIommu(contextOf(ARM), fn, undecided('kernel-unknown'))).toMatchObject({ doubt: 'kernel-unknown' })
  })
})

/**
 * Device tree: K: drivers/iommu/of_iommu.c, of_pci_iommu_init, which reads 'iommu-map' of the host bridge alone. The node of
 * an IOMMU that is a PCI function stands below the host bridge, with device and function for its unit address
 * (IEEE 1275 PCI bus binding, 2.2.1.3).
 */
describe('the IOMMU of a device tree', () => {
  const [SMMU, VIOMMU, UNKNOWN, BARE] = [1, 2, 3, 4]
  const BRIDGE = '/pcie@10000000'
  const tree = (iommuMap: PropertyValue, below = 'iommu@2,1', smmu = 'arm,smmu-v3', status = 'okay') =>
    deviceTree({
      '#address-cells': [2],
      '#size-cells': [2],
      'smmu@9050000': {
        compatible: smmu,
        phandle: [SMMU],
        '#iommu-cells': [1],
        reg: [0, 0x9050000, 0, 0x20000],
        status,
      },
      'thing@9060000': { compatible: 'vendor,no-iommu', phandle: [UNKNOWN], '#iommu-cells': [1] },
      'bare@9070000': { compatible: 'vendor,bare', phandle: [BARE] },
      'pcie@10000000': {
        'iommu-map': iommuMap,
        [below]: { compatible: 'pci1af4,1057', phandle: [VIOMMU], '#iommu-cells': [1] },
      },
    })
  const SMMU_NODE = { compatible: 'arm,smmu-v3', phandle: [SMMU], '#iommu-cells': [1] }
  const TO_SMMU = [0, SMMU, 0x4000, 0x10000]
  const TO_VIOMMU = [0, VIOMMU, 0, 0x10000]
  interface Situation {
    readonly tree: Fact<DeviceTree>
    readonly release?: string
    readonly rootBus?: string
    /** Another function, with its node. */
    readonly beside?: string
    /** The node of the host bridge. */
    readonly bridge?: Fact<string>
  }
  function ofTree({
    tree: read,
    release = '6.12.0',
    rootBus = 'pci0002:40',
    beside,
    bridge = known(BRIDGE),
  }: Situation): string {
    const own = pciFunction({ at: '0002:41:00.0' })
    const bus = { name: rootBus, parentPath: 'devices/platform/pcie', deviceTreeNode: bridge }
    const fn = { ...own, rootBus: known(bus) }
    const other = {
      ...pciFunction({ at: '0002:40:05.0' }),
      deviceTreeNode: beside === undefined ? absent() : known(beside),
    }
    const kernel = { ...ARM.kernel, release: known(release) }
    const machine = {
      ...ARM,
      kernel,
      acpi: { ...ARM.acpi, ...NO_TABLES },
      functions: known([other, fn]),
      deviceTree: read,
    }
    const answer = describedIommu(contextOf(machine), fn, decided([0x4100]))
    if (answer.state === 'undecided') return answer.doubt
    if (answer.value === 'none') return 'none'
    const { kind, source, streamIds, ownFunction, address, nodePath } = answer.value
    return [kind, source, ...streamIds, nodePath, address?.toString(16) ?? '', ownFunction ?? ''].join(' ').trim()
  }
  const OWN = `${BRIDGE}/iommu@2,1`
  it.each<[string, Situation, string]>([
    ['an SMMU', { tree: known(tree(TO_SMMU)) }, 'smmuv3 devicetree 33024 /smmu@9050000 9050000'],
    [
      'a function below the host bridge, by its unit address',
      { tree: known(tree(TO_VIOMMU)) },
      `virtio-iommu devicetree 16640 ${OWN}  0002:40:02.1`,
    ],
    [
      'one without a function number',
      { tree: known(tree(TO_VIOMMU, 'iommu@1f')) },
      `virtio-iommu devicetree 16640 ${BRIDGE}/iommu@1f  0002:40:1f.0`,
    ],
    [
      'one that the kernel gives the node to',
      { tree: known(tree(TO_VIOMMU)), beside: OWN },
      `virtio-iommu devicetree 16640 ${OWN}  0002:40:05.0`,
    ],
    [
      'one whose node another has not',
      { tree: known(tree(TO_VIOMMU)), beside: BRIDGE },
      `virtio-iommu devicetree 16640 ${OWN}  0002:40:02.1`,
    ],
    [
      'one without a unit address',
      { tree: known(tree(TO_VIOMMU, 'iommu')) },
      `virtio-iommu devicetree 16640 ${BRIDGE}/iommu`,
    ],
    [
      'one with another kind of unit address',
      { tree: known(tree(TO_VIOMMU, 'iommu@2,8')) },
      `virtio-iommu devicetree 16640 ${BRIDGE}/iommu@2,8`,
    ],
    [
      'one on a bus that is no root bus',
      { tree: known(tree(TO_VIOMMU)), rootBus: 'vmd' },
      `virtio-iommu devicetree 16640 ${OWN}`,
    ],
    ['an id in no entry', { tree: known(tree([0, SMMU, 0, 8])) }, 'none'],
    [
      'a node that no driver matches',
      { tree: known(tree([0, UNKNOWN, 0, 0x10000])) },
      'other devicetree 16640 /thing@9060000',
    ],
    [
      'a node elsewhere whose unit address looks like that of a function',
      { tree: known(deviceTree({ 'pcie@10000000': { 'iommu-map': TO_SMMU }, 'iommu@2': SMMU_NODE })) },
      'smmuv3 devicetree 33024 /iommu@2',
    ],
    [
      'a node that says nothing of what it is',
      {
        tree: known(
          deviceTree({ 'pcie@10000000': { 'iommu-map': TO_SMMU }, thing: { phandle: [SMMU], '#iommu-cells': [1] } }),
        ),
      },
      'other devicetree 33024 /thing',
    ],
    ['a node without cells of its own', { tree: known(tree([0, BARE, 0, 0x10000])) }, 'none'],
    ['an SMMU that is disabled', { tree: known(tree(TO_SMMU, 'iommu@2', 'arm,smmu-v3', 'disabled')) }, 'none'],
    ['a map that cannot be read', { tree: known(tree('UNREADABLE')) }, 'unreadable'],
    [
      'a host bridge without a node, which the tables are for',
      { tree: known(tree(TO_SMMU)), bridge: absent() },
      'none',
    ],
    ['a host bridge whose node cannot be read', { tree: known(tree(TO_SMMU)), bridge: CLOSED }, 'unreadable'],
    ['a target whose kind cannot be read', { tree: known(tree(TO_SMMU, 'iommu@2', 'UNREADABLE')) }, 'unreadable'],
    ['a tree that cannot be read', { tree: CLOSED }, 'unreadable'],
    // Up to 7.1 entries are four cells; 7.2 asks the target, and an entry of it is five cells wide.
    ['a map that releases read otherwise', { tree: known(tree([...TO_SMMU, 0])), release: 'custom' }, 'kernel-unknown'],
  ])('%s', (_, at, expected) => {
    expect(ofTree(at)).toBe(expected)
  })
})

it('the description of an IOMMU names the places that it rests on', () => {
  const [dmar, ivrs, viotPlace, rimtPlace] = ['DMAR', 'IVRS', 'VIOT', 'RIMT'].map((path) => ({ path }))
  if (!dmar || !ivrs || !viotPlace || !rimtPlace) throw new Error('four places')
  const fn = pciFunction({ at: '01:00.0' })
  const places = (base: Machine, tables: Partial<Machine['acpi']>, ids: readonly number[] = [0x100], on = fn) => {
    const acpi = { ...base.acpi, ...NO_TABLES, ...tables }
    const context = contextOf({ ...base, acpi, functions: known([on]) })
    return describedIommu(context, on, decided(ids)).from
  }
  const IORT = 'sys/firmware/acpi/tables/IORT'
  const iort = known(tableOf(rc([mapping({ offset: 84, outputReference: 200 })]), smmu(200, {})))
  expect(places(ARM, { iort })).toEqual([
    { path: IORT, at: { offset: 48, length: 36 } },
    { path: IORT, at: { offset: 84, length: 20 } },
  ])
  expect(places(ARM, { iort }, [])).toEqual([{ path: IORT }])
  expect(places(ARM, { iort: known(tableOf(smmu(200, {}))) })).toEqual([
    { path: IORT, excerpt: '1 nodes, no root complex of this segment' },
  ])
  expect(places(ARM, { viot: known(viot(range, pci)) })).toEqual([{ path: 'sys/firmware/acpi/tables/VIOT' }])
  const inside = { ...fn, address: { ...fn.address, segment: 1 } }
  expect(places(ARM, { viot: known(viot(range, pci)) }, [0x100], inside)).toEqual([
    { path: 'sys/firmware/acpi/tables/VIOT', at: { offset: 48, length: 24 } },
  ])
  expect(places(ARM, { viot: unreadable('io', viotPlace) })).toEqual([viotPlace])
  expect(places(ARM, { rimt: unreadable('io', rimtPlace) })).toEqual([rimtPlace])
  expect(places(X86, { dmar: absent(dmar), ivrs: absent(ivrs) })).toEqual([dmar, ivrs])
})

it('the description of an IOMMU of a tree names the map, and the node that is none', () => {
  const rootBus = known({ name: 'pci0000:00', parentPath: 'devices/platform/pcie', deviceTreeNode: known('/pcie') })
  const fn = { ...pciFunction({ at: '01:00.0' }), rootBus }
  const places = (target: number) => {
    const tree = deviceTree({
      smmu: { compatible: 'arm,smmu-v3', phandle: [1], '#iommu-cells': [1] },
      bare: { phandle: [2] },
      pcie: { 'iommu-map': [0, target, 0, 0x10000] },
    })
    const context = contextOf({ ...ARM, deviceTree: known(tree), functions: known([fn]) })
    return describedIommu(context, fn, decided([0x100])).from.map(({ path }) => path.split('/base')[1])
  }
  expect([1, 2].map(places)).toEqual([['/pcie/iommu-map'], ['/pcie/iommu-map', '/bare']])
})

it('a machine of AMD has no IOMMU in front of the function that an IVRS makes the IOMMU', () => {
  const ivrs = probeMachine(sysrootOf({ machine: amd({}) })).acpi.ivrs
  expect(described(X86, { ivrs }, '00:00.2', 0, 0x080600)).toBe('none')
  expect(described(X86, { ivrs }, '01:00.0')).toBe('amd-vi ivrs 256')
})
