import { describe, expect, it } from 'vitest'
import {
  iortStreamId,
  iortStreamIds,
  iortSupportsAts,
  laterRootComplexToSmmu,
} from '../../../../src/kernel/iort/iort-iommu.js'
import { iortMsiTarget } from '../../../../src/kernel/iort/iort-msi.js'
import { rootComplexesOf } from '../../../../src/kernel/iort/iort-walk.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IortTable, SmmuNode } from '../../../../src/machine/iort.js'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { decodeIort } from './decode-iort.js'
import { group, mapping, rc, smmu, tableOf } from './iort-nodes.js'
import { IORT_TABLES, IORT_VECTORS, type IortExpectation } from './iort-vectors.js'

const table = (name: string) => decodeIort(IORT_TABLES[name] ?? '')
const release = (text: string) => parseRelease(text)

function check(iort: IortTable, segment: number, rid: number, text: string, expected: IortExpectation): void {
  const msi = iortMsiTarget(iort, segment, rid, release(text))
  const stream = iortStreamId(iort, segment, rid, release(text))
  if (expected.rc === null) {
    expect(msi).toMatchObject({ kind: 'none', reason: 'no-root-complex', deviceId: rid })
    expect(stream).toMatchObject({ kind: 'none', reason: 'no-root-complex' })
    return
  }
  expect(msi.kind === 'its' ? msi.itsId : null).toBe(expected.its)
  expect(msi.kind === 'its' ? msi.deviceId : null).toBe(expected.devid)
  expect(msi.kind === 'unknown' ? undefined : msi.deviceId).toBe(expected.fallbackDevid)
  expect(stream.kind === 'stream' ? stream.streamId : null).toBe(expected.sid)
  expect(stream.kind === 'stream' ? stream.smmu.typeCode : null).toBe(expected.smmuType)
}

describe('vectors of the reference implementation', () => {
  it('has all of them', () => {
    expect(IORT_VECTORS).toHaveLength(18)
  })
  for (const vector of IORT_VECTORS) {
    const { segment, rid } = vector
    const name = `table ${vector.table}, segment ${segment}, RequesterID ${rid.toString(16)}`
    it.each(['5.8.0', '6.12.95+deb12-arm64', '7.2.13+deb14-arm64'])(`${name} on %s`, (text) => {
      check(table(vector.table), segment, rid, text, vector.new)
    })
    it.each(['4.11.0', '5.4.286'])(`${name} on %s`, (text) => {
      check(table(vector.table), segment, rid, text, vector.old)
    })
    const hisi = vector.v5_7_hisi
    if (hisi)
      it.each(['5.6.4', '5.7.14'])(`${name} on %s`, (text) => {
        check(table(vector.table), segment, rid, text, hisi)
      })
  }
})

