import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { decided, undecided, type Decision } from '../../../../src/kernel/decision.js'
import { attachmentOf, type StreamIdSiblings } from '../../../../src/kernel/iommu/iommu-attachment.js'
import { hasNoGroupToCome } from '../../../../src/kernel/iommu/groupless.js'
import type { DescribedIommu } from '../../../../src/kernel/iommu/described-iommu.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IommuGroup, IommuInstance } from '../../../../src/machine/iommu.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { pciFunction } from '../pci/pci-functions.js'

const BASE = probeMachine(sysrootOf({ machine: arm({}) }))
const CLOSED = unreadable('permission')

const smmu: IommuInstance = {
  name: 'smmu3.0x0000000009050000',
  kind: 'smmuv3',
  address: known(0x9050000n),
  devices: known([]),
  capability: absent(),
  extendedCapability: absent(),
  devicePath: absent(),
  deviceTreeNode: absent(),
}
const iort: DescribedIommu = { kind: 'smmuv3', source: 'iort', address: 0x9050000n, streamIds: [8], from: [] }
const noGroup = (name: Fact<string>): IommuGroup => ({
  id: '7',
  type: absent(),
  name,
  devices: known([]),
  reservedRegions: absent(),
})

interface Situation {
  readonly release?: string
  readonly iommus?: Machine['iommus']
  readonly groups?: Machine['groups']
  readonly group?: Fact<string>
  readonly driver?: Fact<string>
  readonly described?: Decision<DescribedIommu | 'none'>
  readonly siblings?: Partial<StreamIdSiblings>
  readonly log?: Machine['kernel']['log']
  readonly controlDomain?: true
}

function situation(at: Situation) {
  const { release = '6.12.0', iommus = known([smmu]), groups = known([]), log = known([]) } = at
  const kernel = { ...BASE.kernel, release: known(release), log, architecture: known('arm64' as const) }
  const virtualization = { ...BASE.virtualization, ...(at.controlDomain ? { controlDomain: true as const } : {}) }
  const fn: PciFunction = {
    ...pciFunction({ at: '01:00.0' }),
    iommuGroup: at.group ?? absent(),
    driver: at.driver ?? absent(),
  }
  return { context: contextOf({ ...BASE, kernel, iommus, groups, virtualization, functions: known([fn]) }), fn }
}

function attached(at: Situation): string {
  const { context, fn } = situation(at)
  const siblings: StreamIdSiblings = { streamIdTaken: 'no', aliasRefused: 'no', ...at.siblings }
  const answer = attachmentOf(context, fn, at.described ?? decided(iort), siblings)
  if (answer.state === 'undecided') return `undecided: ${answer.doubt}`
  const owner = 'owner' in answer ? ` of ${answer.owner}` : ''
  return `${answer.state}${'why' in answer ? `: ${answer.why}` : ''}${owner}`
}

const own = (kind: DescribedIommu['kind'], more: Partial<DescribedIommu> = {}) => decided({ ...iort, kind, ...more })
const NO_IOMMU = { group: known('7'), groups: known([noGroup(known('vfio-noiommu'))]), driver: known('vfio-pci') }
// K: drivers/base/dd.c, driver_deferred_probe_check_state.
const GIVEN_UP = 'nvme 0000:01:00.0: deferred probe timeout, ignoring dependency'
const virtio: IommuInstance = { ...smmu, name: '0000:00:02.0', kind: 'virtio-iommu', address: absent() }
const VIRTIO = own('virtio-iommu', { source: 'viot', ownFunction: '0000:00:02.0' })

