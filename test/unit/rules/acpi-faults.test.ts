import { describe, expect, it } from 'vitest'
import { acpiRules } from '../../../src/rules/acpi-rules.js'
import { FAULTS_OF_MAPPINGS } from './acpi-faults-of-mappings.js'
import { FAULTS_OF_TABLES } from './acpi-faults-of-tables.js'
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

/** Rules about the tables of x86 have tests of their own. */
const armRules = acpiRules.map(({ id }) => id).filter((id) => id < 'IR224' || id > 'IR231')

const FAULTS = [...FAULTS_OF_MAPPINGS, ...FAULTS_OF_TABLES]

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
    const judged = armRules.filter((id) => !['IR211', 'IR220', 'IR290'].includes(id))
    expect(applied).toEqual(judged)
  })

  it('covers every rule about tables', () => {
    const shown = new Set(FAULTS.map(({ rule }) => rule))
    expect(armRules.filter((id) => !shown.has(id) && id !== 'IR290')).toEqual([])
  })
})

describe('ranges inside one wide range', () => {
  it('each overlap with it, though not with each other', () => {
    const inside = (inputBase: number) => ({ inputBase, ids: 0x100, outputBase: inputBase + 0x10000, output: 'smmu' })
    const wide = { ids: 0x10000, output: 'smmu' }
    const report = lintTables(nodes(its(), smmu(), mapped(wide, inside(0x100), inside(0x300))))
    expect(failures(report, 'IR211').map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^Mappings 0 and 1 .* both hold 0x100 to 0x1ff and give different outputs/),
      expect.stringMatching(/^Mappings 0 and 2 .* both hold 0x300 to 0x3ff and give different outputs/),
    ])
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
    ['an ITS beside a GICv2m frame', { madt: madtEntries(itsEntry(0), frameEntry) }],
    ['no mappings and no ITS', { iort: { nodes: [rootComplex({ mappings: [] })] }, madt: madtEntries(frameEntry) }],
  ]
  it.each(clean)('%s', (_, tables) => {
    expect(failures(lintTables(tables)).filter(({ severity }) => severity !== 'info')).toEqual([])
  })
})
