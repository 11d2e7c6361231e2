import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { arm, card, closed, IDLE, tree, type TestCase } from '../metal.js'
import { its, smmu, v2m, wiredSmmu } from '../vector.js'
import type { CauseMachines } from './missing-iommu-machines.js'

const of = (machine: MachineDescription): TestCase => ({ machine })
const BRIDGE = 'pcie@10000000'
const functions = [card(1)]
const guest = { vendor: 'QEMU', product: 'KVM Virtual Machine' }

/** Every function behind the SMMU; where its MSIs go is what differs. */
const acpi = (change: Parameters<typeof arm>[0], msi?: string, id = '1234:5678') =>
  arm({
    rootComplexes: [{ iommu: 'smmu', ...(msi === undefined ? {} : { msi }), functions: [{ ...card(1), id }] }],
    ...change,
  })
const board = (change: Parameters<typeof tree>[0], rootComplex: Partial<MachineDescription['rootComplexes'][number]>) =>
  tree({ rootComplexes: [{ node: BRIDGE, iommu: 'smmu', functions, ...rootComplex }], ...change })
const dwc = { name: 'dw', type: 'dwc' } as const
const frame = { msiControllers: [v2m] }

const ITS_FAILED = 'ITS: No ITS available, not enabling LPIs'

type Nodes = NonNullable<NonNullable<MachineDescription['acpi']>['iort']>['nodes']

/** An IORT with these root complexes beside an ITS group. */
const iort = (rootComplexes: Nodes) =>
  arm({
    acpi: { iort: { nodes: [{ type: 'its-group', name: 'group', itsIds: [0] }, ...rootComplexes] } },
    iommus: [],
    rootComplexes: [{ functions }],
  })

/** The card is led to an ITS group of these. K: iort_find_its_id() refuses an index past the end of the group. */
const itsGroup = (itsIds: readonly number[]) =>
  arm({
    acpi: {
      iort: {
        nodes: [
          { type: 'its-group', name: 'group', itsIds },
          wiredSmmu([{ output: 'group' }]),
          { type: 'root-complex', segment: 0, mappings: [{ output: 'smmu' }] },
        ],
      },
    },
  })
const itsStatus = (status: string) =>
  board(
    {
      msiControllers: [{ ...its, usable: status === 'okay' }],
      deviceTree: { properties: { '/interrupt-controller@8000000/msi-controller@8080000': { status } } },
    },
    { msi: 'its' },
  )
const frames = { gic: { version: 2 }, msiControllers: [v2m, { ...v2m, name: 'second', address: '0x8030000' }] } as const

const imsic = { name: 'imsic', type: 'imsic', address: '0x28000000', node: 'interrupt-controller@28000000' } as const
const riscv = (
  msiControllers: MachineDescription['msiControllers'],
  rootComplex: Partial<MachineDescription['rootComplexes'][number]>,
): MachineDescription =>
  tree({
    architecture: 'riscv64',
    iommus: [{ name: 'iommu', type: 'riscv', address: '0x3010000' }],
    msiControllers: msiControllers ?? [],
    rootComplexes: [{ iommu: 'iommu', functions, ...rootComplex }],
  })

type MadtEntries = NonNullable<NonNullable<MachineDescription['acpi']>['madt']>['entries']

/** Its MADT: one hart (RINTC, 36 bytes), and these. K: only imsic_acpi_init gives PCI functions MSIs without IORT. */
const riscvUnderAcpi = (...more: MadtEntries): MachineDescription => ({
  ...riscv([], {}),
  firmware: 'acpi',
  iommus: [],
  rootComplexes: [{ functions }],
  acpi: { madt: { entries: [{ type: 'raw', typeCode: 0x18, data: `010001${'00'.repeat(31)}` }, ...more] } },
})

/** A machine with a GICv2m frame, of whose firmware nothing can be read. */
const unread = (kernel: NonNullable<Parameters<typeof arm>[0]>['kernel']): TestCase => ({
  machine: acpi({ ...frame, gic: { version: 3 }, ...(kernel && { kernel }) }, 'v2m'),
  edit: (files) => {
    for (const table of ['IORT', 'APIC']) files.set(`sys/firmware/acpi/tables/${table}`, closed)
  },
})