// K: drivers/iommu/iommu.c, iommu_device_register, __iommu_probe_device, bus_iommu_probe; commit bcb81ac6ae3c (6.15);
// drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, arm_smmu_insert_master (5.13); drivers/vfio/group.c, vfio_noiommu_group_alloc.
describe('the group of a function', () => {
  it.each<[string, Situation]>([
    ['grouped', { group: known('7'), groups: known([noGroup(absent())]) }],
    ['grouped', { group: known('7'), groups: known([noGroup(known('other'))]) }],
    ['undecided: unreadable', { group: CLOSED }],
    ['undecided: unreadable', { group: known('7') }],
    ['undecided: unreadable', { group: known('7'), groups: known([noGroup(CLOSED)]) }],
    [
      'undecided: hypervisor-owns-iommu',
      { group: known('7'), groups: known([noGroup(absent())]), controlDomain: true },
    ],
    // Up to 6.14 a function joins as a driver binds; one that a driver has by now was refused, as all are from 6.15 on.
    ['later', {}],
    ['later', { release: '6.14.0' }],
    ['never: refused', { release: '6.15.0' }],
    ['never: refused', { driver: known('nvme') }],
    ['never: refused', { driver: known('nvme'), release: '5.12.0' }],
    ['undecided: unreadable', { driver: CLOSED }],
    ['undecided: kernel-unknown', { release: '5.14.0-503.el9.aarch64' }],
    ['undecided: kernel-unknown', { release: 'custom' }],
    // A StreamID that another function has: refused from 5.13 on, a BUG_ON before.
    ['never: stream-id-taken of 0000:02:00.0', { siblings: { streamIdTaken: 'yes', owner: '0000:02:00.0' } }],
    ['never: stream-id-taken', { siblings: { streamIdTaken: 'yes' }, release: '6.15.0' }],
    ['never: stream-id-taken', { siblings: { streamIdTaken: 'yes' }, driver: known('nvme') }],
    ['undecided: kernel-unknown', { siblings: { streamIdTaken: 'yes' }, release: '5.12.0' }],
    ['never: stream-id-taken', { siblings: { streamIdTaken: 'yes' }, release: '5.13.0' }],
    ['never: refused', { siblings: { streamIdTaken: 'yes' }, release: '5.12.0', driver: known('nvme') }],
    ['never: refused', { siblings: { aliasRefused: 'yes' } }],
    ['undecided: unreadable', { siblings: { aliasRefused: 'unknown' } }],
    ['undecided: unreadable', { siblings: { streamIdTaken: 'unknown' } }],
    // Nothing is described, or nothing is driven.
    ['never: not-described', { described: decided('none') }],
    ['undecided: controller-unknown', { described: undecided('controller-unknown') }],
    ['undecided: controller-unknown', { described: undecided('controller-unknown'), iommus: absent() }],
    ['undecided: unreadable', { described: undecided('unreadable') }],
    ['never-or-deferred', { described: undecided('unreadable'), iommus: absent() }],
    ['never-or-deferred', { described: undecided('unreadable'), iommus: known([]) }],
    ['deferred: not-driven', { iommus: absent() }],
    ['deferred: not-driven', { iommus: known([{ ...smmu, address: known(0x9060000n) }]) }],
    // K: drivers/acpi/viot.c is there from 5.14 on; the IORT is older.
    ['deferred: not-driven', { iommus: absent(), release: '5.10.0' }],
    ['deferred: not-driven', { iommus: absent(), release: '5.14.0', described: VIRTIO }],
    ['not-awaited: not-driven', { iommus: absent(), release: '5.13.0', described: VIRTIO }],
    ['never: not-driven', { described: own('vt-d'), iommus: known([]) }],
    ['never: not-driven', { described: own('amd-vi'), iommus: absent() }],
    ['never: refused', { described: own('vt-d') }],
    // Which are driven could not be read. Where they were only not collected, a driver's function shows that none came.
    ['undecided: unreadable', { iommus: CLOSED }],
    ['undecided: unreadable', { iommus: CLOSED, driver: known('nvme') }],
    ['undecided: unreadable', { iommus: unreadable('not-collected') }],
    ['never-or-deferred', { iommus: unreadable('not-collected'), driver: known('nvme') }],
    // Only the driver of virtio-iommu leaves its entry, without a device, where the core undoes what it registered.
    ['deferred: registration-undone', { release: '7.2.0', described: VIRTIO, iommus: known([virtio]) }],
    [
      'not-awaited: registration-undone',
      { release: '7.2.0', described: VIRTIO, iommus: known([virtio]), log: known([GIVEN_UP]) },
    ],
    ['never: refused', { release: '7.2.0', described: VIRTIO, iommus: known([{ ...virtio, devices: known(['x']) }]) }],
    ['never: refused', { release: '7.2.0', described: VIRTIO, iommus: known([{ ...virtio, devices: CLOSED }]) }],
    // VFIO's mode without an IOMMU: what was true as it was bound.
    ['never: no-iommu-mode', { ...NO_IOMMU, described: decided('none') }],
    ['never: no-iommu-mode', { ...NO_IOMMU, described: undecided('unreadable') }],
    ['never: no-iommu-mode', NO_IOMMU],
    ['never: no-iommu-mode', { ...NO_IOMMU, iommus: CLOSED }],
    ['not-awaited: not-driven', { ...NO_IOMMU, iommus: absent() }],
    ['never: not-driven', { ...NO_IOMMU, iommus: absent(), described: own('vt-d') }],
    ['never: not-driven', { ...NO_IOMMU, iommus: known([]), described: own('amd-vi') }],
    ['never: no-iommu-mode', { ...NO_IOMMU, described: own('vt-d') }],
  ])('%s (row %#)', (expected, at) => {
    expect(attached(at)).toBe(expected)
  })
})

