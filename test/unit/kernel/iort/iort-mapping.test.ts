import { describe, expect, it } from 'vitest'
import { iortMsiTarget } from '../../../../src/kernel/iort/iort-msi.js'
import { iortRulesOf, newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import { specialMappingIndex } from '../../../../src/kernel/iort/iort-walk.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IdMapping, IwbNode, NamedComponentNode, PmcgNode, SmmuV3Node } from '../../../../src/machine/iort.js'
import { group, mapping, rc, smmu, tableOf } from './iort-nodes.js'

const release = parseRelease('6.12.0')

/** DeviceID of `id`, with the codes of the warnings on the way; all mappings lead to one ITS group. */
function mapped(id: number, ...mappings: readonly Partial<IdMapping>[]) {
  const to = mappings.map((over) => mapping({ outputReference: 100, ...over }))
  const target = iortMsiTarget(tableOf(rc(to), group(100, [0])), 0, id, release)
  return [target.kind === 'its' ? target.deviceId : target.kind, ...target.warnings.map(({ code }) => code)]
}

// iort-walk.md section 2, steps 2 to 5.
describe('the last id of a range', () => {
  it('goes to the range that starts with it where the first has two ids', () => {
    expect(mapped(0x100, { inputBase: 0xff, idCount: 1 }, { inputBase: 0x100, outputBase: 0x5000 })).toEqual([
      0x5000,
      'conflicting-mapping',
      'last-id-superseded',
    ])
  })
  const first = { idCount: 0x100, outputBase: 0x1000 }

  it('stays with the range where a later one holds it in its middle', () => {
    const later = { inputBase: 0x80, idCount: 0x180, outputBase: 0x5000 }
    expect(mapped(0x100, first, later)).toEqual([0x1100, 'conflicting-mapping'])
  })
  it('goes to the range that starts with it', () => {
    const later = { inputBase: 0x100, idCount: 0xff, outputBase: 0x5000 }
    expect(mapped(0x100, first, later)).toEqual([0x5000, 'conflicting-mapping', 'last-id-superseded'])
  })
  it('is settled at once where it is the only one', () => {
    const single = { inputBase: 0x100, idCount: 0, outputBase: 0x1000 }
    const later = { inputBase: 0x100, idCount: 0xff, outputBase: 0x5000 }
    expect(mapped(0x100, single, later)).toEqual([0x1000])
  })
  it('counts as not yet found where the reference is zero', () => {
    const elsewhere = { inputBase: 0x8000, idCount: 0 }
    const nowhere = { ...first, outputReference: 0 }
    const later = { inputBase: 0x80, idCount: 0x180, outputBase: 0x5000 }
    expect(mapped(0x100, elsewhere, nowhere, later)).toEqual([0x5080])
    expect(mapped(0x100, elsewhere, nowhere)).toEqual(['none'])
  })
})

// iort_id_map returns at once for what is no last id, and iort_node_map_id then asks no later mapping.
describe('a mapping before another that starts with the id', () => {
  const by = (text: string, first: Partial<IdMapping>) => {
    const to = [first, { inputBase: 0x100, outputBase: 0x5000 }].map((over) =>
      mapping({ outputReference: 100, ...over }),
    )
    const target = iortMsiTarget(tableOf(rc(to), group(100, [0])), 0, 0x100, parseRelease(text))
    return target.kind === 'its' ? target.deviceId : target.kind
  }
  it.each(['5.4.0', '5.7.0', '6.12.0'])('is taken for good on %s', (text) => {
    expect(by(text, { idCount: 0x200, outputBase: 0x1000 })).toBe(0x1100)
    expect(by(text, { singleMapping: true, outputBase: 0x42 })).toBe(0x42)
  })
})

// K: 7.2 drivers/acpi/arm64/iort.c, iort_id_map; 6.12 has no such node type.
describe('a single mapping at a wire bridge', () => {
  const single = mapping({ singleMapping: true, outputBase: 0x42, outputReference: 100 })
  const bridge: IwbNode = {
    ...rc([single]),
    type: 'iwb',
    typeCode: 7,
    offset: 200,
    configBase: 0n,
    iwbIndex: 0,
    objectName: '',
  }
  const answer = (text: string | undefined) =>
    iortMsiTarget(
      tableOf(rc([mapping({ outputReference: 200 })]), group(100, [0]), bridge),
      0,
      8,
      text === undefined ? undefined : parseRelease(text),
    )

  it('counts from 7.2 on', () => {
    expect(answer('7.2.0')).toMatchObject({ kind: 'its', deviceId: 0x42 })
    for (const before of ['5.4.0', '5.7.0', '6.1.0', '7.1.0'])
      expect(answer(before)).toMatchObject({ kind: 'none', reason: 'no-match' })
    expect(answer('6.12.0-200.el10')).toMatchObject({ kind: 'unknown', reason: 'release-undetermined' })
    expect(answer(undefined)).toMatchObject({ kind: 'unknown', reason: 'release-undetermined' })
  })
})

// iort-walk.md section 3.
describe('the mapping for the own MSIs of a node', () => {
  const indexOf = (node: SmmuV3Node | PmcgNode, text: string) =>
    iortRulesOf(parseRelease(text)).map((rules) => specialMappingIndex(node, rules, () => undefined))
  const smmuV3 = (over: Partial<SmmuV3Node>) => smmu(100, { deviceIdMappingIndex: 1, mappingCount: 2, ...over })
  const WIRED = { eventGsiv: 74, priGsiv: 75, gerrorGsiv: 77, syncGsiv: 79 }

  it.each([
    ['revision 0 has none', { revision: 0 }, undefined],
    ['revision 1 has the field', { revision: 1 }, 1],
    ['four wired interrupts need none', { revision: 1, ...WIRED }, undefined],
    ...(['eventGsiv', 'priGsiv', 'gerrorGsiv', 'syncGsiv'] as const).map(
      (one) => [`three wired interrupts need one: ${one}`, { revision: 4, ...WIRED, [one]: 0 }, 1] as const,
    ),
    ['GSIV 1 is an interrupt', { revision: 1, eventGsiv: 1, priGsiv: 1, gerrorGsiv: 1, syncGsiv: 1 }, undefined],
    ['from revision 5 on the flag decides', { revision: 5, flags: 0x10, ...WIRED }, 1],
    ['and without it there is none', { revision: 5, flags: 0x0f }, undefined],
    ['an index past the array is none', { revision: 1, deviceIdMappingIndex: 2 }, undefined],
  ] as const)('SMMUv3: %s', (_, over, expected) => {
    expect(indexOf(smmuV3(over), '6.12.0')).toEqual([expected])
  })
  it('SMMUv3: an index past the array is told of, at the node', () => {
    const warnings: unknown[] = []
    const warn = (...said: readonly unknown[]) => void warnings.push(said)
    for (const rules of iortRulesOf(parseRelease('6.12.0')))
      for (const deviceIdMappingIndex of [1, 2])
        specialMappingIndex(smmuV3({ revision: 1, deviceIdMappingIndex }), rules, warn)
    expect(warnings).toEqual([['mapping-index-out-of-range', 100]])
  })
  it('SMMUv3: up to 6.1 the interrupts decide for every revision', () => {
    expect(indexOf(smmuV3({ revision: 5, flags: 0x10, ...WIRED }), '6.1.0')).toEqual([undefined])
    expect(indexOf(smmuV3({ revision: 5, flags: 0 }), '6.1.0')).toEqual([1])
  })
  it('no other node has one, whatever its revision and flags', () => {
    const component: NamedComponentNode = {
      ...rc([mapping({})]),
      type: 'named-component',
      typeCode: 1,
      revision: 5,
      flags: 0x10,
      addressSizeLimit: 48,
      objectName: '',
    }
    const rules = newestIortRulesOf(parseRelease('6.12.0'))
    expect(specialMappingIndex(component, rules, () => undefined)).toBeUndefined()
  })
  it('SMMUv3: a node that ends before the field leaves unknown what it maps', () => {
    const short = smmu(200, { revision: 1, length: 64, mappings: [mapping({ outputReference: 100 })] })
    const table = tableOf(rc([mapping({ outputReference: 200 })]), group(100, [0]), short)
    expect(iortMsiTarget(table, 0, 8, release)).toMatchObject({ kind: 'unknown', reason: 'node-too-short' })
  })
  it('PMCG: the first, unless the overflow interrupt is wired', () => {
    const pmcg = (overflowGsiv: number, mappingCount: number): PmcgNode => ({
      type: 'pmcg',
      typeCode: 5,
      offset: 100,
      length: 40,
      revision: 2,
      identifier: 0,
      mappings: [],
      mappingCount,
      page0Base: 0n,
      page1Base: 0n,
      overflowGsiv,
      nodeReference: 0,
    })
    expect(indexOf(pmcg(0, 1), '6.12.0')).toEqual([0])
    expect(indexOf(pmcg(90, 1), '6.12.0')).toEqual([undefined])
    expect(indexOf(pmcg(0, 0), '6.12.0')).toEqual([undefined])
  })
})
