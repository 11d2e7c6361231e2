import { describe, expect, it } from 'vitest'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { table } from './specified-tables.js'

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
