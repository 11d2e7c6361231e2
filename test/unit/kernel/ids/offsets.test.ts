import { describe, expect, it } from 'vitest'
import { differing, relationsOf } from '../../../../src/kernel/ids/offsets.js'
import { iortIds } from '../../../../src/kernel/ids/iort-ids.js'
import type { HostIds } from '../../../../src/kernel/ids/id-way.js'
import { newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import type { IdMapping, IortNode } from '../../../../src/machine/iort.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'

const BUSES = [{ first: 0, last: 0x3ff }]

function host(mappings: readonly Partial<IdMapping>[], ...nodes: readonly IortNode[]): HostIds {
  const all = [rc(mappings.map((one) => mapping(one))), ...nodes]
  const ids = iortIds(tableOf(...all.sort((one, two) => one.offset - two.offset)), newestIortRulesOf(undefined), {
    busesOf: () => BUSES,
    deviceTableOf: (itsId) => `ITS ${itsId}`,
  })
  const found = ids.bySegment.get(0)
  if (!found) throw new Error('no root complex')
  return found
}
const behind = (...mappings: readonly Partial<IdMapping>[]) =>
  smmu(1, { mappings: mappings.map((one) => mapping({ outputReference: 2, ...one })), mappingCount: mappings.length })

const said = (of: HostIds) =>
  relationsOf(of).map(({ smmu: before, msi, toStream, toDevice }) => ({
    way: `${before?.key ?? 'none'} ${msi.key}`,
    stream: toStream.map(({ first, last, offset }) => [first, last, offset]),
    device: toDevice.map(({ first, last, offset }) => [first, last, offset]),
  }))

describe('the offsets of a root complex', () => {
  it('are those from RequesterID to StreamID to DeviceID, on the buses that there are', () => {
    const of = host(
      [{ outputBase: 0x1000, outputReference: 1 }],
      behind({ idCount: 0x1ffff, outputBase: 7 }),
      group(2, [0]),
    )
    expect(said(of)).toEqual([{ way: 'iort 1 ITS 0', stream: [[0, 0x3ff, 0x1000]], device: [[0, 0x3ff, 7]] }])
  })
  it('are those to DeviceIDs where no SMMU stands between, each way by itself', () => {
    const of = host(
      [
        { idCount: 0xff, outputReference: 2, outputBase: 5 },
        { inputBase: 0x100, idCount: 0xff, outputReference: 1, outputBase: 0x300 },
      ],
      behind({}),
      group(2, [0]),
    )
    expect(said(of)).toEqual([
      { way: 'none ITS 0', stream: [], device: [[0, 0xff, 5]] },
      { way: 'iort 1 ITS 0', stream: [[0x100, 0x1ff, 0x200]], device: [[0x100, 0x1ff, 0]] },
    ])
  })
  it('are none of a single mapping', () => {
    expect(said(host([{ singleMapping: true, outputReference: 2 }], group(2, [0])))).toEqual([])
  })
  it('are told by group of ITSs, and from RequesterIDs where no map leads to an SMMU', () => {
    const two = host(
      [
        { idCount: 0xff, outputReference: 2 },
        { inputBase: 0x100, idCount: 0xff, outputReference: 3 },
      ],
      group(2, [0]),
      group(3, [0]),
    )
    expect(relationsOf(two).map(({ ways }) => ways.map(({ device }) => device.first))).toEqual([[0], [0x100]])
    const direct = host([{ outputReference: 2, outputBase: 5 }], group(2, [0]))
    const alone = [{ way: 'none ITS 0', stream: [], device: [[0, 0x3ff, 5]] }]
    expect(said({ ...direct, toIommu: undefined })).toEqual(alone)
    // Another map may cut the ids to pieces.
    const cut = host(
      [
        { idCount: 0xff, outputReference: 1 },
        { inputBase: 0x100, idCount: 0xffff, outputReference: 1, outputBase: 0x200 },
      ],
      smmu(1, {}),
    )
    expect(said({ ...direct, toIommu: cut.toIommu })).toEqual([
      {
        way: 'iort 1 ITS 0',
        stream: [
          [0, 0xff, 0],
          [0x100, 0x3ff, 0x100],
        ],
        device: [
          [0, 0xff, 5],
          [0x100, 0x3ff, 5 - 0x100],
        ],
      },
    ])
  })
  it('that differ are told with the first ids of each', () => {
    const [one, other, again] = [0, 7, 0].map((offset, at) => ({ first: at, last: at, offset }))
    expect(one && other && again && differing([one, other, again])).toEqual([one, other])
  })
  it('are compared where the SMMU cuts ranges', () => {
    const cut = behind({ idCount: 0xff }, { inputBase: 0x100, idCount: 0xffff, outputBase: 0x200 })
    const [relations] = relationsOf(host([{ outputReference: 1 }], cut, group(2, [0])))
    expect(differing(relations?.toStream ?? [])).toEqual([])
    expect(differing(relations?.toDevice ?? [])).toEqual([
      { first: 0, last: 0xff, offset: 0 },
      { first: 0x100, last: 0x3ff, offset: 0x100 },
    ])
  })
  it('of two maps with masks that hide different bits end at the StreamID', () => {
    const of = host([{ outputReference: 1 }], behind({}), group(2, [0]))
    const masked = (mask: number) => ({ ...of, toMsi: of.toMsi && { ...of.toMsi, mask } })
    const stream = [
      [0, 0xff, 0],
      [0x200, 0x2ff, 0],
    ]
    expect(said(masked(0xfeff))).toMatchObject([{ stream, device: [] }])
    expect(said(masked(0xffff))).toEqual(said(of))
  })
})
