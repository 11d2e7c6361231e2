import { describe, expect, it } from 'vitest'
import { isVfioDriver } from '../../../src/kernel/iommu/viability.js'
import { arm, card, IDLE, judged, tree, type TestCase } from '../rules/metal.js'

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
