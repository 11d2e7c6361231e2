import { describe, expect, it } from 'vitest'
import { acpiRules } from '../../../src/rules/acpi-rules.js'
import {
  failures,
  frameEntry,
  its,
  itsEntry,
  lintTables,
  madtEntries,
  mapped,
  nodes,
  rootComplex,
  smmu,
  type Tables,
} from './firmware-tables.js'

interface Fault {
  readonly name: string
  readonly rule: string
  readonly severity: string
  /** The node or structure, counted by hand. */
  readonly node: string
  /** Offset of the first piece of evidence. */
  readonly offset: string
  readonly says: RegExp
  readonly tables: Tables
  /** Rules that may speak of the same fault as well. */
  readonly also?: readonly string[]
}

const RC = 'IORT node 0xa0'
const SMMU = 'IORT node 0x48'
const ITS = 'IORT node 0x30'
const two = (first: object, second: object) =>
  nodes(its(), smmu(), rootComplex(first), rootComplex({ name: 'rc2', ...second }))

const FAULTS: readonly Fault[] = [
  {
    name: 'output reference that is no node',
    rule: 'IR203',
    severity: 'high',
    node: RC,
    offset: '0xc8',
    says: /^Mapping 0 of the root complex of segment 0 at 0xa0 has the output reference 0x7ff0, past the end of the table\.$/,
    tables: nodes(its(), smmu(), mapped({ output: 0x7ff0 })),
  },
  {
    name: 'output reference into the middle of a node',
    rule: 'IR203',
    severity: 'high',
    node: RC,
    offset: '0xc8',
    says: /reference 0x4c, inside the SMMUv3 at 0x48/,
    tables: nodes(its(), smmu(), mapped({ output: 0x4c })),
  },
  {
    name: 'PMCG that counts for nobody',
    rule: 'IR203',
    severity: 'medium',
    node: 'IORT node 0xdc',
    offset: '0xf8',
    says: /^The PMCG at 0xdc refers to 0x50, where no node starts/,
    tables: nodes(its(), smmu(), rootComplex(), {
      type: 'pmcg',
      page0Base: 0x2b420000,
      overflowGsiv: 90,
      nodeReference: 0x50,
    }),
  },
  {
    name: 'reference 0',
    rule: 'IR204',
    severity: 'high',
    node: RC,
    offset: '0xc8',
    says: /^1 of the mappings of the root complex .* the first among them, have output reference 0/,
    tables: nodes(its(), smmu(), mapped({ output: 0 })),
  },
  {
    name: 'reference 0 behind a sound mapping',
    rule: 'IR204',
    severity: 'high',
    node: RC,
    offset: '0xdc',
    says: /^1 of the mappings of the root complex of segment 0 at 0xa0 have output reference 0\.$/,
    tables: nodes(its(), smmu(), mapped({ ids: 0x100, output: 'smmu' }, { inputBase: 0x100, ids: 0xff00, output: 0 })),
    also: ['IR210'],
  },
  {
    name: 'SMMU mapped to itself',
    rule: 'IR205',
    severity: 'high',
    node: SMMU,
    offset: '0x8c',
    says: /^The SMMUv3 at 0x48 maps ids to itself\.$/,
    tables: nodes(its(), smmu({ mappings: [{ output: 'smmu' }] }), rootComplex()),
    also: ['IR206', 'IR210'],
  },
  {
    name: 'loop over two nodes',
    rule: 'IR205',
    severity: 'high',
    node: SMMU,
    offset: '0x8c',
    says: /^The SMMUv3 at 0x48 leads back to the root complex of segment 0 at 0xa0/,
    tables: nodes(its(), smmu({ mappings: [{ output: 'rc' }] }), rootComplex()),
    also: ['IR206', 'IR221', 'IR210'],
  },
  {
    name: 'SMMU without a way to an ITS',
    rule: 'IR206',
    severity: 'high',
    node: SMMU,
    offset: '0x48',
    says: /^The SMMUv3 at 0x48 has no mapping to an ITS group\.$/,
    tables: nodes(its(), smmu({ mappings: [] }), rootComplex()),
  },
  {
    name: 'ITS that the MADT does not have',
    rule: 'IR207',
    severity: 'high',
    node: ITS,
    offset: '0x30',
    says: /^The ITS group at 0x30 names ITS 7, which the MADT does not have\.$/,
    tables: nodes(its({ itsIds: [7] }), smmu(), rootComplex()),
    also: ['IR208'],
  },
  {
    name: 'second ITS of a group that the MADT does not have',
    rule: 'IR207',
    severity: 'low',
    node: ITS,
    offset: '0x30',
    says: /names ITS 7, which the MADT does not have/,
    tables: nodes(its({ itsIds: [0, 7] }), smmu(), rootComplex()),
  },
  {
    name: 'ITS that no group names',
    rule: 'IR208',
    severity: 'low',
    node: 'APIC 0x58',
    offset: '0x58',
    says: /^ITS 1 of the MADT is in no ITS group of the IORT\.$/,
    tables: { madt: madtEntries(itsEntry(0), itsEntry(1)) },
  },
  {
    name: 'GICv2m-only MADT under an IORT that names an ITS',
    rule: 'IR209',
    severity: 'high',
    node: ITS,
    offset: '0x30',
    says: /names ITS 0, but the MADT has only a GIC MSI frame/,
    tables: { madt: madtEntries(frameEntry) },
  },
  {
    name: 'RequesterIDs that nothing covers',
    rule: 'IR210',
    severity: 'low',
    node: RC,
    offset: '0xa0',
    says: /no mapping to an SMMU for the RequesterIDs 0x100 to 0xffff/,
    tables: nodes(its(), smmu(), mapped({ ids: 0x100, output: 'smmu' })),
  },
  {
    name: 'root complex that covers no RequesterID',
    rule: 'IR210',
    severity: 'medium',
    node: RC,
    offset: '0xa0',
    says: /^No mapping of the root complex .* holds a RequesterID/,
    tables: nodes(its(), smmu(), mapped({ inputBase: 0x87030000, ids: 16, output: 'smmu' })),
  },
  {
    name: 'ranges that overlap, with different targets',
    rule: 'IR211',
    severity: 'medium',
    node: RC,
    offset: '0xc8',
    says: /^Mappings 0 and 1 .* both hold 0x800 to 0xfff and lead to different nodes/,
    tables: nodes(
      its(),
      smmu(),
      mapped({ ids: 0x1000, output: 'smmu' }, { inputBase: 0x800, ids: 0xf800, outputBase: 0x800, output: 'its' }),
    ),
    also: ['IR210'],
  },
  {
    name: 'ranges that overlap, with different outputs',
    rule: 'IR211',
    severity: 'medium',
    node: RC,
    offset: '0xc8',
    says: /both hold 0x800 to 0xfff and give different outputs/,
    tables: nodes(
      its(),
      smmu({ mappings: [{ ids: 0x40000, output: 'its' }] }),
      mapped({ ids: 0x1000, output: 'smmu' }, { inputBase: 0x800, ids: 0xf800, outputBase: 0x20000, output: 'smmu' }),
    ),
    also: ['IR215'],
  },
  {
    name: 'ranges that overlap and say the same',
    rule: 'IR211',
    severity: 'info',
    node: RC,
    offset: '0xc8',
    says: /both hold 0x800 to 0xfff and say the same\.$/,
    tables: nodes(
      its(),
      smmu(),
      mapped({ ids: 0x1000, output: 'smmu' }, { inputBase: 0x800, ids: 0xf800, outputBase: 0x800, output: 'smmu' }),
    ),
  },
  {
    name: 'counts written as n instead of n - 1',
    rule: 'IR212',
    severity: 'medium',
    node: RC,
    offset: '0xc8',
    says: /^Mapping 0 .* has the count field 0x100, so that it ends with 0x100, with which mapping 1 starts/,
    tables: nodes(
      its(),
      smmu(),
      mapped({ idCount: 0x100, output: 'smmu' }, { inputBase: 0x100, ids: 0xff00, outputBase: 0x100, output: 'its' }),
    ),
    also: ['IR210'],
  },
  {
    name: 'a count of n that leaves 16 bits',
    rule: 'IR212',
    severity: 'low',
    node: RC,
    offset: '0xc8',
    says: /count field 0x10000, which leaves the 16 bits of a RequesterID/,
    tables: nodes(its(), smmu(), mapped({ idCount: 0x10000, output: 'smmu' })),
  },
  {
    name: 'a count that leaves 32 bits',
    rule: 'IR212',
    severity: 'medium',
    node: RC,
    offset: '0xdc',
    says: /from 0xffffff00 on has the count field 0x1000, which leaves 32 bits/,
    tables: nodes(
      its(),
      smmu(),
      mapped({ output: 'smmu' }, { inputBase: 0xffffff00, idCount: 0x1000, output: 'smmu' }),
    ),
  },
  {
    name: 'single mapping on a root complex',
    rule: 'IR213',
    severity: 'medium',
    node: RC,
    offset: '0xc8',
    says: /^Mapping 0 .* is a single mapping: every RequesterID becomes 0x42\.$/,
    tables: nodes(its(), smmu(), mapped({ idCount: 0, outputBase: 0x42, output: 'smmu', singleMapping: true })),
  },
  {
    name: 'single mapping for the clients of an SMMU',
    rule: 'IR213',
    severity: 'medium',
    node: SMMU,
    offset: '0xa0',
    says: /^Mapping 1 of the SMMUv3 at 0x48 is a single mapping, which stands for its own MSIs only/,
    tables: nodes(
      its(),
      smmu({ mappings: [{ output: 'its' }, { idCount: 0, output: 'its', singleMapping: true }] }),
      rootComplex(),
    ),
  },
  {
    name: 'DeviceIDs of two root complexes collide',
    rule: 'IR214',
    severity: 'high',
    node: RC,
    offset: '0xc8',
    says: /^The root complex of segment 0 at 0xa0 and the root complex of segment 1 at 0xdc both give the StreamIDs 0x0 to 0xffff at SMMUv3 at 0x48/,
    tables: {
      ...two({}, { segment: 1 }),
      mcfg: { allocations: [{ base: 0x10000000 }, { base: 0x20000000, segment: 1 }] },
    },
  },
  {
    name: 'changing offsets from RequesterID to StreamID',
    rule: 'IR215',
    severity: 'medium',
    node: RC,
    offset: '0xc8',
    says: /^From RequesterID to StreamID .* has changing offsets: \+0x0 for 0x0 to 0xff, \+0x100 for 0x100 to 0xffff/,
    tables: nodes(
      its(),
      smmu({ mappings: [{ ids: 0x20000, output: 'its' }] }),
      mapped({ ids: 0x100, output: 'smmu' }, { inputBase: 0x100, ids: 0xff00, outputBase: 0x200, output: 'smmu' }),
    ),
  },
  {
    name: 'changing offsets from StreamID to DeviceID',
    rule: 'IR215',
    severity: 'medium',
    node: 'IORT node 0xb4',
    offset: '0xdc',
    says: /^From StreamID to DeviceID .* \+0x10000 for 0x100 to 0xffff/,
    tables: nodes(
      its(),
      smmu({
        mappings: [
          { ids: 0x100, output: 'its' },
          { inputBase: 0x100, ids: 0xff00, outputBase: 0x10100, output: 'its' },
        ],
      }),
      rootComplex(),
    ),
  },
  {
    name: 'changing offsets from RequesterID to DeviceID without an SMMU',
    rule: 'IR215',
    severity: 'medium',
    node: 'IORT node 0x48',
    offset: '0x70',
    says: /^From RequesterID to DeviceID the root complex of segment 0 at 0x48 to the ITS group at 0x30/,
    tables: nodes(
      its(),
      mapped({ ids: 0x100, output: 'its' }, { inputBase: 0x100, ids: 0xff00, outputBase: 0x10100, output: 'its' }),
    ),
    also: ['IR223'],
  },
  {
    name: 'second root complex for a segment',
    rule: 'IR216',
    severity: 'medium',
    node: 'IORT node 0xdc',
    offset: '0xdc',
    says: /^The root complex of segment 0 at 0xdc comes after the root complex of segment 0 at 0xa0/,
    tables: two({}, {}),
  },
  {
    name: 'a segment that MCFG has and IORT lacks',
    rule: 'IR217',
    severity: 'medium',
    node: 'IORT segment 3',
    offset: '0x3c',
    says: /^PCI segment 3 has no root complex node\.$/,
    tables: { mcfg: { allocations: [{ base: 0x10000000 }, { base: 0x20000000, segment: 3 }] } },
  },
  {
    name: 'DeviceID mapping index out of range',
    rule: 'IR218',
    severity: 'medium',
    node: SMMU,
    offset: '0x88',
    says: /^The SMMUv3 at 0x48 has the DeviceID mapping index 1, but only 1 mappings\.$/,
    tables: nodes(its(), smmu({ priGsiv: 0, deviceIdMappingIndex: 1 }), rootComplex()),
  },
  {
    name: 'DeviceID mapping index that takes the clients',
    rule: 'IR218',
    severity: 'medium',
    node: SMMU,
    offset: '0x8c',
    says: /names mapping 0, a range of StreamIDs, as the one for its own MSIs/,
    tables: nodes(its(), smmu({ priGsiv: 0, deviceIdMappingIndex: 0 }), rootComplex()),
    also: ['IR206'],
  },
  {
    name: 'empty ITS group',
    rule: 'IR219',
    severity: 'medium',
    node: ITS,
    offset: '0x30',
    says: /^The ITS group at 0x30 names no ITS\.$/,
    tables: nodes(its({ itsIds: [] }), smmu(), rootComplex()),
    also: ['IR208'],
  },
  {
    name: 'two ITSs with one identifier',
    rule: 'IR219',
    severity: 'medium',
    node: 'APIC 0x58',
    offset: '0x58',
    says: /more than one ITS with the identifier 0/,
    tables: { madt: madtEntries(itsEntry(0), { type: 'gic-its', translationId: 0, base: 0x9000000 }) },
  },
  {
    name: 'RMR in a table before revision 5',
    rule: 'IR220',
    severity: 'medium',
    node: 'IORT node 0xdc',
    offset: '0xdc',
    says: /stands in a table of revision 3/,
    tables: {
      iort: {
        revision: 3,
        nodes: [
          its(),
          smmu(),
          rootComplex(),
          {
            type: 'rmr',
            revision: 1,
            mappings: [{ ids: 1, output: 'smmu' }],
            regions: [{ base: 0x80000000, length: 0x10000 }],
          },
        ],
      },
    },
  },
  {
    name: 'RMR for an ITS',
    rule: 'IR220',
    severity: 'medium',
    node: 'IORT node 0xdc',
    offset: '0xdc',
    says: /leads to 0x30, which is no SMMU/,
    tables: nodes(its(), smmu(), rootComplex(), {
      type: 'rmr',
      revision: 3,
      mappings: [{ ids: 1, output: 'its' }],
      regions: [{ base: 0x80000000, length: 0x10000 }],
    }),
  },
  {
    name: 'RMR range off 64 KiB',
    rule: 'IR220',
    severity: 'low',
    node: 'IORT node 0xdc',
    offset: '0xdc',
    says: /range 0x80001000 with 0x10000 bytes, which is not made of 64 KiB units/,
    tables: nodes(its(), smmu(), rootComplex(), {
      type: 'rmr',
      revision: 3,
      mappings: [{ ids: 1, output: 'smmu' }],
      regions: [{ base: 0x80001000, length: 0x10000 }],
    }),
  },
  {
    name: 'root complex that leads to a root complex',
    rule: 'IR221',
    severity: 'medium',
    node: 'IORT node 0xdc',
    offset: '0x104',
    says: /^Mapping 0 of the root complex of segment 1 at 0xdc leads to the root complex of segment 0 at 0xa0/,
    tables: two({}, { segment: 1, mappings: [{ output: 'rc' }] }),
    also: ['IR214'],
  },
  {
    name: 'undefined model',
    rule: 'IR222',
    severity: 'medium',
    node: SMMU,
    offset: '0x70',
    says: /^The SMMUv3 at 0x48 has model 9; the highest that is defined is 2\.$/,
    tables: nodes(its(), smmu({ model: 9 }), rootComplex()),
  },
  {
    name: 'no SMMU before a root complex',
    rule: 'IR223',
    severity: 'info',
    node: 'IORT node 0x48',
    offset: '0x48',
    says: /leads to an ITS group without an SMMU/,
    tables: nodes(its(), mapped({ output: 'its' })),
  },
  {
    name: 'unknown node',
    rule: 'IR202',
    severity: 'info',
    node: 'IORT 0xdc',
    offset: '0xdc',
    says: /node at 0xdc has type 42, which is not known/,
    tables: nodes(its(), smmu(), rootComplex(), { type: 'raw', typeCode: 42, data: '00000000' }),
  },
  {
    name: 'bad checksum',
    rule: 'IR201',
    severity: 'medium',
    node: 'IORT 0x9',
    offset: '0x9',
    says: /^IORT: the checksum is 0x[0-9a-f]+, the bytes need 0x[0-9a-f]+\.$/,
    tables: { iort: { checksum: 'bad' } },
  },
  {
    name: 'wrong length',
    rule: 'IR201',
    severity: 'high',
    node: 'IORT 0x4',
    offset: '0x4',
    says: /the header claims 220 bytes, the file has 216/,
    tables: { iort: { truncateTo: 216 } },
    also: ['IR201', 'IR210'],
  },
  {
    name: 'mapping array past the node',
    rule: 'IR201',
    severity: 'high',
    node: 'IORT 0xa0',
    offset: '0xa0',
    says: /node at 0xa0 claims 5 ID mappings, the 20 bytes behind offset 0x28 of the node hold 1/,
    tables: nodes(its(), smmu(), rootComplex({ mappingCount: 5 })),
  },
]