describe('the instance that a described IOMMU is', () => {
  const node = (deviceTreeNode: string): IommuInstance => ({
    ...smmu,
    address: absent(),
    deviceTreeNode: known(deviceTreeNode),
  })
  const zpci: IommuInstance = { ...smmu, name: 's390-iommu.00000000', kind: 'other', address: absent() }
  const ZPCI = decided<DescribedIommu>({
    kind: 'other',
    source: 'architecture',
    ownFunction: '0000:01:00.0',
    streamIds: [],
    from: [],
  })
  const LATER = 'later'
  const NONE = 'deferred: not-driven'
  it.each<[string, string, Decision<DescribedIommu>, IommuInstance]>([
    ['its address', LATER, decided(iort), smmu],
    [
      'no address on either side',
      NONE,
      decided({ kind: 'smmuv3', source: 'iort', streamIds: [8], from: [] }),
      { ...smmu, address: absent() },
    ],
    ['its address, the instance alone having a node', LATER, decided(iort), { ...smmu, deviceTreeNode: known('/a') }],
    ['its node', LATER, own('smmuv3', { source: 'devicetree', nodePath: '/smmu@9050000' }), node('/smmu@9050000')],
    ['another node', NONE, own('smmuv3', { source: 'devicetree', nodePath: '/smmu@9050000' }), node('/smmu@9060000')],
    // The node decides where both have one, else the address.
    [
      'another node at its address',
      NONE,
      own('smmuv3', { source: 'devicetree', nodePath: '/a' }),
      { ...smmu, deviceTreeNode: known('/b') },
    ],
    ['its function', LATER, own('virtio-iommu', { source: 'viot', ownFunction: '0000:00:02.0' }), virtio],
    [
      'its function behind a name',
      LATER,
      own('riscv', { ownFunction: '0000:00:02.0' }),
      { ...virtio, name: 'riscv-iommu@0000:00:02.0' },
    ],
    [
      'another function',
      NONE,
      own('virtio-iommu', { source: 'viot', ownFunction: '0000:00:03.0', address: 1n }),
      virtio,
    ],
    [
      'its address, where the instance has no node',
      LATER,
      own('smmuv3', { source: 'devicetree', nodePath: '/smmu@9050000' }),
      smmu,
    ],
    // K: drivers/iommu/s390-iommu.c, zpci_init_iommu: one for each function.
    ['its only device', LATER, ZPCI, { ...zpci, devices: known(['0000:01:00.0']) }],
    ['the device of another', NONE, ZPCI, { ...zpci, devices: known(['0000:02:00.0']) }],
    ['a device that cannot be read', NONE, ZPCI, { ...zpci, devices: CLOSED }],
  ])('goes by %s', (_, expected, described, instance) => {
    expect(attached({ described, iommus: known([instance]) })).toBe(expected)
  })
})

