import { HOST_BRIDGE, type BoardChange } from './judged-tree.js'

/** The host bridge of the sound board. */
export const BRIDGE = '/pcie@10000000'
const ITS = '/interrupt-controller@8000000/msi-controller@8080000'

/** One fault: what it is, the change to the sound board, the release, and what is said of it. */
export type Fault = readonly [what: string, change: BoardChange, release: string, findings: readonly string[]]

/** Two GICv2m frames. */
export const FRAMES = {
  'v2m@8020000': {
    label: 'first',
    properties: { compatible: 'arm,gic-v2m-frame', 'msi-controller': true, reg: [0, 0x8020000, 0, 0x1000] },
  },
  'v2m@8021000': {
    label: 'second',
    properties: { compatible: 'arm,gic-v2m-frame', 'msi-controller': true, reg: [0, 0x8021000, 0, 0x1000] },
  },
} as const

/** A second host bridge, whose DeviceIDs are those of the first. */
export const OTHER = {
  'pcie@20000000': {
    properties: {
      ...HOST_BRIDGE,
      'bus-range': [0, 0xff],
      'iommu-map': [0, '&smmu', 0x10000, 0x10000],
      'msi-map': [0, '&its', 0, 0x10000],
    },
  },
} as const

/** A fault of every class, and what is said of it. */
export const FAULTS: readonly Fault[] = [
  [
    'msi-map names a phandle that no node has',
    { bridge: { 'msi-map': [0, 0x77, 0, 0x10000] } },
    '6.12.0',
    [`IR301 medium ${BRIDGE}`],
  ],
  [
    'msi-map leads to the SMMU',
    { bridge: { 'msi-map': [0, '&smmu', 0, 0x10000] } },
    '6.12.0',
    [`IR301 medium ${BRIDGE}`],
  ],
  [
    'iommu-map leads to the ITS',
    { bridge: { 'iommu-map': [0, '&its', 0, 0x10000] } },
    '6.12.0',
    [`IR301 medium ${BRIDGE}`],
  ],
  ['the SMMU is disabled', { smmu: { status: 'disabled' } }, '6.12.0', [`IR302 medium ${BRIDGE}`]],
  ['the ITS is disabled', { its: { status: 'disabled' } }, '6.12.0', [`IR302 medium ${BRIDGE}`]],
  ['the GIC above the ITS is disabled', { gic: { status: 'disabled' } }, '6.12.0', [`IR302 medium ${BRIDGE}`]],
  [
    'iommu-map has three cells (EINVAL)',
    { bridge: { 'iommu-map': [0, '&smmu', 0] } },
    '6.12.0',
    [`IR303 medium ${BRIDGE}`],
  ],
  [
    'iommu-map has 15 bytes',
    { bridge: { 'iommu-map': { bytes: '00'.repeat(15) } } },
    '6.12.0',
    [`IR303 medium ${BRIDGE}`],
  ],
  ['msi-map is empty', { bridge: { 'msi-map': true } }, '6.12.0', [`IR303 medium ${BRIDGE}`]],
  [
    'five-cell entries for an SMMU of two cells, before 7.2',
    { smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 }, bridge: { 'iommu-map': [0, '&smmu', 5, 0, 1] } },
    '7.1.0',
    [`IR303 medium ${BRIDGE}`],
  ],
  [
    'four-cell entries of many ids for an SMMU of two cells, from 7.2 on',
    { smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 } },
    '7.2.0',
    [`IR303 medium ${BRIDGE}`],
  ],
  [
    'the same up to 7.1, which takes the one cell',
    { smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 } },
    '7.1.0',
    [`IR303 info ${BRIDGE}`],
  ],
  [
    'five-cell entries that hold more than one id (EINVAL)',
    { smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 }, bridge: { 'iommu-map': [0, '&smmu', 5, 0, 0x10000] } },
    '7.2.0',
    [`IR303 medium ${BRIDGE}`],
  ],
  [
    'the id base has bits that the mask clears (EFAULT)',
    { bridge: { 'bus-range': [1, 1], 'msi-map': [0x108, '&its', 0, 0xf8], 'msi-map-mask': 0xfff7 } },
    '6.12.0',
    [`IR303 medium ${BRIDGE}`, `IR305 medium ${BRIDGE}`],
  ],
  [
    'msi-map-mask hides the function number',
    { bridge: { 'msi-map-mask': 0xfff8, 'iommu-map-mask': 0xfff8 } },
    '6.12.0',
    [`IR304 medium ${BRIDGE}`, `IR304 medium ${BRIDGE}`],
  ],
  [
    'iommu-map-mask alone hides all, before an SMMUv2',
    { smmu: { compatible: 'arm,mmu-500' }, bridge: { 'iommu-map-mask': 0 } },
    '6.12.0',
    [`IR305 low ${BRIDGE}`],
  ],
  [
    'the maps end before the last bus',
    { bridge: { 'msi-map': [0, '&its', 0, 0x8000], 'iommu-map': [0, '&smmu', 0, 0x8000] } },
    '6.12.0',
    [`IR306 low ${BRIDGE}`, `IR306 low ${BRIDGE}`],
  ],
  [
    'msi-parent without the cells that the ITS wants',
    { bridge: { 'msi-map': null, 'msi-parent': ['&its', 0].slice(0, 1) } },
    '6.12.0',
    [`IR307 medium ${BRIDGE}`],
  ],
  [
    'msi-parent with cells, on 6.8',
    { bridge: { 'msi-map': null, 'msi-parent': ['&its', 0] } },
    '6.8.0',
    [`IR307 medium ${BRIDGE}`],
  ],
  [
    'msi-parent with cells, on 6.12',
    { bridge: { 'msi-map': null, 'msi-parent': ['&its', 0] } },
    '6.12.0',
    [`IR307 low ${BRIDGE}`],
  ],
  [
    'msi-parent beside an msi-map that holds all',
    { bridge: { 'msi-parent': ['&its', 0] } },
    '6.12.0',
    [`IR307 info ${BRIDGE}`],
  ],
  [
    'msi-parent that leads to the SMMU',
    { bridge: { 'msi-map': null, 'msi-parent': ['&smmu', 0].slice(0, 1) } },
    '6.12.0',
    [`IR307 medium ${BRIDGE}`],
  ],
  [
    'msi-map to the second GICv2m frame',
    { nodes: FRAMES, bridge: { 'msi-map': [0, '&second', 0, 0x10000] } },
    '6.12.0',
    [`IR308 medium ${BRIDGE}`],
  ],
  ['a pre-ITS', { its: { 'socionext,synquacer-pre-its': [0x58000000, 0x200000] } }, '6.12.0', [`IR309 high ${ITS}`]],
  [
    'a pre-ITS before an ITS that takes the MSIs of no PCI host',
    { bridge: { 'msi-map': null }, its: { 'socionext,synquacer-pre-its': [0x58000000, 0x200000] } },
    '6.12.0',
    [],
  ],
  ['an ITS without msi-controller', { its: { 'msi-controller': null } }, '6.12.0', [`IR310 medium ${ITS}`]],
  [
    'a DesignWare bridge without a map beside an ITS',
    { bridge: { compatible: 'snps,dw-pcie', 'msi-map': null } },
    '6.12.0',
    [`IR311 medium ${BRIDGE}`],
  ],
  [
    'two entries hold the same ids and give others',
    { bridge: { 'msi-map': [0, '&its', 0, 0x10000, 0x100, '&its', 0x5000, 0x10] } },
    '6.12.0',
    [`IR312 medium ${BRIDGE}`],
  ],
  [
    'two entries say the same',
    { bridge: { 'msi-map': [0, '&its', 0, 0x10000, 0x100, '&its', 0x100, 0x10] } },
    '6.12.0',
    [`IR312 info ${BRIDGE}`],
  ],
  ['two host bridges have the same DeviceIDs', { nodes: OTHER }, '6.12.0', [`IR313 medium ${BRIDGE}`]],
  [
    'a device outside PCI has the DeviceID of a function',
    { nodes: { 'dma@1': { properties: { 'msi-parent': ['&its', 0x100] } } } },
    '6.12.0',
    ['IR313 medium /dma@1'],
  ],
  [
    'the length is one short',
    { bridge: { 'msi-map': [0, '&its', 0, 0xffff], 'iommu-map': [0, '&smmu', 0, 0x10000] } },
    '6.12.0',
    [`IR306 low ${BRIDGE}`, `IR314 low ${BRIDGE}`],
  ],
  [
    'an entry of length zero',
    { bridge: { 'msi-map': [0, '&its', 0, 0x10000, 0, '&its', 0, 0] } },
    '6.12.0',
    [`IR314 medium ${BRIDGE}`],
  ],
  [
    'StreamIDs are shifted from bus 128 on, DeviceIDs are not',
    { bridge: { 'iommu-map': [0, '&smmu', 0, 0x8000, 0x8000, '&smmu', 0x10000, 0x8000] } },
    '6.12.0',
    [`IR316 medium ${BRIDGE}`, `IR316 medium ${BRIDGE}`],
  ],
  [
    'DeviceIDs change without an IOMMU',
    { bridge: { 'iommu-map': null, 'msi-map': [0, '&its', 0, 0x8000, 0x8000, '&its', 0x10000, 0x8000] } },
    '6.12.0',
    [`IR316 low ${BRIDGE}`],
  ],
  [
    'a number that is thousands of numbers',
    { its: { '#msi-cells': Array.from({ length: 20_000 }, () => 1) } },
    '6.12.0',
    [`IR317 medium ${ITS}`],
  ],
  ['entries of thousands of cells', { its: { '#size-cells': 20_000 } }, '6.12.0', [`IR317 medium ${ITS}`]],
  ['names that no driver has', { its: { status: { bytes: '6f6b6179' } } }, '6.12.0', [`IR317 medium ${ITS}`]],
  ['half a cell', { its: { reg: { bytes: '0000000008080000000000000002' } } }, '6.12.0', [`IR317 medium ${ITS}`]],
  [
    'a list of more cells than are read',
    { its: { 'mbi-ranges': Array.from({ length: 70_000 }, () => 1) } },
    '6.12.0',
    [`IR317 medium ${ITS}`],
  ],
  [
    'msi-parent names a phandle that no node has',
    { bridge: { 'msi-map': null, 'msi-parent': [0x77] } },
    '6.12.0',
    [`IR307 medium ${BRIDGE}`],
  ],
  [
    'a pre-ITS without the size of its window',
    { its: { 'socionext,synquacer-pre-its': [0x58000000] } },
    '6.12.0',
    [`IR309 high ${ITS}`],
  ],
  [
    'two entries hold the same ids and lead to different ITSs',
    {
      nodes: {
        'its@8100000': {
          label: 'other',
          properties: {
            compatible: 'arm,gic-v3-its',
            'msi-controller': true,
            '#msi-cells': 1,
            reg: [0, 0x8100000, 0, 0x20000],
          },
        },
      },
      bridge: { 'msi-map': [0, '&its', 0, 0x10000, 0x100, '&other', 0x100, 0x10] },
    },
    '6.12.0',
    [`IR312 medium ${BRIDGE}`],
  ],
  [
    'an entry ends past 32 bits, which up to 7.1 holds nothing',
    { bridge: { 'msi-map': [0, '&its', 0, 0x8000, 0x8000, '&its', 0x8000, 0xffffffff] } },
    '7.1.0',
    [`IR306 low ${BRIDGE}`, `IR314 medium ${BRIDGE}`],
  ],
  [
    'an entry ends with the last of 32 bits, which up to 7.1 counts as the first',
    { bridge: { 'msi-map': [0, '&its', 0, 0x8000, 0x8000, '&its', 0x8000, 0xffff8000] } },
    '7.1.0',
    [`IR306 low ${BRIDGE}`, `IR314 medium ${BRIDGE}`],
  ],
  [
    'the same from 7.2 on',
    { bridge: { 'msi-map': [0, '&its', 0, 0x8000, 0x8000, '&its', 0x8000, 0xffff8000] } },
    '7.2.0',
    [],
  ],
  [
    'an end past 32 bits from 7.2 on, which takes it',
    { bridge: { 'msi-map': [0, '&its', 0, 0x8000, 0x8000, '&its', 0x8000, 0xffffffff] } },
    '7.2.0',
    [],
  ],
]
