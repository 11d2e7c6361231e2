import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/machine/machine.js'
import type { PciFunction } from '../../../src/machine/pci.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { arm, sysrootOf } from '../rules/metal.js'
import { link, NIC, PORT, SMALL_MACHINE, smallMachine, VIRTUAL } from './small-machine.js'

function functionOf(machine: Machine, name: string): PciFunction {
  const found =
    machine.functions.state === 'known' ? machine.functions.value.find((one) => one.name === name) : undefined
  if (!found) throw new Error(`no function ${name}`)
  return found
}

/** Values of known facts, words for the others: what a literal can say at a glance. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('state' in value && 'from' in value) {
    if (value.state === 'known' && 'value' in value) return plain(value.value)
    return value.state === 'unreadable' && 'reason' in value ? `unreadable: ${String(value.reason)}` : 'absent'
  }
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, held]) => [key, plain(held)]))
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, plain(held)]))
}

describe('probeMachine', () => {
  const machine = probeMachine(smallMachine())

  it('reads every fact of a function', () => {
    const { configuration, ...facts } = functionOf(machine, NIC)
    expect(configuration).toMatchObject({ state: 'known', value: { extent: 'extended', headerType: 0 } })
    expect(plain(facts)).toEqual({
      address: { segment: 0, bus: 1, device: 0, function: 0 },
      name: NIC,
      vendor: 0x8086,
      device: 0x10c9,
      subsystemVendor: 0x1af4,
      subsystemDevice: 0x1100,
      classCode: 0x020000,
      revision: 1,
      upstream: [PORT],
      rootBus: { name: 'pci0000:00', parentPath: '', deviceTreeNode: 'absent' },
      driver: 'igb',
      iommuGroup: '10',
      iommu: 'smmu3.0x0000000009050000',
      physicalFunction: 'absent',
      sriovNumVfs: 1,
      sriovTotalVfs: 7,
      msiVectors: [
        { irq: 40, mode: 'msix' },
        { irq: 41, mode: 'msix' },
      ],
      deviceTreeNode: 'absent',
      numaNode: -1,
      driverOverride: 'absent',
      resetMethod: 'absent',
      vfioDevice: 'absent',
    })
    expect(functionOf(machine, NIC).vendor.from).toEqual([
      { path: `sys/bus/pci/devices/${NIC}/vendor`, excerpt: '0x8086' },
    ])
  })

  it('tells a VF, whose own identifying registers are all ones', () => {
    const virtual = functionOf(machine, VIRTUAL)
    expect(plain(virtual.physicalFunction)).toBe(NIC)
    expect(virtual.configuration.state).toBe('known')
    expect(plain(virtual.upstream)).toEqual([PORT])
  })

  it('reads groups in numeric order, instances and platform devices', () => {
    const msi = [{ start: 0x800_0000n, end: 0x80f_ffffn, type: 'msi' }]
    expect(plain(machine.groups)).toEqual([
      { id: '0', type: 'DMA', name: 'absent', devices: [PORT], reservedRegions: msi },
      { id: '2', type: 'DMA', name: 'absent', devices: [VIRTUAL], reservedRegions: msi },
      { id: '3', type: 'identity', name: 'absent', devices: ['ARMH0330:00'], reservedRegions: [] },
      { id: '10', type: 'DMA', name: 'absent', devices: [NIC], reservedRegions: msi },
    ])
    expect(plain(machine.iommus)).toEqual([
      {
        name: 'smmu3.0x0000000009050000',
        kind: 'smmuv3',
        address: 0x905_0000n,
        devices: [PORT, NIC, VIRTUAL],
        capability: 'absent',
        extendedCapability: 'absent',
        devicePath: 'devices/platform/arm-smmu-v3.0.auto',
        deviceTreeNode: 'absent',
      },
    ])
    expect(plain(machine.platformDevices)).toEqual([
      { name: 'ARMH0330:00', driver: 'dma-pl330', iommuGroup: '3', deviceTreeNode: 'absent' },
    ])
  })

  it('joins vectors with their chips, and reads the kernel', () => {
    expect(plain(machine.interrupts)).toEqual({
      byNumber: {
        40: { irq: 40, chipName: `ITS-PCI-MSIX-${NIC}` },
        41: { irq: 41, chipName: `ITS-PCI-MSIX-${NIC}` },
      },
      procInterrupts: [
        { irq: 10, description: 'GICv3  27 Level     arch_timer' },
        { irq: 40, description: `ITS-PCI-MSIX-${NIC}   0 Edge      eth0` },
        { irq: 41, description: `ITS-PCI-MSIX-${NIC}   1 Edge      eth0-TxRx-0` },
      ],
      domains: 'absent',
      domainChains: {},
    })
    expect(plain(machine.kernel)).toMatchObject({
      release: '6.12.95+deb12-arm64',
      architecture: 'arm64',
      commandLine: ['BOOT_IMAGE=/vmlinuz', 'root=/dev/sda1', 'quiet'],
      configuration: 'absent',
      loadedModules: ['arm_smmu', 'vfio_iommu_type1'],
      modprobeOptions: 'absent',
      deviceNodes: ['dev/vfio/vfio'],
      log: 'absent',
      parameters: {
        'vfio_iommu_type1.allow_unsafe_interrupts': { value: 'N' },
        'iommufd.allow_unsafe_interrupts': { value: 'absent' },
        'arm_smmu.disable_bypass': { value: 'Y' },
      },
    })
    expect(plain(machine.virtualization)).toEqual({ virtualized: 'no', evidence: 'Example Servers' })
  })

  const without = (gone: (path: string) => boolean) =>
    smallMachine(
      Object.fromEntries(Object.keys(SMALL_MACHINE).flatMap((path) => (gone(path) ? [[path, undefined]] : []))),
    )

  it('says absent for a machine without PCI and IOMMUs', () => {
    const bare = probeMachine(without((path) => /pci|iommu/.test(path)))
    expect(plain({ functions: bare.functions, groups: bare.groups, iommus: bare.iommus })).toEqual({
      functions: 'absent',
      groups: 'absent',
      iommus: 'absent',
    })
  })

  it('says not collected where nobody looked, the log apart, which rotates away', () => {
    const bare = probeMachine(without(() => true))
    const missed = 'unreadable: not-collected'
    expect(plain({ ...bare, interrupts: 0 })).toMatchObject({
      functions: missed,
      groups: missed,
      iommus: missed,
      acpi: { names: missed, dmar: missed, ivrs: missed, iort: missed },
      deviceTree: missed,
      platformDevices: [],
      virtualization: { virtualized: 'unknown', evidence: 'absent' },
      kernel: {
        release: missed,
        architecture: missed,
        commandLine: missed,
        loadedModules: missed,
        deviceNodes: missed,
        log: 'absent',
      },
    })
  })
})

const SMMU = 'sys/devices/platform/arm-smmu-v3.0.auto/iommu/smmu3.0x0000000009050000'
const NIC_PATH = `sys/devices/pci0000:00/${PORT}/${NIC}`
const VIRTUAL_PATH = `sys/devices/pci0000:00/${PORT}/${VIRTUAL}`
const UNREADABLE = 'unreadable: malformed'

describe('second witnesses', () => {
  it.each<[string, Parameters<typeof smallMachine>[0], string, keyof PciFunction, unknown]>([
    [
      'a group that does not list its function',
      {
        [`sys/kernel/iommu_groups/10/devices/${NIC}`]: undefined,
        'sys/kernel/iommu_groups/10/devices/other': link('x'),
      },
      NIC,
      'iommuGroup',
      UNREADABLE,
    ],
    ['a listed function without a link', { [`${NIC_PATH}/iommu_group`]: undefined }, NIC, 'iommuGroup', UNREADABLE],
    [
      'a link to another group',
      { [`${NIC_PATH}/iommu_group`]: link('../../../../kernel/iommu_groups/1') },
      NIC,
      'iommuGroup',
      UNREADABLE,
    ],
    [
      'a link that is no group',
      { [`${NIC_PATH}/iommu_group`]: link('../../../../kernel/iommu_groups/') },
      NIC,
      'iommuGroup',
      UNREADABLE,
    ],
    [
      'two groups with one function',
      { [`sys/kernel/iommu_groups/2/devices/${NIC}`]: link('x') },
      NIC,
      'iommuGroup',
      UNREADABLE,
    ],
    ['a function that no group knows', {}, '0000:00:00.0', 'iommuGroup', 'absent'],
    ['an unlinked function that its IOMMU lists', { [`${NIC_PATH}/iommu`]: undefined }, NIC, 'iommu', UNREADABLE],
    ['an IOMMU that does not list its function', { [`${SMMU}/devices/${NIC}`]: undefined }, NIC, 'iommu', UNREADABLE],
    ['a driver that only uevent names', { [`${NIC_PATH}/driver`]: undefined }, NIC, 'driver', UNREADABLE],
    [
      'a driver that uevent does not name',
      { 'sys/devices/pci0000:00/0000:00:00.0/driver': link('../../../bus/pci/drivers/edu') },
      '0000:00:00.0',
      'driver',
      UNREADABLE,
    ],
    [
      'another driver in uevent',
      { [`${NIC_PATH}/driver`]: link('../../../../bus/pci/drivers/vfio-pci') },
      NIC,
      'driver',
      UNREADABLE,
    ],
    ['no driver in both', {}, '0000:00:00.0', 'driver', 'absent'],
    [
      'no uevent and no driver link',
      { 'sys/devices/pci0000:00/0000:00:00.0/uevent': undefined },
      '0000:00:00.0',
      'driver',
      'unreadable: not-collected',
    ],
    ['no uevent beside a driver link', { [`${NIC_PATH}/uevent`]: undefined }, NIC, 'driver', 'igb'],
    [
      'the uevent of another function',
      { [`${NIC_PATH}/uevent`]: 'DRIVER=igb\nPCI_SLOT_NAME=0000:02:00.0\n' },
      '0000:01:00.0',
      'subsystemVendor',
      'unreadable: not-collected',
    ],
    ['another vendor in uevent and registers', { [`${NIC_PATH}/vendor`]: '0x8087\n' }, NIC, 'vendor', UNREADABLE],
    [
      'another vendor in the registers',
      { [`${NIC_PATH}/config`]: new Uint8Array(256).fill(1, 0, 2) },
      NIC,
      'configuration',
      UNREADABLE,
    ],
    ['a missing class', { [`${NIC_PATH}/class`]: undefined }, NIC, 'classCode', 'unreadable: not-collected'],
    [
      'a bridge class without a bridge header',
      { [`${NIC_PATH}/class`]: '0x060400\n', [`${NIC_PATH}/uevent`]: undefined },
      NIC,
      'configuration',
      UNREADABLE,
    ],
    [
      'the enable bit without vectors',
      // No other function has any: whoever took the files may not have looked.
      { [`${NIC_PATH}/msi_irqs/40`]: undefined, [`${NIC_PATH}/msi_irqs/41`]: undefined },
      NIC,
      'msiVectors',
      'unreadable: not-collected',
    ],
    ['a vector that is no number', { [`${NIC_PATH}/msi_irqs/x`]: 'msix\n' }, NIC, 'msiVectors', UNREADABLE],
    ['no enable bit and no vectors', {}, VIRTUAL, 'msiVectors', 'absent'],
    ['a VF without its link', { [`${VIRTUAL_PATH}/physfn`]: undefined }, VIRTUAL, 'physicalFunction', UNREADABLE],
    ['a VF that its PF does not know', { [`${NIC_PATH}/virtfn0`]: undefined }, VIRTUAL, 'physicalFunction', UNREADABLE],
    [
      'a VF of a function that is not there',
      { [`${VIRTUAL_PATH}/physfn`]: link('../0000:09:00.0') },
      VIRTUAL,
      'physicalFunction',
      UNREADABLE,
    ],
    [
      'an entry that leads to another function',
      { [`sys/bus/pci/devices/${NIC}`]: link(`../../../devices/pci0000:00/${PORT}/${VIRTUAL}`) },
      NIC,
      'upstream',
      UNREADABLE,
    ],
    ['a bridge that is not listed', { [`sys/bus/pci/devices/${PORT}`]: undefined }, NIC, 'upstream', UNREADABLE],
    [
      'a dangling entry',
      { [`sys/bus/pci/devices/${NIC}`]: link('../../../devices/gone') },
      NIC,
      'msiVectors',
      'unreadable: not-collected',
    ],
  ])('%s', (_title, changes, name, fact, expected) => {
    expect(plain(functionOf(probeMachine(smallMachine(changes)), name)[fact])).toEqual(expected)
  })

  it('a secondary bus that is not the bus below', () => {
    const config = SMALL_MACHINE[`sys/devices/pci0000:00/${PORT}/config`]
    if (!(config instanceof Uint8Array)) throw new Error('the port has no configuration space')
    const moved = config.slice()
    moved[0x19] = 2
    const machine = probeMachine(smallMachine({ [`sys/devices/pci0000:00/${PORT}/config`]: moved }))
    expect(plain(functionOf(machine, NIC).upstream)).toBe(UNREADABLE)
    expect(plain(functionOf(machine, PORT).upstream)).toEqual([])
  })

  it.each<[string, Parameters<typeof smallMachine>[0], unknown]>([
    ['falls back on /proc/interrupts', { 'sys/kernel/irq/40/chip_name': undefined }, `ITS-PCI-MSIX-${NIC}`],
    ['an empty chip name likewise', { 'sys/kernel/irq/40/chip_name': '' }, `ITS-PCI-MSIX-${NIC}`],
    ['neither of the two', { 'sys/kernel/irq/40/chip_name': undefined, 'proc/interrupts': ' CPU0\n' }, UNREADABLE],
    ['another chip in /proc/interrupts', { 'sys/kernel/irq/40/chip_name': 'MSI\n' }, UNREADABLE],
    [
      'a chip of another function',
      { 'sys/kernel/irq/40/chip_name': 'ITS-PCI-MSIX-0000:05:00.0\n', 'proc/interrupts': ' CPU0\n' },
      UNREADABLE,
    ],
  ])('chip name: %s', (_title, changes, expected) => {
    expect(plain(probeMachine(smallMachine(changes)).interrupts.byNumber.get(40)?.chipName)).toEqual(expected)
  })

  it('keeps the name of a member that has no directory', () => {
    const machine = probeMachine(smallMachine({ 'sys/kernel/iommu_groups/10/devices/0000:05:00.0': link('x') }))
    expect(plain(machine.groups)).toContainEqual(expect.objectContaining({ id: '10', devices: [NIC, '0000:05:00.0'] }))
  })

  it('calls groups unreadable when functions have links into a directory that is gone', () => {
    const gone = Object.keys(SMALL_MACHINE).filter((path) => path.startsWith('sys/kernel/iommu_groups/'))
    const machine = probeMachine(smallMachine(Object.fromEntries(gone.map((path) => [path, undefined]))))
    expect(plain(machine.groups)).toBe(UNREADABLE)
    expect(plain(functionOf(machine, NIC).iommuGroup)).toBe(UNREADABLE)
  })
})

describe('reading a machine', () => {
  it('opens the file of a table once, for decoding and for the fingerprint', () => {
    const sysroot = sysrootOf({ machine: arm() })
    const opened: string[] = []
    const { firmware } = probeMachine({
      origin: sysroot.origin,
      budget: sysroot.budget,
      text: (path) => sysroot.text(path),
      bytes: (path) => {
        if (path.startsWith('sys/firmware/acpi/tables/')) opened.push(path)
        return sysroot.bytes(path)
      },
      list: (path) => sysroot.list(path),
      link: (path) => sysroot.link(path),
    })
    expect(firmware.fingerprint.state === 'known' && firmware.fingerprint.value).toMatch(/^[0-9a-f]{64}$/)
    expect(opened).toContain('sys/firmware/acpi/tables/IORT')
    expect(opened).toEqual([...new Set(opened)])
  })
})
