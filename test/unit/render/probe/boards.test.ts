import { expect, it } from 'vitest'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import { arm, card, intel, judged, tree, type TestCase } from '../../rules/metal.js'
import { its, smmu, smmuV2, v2m } from '../../rules/vector.js'
import { amd, ioApicEntry } from '../../rules/x86-machines.js'
import { PLAIN } from '../report-sample.js'

const BRIDGE = 'pcie@14160000'
const functions = [card(1, {}, 'nvme')]
/** A board of the device tree, as its vendor names it. */
const board = (compatible: readonly string[], change: Parameters<typeof tree>[0]): TestCase => ({
  machine: tree({ dmi: { vendor: 'Example', product: 'Board' }, ...change, deviceTree: { compatible } }),
})
const intelWith = (change: Parameters<typeof intel>[0]): TestCase => ({ machine: intel(change) })
const dead: TestCase['edit'] = (files) => {
  for (const path of [...files.keys()].filter((at) => /iommu_group|\/iommu(?:\/|$)/.test(at))) files.delete(path)
  for (const path of ['sys/kernel/iommu_groups', 'sys/class/iommu']) files.set(path, { kind: 'directory' })
}

interface Row {
  readonly board: string
  readonly at: TestCase
  /** The headline, its cause included. */
  readonly answer: RegExp
  /** The first step; none on a sound machine. */
  readonly step: RegExp | undefined
}

/** Machines of the kinds that people have, with what is true of the hardware and what helped their owners. */
const ROWS: readonly Row[] = [
  {
    board: 'Jetson Orin: GICv3 without an ITS, MSIs through a GICv2m frame',
    at: board(['nvidia,p3737-0000+p3701-0000', 'nvidia,tegra234'], {
      iommus: [{ ...smmuV2, compatible: ['nvidia,tegra234-smmu', 'nvidia,smmu-500'] }],
      msiControllers: [v2m],
      rootComplexes: [
        {
          node: BRIDGE,
          compatible: ['nvidia,tegra234-pcie'],
          iommuMap: [{ to: 'smmu', from: 0, count: 0x1000, outputBase: 0x15 }],
          msiMap: [{ to: 'v2m', from: 0, count: 0x1000 }],
          functions,
        },
      ],
    }),
    answer: /^!! NOT ISOLATED:/,
    step: /^\[hardware\] Keep the device on the host/,
  },
  {
    board: 'RK3568: an ITS, and no IOMMU before PCI Express',
    at: board(['rockchip,rk3568-evb1-v10', 'rockchip,rk3568'], {
      iommus: [],
      msiControllers: [its],
      rootComplexes: [{ node: BRIDGE, compatible: ['rockchip,rk3568-pcie'], msi: 'its', functions }],
    }),
    answer: /^!! NOT ISOLATED:.*This board has no IOMMU/,
    step: /^\[hardware\] Keep the device on the host/,
  },
  {
    board: 'Armada 8040: the SMMU is off, and the MSIs are a GICv2m frame, which no switch changes',
    at: board(['solidrun,clearfog-gt-8k', 'marvell,armada8040'], {
      iommus: [{ ...smmuV2, enabled: false }],
      msiControllers: [v2m],
      rootComplexes: [{ node: BRIDGE, compatible: ['marvell,armada8k-pcie'], msiParent: { to: 'v2m' }, functions }],
    }),
    answer: /^!! NOT ISOLATED:/,
    step: /^\[hardware\] Keep the device on the host/,
  },
  {
    board: 'a Snapdragon laptop started at EL2: SMMUv3 and ITS in front of PCI Express',
    at: board(['lenovo,thinkpad-x13s', 'qcom,sc8280xp'], {
      iommus: [smmu],
      msiControllers: [its],
      rootComplexes: [
        {
          node: BRIDGE,
          compatible: ['qcom,pcie-sc8280xp'],
          iommuMap: [{ to: 'smmu', from: 0, count: 0x10000 }],
          msiMap: [{ to: 'its', from: 0, count: 0x10000 }],
          functions,
        },
      ],
    }),
    answer: /^ok ISOLATED:/,
    step: undefined,
  },
  {
    board: 'Graviton guest: its hypervisor gives it no IOMMU',
    at: {
      machine: arm({
        dmi: { vendor: 'Amazon EC2', product: 'c7g.large' },
        iommus: [],
        rootComplexes: [{ msi: 'its', functions }],
      }),
    },
    answer: /^!! NOT ISOLATED:.*This is a virtual machine/,
    step: /^\[hardware\] The hypervisor provides the IOMMU/,
  },
  {
    board: 'a Dell server whose DMAR leaves an IO-APIC out',
    at: intelWith({
      iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000', interruptRemapping: false }],
      acpi: {
        madt: { entries: [ioApicEntry(2, 0), ioApicEntry(8, 24)] },
        dmar: {
          flags: 1,
          structures: [
            {
              type: 'drhd',
              flags: 1,
              base: '0xfed90000',
              scopes: [{ type: 'io-apic', enumerationId: 2, path: [[0x1f, 7]] }],
            },
          ],
        },
      },
    }),
    answer: /^!! NOT ISOLATED:.*IO-APIC 8/,
    step: /^\[firmware\] Update the firmware.*IO-APIC 8/,
  },
  {
    board: 'an HP server whose firmware keeps memory mapped for the card',
    at: intelWith({
      rootComplexes: [
        {
          iommu: 'dmar0',
          functions: [card(1, { reservedRegions: [{ start: '0xe8000', end: '0xe8fff', type: 'direct' }] }, 'vfio-pci')],
        },
      ],
    }),
    answer: /^ok ISOLATED:/,
    step: /^\[firmware\] Ask the vendor for firmware that does not reserve/,
  },
  {
    board: 'a Lenovo workstation on a kernel that wants to be told',
    at: {
      machine: intel({
        kernel: { commandLine: 'quiet', configuration: { CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n' } },
        rootComplexes: [{ iommu: 'dmar0', functions }],
      }),
      edit: dead,
    },
    answer: /^!! NOT ISOLATED:.*intel_iommu=on/,
    step: /^\[administrator\] Add intel_iommu=on/,
  },
  {
    board: 'the same, told, with the word still refused by another',
    at: {
      machine: intel({ kernel: { commandLine: 'intel_iommu=on intel_iommu=off' } }),
      edit: dead,
    },
    answer: /^!! NOT ISOLATED:.*intel_iommu=off/,
    step: /^\[administrator\] Remove intel_iommu=off/,
  },
  {
    board: 'a Ryzen whose IOMMU is off in the firmware setup',
    at: {
      machine: amd({ iommus: [], acpi: { ivrs: null }, rootComplexes: [{ functions }] }),
    },
    answer: /^!! NOT ISOLATED:.*neither a DMAR nor an IVRS/,
    step: /^\[firmware\] Turn VT-d or AMD-Vi/,
  },
]

it.each(ROWS)('$board', ({ at, answer, step }) => {
  const screen = renderHumanProbe(judged(at).report, PLAIN)
  const [headline = ''] = screen.split(/\n(?:this host|bundled machine|a description)/)
  expect(headline.replaceAll(/\s+/g, ' ')).toMatch(answer)
  const steps = screen.split('\nWhat to do\n')[1]?.replaceAll(/\s+/g, ' ')
  if (step === undefined) expect(steps).toBeUndefined()
  else expect(steps?.replace(/^ ?1\. /, '')).toMatch(step)
})
