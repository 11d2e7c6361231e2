import { describe, expect, it } from 'vitest'
import { parseIort } from '../../../src/probes/acpi/iort.js'
import { bytesOfHex, sealed, specifiedTable, table, type SpecifiedTable } from './specified-tables.js'

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

function messages(bytes: Uint8Array): readonly string[] {
  return parseIort(bytes, 'IORT').diagnostics.map(({ message }) => message)
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
    expect(parseIort(specifiedTable('A'), 'IORT')).toEqual({
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

describe('every node type', () => {
  const header = (count: number) => `${count.toString(16).padStart(2, '0')}000000 30000000 00000000`
  const parseNode = (node: string, revision = 6) => parseIort(table('IORT', header(1) + node, revision), 'IORT')

  it('named component: the path ends at its NUL, the mappings may follow directly', () => {
    const name = Buffer.from('\\_SB.USB0\0\0\0').toString('hex')
    const node = `01 3d00 04 05000000 01000000 29000000 21000000 01000000 03 0000 07 28 ${name}
      00000000 00000000 07000000 30000000 01000000`
    const { nodes, damaged } = parseNode(node)
    expect(damaged).toBe(false)
    expect(nodes[0]).toMatchObject({
      type: 'named-component',
      flags: 0x21,
      cacheCoherency: 1,
      memoryHints: 3,
      memoryFlags: 7,
      addressSizeLimit: 0x28,
      objectName: '\\_SB.USB0',
      identifier: 5,
    })
    expect(nodes[0]?.mappings).toEqual([
      { offset: 0x30 + 0x29, inputBase: 0, idCount: 0, outputBase: 7, outputReference: 0x30, singleMapping: true },
    ])
  })

  it('root complex of revision 0: what follows byte 32 is no field', () => {
    const node = `02 3400 00 00000000 01000000 20000000 01000000 00 0000 03 01000000 02000000
      ff000000 01000000 00000000 30000000 00000000`
    const { nodes, damaged } = parseNode(node, 0)
    expect(damaged).toBe(false)
    expect(nodes[0]).toEqual({
      offset: 0x30,
      length: 52,
      revision: 0,
      identifier: 0,
      typeCode: 2,
      mappingCount: 1,
      mappings: [
        { offset: 0x50, inputBase: 0xff, idCount: 1, outputBase: 0, outputReference: 0x30, singleMapping: false },
      ],
      type: 'root-complex',
      cacheCoherency: 1,
      memoryHints: 0,
      memoryFlags: 3,
      atsAttribute: 1,
      segment: 2,
    })
  })

  it('root complex of revision 3 with 36 bytes: mappings are not taken for PASID fields', () => {
    const node = `02 3800 03 00000000 01000000 24000000 01000000 00 0000 03 00000000 00000000 40 000000
      ffffffff 00000000 00000000 30000000 00000000`
    const [root] = parseNode(node, 3).nodes
    expect(root).toMatchObject({ type: 'root-complex', addressSizeLimit: 0x40 })
    expect(root).not.toHaveProperty('pasidCapabilities')
    expect(root).not.toHaveProperty('flags')
  })

  it('SMMUv1/v2 with interrupt arrays', () => {
    const node = `03 5c00 01 00000000 00000000 00000000 0000000500000000 0000800000000000 03000000 03000000
      3c000000 02000000 4c000000 00000000 00000000
      2f000000 01000000 30000000 00000000 b2000000 00000000 b3000000 01000000`
    expect(parseNode(node)).toMatchObject({
      damaged: false,
      nodes: [
        {
          type: 'smmu',
          baseAddress: 0x5000000n,
          span: 0x800000n,
          model: 3,
          flags: 3,
          globalInterruptOffset: 0x3c,
          contextInterruptCount: 2,
          contextInterruptOffset: 0x4c,
          pmuInterruptCount: 0,
          pmuInterruptOffset: 0,
        },
      ],
    })
  })

  it('PMCG, with and without its second page', () => {
    const start = '00000000 00000000 00000000 000000fe00000000 15000000 48000000'
    expect(parseNode(`05 2800 02 ${start} 000001fe00000000`).nodes[0]).toMatchObject({
      type: 'pmcg',
      page0Base: 0xfe000000n,
      overflowGsiv: 21,
      nodeReference: 0x48,
      page1Base: 0xfe010000n,
    })
    const [old] = parseNode(`05 2000 00 ${start}`).nodes
    expect(old).toMatchObject({ type: 'pmcg', overflowGsiv: 21 })
    expect(old).not.toHaveProperty('page1Base')
  })

  it('RMR: descriptors and mappings', () => {
    const node = `06 4400 03 00000000 01000000 1c000000 11000000 01000000 30000000
      00000000 00000000 06000000 30000000 01000000
      0000008400000000 0000800000000000 00000000`
    expect(parseNode(node)).toMatchObject({
      damaged: false,
      nodes: [
        {
          type: 'rmr',
          flags: 0x11,
          descriptorCount: 1,
          descriptorOffset: 0x30,
          descriptors: [{ base: 0x84000000n, length: 0x800000n }],
          mappings: [{ inputBase: 0, idCount: 0, outputBase: 6, singleMapping: true }],
        },
      ],
    })
  })

  it('IWB of GICv5', () => {
    const name = Buffer.from('\\_SB.IWB0\0').toString('hex')
    expect(parseNode(`07 2400 00 00000000 00000000 00000000 0000002f00000000 0300 ${name}`).nodes[0]).toMatchObject({
      type: 'iwb',
      configBase: 0x2f000000n,
      iwbIndex: 3,
      objectName: '\\_SB.IWB0',
    })
  })

  it('a type that is not known is passed over, keeps its mappings, and is no damage', () => {
    const body = `${header(2)}
      63 2800 09 07000000 01000000 14000000 deadbeef 01000000 02000000 03000000 58000000 00000000
      00 1800 00 00000000 00000000 00000000 01000000 09000000`
    const parsed = parseIort(table('IORT', body, 9), 'IORT')
    expect(parsed.damaged).toBe(false)
    expect(parsed.nodes[0]).toMatchObject({ type: 'unknown', typeCode: 0x63, identifier: 7, revision: 9 })
    expect(parsed.nodes[0]?.mappings).toMatchObject([
      { inputBase: 1, idCount: 2, outputBase: 3, outputReference: 0x58 },
    ])
    expect(parsed.nodes[1]).toMatchObject({ type: 'its-group', itsIds: [9] })
    expect(parsed.diagnostics.map(({ message }) => message)).toEqual([
      'IORT: node at 0x30 has type 99, which is not known; it was passed over.',
    ])
  })
})

describe('damage', () => {
  const a = specifiedTable('A')
  const withBytes = (changes: Readonly<Record<number, number>>) => {
    const copy = Uint8Array.from(a)
    for (const [offset, value] of Object.entries(changes)) copy[Number(offset)] = value
    return sealed(copy)
  }

  it('cut anywhere is damaged and never throws', () => {
    for (let length = 0; length < a.length; length++) {
      const parsed = parseIort(a.subarray(0, length), 'IORT')
      expect(parsed.damaged, `${length} bytes`).toBe(true)
      expect(parsed.diagnostics.length, `${length} bytes`).toBeGreaterThan(0)
    }
  })

  it('any flipped byte is damaged', () => {
    for (let at = 0; at < a.length; at++) {
      const copy = Uint8Array.from(a)
      copy[at] = (copy[at] ?? 0) ^ 0x40
      expect(parseIort(copy, 'IORT').damaged, `byte ${at}`).toBe(true)
    }
  })

  it('a longer file than the header says', () => {
    const longer = Uint8Array.from([...a, 0])
    expect(messages(longer)).toEqual(['IORT: the header claims 220 bytes, the file has 221.'])
    expect(mappingRows(longer)).toHaveLength(2)
  })

  it('a node that claims more than the table has', () => {
    const parsed = parseIort(withBytes({ 0x49: 0x00, 0x4a: 0x10 }), 'IORT')
    expect(parsed.damaged).toBe(true)
    expect(parsed.diagnostics).toEqual([
      {
        path: 'IORT',
        offset: 0x48,
        message: 'IORT: node at 0x48 claims 4096 bytes, the table has 148 left; the rest of the table was ignored.',
      },
    ])
    expect(parsed.nodes.map(({ type }) => type)).toEqual(['its-group'])
  })

  it.each([0, 1, 15])('a node length of %i, below its header, stops the walk', (length) => {
    const bytes = withBytes({ 0x49: length, 0x4a: 0 })
    expect(messages(bytes)).toEqual([
      `IORT: node at 0x48 claims ${length} bytes, its header alone takes 16; the rest of the table was ignored.`,
    ])
  })

  it('mappings past the node: those that fit are kept', () => {
    const bytes = withBytes({ 0x50: 0xff, 0x51: 0xff, 0x52: 0xff, 0x53: 0xff })
    expect(messages(bytes)).toEqual([
      'IORT: node at 0x48 claims 4294967295 ID mappings, the 20 bytes behind offset 0x44 of the node hold 1.',
    ])
    expect(mappingRows(bytes)).toHaveLength(2)
    expect(parseIort(bytes, 'IORT').nodes[1]?.mappingCount).toBe(0xffffffff)
  })

  it('a mapping array in the header, over the fields, or behind the node', () => {
    expect(messages(withBytes({ 0x54: 8 }))).toEqual([
      'IORT: node at 0x48 has 1 ID mappings at 0x8 of the node, inside its header; none was read.',
    ])
    expect(messages(withBytes({ 0x54: 0x20 }))).toEqual([
      'IORT: node at 0x48 has its ID mappings at offset 32, over its own fields, which take 60 bytes.',
    ])
    expect(messages(withBytes({ 0x57: 0x80 }))).toEqual([
      'IORT: node at 0x48 claims 1 ID mappings, the 0 bytes behind offset 0x80000044 of the node hold 0.',
    ])
  })

  it('a node count that is not met, and one that leaves bytes over', () => {
    expect(messages(withBytes({ 36: 4 }))).toEqual(['IORT: the table ends at 0xdc, after 3 of 4 nodes.'])
    const fewer = parseIort(withBytes({ 36: 2 }), 'IORT')
    expect(fewer.damaged).toBe(false)
    expect(fewer.diagnostics.map(({ message }) => message)).toEqual(['IORT: 60 bytes follow the last node.'])
  })

  it('a first node inside the header or behind the table', () => {
    expect(messages(withBytes({ 40: 36 }))).toEqual([
      "IORT: the first node is at 0x24, inside the table's header; none was read.",
    ])
    expect(messages(withBytes({ 43: 0xff }))).toEqual(['IORT: the table ends at 0xff000030, after 0 of 3 nodes.'])
  })

  it('a node too short for its type, an ITS count too high, a name without NUL', () => {
    const one = '01000000 30000000 00000000'
    expect(messages(table('IORT', `${one} 04 2000 05 00000000 00000000 00000000 ${'00'.repeat(16)}`))).toEqual([
      'IORT: node of type 4 at 0x30 has 32 bytes, its fields take 60.',
    ])
    expect(messages(table('IORT', `${one} 00 1800 01 00000000 00000000 00000000 02000000 00000000`))).toEqual([
      'IORT: node at 0x30 claims 2 GIC ITS identifiers at offset 0x14 of the node, 1 fit.',
    ])
    const name = Buffer.from('\\_SB').toString('hex')
    expect(messages(table('IORT', `${one} 01 2100 04 ${'00'.repeat(25)} ${name}`))).toEqual([
      'IORT: the object name of the record at 0x30 has no terminating NUL.',
    ])
  })

  it('a wrong checksum says which one the bytes need', () => {
    const copy = Uint8Array.from(a)
    copy[9] = 0
    expect(messages(copy)).toEqual(['IORT: the checksum is 0x0, the bytes need 0xaa.'])
  })

  it('nothing, a few bytes, another table, text', () => {
    expect(messages(new Uint8Array())).toContain('IORT: the file is empty.')
    expect(messages(Uint8Array.of(1, 2, 3))).toContain(
      'IORT: 3 bytes are too few for a table: the header alone takes 36.',
    )
    expect(messages(specifiedTable('MADT'))).toContain('IORT: the signature is "APIC", not "IORT".')
    expect(
      parseIort(Buffer.from('<html>\x1b[31m not a table at all, but a page of text</html>'), 'IORT'),
    ).toMatchObject({
      damaged: true,
      nodes: [],
    })
  })

  it('takes steps by the bytes there are, not by the counts they claim', () => {
    const claims = bytesOfHex('ffffffff 30000000 00000000')
    const bytes = table(
      'IORT',
      `${Buffer.from(claims).toString('hex')} ${'fe100000ffffffffffffffff00000000'.repeat(4096)}`,
    )
    const parsed = parseIort(bytes, 'IORT')
    expect(parsed.nodes).toHaveLength(4096)
    expect(parsed.diagnostics.length).toBeLessThanOrEqual(257)
  })

  it('does not depend on bytes around the input', () => {
    for (const name of ['A', 'D', 'F', 'H'] as const) {
      const bytes = specifiedTable(name)
      const cut = bytes.subarray(0, bytes.length - 9)
      const results = [0x00, 0x5a, 0xff].map((filler) => {
        const large = new Uint8Array(bytes.length + 200).fill(filler)
        large.set(cut, 100)
        return parseIort(large.subarray(100, 100 + cut.length), 'IORT')
      })
      expect(results[1]).toEqual(results[0])
      expect(results[2]).toEqual(results[0])
    }
  })
})