describe('walk, from the written vectors I1 to I15', () => {
  const its = (name: string, segment: number, rid: number, text = '6.12.0') =>
    iortMsiTarget(table(name), segment, rid, release(text))
  it('I1: passes the SMMU on the way to the ITS', () => {
    const target = its('A', 0, 0x100)
    expect(target).toMatchObject({ kind: 'its', itsId: 0, deviceId: 0x10100, singleMapping: false })
    expect(target.path.map(({ node, input, output }) => [node.type, input, output])).toEqual([
      ['root-complex', 0x100, 0x100],
      ['smmuv3', 0x100, 0x10100],
    ])
  })
  it('I5: an SMMU without mappings has no ITS behind it', () => {
    expect(its('C', 0, 0x100)).toMatchObject({ kind: 'none', reason: 'no-mappings', deviceId: 0x100 })
  })
  it('I7: a range end that is the start of the next range is superseded, with a warning', () => {
    const target = its('D', 0, 0x100)
    expect(target).toMatchObject({ kind: 'its', deviceId: 0x5000 })
    expect(target.warnings.map(({ code }) => code)).toEqual(['conflicting-mapping', 'last-id-superseded'])
  })
  it('I8: on 5.7 only the OEM ids make the last ID count as one too many', () => {
    const named = table('D')
    const unnamed = { ...named, header: { ...named.header, oemId: 'OTHER ' } }
    const younger = { ...named, header: { ...named.header, oemRevision: 1 } }
    expect(iortMsiTarget(named, 0, 0x200, release('5.7.14'))).toMatchObject({ kind: 'none', reason: 'no-match' })
    expect(iortMsiTarget(unnamed, 0, 0x200, release('5.7.14'))).toMatchObject({ kind: 'its', deviceId: 0x5100 })
    expect(iortMsiTarget(younger, 0, 0x200, release('5.7.14'))).toMatchObject({ kind: 'its', deviceId: 0x5100 })
  })
  it('I9: no release, or 5.5, leaves unknown what the rules disagree on, and keeps what they agree on', () => {
    const eTable = table('E')
    for (const unsure of [undefined, release('5.5.19'), release('4.18.0-553.el8.aarch64')]) {
      expect(iortMsiTarget(eTable, 0, 0xff, unsure)).toMatchObject({ kind: 'unknown', reason: 'release-undetermined' })
      expect(iortMsiTarget(eTable, 0, 0x10, unsure)).toMatchObject({ kind: 'its', deviceId: 0x1010 })
      expect(iortMsiTarget(eTable, 0, 0x200, unsure)).toMatchObject({ kind: 'none', reason: 'no-match' })
    }
  })
  // iort-walk.md section 2: for 0x100 releases before 5.6 go on to the second range, those from 5.8 on stay with the first.
  it.each([
    ['ids', {}, 'unknown'],
    ['ITS groups', { outputBase: 0x1080, outputReference: 200 }, 'unknown'],
    ['ranges', { outputBase: 0x1080 }, 'its'],
  ])('no release leaves unknown where the rules disagree about %s alone: %#', (_, over, expected) => {
    const iort = tableOf(
      rc([
        mapping({ idCount: 0x100, outputBase: 0x1000, outputReference: 100 }),
        mapping({ inputBase: 0x80, idCount: 0x180, outputBase: 0x5000, outputReference: 100, ...over }),
      ]),
      group(100, [0]),
      group(200, [1]),
    )
    expect(iortMsiTarget(iort, 0, 0x100, undefined).kind).toBe(expected)
  })
  it('nor can it tell a range that ends before the id from one whose reference is that of no node', () => {
    const iort = tableOf(rc([mapping({ idCount: 0xff, outputReference: 101 })]), group(100, [0]))
    expect(iortMsiTarget(iort, 0, 0xff, undefined)).toMatchObject({ kind: 'unknown', reason: 'release-undetermined' })
    expect(iortMsiTarget(iort, 0, 0x100, undefined)).toMatchObject({ kind: 'none', reason: 'no-match' })
  })
  it('I12 and I13: the index of a revision 5 node counts by its flag from 6.2 on, by its interrupts before', () => {
    const revision5 = (name: string): IortTable => {
      const base = table(name)
      return { ...base, nodes: base.nodes.map((node) => (node.type === 'smmuv3' ? { ...node, revision: 5 } : node)) }
    }
    expect(iortMsiTarget(revision5('F'), 0, 0x10, release('6.2.0'))).toMatchObject({ deviceId: 0x20110 })
    expect(iortMsiTarget(revision5('I'), 0, 8, release('6.2.0')).warnings).toMatchObject([
      { code: 'single-mapping-not-allowed' },
    ])
    // All four interrupts are 0 there, so that 6.1 skips mapping 0 without looking at it.
    expect(iortMsiTarget(revision5('I'), 0, 8, release('6.1.90')).warnings).toEqual([])
    expect(iortMsiTarget(revision5('I'), 0, 8, undefined)).toMatchObject({ kind: 'its', deviceId: 0x20008 })
  })
  it('I14: a single mapping gives every requester one DeviceID', () => {
    expect(its('G', 0, 0x1234)).toMatchObject({ deviceId: 0x42, singleMapping: true })
  })
  it('I15: the second root complex node of a segment is not used', () => {
    const iort = table('H')
    const [used, ...shadowed] = rootComplexesOf(iort, 1)
    expect(shadowed).toHaveLength(1)
    expect(iortStreamId(iort, 1, 8, release('7.1.0')).rootComplex).toBe(used)
  })
})

