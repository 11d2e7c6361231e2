import { describe, expect, it } from 'vitest'
import {
  failures,
  frameEntry,
  its,
  lintTables,
  madtEntries,
  mapped,
  nodes,
  rootComplex,
  smmu,
  type Tables,
} from './firmware-tables.js'

interface Expected {
  readonly name: string
  readonly tables: Tables
  readonly exitCode: 0 | 1
  /** Rule, severity and offset of the first evidence of each finding. */
  readonly findings: readonly (readonly [rule: string, severity: string, offset: string])[]
}

const three = (more: object = {}): Tables => nodes(its(), smmu({ revision: 5, ...more }), rootComplex())

/**
 * The set on which fwts 26.05 prints "No issues found" nine times out of the first nine, and fails the tenth, which is
 * none: three nodes, ITS group, SMMUv3 and root complex, of 220 bytes.
 */
const TABLES: readonly Expected[] = [
  { name: 'good', tables: three(), exitCode: 0, findings: [] },
  {
    name: 'root complex to 0x7ff0',
    tables: nodes(its(), smmu({ revision: 5 }), mapped({ output: 0x7ff0 })),
    exitCode: 1,
    findings: [['IR203', 'high', '0xc8']],
  },
  {
    name: 'root complex to 0',
    tables: nodes(its(), smmu({ revision: 5 }), mapped({ output: 0 })),
    exitCode: 1,
    findings: [['IR204', 'high', '0xc8']],
  },
  {
    name: 'SMMU to itself',
    tables: three({ mappings: [{ output: 'smmu' }] }),
    exitCode: 1,
    findings: [
      ['IR205', 'high', '0x8c'],
      ['IR206', 'high', '0x48'],
    ],
  },
  {
    name: 'SMMU without mappings',
    tables: three({ mappings: [] }),
    exitCode: 1,
    findings: [['IR206', 'high', '0x48']],
  },
  {
    name: 'ITS id 7 against MADT id 0',
    tables: nodes(its({ itsIds: [7] }), smmu({ revision: 5 }), rootComplex()),
    exitCode: 1,
    findings: [
      ['IR207', 'high', '0x30'],
      ['IR208', 'low', '0x44'],
    ],
  },
  {
    name: 'ID count 0xff',
    tables: nodes(its(), smmu({ revision: 5 }), mapped({ idCount: 0xff, output: 'smmu' })),
    exitCode: 1,
    findings: [['IR210', 'medium', '0xa0']],
  },
  {
    name: 'root complex to the ITS',
    tables: nodes(its(), smmu({ revision: 5 }), mapped({ output: 'its' })),
    exitCode: 0,
    findings: [['IR223', 'info', '0xa0']],
  },
  {
    name: 'MADT with only an MSI frame',
    tables: { ...three(), madt: madtEntries(frameEntry) },
    exitCode: 1,
    findings: [['IR209', 'high', '0x30']],
  },
  {
    name: 'node of a type that nobody knows',
    tables: nodes(its(), smmu({ revision: 5 }), rootComplex(), { type: 'raw', typeCode: 9, data: '00' }),
    exitCode: 0,
    findings: [['IR202', 'info', '0xdc']],
  },
  { name: 'model 9', tables: three({ model: 9 }), exitCode: 1, findings: [['IR222', 'medium', '0x70']] },
  {
    name: 'zero-length node',
    tables: nodes(its(), smmu({ revision: 5 }), rootComplex({ length: 0 })),
    exitCode: 1,
    findings: [['IR201', 'high', '0xa0']],
  },
  {
    name: 'mapping offset outside the node',
    tables: nodes(its(), smmu({ revision: 5 }), rootComplex({ mappingOffset: 0x1000 })),
    exitCode: 1,
    findings: [
      ['IR201', 'high', '0xa0'],
      ['IR210', 'medium', '0xa0'],
    ],
  },
]