// K: drivers/iommu/iommu.c, probe_iommu_group; drivers/base/dd.c, really_probe.
describe('that no group is to come', () => {
  const asked = (at: Situation) => {
    const { context, fn } = situation(at)
    return hasNoGroupToCome(context, fn)
  }
  it.each<[boolean, Situation]>([
    [true, { driver: known('nvme') }],
    [false, {}],
    [false, { driver: known('vfio-pci') }],
    [false, { driver: known('nvme'), group: known('7') }],
    [false, { driver: known('nvme'), group: CLOSED }],
    // The control domain of Xen shows no group: a log or some group says that this is none.
    [false, { driver: known('nvme'), log: absent() }],
    [true, { driver: known('nvme'), log: absent(), groups: known([noGroup(absent())]) }],
  ])('is %s (row %#)', (expected, at) => {
    expect(asked(at)).toBe(expected)
  })
})

it('the group of a function names what it rests on: its link, and where firmware describes the IOMMU or none', () => {
  const [link, table, classes, members, name] = ['iommu_group', 'IORT', 'sys/class/iommu', 'devices', 'name'].map(
    (path) => ({
      path,
    }),
  )
  if (!link || !table || !classes || !members || !name) throw new Error('five places')
  const places = (described: Decision<DescribedIommu | 'none'>, at: Situation = {}) => {
    const { context, fn } = situation(at)
    const siblings: StreamIdSiblings = { streamIdTaken: 'no', aliasRefused: 'no' }
    return attachmentOf(context, at.group ? fn : { ...fn, iommuGroup: absent(link) }, described, siblings).from
  }
  expect(places(decided(iort, [table]), { iommus: absent(classes) })).toEqual([table, classes])
  expect(
    places(decided(iort, [table]), {
      ...NO_IOMMU,
      groups: known([noGroup(known('vfio-noiommu', name))]),
      iommus: absent(),
    }),
  ).toEqual([name, table])
  const driver = { path: 'driver' }
  expect(places(decided(iort, [table]), { driver: known('nvme', driver) })).toEqual([link, driver])
  const undone = { ...virtio, devices: known([], members) }
  expect(
    places(decided({ ...iort, kind: 'virtio-iommu', ownFunction: '0000:00:02.0' }, [table]), {
      release: '7.2.0',
      iommus: known([undone]),
    }),
  ).toEqual([table, members])
  expect(places(decided('none', [table]))).toEqual([link, table])
  expect(places(decided(iort, [table]))).toEqual([link, table])
})

/** What is on the bus of x86 was taken in as Linux booted, and a port that a driver has shows the same of others. */
describe('that no group is to come on a machine', () => {
  const bare = pciFunction({ at: '01:00.0' })
  const port = (at: string, more: Partial<PciFunction> = {}): PciFunction => ({
    ...pciFunction({ at, classCode: 0x060400 }),
    ...more,
  })
  it.each<[string, boolean, 'x86_64' | 'arm64', readonly PciFunction[]]>([
    ['of x86', true, 'x86_64', []],
    ['of Arm without a port', false, 'arm64', []],
    ['with a port without a group', true, 'arm64', [port('00:01.0')]],
    [
      'with a port without a group beside others',
      true,
      'arm64',
      [pciFunction({ at: '00:02.0' }), port('00:01.0'), port('00:03.0', { iommuGroup: known('3') })],
    ],
    ['with a port in a group', false, 'arm64', [port('00:01.0', { iommuGroup: known('3') })]],
    ['with a port whose group cannot be read', false, 'arm64', [port('00:01.0', { iommuGroup: CLOSED })]],
    ['with a port of another segment', false, 'arm64', [port('0001:00:01.0')]],
    ['with a port whose class cannot be read', false, 'arm64', [port('00:01.0', { classCode: CLOSED })]],
    ['with an endpoint without a group', false, 'arm64', [pciFunction({ at: '00:02.0' })]],
  ])('%s: %s', (_, expected, architecture, others) => {
    const kernel = { ...BASE.kernel, architecture: known(architecture), log: known([]) }
    const context = contextOf({ ...BASE, kernel, groups: known([]), functions: known([...others, bare]) })
    expect(hasNoGroupToCome(context, bare)).toBe(expected)
  })
})