describe('damage and hostile tables', () => {
  const target = (iort: IortTable, rid = 8) => iortMsiTarget(iort, 0, rid, release('6.12.0'))

  it('ends a loop', () => {
    const iort = tableOf(
      rc([mapping({ outputReference: 100 })]),
      smmu(100, { mappings: [mapping({ outputReference: 200 })] }),
      smmu(200, { mappings: [mapping({ outputReference: 100 })] }),
    )
    expect(target(iort)).toMatchObject({ kind: 'unknown', reason: 'loop' })
  })
  // 1 << 0xe0 is 1 << 0 where the processor counts the low five bits: Linux takes the node for an ITS group.
  it('cannot tell what Linux takes a node of a type beyond 31 for', () => {
    const of = (typeCode: number): IortTable =>
      tableOf(rc([mapping({ outputReference: 100 })]), { ...group(100, [0]), type: 'unknown', typeCode })
    for (const typeCode of [32, 0xe0, 0xff]) {
      expect(target(of(typeCode))).toMatchObject({ kind: 'unknown', reason: 'type-out-of-range' })
      expect(iortStreamId(of(typeCode), 0, 8, release('6.12.0')).kind).toBe('unknown')
    }
    expect(target(of(31))).toMatchObject({ kind: 'none', reason: 'no-mappings' })
  })
  it('does not follow a reference to what is no node', () => {
    expect(target(tableOf(rc([mapping({ outputReference: 101 })]), group(100, [0])))).toMatchObject({
      kind: 'unknown',
      reason: 'dangling-reference',
    })
  })
  it('fails on a first reference of zero, whichever mapping fits', () => {
    const iort = tableOf(
      rc([mapping({ inputBase: 0x8000, idCount: 1 }), mapping({ offset: 20, outputReference: 100 })]),
      group(100, [0]),
    )
    expect(target(iort)).toMatchObject({
      kind: 'none',
      reason: 'null-reference',
      warnings: [{ code: 'null-reference', offset: 0 }],
    })
  })
  it('trusts a match before the missing part of an array, and nothing else', () => {
    const known = [mapping({ idCount: 0xff, outputReference: 100 })]
    const iort = tableOf(rc(known, 3), group(100, [0]))
    expect(target(iort)).toMatchObject({ kind: 'its', deviceId: 8 })
    expect(target(iort, 0xff)).toMatchObject({ kind: 'unknown', reason: 'mappings-incomplete' })
    expect(target(iort, 0x200)).toMatchObject({ kind: 'unknown', reason: 'mappings-incomplete' })
  })
  it('has no ITS in an empty group, and cannot tell where the group is cut off before its first', () => {
    const of = (claims: object) =>
      target(tableOf(rc([mapping({ outputReference: 100 })]), { ...group(100, []), ...claims }))
    expect(of({})).toMatchObject({ kind: 'none', reason: 'empty-its-group' })
    expect(of({ itsCount: 0 })).toMatchObject({ kind: 'none', reason: 'empty-its-group' })
    expect(of({ itsCount: 1 })).toMatchObject({ kind: 'unknown', reason: 'node-too-short' })
    expect(of({ itsCount: 2, itsIds: [3] })).toMatchObject({ kind: 'its', itsId: 3 })
  })
  it('computes in 32 bits', () => {
    const iort = tableOf(rc([mapping({ outputBase: 0xfffffff8, outputReference: 100 })]), group(100, [3]))
    expect(target(iort, 0x10)).toMatchObject({ kind: 'its', itsId: 3, deviceId: 8 })
  })
  // Also where 5.7 takes one off the end, of the tables that it knows.
  it.each(['5.4.0', '5.7.14', '6.12.0'])('computes ids of 32 bits on %s', (text) => {
    const nodes = [
      rc([mapping({ outputBase: 0x8000_0000, outputReference: 200 })]),
      group(100, [0]),
      smmu(200, { mappings: [mapping({ inputBase: 0x8000_0000, outputBase: 0x9000_0000, outputReference: 100 })] }),
    ]
    for (const { header } of [tableOf(), table('D')]) {
      const iort = { ...tableOf(...nodes), header }
      expect(iortMsiTarget(iort, 0, 8, release(text))).toMatchObject({ kind: 'its', deviceId: 0x9000_0008 })
      expect(iortStreamId(iort, 0, 8, release(text))).toMatchObject({ kind: 'stream', streamId: 0x8000_0008 })
    }
  })
  it('goes by what it has of a table of which nodes behind it are missing', () => {
    const whole = tableOf(
      rc([mapping({ outputReference: 200 })]),
      group(100, [0]),
      smmu(200, { mappings: [mapping({ outputReference: 100 })] }),
    )
    const iort = { ...whole, nodeCount: 9, header: { ...whole.header, length: 1000 } }
    expect(target(iort)).toMatchObject({ kind: 'its', deviceId: 8 })
    expect(iortStreamId(iort, 0, 8, release('6.12.0'))).toMatchObject({ kind: 'stream', streamId: 8 })
  })
  it('says of a way with one single mapping that others have the same DeviceID', () => {
    const iort = tableOf(
      rc([mapping({ singleMapping: true, outputBase: 0x42, outputReference: 200 })]),
      group(100, [0]),
      smmu(200, { mappings: [mapping({ outputReference: 100 })] }),
    )
    expect(target(iort)).toMatchObject({ kind: 'its', deviceId: 0x42, singleMapping: true })
  })
  it('stops at an SMMU of version 1 or 2 too', () => {
    const old: SmmuNode = { ...smmu(200, {}), type: 'smmu', typeCode: 3, span: 0x10000n }
    const iort = tableOf(rc([mapping({ outputReference: 200 })]), old)
    expect(iortStreamId(iort, 0, 8, release('6.12.0'))).toMatchObject({ kind: 'stream', streamId: 8 })
  })
  it('takes overlapping mappings in array order, for both questions', () => {
    const iort = tableOf(
      rc([mapping({ outputReference: 200, idCount: 0x1ff }), mapping({ outputReference: 100 })]),
      group(100, [0]),
      smmu(200, {}),
    )
    expect(target(iort)).toMatchObject({ kind: 'none', reason: 'no-mappings' })
    expect(iortStreamId(iort, 0, 8, release('6.12.0'))).toMatchObject({ kind: 'stream', streamId: 8 })
    expect(target(iort, 0x200)).toMatchObject({ kind: 'its', deviceId: 0x200 })
    expect(iortStreamId(iort, 0, 0x200, release('6.12.0'))).toMatchObject({ kind: 'none' })
  })
  it('refuses a function whose alias has no SMMU, and one whose aliases have two', () => {
    const iort = tableOf(
      rc([
        mapping({ idCount: 0xff, outputBase: 0x1000, outputReference: 200 }),
        mapping({ inputBase: 0x200, idCount: 0xff, outputReference: 300 }),
      ]),
      smmu(200, {}),
      smmu(300, {}),
    )
    const streams = (...ids: number[]) => iortStreamIds(iort, 0, ids, release('6.12.0'))
    expect(streams(8, 9, 8)).toMatchObject({ kind: 'streams', streamIds: [0x1008, 0x1009] })
    expect(streams(8, 0x100)).toMatchObject({ kind: 'none', reason: 'no-match' })
    expect(streams(8, 0x200)).toMatchObject({ kind: 'none', reason: 'several-smmus' })
    expect(streams(8, 0xff)).toMatchObject({ kind: 'streams' })
    expect(streams()).toMatchObject({ kind: 'none', reason: 'no-match' })
  })
  it('finds a later root complex of the segment that leads to an SMMU, among the first 64', () => {
    const to = (offset: number, outputReference: number) => ({ ...rc([mapping({ outputReference })]), offset })
    const old: SmmuNode = { ...smmu(9100, {}), type: 'smmu', typeCode: 3, span: 0x10000n }
    const later = (...references: readonly number[]) =>
      laterRootComplexToSmmu(
        tableOf(
          ...references.map((reference, at) => to(48 + 40 * at, reference)),
          smmu(9000, {}),
          old,
          group(9200, [0]),
        ),
        0,
        8,
        release('6.12.0'),
      )?.offset
    expect(later(9200, 9000)).toBe(88)
    expect(later(9200, 9200, 9100)).toBe(128)
    expect(later(9000, 9200)).toBeUndefined()
    const idle = (count: number) => Array.from({ length: count }, () => 9200)
    expect(later(9200, ...idle(63), 9000)).toBe(48 + 40 * 64)
    expect(later(9200, ...idle(64), 9000)).toBeUndefined()
  })
  it('reads bit 0 of the ATS attribute', () => {
    const ats = (atsAttribute: number) => {
      const [node] = rootComplexesOf(table('A'), 0)
      return node && iortSupportsAts({ ...node, atsAttribute })
    }
    expect([ats(0), ats(1), ats(2), ats(3)]).toEqual([false, true, false, true])
  })
})

