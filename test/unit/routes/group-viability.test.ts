import { describe, expect, it } from 'vitest'
import { isVfioDriver } from '../../../src/kernel/iommu/viability.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { IommuGroup, PlatformDevice } from '../../../src/machine/iommu.js'
import { groupHolders, groupViability, holdersOf, holdsAlone } from '../../../src/routes/group-viability.js'
import type { Route } from '../../../src/routes/route.js'
import { arm, card, IDLE, judged, tree, type TestCase } from '../rules/metal.js'
import { CARD, routeOf } from './one-route.js'

/** Every VFIO driver of Linux 7.2: the names below drivers/vfio, as sysfs shows them. */
const VFIO_DRIVERS = [
  'vfio-pci',
  'mlx5_vfio_pci',
  'hisi_acc_vfio_pci',
  'nvgrace_gpu_vfio_pci',
  'pds_vfio_pci',
  'virtio_vfio_pci',
  'qat_vfio_pci',
  'xe_vfio_pci',
  'vfio-platform',
  'vfio-amba',
  'vfio-fsl-mc',
  'vfio-cdx',
  'vfio_ap',
  'vfio_ccw',
  'vfio_mdev',
]
const HOST_DRIVERS = ['i40e', 'vfiofoo2', 'nvme', 'uio_pci_generic', 'virtio-pci', 'shpchp', 'pcieport-vfiox']

const groupOf = (neighbour: string, release = '6.12.0') => {
  const functions = [card(1, { group: 7 }, 'vfio-pci'), card(2, { group: 7 }, neighbour)]
  const machine = arm({ kernel: { release }, rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] })
  return judged({ machine }).report.groups.find(({ id }) => id === '7')
}

describe('who holds a group', () => {
  it.each([...VFIO_DRIVERS, 'pci-stub', IDLE])('is never %s', (driver) => {
    expect(groupOf(driver)).toMatchObject({ viable: 'yes', holders: [] })
  })

  it('is a host driver, by its name', () => {
    expect(groupOf('ixgbe')).toMatchObject({ viable: 'no', holders: [{ device: '0000:02:00.0', driver: 'ixgbe' }] })
  })

  it('is told from VFIO by the word, not by letters that look like it', () => {
    expect(VFIO_DRIVERS.filter((name) => !isVfioDriver(name))).toEqual([])
    expect(HOST_DRIVERS.filter(isVfioDriver)).toEqual([])
  })

  // drivers/vfio/vfio.c of 5.18, vfio_dev_viable, passes bridges over; iommu_device_use_default_domain of 5.19 does not.
  it.each([
    ['5.15.0', 'yes', []],
    ['6.12.0', 'no', [{ device: '0000:00:02.0', driver: 'shpchp' }]],
  ])('counts the driver of a bridge from 5.19 on: %s', (release, viable, holders) => {
    const functions = [
      card(1, { group: 7 }, 'vfio-pci'),
      { ...card(2, { group: 7 }, 'vfio-pci'), driver: 'shpchp', group: 7 },
    ]
    const machine = arm({ kernel: { release }, rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] })
    expect(judged({ machine }).report.groups.find(({ id }) => id === '7')).toMatchObject({ viable, holders })
  })
})

