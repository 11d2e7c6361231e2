import { describe, expect, it, test } from 'vitest'
import { assert, integer, property } from 'fast-check'
import { collisionsOf } from '../../../../src/kernel/ids/collisions.js'
import { iortIds, type RootComplexIds } from '../../../../src/kernel/ids/iort-ids.js'
import { outputOf, wayOf, type IdsTo } from '../../../../src/kernel/ids/id-way.js'
import { iortRulesOf, newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import { walkIortAs, type IortWalk } from '../../../../src/kernel/iort/iort-walk.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IdMapping, IortNode, IortTable } from '../../../../src/machine/iort.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { drawIort } from '../../../kernel-code/iort/draw-iort.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'
import { Draw } from '../../../kernel-code/draw.js'
import { captureNames, openCapture } from '../../../support/captures.js'
import { hasCaptures } from '../../../support/outside.js'

const ALONE = { busesOf: () => [{ first: 0, last: 0xffff }], deviceTableOf: (itsId: number) => `ITS ${itsId}` }
/** One for each set of rules. */
const RELEASES = ['5.4.0', '5.7.0', '5.15.0', '6.12.0', '7.2.0']
const SMMUS: readonly IortNode['type'][] = ['smmu', 'smmuv3']
const ITS_GROUPS: readonly IortNode['type'][] = ['its-group']

function byMap(to: IdsTo, id: number): string {
  const answer = wayOf(to, id)
  if (answer && 'space' in answer) {
    const { target } = answer.space
    return `${'type' in target ? target.offset : ''} ${outputOf(answer, id)}`
  }
  return answer?.why === 'range-end' ? 'no-match' : (answer?.why ?? 'nobody')
}

function byWalk(walk: IortWalk): string {
  return walk.outcome === 'reached' ? `${walk.node.offset} ${walk.id}` : walk.reason
}

/** Ids at which the map says otherwise than the walk. */
function differences(iort: IortTable, text: string, ids: Iterable<number>, ofNode: RootComplexIds): readonly string[] {
  const release = parseRelease(text)
  const found: string[] = []
  for (const id of ids) {
    for (const [to, types] of [
      [ofNode.toIommu, SMMUS],
      [ofNode.toMsi, ITS_GROUPS],
    ] as const) {
      const walk = byWalk(walkIortAs(release, iort, ofNode.rootComplex, id, types))
      const map = byMap(to, id)
      if (walk !== map) found.push(`${text}, ${types.join(' ')}, id ${id}: ${map} where the walk says ${walk}`)
    }
  }
  return found
}

const mapOf = (iort: IortTable, text: string) => iortIds(iort, newestIortRulesOf(parseRelease(text)), ALONE)

/** The ids at which anything can change, and their neighbours. */
function* edgesOf(iort: IortTable): Generator<number> {
  const edges = new Set([0, 0xffff])
  for (const { mappings } of iort.nodes)
    for (const { inputBase, idCount } of mappings)
      for (const id of [inputBase, inputBase + idCount]) for (const near of [id - 1, id, id + 1]) edges.add(near)
  for (const id of edges) if (id >= 0 && id <= 0xffff) yield id
}

function* every(): Generator<number> {
  for (let id = 0; id <= 0xffff; id++) yield id
}

describe('the ids of an IORT go where the walk of each of them goes', () => {
  it.each(RELEASES)('of one set of rules: %s', (text) => {
    expect(iortRulesOf(parseRelease(text))).toHaveLength(1)
  })

  test.each(RELEASES)('in drawn tables, by %s, at every edge', (text) => {
    assert(
      property(integer(), (seed) => {
        const iort = parseIort(drawIort(new Draw(seed)).bytes, 'IORT')
        const { bySegment, complete } = mapOf(iort, text)
        expect(complete).toBe(true)
        for (const ids of bySegment.values()) expect(differences(iort, text, edgesOf(iort), ids)).toEqual([])
      }),
      // The last id of a range in a list of mappings that is not all there.
      { numRuns: 400, examples: [[-883552598]] },
    )
  })

  test.each(RELEASES)('in drawn tables, by %s, at every 16-bit id', (text) => {
    assert(
      property(integer(), (seed) => {
        const iort = parseIort(drawIort(new Draw(seed)).bytes, 'IORT')
        for (const ids of mapOf(iort, text).bySegment.values())
          expect(differences(iort, text, every(), ids)).toEqual([])
      }),
      { numRuns: 3 },
    )
  })

  const named = `in captured machines${hasCaptures ? '' : ' (no captures)'}`
  test.skipIf(!hasCaptures)(named, { timeout: 300_000 }, async () => {
    const seen = new Set<string>()
    for (const name of captureNames()) {
      const { acpi, kernel } = probeMachine((await openCapture(name)).sysroot)
      if (acpi.iort.state !== 'known' || kernel.release.state !== 'known') continue
      const iort = acpi.iort.value
      const text = kernel.release.value
      // Many were made by one emulator.
      const key = `${text} ${JSON.stringify(iort.nodes, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`
      if (seen.has(key)) continue
      seen.add(key)
      for (const ids of mapOf(iort, text).bySegment.values()) expect(differences(iort, text, every(), ids)).toEqual([])
    }
    expect(seen.size).toBeGreaterThan(0)
  })
})

const NODE_MAPPINGS = 3000
const wide = (target: number, step: number, ids: number) =>
  Array.from({ length: NODE_MAPPINGS }, (_, at) =>
    mapping({ inputBase: at * step, idCount: ids - 1, outputBase: 0, outputReference: target }),
  )

describe('what a table may cost', () => {
  it('33 segments of 3,000 mappings, and an SMMU of as many, are followed in no time', { timeout: 60_000 }, () => {
    const segments = Array.from({ length: 33 }, (_, segment) => ({
      ...rc(
        Array.from({ length: NODE_MAPPINGS }, (__, at) =>
          mapping({ inputBase: at * 20, idCount: 19, outputBase: segment * 0x10000 + at * 20, outputReference: 1 }),
        ),
      ),
      offset: 1000 + segment,
      segment,
    }))
    const behind = Array.from({ length: NODE_MAPPINGS }, (_, at) =>
      mapping({ inputBase: at * 700, idCount: 699, outputBase: at * 700, outputReference: 2 }),
    )
    const iort = tableOf(
      smmu(1, { mappings: behind, mappingCount: NODE_MAPPINGS, revision: 0 }),
      group(2, [0]),
      ...segments,
    )
    const start = process.cpuUsage()
    const { bySegment, claims, complete } = iortIds(iort, newestIortRulesOf(undefined), ALONE)
    expect(collisionsOf(claims)).toEqual([])
    const { user, system } = process.cpuUsage(start)
    expect(user + system).toBeLessThan(6_000_000)
    expect([bySegment.size, complete]).toEqual([33, true])
  })

  it('ways without end are left, and it is said', { timeout: 60_000 }, () => {
    const component: IortNode = {
      ...rc(wide(1, 0x20000, 0x20000)),
      type: 'named-component',
      typeCode: 1,
      offset: 3,
      objectName: '',
      flags: 0,
      addressSizeLimit: 0,
    }
    const iort = tableOf(smmu(1, { mappings: wide(2, 40, 40), mappingCount: NODE_MAPPINGS }), group(2, [0]), component)
    expect(iortIds(iort, newestIortRulesOf(undefined), ALONE).complete).toBe(false)
  })
})

describe('ids of a device outside PCI (K: iort_node_map_platform_id)', () => {
  const component = (...mappings: readonly Partial<IdMapping>[]): IortNode => ({
    ...rc(mappings.map((over) => mapping({ singleMapping: true, outputReference: 1, ...over }))),
    type: 'named-component',
    typeCode: 1,
    offset: 3,
    objectName: 'DMA0',
    flags: 0,
    addressSizeLimit: 0,
  })
  const claimsOf = (...nodes: readonly IortNode[]) =>
    iortIds(tableOf(...nodes), newestIortRulesOf(parseRelease('6.12.0')), ALONE).claims.map(
      ({ owner, space, first, last, output, collapsed, steps }) =>
        `${owner.kind} ${owner.name}: ${first}-${last} ${space.kind} ${output} in ${space.key}` +
        (collapsed ? ', one' : '') +
        ` by ${steps.flatMap((at) => ('mapping' in at ? [`${at.node.offset}:${at.input}`] : [])).join(' ')}`,
    )
  const idsOf = (
    kind: 'StreamID' | 'DeviceID',
    ofSmmu: readonly Partial<IdMapping>[],
    ...own: readonly Partial<IdMapping>[]
  ) => {
    const behind = ofSmmu.map((over) => mapping({ outputReference: 2, ...over }))
    const iort = tableOf(
      smmu(1, {
        mappings: behind,
        mappingCount: behind.length,
        revision: 4,
        eventGsiv: 1,
        priGsiv: 2,
        gerrorGsiv: 3,
        syncGsiv: 4,
        deviceIdMappingIndex: 0,
      }),
      group(2, [0]),
      component(...own),
    )
    const { claims } = iortIds(iort, newestIortRulesOf(parseRelease('6.12.0')), ALONE)
    return claims.filter(({ space }) => space.kind === kind).map(({ output }) => output)
  }

  it('take the mapping of the SMMU that holds the StreamID first', () => {
    const shadowed = [{ outputBase: 0x20000 }, { inputBase: 0x100, idCount: 0, outputBase: 8 }]
    expect(idsOf('DeviceID', shadowed, { outputBase: 0x100 })).toEqual([0x20100])
    expect(idsOf('DeviceID', shadowed.toReversed(), { outputBase: 0x100 })).toEqual([8])
  })
  it('are single ids, and ranges for a bus behind it', () => {
    const nodes = [smmu(1, { mappings: [mapping({ outputReference: 2 })], mappingCount: 1 }), group(2, [0])]
    expect(claimsOf(...nodes, component({ inputBase: 4, outputBase: 5 }))).toEqual([
      'device DMA0: 0-0 StreamID 5 in iort 1, one by 3:4',
      'device DMA0: 0-0 DeviceID 5 in ITS 0, one by 3:4 1:5',
    ])
    const range = { singleMapping: false, inputBase: 8, idCount: 7, outputBase: 0x40 }
    expect(claimsOf(...nodes, component(range))).toEqual([
      'device DMA0: 8-15 StreamID 64 in iort 1 by 3:8',
      'device DMA0: 8-15 DeviceID 64 in ITS 0 by 3:8 1:64',
    ])
  })
  it('of an SMMU and of a counter are those of their own MSIs, where they have no wires', () => {
    const own = [mapping({ singleMapping: true, outputBase: 9, outputReference: 2 })]
    const its = group(2, [0])
    const withIndex = { mappings: own, mappingCount: 1, revision: 1, deviceIdMappingIndex: 0 }
    const at = (to: number) => own.map((one) => ({ ...one, outputReference: to }))
    expect(claimsOf(smmu(1, withIndex), its)).toEqual([
      'own the smmuv3 node at 0x1: 0-0 DeviceID 9 in ITS 0, one by 1:0',
    ])
    expect(claimsOf(smmu(0x1a, { ...withIndex, deviceIdMappingIndex: 1 }), its)).toEqual([])
    expect(claimsOf(its, smmu(0x1a, { ...withIndex, eventGsiv: 1, priGsiv: 2, gerrorGsiv: 3, syncGsiv: 4 }))).toEqual(
      [],
    )
    expect(claimsOf(its, smmu(0x1a, { ...withIndex, mappings: at(7) }))).toEqual([])
    // A reference of zero is none, whatever stands there.
    expect(claimsOf(group(0, [0]), smmu(0x1a, { ...withIndex, mappings: at(0) }))).toEqual([])
    const counter = (overflowGsiv: number): IortNode => ({
      type: 'pmcg',
      typeCode: 5,
      offset: 0x1a,
      length: 60,
      revision: 1,
      identifier: 0,
      mappings: own,
      mappingCount: 1,
      page0Base: 0n,
      overflowGsiv,
      nodeReference: 0,
    })
    expect(claimsOf(its, counter(0))).toEqual(['own the pmcg node at 0x1a: 0-0 DeviceID 9 in ITS 0, one by 26:0'])
    expect(claimsOf(its, counter(33))).toEqual([])
    // Other nodes have no MSIs.
    expect(claimsOf(its, { ...counter(0), type: 'unknown' })).toEqual([])
  })
  it('are all StreamIDs, but one DeviceID', () => {
    expect(idsOf('StreamID', [{}], { outputBase: 5 }, { outputBase: 6 })).toEqual([5, 6])
    expect(idsOf('DeviceID', [{}], { outputBase: 5 }, { outputBase: 6 })).toEqual([5])
  })
  it('end with a reference to nothing', () => {
    expect(idsOf('StreamID', [{}], { outputBase: 5 }, { outputReference: 0 }, { outputBase: 6 })).toEqual([5])
    expect(idsOf('DeviceID', [{}], { outputReference: 0 }, { outputBase: 6 })).toEqual([6])
    expect(idsOf('StreamID', [], { outputBase: 5 }, { outputReference: 0 }, { outputBase: 6 })).toEqual([5])
    expect(idsOf('StreamID', [], { outputBase: 5 }, { outputReference: 9 }, { outputBase: 6 })).toEqual([5])
  })
})

describe('ids of a root complex', () => {
  const space = (itsIds: readonly number[]) =>
    mapOf(tableOf(rc([mapping({ outputReference: 100 })]), group(100, itsIds)), '6.12.0')
  it('are counted in the table of the first ITS of a group, if it has one', () => {
    const of = (itsIds: readonly number[]) =>
      space(itsIds)
        .bySegment.get(0)
        ?.toMsi.reached.map((way) => way.space)
    expect(of([7, 8])).toMatchObject([{ kind: 'DeviceID', key: 'ITS 7', tellsApart: true }])
    expect(of([])).toMatchObject([{ kind: 'DeviceID', key: 'empty group 100', tellsApart: false }])
    expect([space([7]).claims.length, space([]).claims.length]).toEqual([1, 0])
  })
  it('are those of the first of its segment, at the SMMU and at the ITS', () => {
    const at = (offset: number, outputBase: number, segment: number): IortNode => ({
      ...rc([mapping({ idCount: 0xff, outputBase, outputReference: 1 })]),
      offset,
      segment,
    })
    const behind = smmu(1, { mappings: [mapping({ outputReference: 2 })], mappingCount: 1 })
    const { claims } = mapOf(tableOf(behind, group(2, [0]), at(3, 0, 0), at(4, 0x100, 0), at(5, 0x200, 1)), '6.12.0')
    expect(claims.map(({ owner, space: { kind }, output }) => [owner.kind, owner.name, kind, output])).toEqual([
      ['pci', 'PCI segment 0', 'StreamID', 0],
      ['pci', 'PCI segment 0', 'DeviceID', 0],
      ['pci', 'PCI segment 1', 'StreamID', 0x200],
      ['pci', 'PCI segment 1', 'DeviceID', 0x200],
    ])
  })
  it('are lost where the first reference is zero, as every single id is', () => {
    const maps = [
      mapping({ inputBase: 0x8000, idCount: 0xff }),
      mapping({ idCount: 0xff, outputReference: 100 }),
      mapping({ inputBase: 0x100, idCount: 0xff, outputReference: 100 }),
    ]
    const lost = mapOf(tableOf(rc(maps), group(100, [0])), '6.12.0').bySegment.get(0)?.toMsi
    expect(lost).toMatchObject({ reached: [], stuck: [{ first: 0, last: 0xffff, why: 'null-reference' }] })
    const found = mapOf(tableOf(rc(maps.slice(1)), group(100, [0])), '6.12.0').bySegment.get(0)?.toMsi
    expect(found).toMatchObject({
      reached: [
        { first: 0, last: 0xff },
        { first: 0x100, last: 0x1ff },
      ],
      stuck: [{ first: 0x200, last: 0xffff, why: 'no-match' }],
    })
  })
  it('lose the last of a range up to 5.4, which is told apart from what no range holds', () => {
    const maps = [mapping({ idCount: 0xff, outputReference: 100 })]
    const { stuck } = mapOf(tableOf(rc(maps), group(100, [0])), '5.4.0').bySegment.get(0)?.toMsi ?? { stuck: [] }
    expect(stuck.map(({ first, last, why }) => [first, last, why])).toEqual([
      [0xff, 0xff, 'range-end'],
      [0x100, 0xffff, 'no-match'],
    ])
  })
})