describe('a root complex whose node claims to pass the end of the table, which Linux takes as it is', () => {
  // `iort_scan_node` looks at no length but that of the nodes before: Linux 6.1, 6.12 and 7.2 reach the SMMU at 0x48.
  const bytes = Buffer.from(IORT_TABLES['A'] ?? '', 'hex')
  bytes[0xa2] = 0x10
  const cut = parseIort(new Uint8Array(bytes), 'IORT')

  it('is no segment without one: nobody here has read it', () => {
    expect(iortStreamId(cut, 0, 0xffff, release('6.12.0'))).toMatchObject({
      kind: 'unknown',
      reason: 'nodes-incomplete',
    })
    expect(iortMsiTarget(cut, 0, 0xffff, release('6.12.0'))).toMatchObject({
      kind: 'unknown',
      reason: 'nodes-incomplete',
    })
  })
  it('nor is any other segment of a table that was not read to its end', () => {
    expect(iortStreamId(cut, 1, 0, release('6.12.0')).kind).toBe('unknown')
    expect(iortStreamId(table('A'), 1, 0, release('6.12.0'))).toMatchObject({ reason: 'no-root-complex' })
  })
  it('a count of nodes past a table that was read to its end hides nothing', () => {
    const more = Buffer.from(IORT_TABLES['A'] ?? '', 'hex')
    more[0x24] = 9
    const parsed = parseIort(new Uint8Array(more), 'IORT')
    expect(iortStreamId(parsed, 1, 0, release('6.12.0'))).toMatchObject({ kind: 'none', reason: 'no-root-complex' })
  })
})

it('a function has no StreamIDs that can be told where those of one of its RequesterIDs cannot', () => {
  // The node claims a second mapping, which was cut off: it may hold 0x300, and decides nothing of 0x100.
  const cut = tableOf(rc([mapping({ idCount: 0x1ff, outputReference: 100 })], 2), smmu(100, {}))
  expect(iortStreamIds(cut, 0, [0x100], release('6.12.0'))).toMatchObject({ kind: 'streams', streamIds: [0x100] })
  expect(iortStreamIds(cut, 0, [0x100, 0x300], release('6.12.0'))).toMatchObject({
    kind: 'unknown',
    reason: 'mappings-incomplete',
  })
})
