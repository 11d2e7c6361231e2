import { describe, expect, it } from 'vitest'
import type { DeviceNode, MachineDescription } from '../../../src/emulator/machine-description.js'
import type { DeviceReport } from '../../../src/report/types.js'
import { arm, card, IDLE, judged, tree } from '../rules/metal.js'
import { its } from '../rules/vector.js'

function cardOf(machine: MachineDescription): DeviceReport {
  const found = judged({ machine }).report.devices.find(({ address }) => address === '0000:01:00.0')
  if (!found) throw new Error('no card')
  return found
}

const kernel = (release: string, nodes: readonly DeviceNode[] = ['dev/vfio/vfio', 'dev/iommu']) => ({
  release,
  deviceNodes: nodes,
})

/** history.md section 3: the release table is a prior only; enterprise kernels backport. */
describe('a kernel that may carry later code under its number', () => {
  it('answers where its own rule and the newest agree', () => {
    // S61: no MSI domain at all. 5.14 says yes for want of a domain that does not remap, 6.3 says no.
    const without = (release: string) =>
      cardOf(
        arm({ kernel: kernel(release), msiControllers: [], rootComplexes: [{ iommu: 'smmu', functions: [card(1)] }] }),
      )
    expect(without('5.14.0').kernel).toMatchObject({ isolatedMsi: 'yes', vfioType1: { outcome: 'accepts' } })
    expect(without('5.14.0-570.12.1.el9_6.aarch64').kernel).toMatchObject({
      isolatedMsi: 'unknown',
      vfioType1: { outcome: 'unknown' },
    })
    expect(cardOf(arm({ kernel: kernel('5.14.0-570.12.1.el9_6.aarch64') })).kernel).toMatchObject({
      isolatedMsi: 'yes',
      vfioType1: { outcome: 'accepts' },
    })
  })
  // SUSE numbers a release of a package by its service pack (support document 000020568); uname leaves out the last number.
  it.each([
    ['5.14.21-150500.55.39-default', 'unknown'],
    ['5.14.21-150400.24.100-64kb', 'unknown'],
    ['5.3.18-24.107-default', 'unknown'],
    ['4.12.14-122.159-default', 'unknown'],
    // Tumbleweed, Debian, Ubuntu, Arch and a board's own tree: the number is the code.
    ['5.14.6-1-default', 'yes'],
    ['5.10.0-28-arm64', 'yes'],
    ['5.15.0-1053-azure', 'yes'],
    ['5.14.21-arch1-1', 'yes'],
    ['5.15.71-2.2.0+g0123456789ab', 'yes'],
  ])('is told by the release: %s', (release, isolatedMsi) => {
    const machine = { msiControllers: [], rootComplexes: [{ iommu: 'smmu', functions: [card(1)] }] }
    expect(cardOf(arm({ kernel: kernel(release), ...machine })).kernel.isolatedMsi).toBe(isolatedMsi)
  })
  it('may have iommufd before 6.2: its device node tells', () => {
    expect(cardOf(arm({ kernel: kernel('5.14.0') })).kernel.iommufd.outcome).toBe('absent')
    expect(cardOf(arm({ kernel: kernel('5.14.0-570.el9.aarch64') })).kernel.iommufd.outcome).toBe('accepts')
    expect(cardOf(arm({ kernel: kernel('5.14.0-570.el9.aarch64', ['dev/vfio/vfio']) })).kernel.iommufd.outcome).toBe(
      'absent',
    )
  })
  it('may have given a function its group at enumeration, so that none is to come', () => {
    const rootComplexes = [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, IDLE)] }]
    expect(cardOf(arm({ kernel: kernel('6.12.0'), rootComplexes })).kernel.vfioType1.outcome).toBe('accepts')
    expect(cardOf(arm({ kernel: kernel('6.12.0-211.el10.aarch64'), rootComplexes })).kernel.vfioType1.outcome).toBe(
      'unknown',
    )
  })
  it('may ask for cache coherency before 5.19', () => {
    const iommus = [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', coherent: false }] as const
    const outcome = (release: string) =>
      cardOf(tree({ kernel: kernel(release), iommus, msiControllers: [its] })).kernel.vfioType1.outcome
    expect(outcome('5.14.0')).toBe('accepts')
    expect(outcome('5.14.0-570.el9.aarch64')).toBe('unknown')
  })
})

// K: arm_smmu_capable of 5.19 and 6.0 answers true; commit df198b37e72c (6.1) asks the table walk. S60.
describe('cache coherency behind an SMMUv3 that is not coherent', () => {
  const iommus = [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', coherent: false }] as const
  it.each([
    ['5.18.0', 'accepts', 'none'],
    ['5.19.0', 'accepts', 'none'],
    ['6.0.0', 'accepts', 'none'],
    ['6.1.0', 'refuses', 'EINVAL'],
    ['6.12.0', 'refuses', 'EINVAL'],
  ])('%s', (release, outcome, errno) => {
    expect(cardOf(tree({ kernel: kernel(release), iommus })).kernel.vfioType1).toEqual({ outcome, errno })
  })
})
