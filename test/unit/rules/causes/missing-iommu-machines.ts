import type { RootComplexDescription as RootComplexNodeDescription } from '../../../../src/emulator/firmware/iort-nodes.js'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { arm, card, closed, text, tree, type TestCase } from '../metal.js'
import { smmu, smmuV2, wiredSmmu } from '../vector.js'

/** A cause, a machine that has it, and one that lacks an IOMMU too, or nothing, without it. */
export interface CauseMachines {
  readonly with: TestCase
  readonly without: TestCase
  /** What the remedy has to say of the first. */
  readonly remedy: RegExp
  /** The function that is asked for; the card unless given. */
  readonly device?: string
}

const of = (machine: MachineDescription): TestCase => ({ machine })
const NODES = 'sys/firmware/devicetree/base'
const BRIDGE = 'pcie@10000000'
const functions = [card(1)]

/** A board whose host bridge has no iommu-map, beside whatever else is in its tree. */
const noMap = (change: Parameters<typeof tree>[0] = {}) =>
  tree({ iommus: [], rootComplexes: [{ node: BRIDGE, msi: 'its', functions }], ...change })

const displayIommu = {
  'iommu@fdd97e00': {
    label: 'vop_mmu',
    properties: { compatible: 'rockchip,rk3568-iommu', '#iommu-cells': 0, reg: [0, 0xfdd97e00, 0, 0x100] },
  },
  'vop@fdd90000': { properties: { compatible: 'rockchip,rk3588-vop', iommus: ['&vop_mmu'] } },
} as const

const disabled = (status: string) =>
  tree({
    iommus: [{ ...smmu, node: 'iommu@fc900000', enabled: false }],
    rootComplexes: [{ node: BRIDGE, iommu: 'smmu', msi: 'its', functions }],
    deviceTree: { properties: { '/iommu@fc900000': { status } }, nodes: displayIommu },
  })

/** Ids for the root port and the card's first function only; the card has a second one. */
const shortMap = (compatible: string) =>
  tree({
    iommus: [{ ...smmuV2, iommuCells: 1 }],
    rootComplexes: [
      {
        node: BRIDGE,
        compatible: [compatible],
        iommuMap: [{ to: 'smmu', from: 0x100, count: 1, outputBase: 17 }],
        msi: 'its',
        functions: [
          {
            address: '00:01.0',
            id: '1957:8d80',
            type: 'root-port',
            functions: [
              { address: '01:00.0', id: '8086:10fb', msix: 2, driver: 'ixgbe' },
              { address: '01:00.1', id: '8086:10fb', msix: 2, driver: 'ixgbe' },
            ],
          },
        ],
      },
    ],
  })

const kunpeng = (iommus: MachineDescription['iommus']) =>
  arm({
    iommus: iommus ?? [],
    rootComplexes: [
      {
        ...(iommus ? { iommu: 'smmu' } : {}),
        msi: 'its',
        functions: [{ ...card(1), id: '19e5:a120' }],
      },
    ],
  })

const chip = (id: string) => arm({ iommus: [], rootComplexes: [{ msi: 'its', functions: [{ ...card(1), id }] }] })
const unknownChip = chip('1234:5678')

type Nodes = NonNullable<NonNullable<MachineDescription['acpi']>['iort']>['nodes']

/** An IORT with an SMMU and these root complexes; the card has no group. */
const iort = (release: string, ...rootComplexes: readonly Omit<RootComplexNodeDescription, 'type'>[]) => {
  const nodes: Nodes = [
    { type: 'its-group', name: 'group', itsIds: [0] },
    wiredSmmu([{ output: 'group' }]),
    ...rootComplexes.map((one) => ({ type: 'root-complex' as const, ...one })),
  ]
  return arm({
    kernel: { release },
    acpi: { iort: { nodes } },
    iommus: [smmu],
    rootComplexes: [{ msi: 'its', functions: [card(1, { group: null })] }],
  })
}
const elsewhere = iort('6.12.0', { segment: 5, mappings: [{ output: 'smmu' }] })
const itsOnly = iort('6.12.0', { segment: 0, mappings: [{ output: 'group' }] })
const later = iort(
  '6.12.0',
  { segment: 0, mappings: [{ inputBase: 0x1000, ids: 0x1000, output: 'smmu' }] },
  { segment: 0, mappings: [{ ids: 0x1000, output: 'smmu' }] },
)
/** The last ID is 0x100, the card's. */
const upTo = (release: string) => iort(release, { segment: 0, mappings: [{ ids: 0x101, output: 'smmu' }] })

/** The SMMU is driven, and the card has a driver and no group. */
const refused = (log: readonly string[]) =>
  arm({
    kernel: { release: '6.12.0', log },
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: null })] }],
  })

/** The card is bound to vfio-pci, in a group that VFIO made for it (K: vfio_noiommu_group_alloc) once it is named. */
export const heldByVfio = (mode: 'Y' | 'N'): MachineDescription =>
  arm({
    kernel: { parameters: { 'vfio.enable_unsafe_noiommu_mode': mode } },
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: 0 }, 'vfio-pci')] }],
  })