describe('every fault class has a table that shows it', () => {
  it.each(FAULTS)('$rule $name', ({ rule, severity, node, offset, says, tables, also = [] }) => {
    const report = lintTables(tables)
    const [first] = failures(report, rule).filter((finding) => finding.node === node)
    expect(first).toMatchObject({ severity, node, offset })
    expect(first?.summary).toMatch(says)
    expect(first?.clause.length).toBeGreaterThan(0)
    const others = failures(report).filter((finding) => finding.rule !== rule)
    expect(others.map((finding) => finding.rule).filter((id) => !also.includes(id))).toEqual([])
  })

  it('and for each of them the sound tables are clean', () => {
    const report = lintTables({})
    expect(failures(report)).toEqual([])
    expect(report.exitCode).toBe(0)
    expect(report.rules.filter(({ outcome }) => outcome === 'unknown')).toEqual([])
    const applied = report.rules.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule)
    // Two mappings of one node, RMR nodes and a second description are not there to be judged.
    const judged = acpiRules.map(({ id }) => id).filter((id) => !['IR211', 'IR220', 'IR290'].includes(id))
    expect(applied).toEqual(judged)
  })

  it('covers every rule about tables', () => {
    const shown = new Set(FAULTS.map(({ rule }) => rule))
    expect(acpiRules.map(({ id }) => id).filter((id) => !shown.has(id) && id !== 'IR290')).toEqual([])
  })
})

