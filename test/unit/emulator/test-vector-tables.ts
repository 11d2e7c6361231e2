import type { DmarDescription } from '../../../src/emulator/firmware/dmar-writer.js'
import type { IortNodeDescription } from '../../../src/emulator/firmware/iort-nodes.js'
import type { IortDescription } from '../../../src/emulator/firmware/iort-writer.js'
import type { MadtDescription } from '../../../src/emulator/firmware/madt-writer.js'

const header = { oemId: 'TESTOM', oemTableId: 'TESTTABL', creatorId: 'TEST' } as const
const its = (identifier: number, id: number): IortNodeDescription => {
  return { type: 'its-group', name: `its${id}`, revision: 1, identifier, itsIds: [id] }
}
const smmu = { type: 'smmuv3', name: 'smmu', revision: 5, base: '0x2b400000' } as const
const wired = { eventGsiv: 0x4a, priGsiv: 0x4b, gerrorGsiv: 0x4d, syncGsiv: 0x4c } as const
const complex = { type: 'root-complex', revision: 4 } as const

/** The tables A to I of the specification's test vectors, as descriptions. */
export const vectorTables: Readonly<Record<string, IortDescription>> = {
  A: {
    ...header,
    nodes: [
      its(0, 0),
      { ...smmu, ...wired, identifier: 1, flags: 1, mappings: [{ outputBase: 0x10000, output: 'its0' }] },
      { ...complex, identifier: 2, atsAttribute: 1, mappings: [{ output: 'smmu' }] },
    ],
  },
  B: {
    ...header,
    nodes: [its(0, 7), { ...complex, identifier: 1, mappings: [{ outputBase: 0x30000, output: 'its7' }] }],
  },
  C: {
    ...header,
    nodes: [
      its(0, 0),
      { ...smmu, ...wired, identifier: 1, flags: 1 },
      { ...complex, identifier: 2, mappings: [{ output: 'smmu' }] },
    ],
  },
  D: {
    ...header,
    oemId: 'HISI',
    oemTableId: 'HIP07',
    oemRevision: 0,
    nodes: [
      its(0, 0),
      {
        ...complex,
        identifier: 1,
        mappings: [
          { idCount: 0x100, outputBase: 0x1000, output: 'its0' },
          { inputBase: 0x100, idCount: 0x100, outputBase: 0x5000, output: 'its0' },
        ],
      },
    ],
  },
  E: {
    ...header,
    nodes: [
      its(0, 0),
      {
        ...complex,
        identifier: 1,
        mappings: [
          { ids: 0x100, outputBase: 0x1000, output: 'its0' },
          { inputBase: 0x100, ids: 0x100, outputBase: 0x5000, output: 'its0' },
        ],
      },
    ],
  },
  F: {
    ...header,
    nodes: [
      its(0, 0),
      {
        ...smmu,
        identifier: 1,
        flags: 0x11,
        mappings: [
          { ids: 1, outputBase: 0x99, output: 'its0', singleMapping: true },
          { outputBase: 0x20000, output: 'its0' },
        ],
      },
      { ...complex, identifier: 2, mappings: [{ outputBase: 0x100, output: 'smmu' }] },
    ],
  },
  G: {
    ...header,
    nodes: [
      its(0, 0),
      { ...complex, identifier: 1, mappings: [{ ids: 1, outputBase: 0x42, output: 'its0', singleMapping: true }] },
    ],
  },
  H: {
    ...header,
    nodes: [
      its(0, 0),
      its(1, 1),
      {
        ...smmu,
        ...wired,
        identifier: 2,
        flags: 1,
        mappings: [{ output: 'its0' }, { inputBase: 0x10000, output: 'its0' }],
      },
      { ...complex, identifier: 3, mappings: [{ output: 'smmu' }] },
      { ...complex, identifier: 4, segment: 1, mappings: [{ outputBase: 0x10000, output: 'smmu' }] },
      { ...complex, identifier: 5, segment: 1, mappings: [{ outputBase: 0x20000, output: 'its1' }] },
    ],
  },
  I: {
    ...header,
    nodes: [
      its(0, 0),
      {
        ...smmu,
        identifier: 1,
        flags: 1,
        mappings: [
          { ids: 1, outputBase: 0x99, output: 'its0', singleMapping: true },
          { outputBase: 0x20000, output: 'its0' },
        ],
      },
      { ...complex, identifier: 2, mappings: [{ output: 'smmu' }] },
    ],
  },
}

export const vectorMadt: MadtDescription = {
  ...header,
  revision: 7,
  entries: [
    { type: 'gicd', base: '0x8000000', version: 3 },
    { type: 'gic-its', translationId: 0, base: '0x8080000' },
    { type: 'gic-msi-frame', frameId: 1, base: '0x8020000', flags: 1, spiCount: 64, spiBase: 80 },
    { type: 'gicr', base: '0x80a0000', rangeLength: 0x200000 },
  ],
}

export const vectorDmar = (flags: number): DmarDescription => {
  return { ...header, flags, structures: [{ type: 'drhd', flags: 1, base: '0xfed90000' }] }
}

/** Written out here too, so that the bytes are checked where the specification is not at hand. */
export const literals = {
  B: '494f5254840000000683544553544f4d544553545441424c010000005445535401000000020000003000000000000000001800010000000000000000000000000100000007000000023c000401000000010000002800000001000000000000030000000000000000400000000000000000000000ffff0000000003003000000000000000',
  F: '494f5254f000000006d4544553544f4d544553545441424c010000005445535401000000030000003000000000000000001800010000000000000000000000000100000000000000046c00050100000002000000440000000000402b000000001100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000099000000300000000100000000000000ffff0000000002003000000000000000023c000402000000010000002800000001000000000000030000000000000000400000000000000000000000ffff0000000100004800000000000000',
  MADT: '41504943800000000768544553544f4d544553545441424c01000000544553540100000000000000000000000c18000000000000000000080000000000000000030000000f140000000000000000080800000000000000000d18000001000000000002080000000001000000400050000e10000000000a080000000000002000',
} as const
