import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { arm, card, IDLE, text, tree } from '../metal.js'
import { smmu, smmuV2 } from '../vector.js'
import type { CauseMachines } from './missing-iommu-machines.js'

const idle = [{ ...smmu, driver: false }]
const without = { machine: arm() }

const with_ = (
  configuration: Readonly<Record<string, string>>,
  more: { commandLine?: string; log?: string[] } = {},
) => ({
  machine: arm({ iommus: idle, kernel: { configuration, ...more } }),
})

/**
 * An IOMMU with an entry and without a function, on a kernel that asks it for all functions when it registers. K:
 * viommu_probe() does not look at what iommu_device_register() returns; the drivers of Arm do, and take the entry away.
 */
const ungrouped = (iommu: NonNullable<MachineDescription['iommus']>[number]) =>
  arm({
    kernel: { release: '7.2.0' },
    iommus: [iommu],
    rootComplexes: [
      {
        iommu: iommu.name,
        msi: 'its',
        functions: [
          { address: '00:0f.0', id: '1af4:1057', driver: 'virtio-pci', group: null },
          { ...card(1, { group: null }, IDLE), group: null },
        ],
      },
    ],
  })

export const UNDRIVEN_IOMMU_MACHINES: Readonly<Record<string, CauseMachines>> = {
  'iommu-driver-not-built': {
    with: with_({ CONFIG_ARM_SMMU_V3: 'n' }),
    without: with_({ CONFIG_ARM_SMMU_V3: 'y' }),
    remedy: /CONFIG_ARM_SMMU_V3/,
  },
  'iommu-driver-kept-back': {
    with: with_({}, { commandLine: 'ro initcall_blacklist=arm_smmu_driver_init quiet' }),
    without: with_({}, { commandLine: 'ro initcall_blacklist=intel_iommu_init quiet' }),
    remedy: /Remove initcall_blacklist=arm_smmu_driver_init from/,
  },
  'iommu-driver-not-loaded': {
    with: with_({ CONFIG_ARM_SMMU_V3: 'm' }),
    without: {
      machine: arm({ iommus: idle, kernel: { configuration: { CONFIG_ARM_SMMU_V3: 'm' } } }),
      edit: (files) => files.set('sys/module/arm_smmu_v3/parameters/disable_msipolling', text('N\n')),
    },
    remedy: /Load arm_smmu_v3 /,
  },
  'iommu-driver-failed': {
    with: with_({}, { log: ['arm-smmu-v3 arm-smmu-v3.0.auto: probe with driver arm-smmu-v3 failed with error -22'] }),
    without: with_({}, { log: ['arm-smmu 12c00000.iommu: probe with driver arm-smmu failed with error -22'] }),
    remedy: /failed with error -22/,
  },
  'iommu-driver-waits': {
    with: {
      machine: tree({
        iommus: [{ ...smmuV2, node: 'iommu@9050000', driver: false }],
        rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1)] }],
        kernel: { log: ['platform 9050000.iommu: deferred probe pending: platform: wait for supplier /clocks'] },
      }),
    },
    without: {
      machine: tree({
        iommus: [{ ...smmuV2, node: 'iommu@9050000', driver: false }],
        kernel: { log: ['platform fe2b0000.mmc: deferred probe pending: platform: wait for supplier /clocks'] },
      }),
    },
    remedy: /wait for supplier \/clocks/,
  },
  'registration-undone': {
    with: { machine: ungrouped({ name: 'viommu', type: 'virtio-iommu', function: '00:0f.0' }) },
    without: { machine: ungrouped(smmu) },
    remedy: /Remove the function that the IOMMU failed to take/,
  },
  'undriven-iommu-unexplained': { with: with_({}), without, remedy: /Look for arm-smmu-v3 in the kernel log/ },
}