describe('what is close to a fault and none', () => {
  const clean: readonly (readonly [string, Tables])[] = [
    [
      'adjacent ranges',
      nodes(
        its(),
        smmu(),
        mapped({ ids: 0x100, output: 'smmu' }, { inputBase: 0x100, ids: 0xff00, outputBase: 0x100, output: 'smmu' }),
      ),
    ],
    [
      'a single mapping on a component, and one for the MSIs of an SMMU',
      nodes(
        its(),
        smmu({
          priGsiv: 0,
          deviceIdMappingIndex: 1,
          mappings: [{ output: 'its' }, { idCount: 0, outputBase: 0x10000, output: 'its', singleMapping: true }],
        }),
        rootComplex(),
        {
          type: 'named-component',
          revision: 4,
          objectName: '\\_SB_.DMA0',
          mappings: [{ idCount: 0, outputBase: 0x20000, output: 'smmu', singleMapping: true }],
        },
      ),
    ],
    [
      'components with ranges that overlap',
      nodes(its(), smmu(), rootComplex(), {
        type: 'named-component',
        revision: 4,
        objectName: '\\_SB_.GPU0',
        mappings: [
          { ids: 2, outputBase: 0x20000, output: 'smmu' },
          { ids: 2, outputBase: 0x20000, output: 'smmu' },
        ],
      }),
    ],
    [
      'two segments on one ITS with ranges of their own',
      {
        ...nodes(
          its(),
          smmu({ mappings: [{ ids: 0x20000, output: 'its' }] }),
          rootComplex(),
          rootComplex({ name: 'rc1', segment: 1, mappings: [{ outputBase: 0x10000, output: 'smmu' }] }),
        ),
        mcfg: { allocations: [{ base: 0x10000000 }, { base: 0x20000000, segment: 1 }] },
      },
    ],
    [
      'two segments with one range of StreamIDs and different buses',
      {
        ...nodes(its(), smmu(), rootComplex(), rootComplex({ name: 'rc1', segment: 1 })),
        mcfg: {
          allocations: [
            { base: 0x10000000, endBus: 0x7f },
            { base: 0x20000000, segment: 1, startBus: 0x80 },
          ],
        },
      },
    ],
    ['an index field that no rule makes valid', nodes(its(), smmu({ deviceIdMappingIndex: 9 }), rootComplex())],
    [
      'an RMR of revision 5 and up',
      nodes(its(), smmu(), rootComplex(), {
        type: 'rmr',
        revision: 3,
        mappings: [{ ids: 1, output: 'smmu' }],
        regions: [{ base: 0x80000000, length: 0x10000 }],
      }),
    ],
    [
      'a wire bridge of GICv5',
      nodes(its(), smmu(), rootComplex(), {
        type: 'iwb',
        configBase: 0x2f000000,
        objectName: '\\_SB_.IWB0',
        mappings: [{ outputBase: 0x20000, output: 'its' }],
      }),
    ],
    ['no mappings and no ITS', { iort: { nodes: [rootComplex({ mappings: [] })] }, madt: madtEntries(frameEntry) }],
  ]
  it.each(clean)('%s', (_, tables) => {
    expect(failures(lintTables(tables)).filter(({ severity }) => severity !== 'info')).toEqual([])
  })
})