export const MSI_MACHINES: Readonly<Record<string, CauseMachines>> = {
  'lpis-disabled': {
    with: of(arm({ kernel: { commandLine: 'irqchip.gicv3_nolpi=1' }, msiControllers: [{ ...its, usable: false }] })),
    without: of(arm()),
    remedy: /Remove irqchip\.gicv3_nolpi/,
  },
  'its-driver-not-built': {
    with: of(
      arm({ kernel: { configuration: { CONFIG_ARM_GIC_V3_ITS: 'n' } }, msiControllers: [{ ...its, usable: false }] }),
    ),
    without: of(arm()),
    remedy: /CONFIG_ARM_GIC_V3_ITS/,
  },
  'guest-without-msi-controller': { with: of(acpi({ dmi: guest })), without: of(acpi({})), remedy: /hypervisor/ },
  'msi-not-mapped-by-iort': { with: of(acpi({})), without: of(acpi({}, 'its')), remedy: /ITS group in the IORT/ },
  'its-not-in-madt': {
    with: of(acpi({ msiControllers: [{ ...its, inMadt: false }] }, 'its')),
    without: of(acpi({})),
    remedy: /ITS 0 in the MADT/,
  },
  'msi-map-missing': { with: of(board({}, {})), without: of(board({}, { msi: 'its' })), remedy: /\/pcie@10000000/ },
  'msi-map-does-not-reach': {
    with: of(board({}, { msiMap: [{ to: 'its', from: 0, count: 1 }] })),
    without: of(board({}, {})),
    remedy: /\/pcie@10000000/,
  },
  'iort-absent': {
    with: of(acpi({ iommus: [], rootComplexes: [{ functions }], acpi: { iort: null } })),
    without: of(acpi({})),
    remedy: /an ITS in an IORT/,
  },
  'iort-segment-not-described': {
    with: of(iort([{ type: 'root-complex', segment: 5, mappings: [{ output: 'group' }] }])),
    without: of(iort([{ type: 'root-complex', segment: 0, mappings: [{ output: 'group' }] }])),
    remedy: /PCI segment 0 to the IORT/,
  },
  'its-failed': {
    with: of(acpi({ msiControllers: [{ ...its, usable: false }], kernel: { log: [ITS_FAILED] } }, 'its')),
    without: of(acpi({}, 'its')),
    remedy: /why ITS 0 did not come up/,
  },
  'its-not-up': {
    with: of(acpi({ msiControllers: [{ ...its, usable: false }, v2m], kernel: { log: [ITS_FAILED] } }, 'v2m')),
    without: of(acpi({ msiControllers: [v2m], gic: { version: 3 } }, 'v2m')),
    remedy: /"ITS: No ITS available, not enabling LPIs"/,
  },
  'its-not-built': {
    with: of(
      acpi(
        { msiControllers: [{ ...its, usable: false }, v2m], kernel: { configuration: { CONFIG_ARM_GIC_V3_ITS: 'n' } } },
        'v2m',
      ),
    ),
    without: of(acpi({ msiControllers: [v2m], gic: { version: 3 } }, 'v2m')),
    remedy: /CONFIG_ARM_GIC_V3_ITS/,
  },
  'msi-map-refused': {
    with: of(board({ deviceTree: { properties: { [`/${BRIDGE}`]: { 'msi-map': [0, '&its', 0] } } } }, { msi: 'its' })),
    without: of(board({}, { msi: 'its' })),
    remedy: /Correct the msi-map of \/pcie@10000000/,
  },
  'boot-loader-left-msi-out': {
    with: of(board({}, { compatible: ['fsl,ls1088a-pcie'], msiMap: [{ to: 'its', from: 0, count: 1 }] })),
    without: of(board({}, { msiMap: [{ to: 'its', from: 0, count: 1 }] })),
    remedy: /pci_iommu_extra as well \(pci@0x10000000,/,
  },
  'msi-controller-property-missing': {
    with: of(board({ msiControllers: [{ ...its, msiControllerProperty: false, usable: false }] }, { msi: 'its' })),
    without: of(board({}, { msi: 'its' })),
    remedy: /the msi-controller property/,
  },
  'lpis-kept-out': {
    with: of(
      acpi(
        { kernel: { commandLine: 'irqchip.gicv3_nolpi=1' }, msiControllers: [{ ...its, usable: false }, v2m] },
        'v2m',
      ),
    ),
    without: of(acpi(frame, 'v2m')),
    remedy: /Remove irqchip\.gicv3_nolpi/,
  },
  'guest-payload-unchecked': {
    with: of(acpi({ ...frame, dmi: guest }, 'v2m')),
    without: of(acpi(frame, 'v2m')),
    remedy: /hypervisor/,
  },
  'its-hidden-under-acpi': {
    with: of(acpi({ ...frame, gic: { version: 3 } }, 'v2m', '1d87:3588')),
    without: of(acpi({ ...frame, gic: { version: 3 } }, 'v2m')),
    remedy: /the device tree in place of ACPI.* Linux 6\.4 .*3588001/,
  },
  'gic-has-no-its': {
    with: of(acpi({ ...frame, gic: { version: 2 } }, 'v2m')),
    without: of(acpi({ ...frame, gic: { version: 3 } }, 'v2m')),
    remedy: /Keep the device on the host/,
  },
  'architecture-checks-nothing': {
    with: {
      machine: riscv([imsic], { msiParent: { to: 'imsic' }, functions: [card(1, {}, IDLE)] }),
      edit: (files) => files.set('sys/firmware/devicetree/base/pcie@4010000000/msi-parent', closed),
    },
    without: of(riscv([imsic], { msiParent: { to: 'imsic' }, functions: [card(1, {}, IDLE)] })),
    remedy: /Keep the device on the host/,
  },
  'no-usable-its': {
    with: unread({ log: ['GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]'] }),
    without: unread({ log: ['GIC: Using split EOI/Deactivate mode'] }),
    remedy: /LPIs/,
  },
  'unchecked-payload-unexplained': {
    with: of(acpi({ ...frame, gic: { version: 3 } }, 'v2m')),
    without: of(acpi({ ...frame, gic: { version: 2 } }, 'v2m')),
    remedy: /LPIs/,
  },
  'board-has-no-its': {
    with: of(board({ msiControllers: [dwc] }, { msi: 'dw', compatible: ['nvidia,tegra234-pcie'] })),
    without: of(board({ msiControllers: [its, dwc] }, { msi: 'dw', compatible: ['nvidia,tegra234-pcie'] })),
    remedy: /Keep the device on the host/,
  },
  'mapped-past-the-its': {
    with: of(board({ msiControllers: [its, dwc] }, { msi: 'dw', compatible: ['nvidia,tegra234-pcie'] })),
    without: of(board({ msiControllers: [dwc] }, { msi: 'dw', compatible: ['nvidia,tegra234-pcie'] })),
    remedy: /msi-map of \/pcie@10000000/,
  },
  'empty-its-group': {
    with: of(itsGroup([])),
    without: of(itsGroup([0])),
    remedy: /name the ITS in the ITS group node of the IORT/,
  },
  'msi-parent-unusable': {
    with: of(board({ deviceTree: { properties: { [`/${BRIDGE}`]: { 'msi-parent': [0x7777] } } } }, {})),
    without: of(board({}, { msiParent: { to: 'its', cells: [0] } })),
    remedy: /lead \/pcie@10000000 to an enabled ITS by msi-map/,
  },
  'msi-controller-disabled': {
    with: of(itsStatus('disabled')),
    without: of(itsStatus('okay')),
    remedy: /interrupt-controller@8000000\/msi-controller@8080000 has status "okay"/,
  },
  // K: gicv2m_allocate_domains: all frames make one domain, and its name is the first frame's.
  'msi-controller-unused': {
    with: of(board(frames, { msi: 'second' })),
    without: of(board(frames, { msi: 'v2m' })),
    remedy: /map the device to an enabled ITS/,
  },
  'imsic-checks-nothing': {
    with: of(riscv([imsic], { msiParent: { to: 'imsic' } })),
    without: of(riscv([], {})),
    remedy: /Keep the device on the host/,
  },
  'missing-msi-controller-unexplained': {
    with: of(riscvUnderAcpi()),
    without: of(riscvUnderAcpi({ type: 'raw', typeCode: 0x19, data: `0100${'00'.repeat(4)}ff00${'00'.repeat(6)}` })),
    remedy: /the way from the device to an MSI controller that checks its sender/,
  },
}

export const SOUND = of(arm({ iommus: [smmu] }))