/** K: iommu_device_use_default_domain of every member; what cannot be read of one may be a driver that holds it. */
describe('whether a group can be taken', () => {
  const { map, route } = routeOf({ machine: arm() })
  const { context } = map
  const device = (name: string, driver: Fact<string>): PlatformDevice => ({
    name,
    driver,
    iommuGroup: known('7'),
    deviceTreeNode: absent(),
  })
  const group = (devices: IommuGroup['devices'], more: Partial<IommuGroup> = {}): IommuGroup => ({
    id: '7',
    type: known('DMA'),
    name: absent(),
    devices,
    reservedRegions: known([]),
    ...more,
  })
  /** The card, whose driver is i40e, and platform devices with these drivers. */
  function viability(one: IommuGroup, drivers: Readonly<Record<string, Fact<string>>> = {}, asked?: Route) {
    const platformDevices = Object.entries(drivers).map(([name, driver]) => device(name, driver))
    const at = { ...context, machine: { ...context.machine, platformDevices } }
    const whole = { ...map, context: at, holders: holdersOf(at, [one], map.byName) }
    const holders = groupHolders(whole, one).map((held) => `${held.device} ${held.driver}`)
    return [groupViability(whole, one, asked), ...holders].join(', ')
  }
  const DMA = '9060000.dma'
  const UART = '9040000.serial'
  it.each<[string, string, IommuGroup, Readonly<Record<string, Fact<string>>>?, Route?]>([
    ['a platform device without a driver', 'yes', group(known([DMA])), { [DMA]: absent() }],
    ['one that VFIO has', 'yes', group(known([DMA])), { [DMA]: known('vfio-platform') }],
    ['one that a driver has', `no, ${DMA} pl330`, group(known([DMA])), { [DMA]: known('pl330') }],
    ['one whose driver cannot be read', 'unknown', group(known([DMA])), { [DMA]: unreadable('io') }],
    ['one that is nowhere else', 'unknown', group(known([DMA]))],
    ['the card and its driver', `no, ${CARD} i40e`, group(known([CARD]))],
    ['the card, which is what is asked for', `yes, ${CARD} i40e`, group(known([CARD])), {}, route],
    [
      'the card, and a device that a driver has',
      `no, ${CARD} i40e, ${DMA} pl330`,
      group(known([CARD, DMA])),
      { [DMA]: known('pl330') },
      route,
    ],
    [
      'the card, and a device whose driver cannot be read',
      `unknown, ${CARD} i40e`,
      group(known([CARD, DMA])),
      { [DMA]: unreadable('io') },
      route,
    ],
    [
      'two that drivers have, in order of their names',
      `no, ${UART} pl011, ${DMA} pl330`,
      group(known([DMA, UART])),
      { [DMA]: known('pl330'), [UART]: known('pl011') },
    ],
    ['what is not all of it', 'unknown', group(known([DMA]), { isPartial: true }), { [DMA]: absent() }],
    [
      'what is not all of it, and held',
      `no, ${DMA} pl330`,
      group(known([DMA]), { isPartial: true }),
      { [DMA]: known('pl330') },
    ],
    ['members that cannot be read', 'unknown', group(unreadable('io'))],
    ['members that are not shown', 'unknown', group(absent())],
  ])('%s: %s', (_, expected, one, drivers, asked) => {
    expect(viability(one, drivers, asked)).toBe(expected)
  })
  it('cannot be told of a group that nobody looked at', () => {
    expect(groupViability({ ...map, holders: new Map() }, group(known([DMA])))).toBe('unknown')
    expect(groupHolders({ ...map, holders: new Map() }, group(known([DMA])))).toEqual([])
  })

  // A function's own driver: a bridge's counts from 5.19 on, an endpoint's always.
  it.each([
    ['endpoint', '5.15.0', 'yes'],
    ['bridge', '5.15.0', 'no'],
    ['bridge', '6.12.0', 'yes'],
  ] as const)('by the driver of the function itself, %s, %s: %s', (role, release, expected) => {
    const at = { ...map, context: { ...context, release: parseRelease(release) } }
    expect(holdsAlone(at, { ...route, role })).toBe(expected)
  })
  it('by a driver of its own that cannot be read: unknown', () => {
    const fn = { ...route.fn, driver: unreadable('io') }
    expect(holdsAlone(map, { ...route, fn })).toBe('unknown')
    expect(holdsAlone(map, { ...route, fn: { ...route.fn, driver: absent() } })).toBe('no')
  })
})

describe('driver_override', () => {
  const withOverride = (content: string): TestCase => ({
    machine: tree({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, IDLE)] }] }),
    edit: (files) =>
      files.set('sys/devices/platform/4010000000.pcie/pci0000:00/0000:00:01.0/0000:01:00.0/driver_override', {
        kind: 'file',
        content: new TextEncoder().encode(content),
      }),
  })
  // drivers/pci/pci-sysfs.c, driver_override_show: "(null)" without one.
  it.each([
    ['(null)\n', []],
    ['vfio-pci\n', []],
    ['mlx5_vfio_pci\n', []],
    ['pci-stub\n', ['driver-override']],
    ['none\n', ['driver-override']],
  ])('%j', (content, codes) => {
    const { devices } = judged(withOverride(content)).report
    expect(devices.find(({ address }) => address === '0000:01:00.0')?.obstacles.map(({ code }) => code)).toEqual(codes)
  })
})