describe('the thirteen tables of the comparison', () => {
  it.each(TABLES)('$name', ({ tables, exitCode, findings }) => {
    const report = lintTables(tables)
    expect(failures(report).map(({ rule, severity, offset }) => [rule, severity, offset])).toEqual(findings)
    expect(report.exitCode).toBe(exitCode)
  })

  it('names mapping, node and what Linux does where an ID count is too small', () => {
    const report = lintTables(nodes(its(), smmu(), mapped({ idCount: 0xff, output: 'smmu' })))
    const [first] = failures(report)
    expect(first?.summary).toBe(
      'The root complex of segment 0 at 0xa0 has no mapping to an SMMU or an ITS for the RequesterIDs 0x100 to 0xffff.',
    )
    expect(first?.linux).toBe(
      'Linux gives such a function no StreamID: it has no IOMMU group and cannot be assigned. Linux gives such a function no MSI domain from the IORT and takes its RequesterID for the DeviceID.',
    )
    expect(first?.acsRule).toEqual(['ITS_DEV_5', 'S_L7SM_01'])
  })
})

describe('how each kernel era ends a range', () => {
  const hisi = { oemId: 'HISI  ', oemTableId: 'HIP07   ', oemRevision: 0 }
  const adjacent = [
    its(),
    smmu(),
    mapped({ idCount: 0x100, output: 'smmu' }, { inputBase: 0x100, ids: 0xff00, outputBase: 0x200, output: 'its' }),
  ]
  const linuxOf = (release: string | undefined, iort: object = {}) =>
    failures(lintTables({ iort: { nodes: adjacent, ...iort } }, release), 'IR212')[0]?.linux

  it.each([
    ['5.4.286', {}, 'Linux 5.4.286 takes the last ID of every range for the first one behind it.'],
    [
      '5.6.4',
      {},
      'Linux 5.6.4 takes every ID of a range, but one less in the tables of HiSilicon HIP07 and HIP08 with OEM revision 0, of which this is none.',
    ],
    [
      '5.7.14',
      hisi,
      'Linux 5.7.14 takes every ID of a range, but one less in the tables of HiSilicon HIP07 and HIP08 with OEM revision 0, of which this is one.',
    ],
    [
      '6.12',
      {},
      'Linux 6.12 takes every ID of a range, and where the next range starts with its last ID, that next range.',
    ],
  ])('%s', (release, iort, words) => {
    expect(linuxOf(release, iort)).toBe(words)
  })

  it('without a release, and where a release is not determined, all of them', () => {
    expect(linuxOf(undefined)).toMatch(/^Linux up to 5\.4 .*; 5\.6 and 5\.7 each .*; from 5\.8 on/)
    expect(linuxOf('5.5.1')).toMatch(/^Linux up to 5\.4 /)
  })

  it('a sound table loses the last ID of each range up to 5.4, and single IDs altogether', () => {
    const single = mapped(
      { ids: 1, output: 'smmu' },
      { inputBase: 0x100, ids: 0xff00, outputBase: 0x100, output: 'smmu' },
    )
    const sound = nodes(its(), smmu(), single)
    const [finding] = failures(lintTables(sound, '5.4.0'), 'IR212')
    expect(finding?.severity).toBe('medium')
    expect(finding?.summary).toBe(
      'The table is as specified, but each of its 3 ranges loses its last ID, and 1 of them hold only one.',
    )
    expect(finding?.actor).toBe('kernel')
    expect(failures(lintTables(sound, '5.8.0'), 'IR212')).toEqual([])
    expect(failures(lintTables({}, '5.4.0'), 'IR212')[0]?.severity).toBe('low')
  })

  it('from 6.2 on the flag of a revision 5 node counts, before the interrupts', () => {
    const table = nodes(its(), smmu({ revision: 5, flags: 0, priGsiv: 0, deviceIdMappingIndex: 0 }), rootComplex())
    expect(failures(lintTables(table, '6.12'), 'IR218')).toEqual([])
    expect(failures(lintTables(table, '6.1.0'), 'IR218')).toHaveLength(1)
  })
})