export const nameNoIommuGroup: NonNullable<TestCase['edit']> = (files) =>
  files.set('sys/kernel/iommu_groups/0/name', text('vfio-noiommu\n'))

const guest = { vendor: 'QEMU', product: 'KVM Virtual Machine' }

/** The control domain of Xen on Arm, which takes the SMMU's nodes out of what the domain is shown. */
const belowXen = (line: string): TestCase => ({
  machine: arm({ iommus: [], rootComplexes: [{ msi: 'its', functions }] }),
  edit: (files) => {
    files.set('proc/xen/capabilities', text('control_d\n'))
    files.set('var/log/dmesg', text(`(XEN) ${line}\n`))
  },
})

export const MISSING_IOMMU_MACHINES: Readonly<Record<string, CauseMachines>> = {
  'guest-without-iommu': { with: of(noMap({ dmi: guest })), without: of(noMap()), remedy: /hypervisor/ },
  'iommu-node-disabled': {
    with: of(disabled('disabled')),
    without: of(disabled('okay')),
    remedy: /\/iommu@fc900000 has status "okay"/,
  },
  'iommu-node-reserved': {
    with: of(disabled('reserved')),
    without: of(disabled('disabled')),
    remedy: /\/iommu@fc900000/,
  },
  'boot-loader-left-function-out': {
    with: of(shortMap('fsl,lx2160a-pcie')),
    without: of(shortMap('pci-host-ecam-generic')),
    remedy: /pci_iommu_extra/,
    device: '0000:01:00.1',
  },
  'iommu-map-does-not-reach': {
    with: of(shortMap('pci-host-ecam-generic')),
    without: of(shortMap('fsl,lx2160a-pcie')),
    remedy: /iommu-map of \/pcie@10000000.* RequesterID 0x8 and 0x101/,
    device: '0000:01:00.1',
  },
  'iommu-map-refused': {
    with: of(
      tree({
        rootComplexes: [{ node: BRIDGE, iommu: 'smmu', msi: 'its', functions: [card(1, { group: null })] }],
        deviceTree: { properties: { [`/${BRIDGE}`]: { 'iommu-map': [0, '&smmu', 0] } } },
      }),
    ),
    without: of(tree()),
    remedy: /Correct the iommu-map of \/pcie@10000000/,
  },
  'board-has-no-iommu-before-pcie': {
    with: of(noMap({ deviceTree: { nodes: displayIommu } })),
    without: of(noMap({ iommus: [{ ...smmu, enabled: false }] })),
    remedy: /Keep the device on the host/,
  },
  'iommu-map-missing': {
    with: of(noMap({ iommus: [{ ...smmu, enabled: false }] })),
    without: of(noMap()),
    remedy: /stands before \/pcie@10000000/,
  },
  'smmu-off-in-firmware-setup': {
    with: of(kunpeng(undefined)),
    without: of(kunpeng([smmu])),
    remedy: /SMMU on in the firmware setup \(Advanced, MISC Config, Support Smmu\)/,
  },
  'iort-without-smmu': { with: of(unknownChip), without: of(kunpeng(undefined)), remedy: /firmware setup/ },
  'soc-has-no-iommu-before-pcie': {
    with: of(chip('14e4:2711')),
    without: of(unknownChip),
    remedy: /Keep the device on the host/,
  },
  'iort-segment-without-root-complex': {
    with: of(elsewhere),
    without: of(itsOnly),
    remedy: /PCI segment 0 to the IORT/,
  },
  'iort-later-root-complex': { with: of(later), without: of(itsOnly), remedy: /into one root complex node/ },
  'iort-not-mapped-to-smmu': {
    with: of(itsOnly),
    without: of(elsewhere),
    remedy: /RequesterID 0x8 and 0x100 of PCI segment 0/,
  },
  'iommu-driver-too-late': {
    with: of(refused(['i40e 0000:01:00.0: deferred probe timeout, ignoring dependency'])),
    without: of(refused([])),
    remedy: /Put arm_smmu_v3 into the initial ramdisk/,
  },
  'stream-id-out-of-range': {
    with: of(refused(['i40e 0000:01:00.0: stream ID 0x10100 out of range for SMMU (0x7fff)'])),
    without: of(refused([])),
    remedy: /give 0000:01:00\.0 a StreamID/,
  },
  'refused-by-iommu-driver': { with: of(refused([])), without: of(arm()), remedy: /kernel log/ },
  'iort-last-id-left-out': { with: of(upTo('5.4.0')), without: of(upTo('6.12.0')), remedy: /Linux 5\.8/ },
  'no-iommu-mode': {
    with: { machine: heldByVfio('Y'), edit: nameNoIommuGroup },
    without: { machine: heldByVfio('Y') },
    remedy: /^Unbind 0000:01:00\.0 from vfio-pci, turn the no-IOMMU mode of VFIO off/,
  },
  'xen-without-iommu': {
    with: belowXen('I/O virtualisation disabled'),
    without: belowXen('I/O virtualisation enabled'),
    remedy: /command line of Xen/,
  },
  'missing-iommu-unexplained': {
    with: { machine: noMap(), edit: (files) => files.set(`${NODES}/timer/compatible`, closed) },
    without: of(noMap()),
    remedy: /switch of the IOMMU.* kernel log/,
  },
}
