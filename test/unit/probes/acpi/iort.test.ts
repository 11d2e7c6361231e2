import { describe, expect, it } from 'vitest'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { specifiedTable, type SpecifiedTable } from './specified-tables.js'

/** node offset, input base, count field, output base, reference, single flag */
type MappingRow = readonly [number, number, number, number, number, boolean]

function mappingRows(bytes: Uint8Array): readonly MappingRow[] {
  return parseIort(bytes, 'IORT').nodes.flatMap((node) =>
    node.mappings.map((mapping): MappingRow => {
      const { inputBase, idCount, outputBase, outputReference, singleMapping } = mapping
      return [node.offset, inputBase, idCount, outputBase, outputReference, singleMapping]
    }),
  )
}

describe('the specified tables', () => {
  const expected: Readonly<Partial<Record<SpecifiedTable, readonly MappingRow[]>>> = {
    A: [
      [0x48, 0, 0xffff, 0x10000, 0x30, false],
      [0xa0, 0, 0xffff, 0, 0x48, false],
    ],
    B: [[0x48, 0, 0xffff, 0x30000, 0x30, false]],
    C: [[0x8c, 0, 0xffff, 0, 0x48, false]],
    D: [
      [0x48, 0, 0x100, 0x1000, 0x30, false],
      [0x48, 0x100, 0x100, 0x5000, 0x30, false],
    ],
    E: [
      [0x48, 0, 0xff, 0x1000, 0x30, false],
      [0x48, 0x100, 0xff, 0x5000, 0x30, false],
    ],
    F: [
      [0x48, 0, 0, 0x99, 0x30, true],
      [0x48, 0, 0xffff, 0x20000, 0x30, false],
      [0xb4, 0, 0xffff, 0x100, 0x48, false],
    ],
    G: [[0x48, 0, 0, 0x42, 0x30, true]],
    H: [
      [0x60, 0, 0xffff, 0, 0x30, false],
      [0x60, 0x10000, 0xffff, 0, 0x30, false],
      [0xcc, 0, 0xffff, 0, 0x60, false],
      [0x108, 0, 0xffff, 0x10000, 0x60, false],
      [0x144, 0, 0xffff, 0x20000, 0x48, false],
    ],
    I: [
      [0x48, 0, 0, 0x99, 0x30, true],
      [0x48, 0, 0xffff, 0x20000, 0x30, false],
      [0xb4, 0, 0xffff, 0, 0x48, false],
    ],
  }
  it.each(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'] as const)('%s has its mappings and no damage', (name) => {
    const parsed = parseIort(specifiedTable(name), 'IORT')
    expect(mappingRows(specifiedTable(name))).toEqual(expected[name])
    expect(parsed.diagnostics).toEqual([])
    expect(parsed.damaged).toBe(false)
  })

  it('reads every field of A', () => {
    const { rootComplexes, ...table } = parseIort(specifiedTable('A'), 'IORT')
    expect(rootComplexes).toEqual(new Map([[0, [table.nodes[2]]]]))
    expect(table).toEqual({
      header: {
        signature: 'IORT',
        length: 220,
        revision: 6,
        checksum: 'ok',
        oemId: 'TESTOM',
        oemTableId: 'TESTTABL',
        oemRevision: 1,
      },
      diagnostics: [],
      damaged: false,
      nodeCount: 3,
      nodes: [
        {
          offset: 0x30,
          length: 24,
          revision: 1,
          identifier: 0,
          typeCode: 0,
          mappings: [],
          mappingCount: 0,
          type: 'its-group',
          itsIds: [0],
          itsCount: 1,
        },
        {
          offset: 0x48,
          length: 88,
          revision: 5,
          identifier: 1,
          typeCode: 4,
          mappingCount: 1,
          mappings: [
            {
              offset: 0x8c,
              inputBase: 0,
              idCount: 0xffff,
              outputBase: 0x10000,
              outputReference: 0x30,
              singleMapping: false,
            },
          ],
          type: 'smmuv3',
          baseAddress: 0x2b400000n,
          flags: 1,
          vatosAddress: 0n,
          model: 0,
          eventGsiv: 74,
          priGsiv: 75,
          gerrorGsiv: 77,
          syncGsiv: 76,
          proximityDomain: 0,
          deviceIdMappingIndex: 0,
        },
        {
          offset: 0xa0,
          length: 60,
          revision: 4,
          identifier: 2,
          typeCode: 2,
          mappingCount: 1,
          mappings: [
            { offset: 0xc8, inputBase: 0, idCount: 0xffff, outputBase: 0, outputReference: 0x48, singleMapping: false },
          ],
          type: 'root-complex',
          cacheCoherency: 1,
          memoryHints: 0,
          memoryFlags: 3,
          atsAttribute: 1,
          segment: 0,
          addressSizeLimit: 64,
          pasidCapabilities: 0,
          flags: 0,
        },
      ],
    })
  })

  it('reads the OEM ids that Linux compares, with their padding', () => {
    const { header } = parseIort(specifiedTable('D'), 'IORT')
    expect([header.oemId, header.oemTableId, header.oemRevision]).toEqual(['HISI  ', 'HIP07   ', 0])
  })
})
