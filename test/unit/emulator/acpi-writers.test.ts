import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { writeDmar } from '../../../src/emulator/firmware/dmar-writer.js'
import { writeIort } from '../../../src/emulator/firmware/iort-writer.js'
import { writeIvrs } from '../../../src/emulator/firmware/ivrs-writer.js'
import { writeMadt } from '../../../src/emulator/firmware/madt-writer.js'
import { writeMcfg } from '../../../src/emulator/firmware/mcfg-writer.js'
import { writeViot } from '../../../src/emulator/firmware/viot-writer.js'
import { literals, vectorDmar, vectorMadt, vectorTables } from './test-vector-tables.js'
import { disassemble, fieldsOf, hexOf } from './tools.js'
import { hasIasl } from '../../support/outside.js'

const VECTORS = new URL('../../../../shared/spec/test-vectors.json', import.meta.url)
const needsIasl = hasIasl ? '' : ' (skipped: no iasl here)'

describe('bytes of known tables', () => {
  it('writes the tables that are spelled out here', () => {
    expect(hexOf(writeIort(vectorTables['B'] ?? { nodes: [] }))).toBe(literals.B)
    expect(hexOf(writeIort(vectorTables['F'] ?? { nodes: [] }))).toBe(literals.F)
    expect(hexOf(writeMadt(vectorMadt))).toBe(literals.MADT)
  })

  const present = existsSync(VECTORS)
  it.skipIf(!present)(`writes tables A to I, MADT and DMAR of the test vectors${present ? '' : ' (not here)'}`, () => {
    const written = readFileSync(VECTORS, 'utf8').matchAll(/"(\w+)": "([0-9a-f]{64,})"/g)
    const tables = Object.fromEntries([...written].map(([, name = '', bytes = '']) => [name, bytes]))
    for (const [name, description] of Object.entries(vectorTables)) {
      expect(hexOf(writeIort(description)), name).toBe(tables[name])
    }
    expect(Object.keys(vectorTables)).toHaveLength(9)
    expect(hexOf(writeMadt(vectorMadt))).toBe(tables['MADT'])
    expect(hexOf(writeDmar(vectorDmar(1)))).toBe(tables['DMAR_IR'])
    expect(hexOf(writeDmar(vectorDmar(0)))).toBe(tables['DMAR_NOIR'])
  })
})

describe('damage on purpose', () => {
  const groups = [{ type: 'its-group', name: 'its0', itsIds: [0] }] as const

  it('writes what a field is told to be', () => {
    const bytes = writeIort({
      checksum: 'bad',
      nodeCount: 7,
      nodes: [
        ...groups,
        {
          type: 'root-complex',
          revision: 0,
          length: 0x1000,
          mappingCount: 9,
          mappingOffset: 0x20,
          mappings: [{ idCount: 0x10000, output: 0x4444 }],
          patches: [{ at: 4, size: 4, value: '0xcafe' }],
        },
        { type: 'raw', typeCode: 0xee, data: 'aabb ccdd' },
      ],
    })
    const view = new DataView(bytes.buffer)
    expect(bytes.reduce((sum, byte) => sum + byte, 0) % 256).toBe(1)
    expect(view.getUint32(36, true)).toBe(7)
    // The root complex stands behind a group of 24 bytes; revision 0 has 32 bytes before its mappings.
    expect(view.getUint16(0x48 + 1, true)).toBe(0x1000)
    expect(view.getUint32(0x48 + 4, true)).toBe(0xcafe)
    expect(view.getUint32(0x48 + 8, true)).toBe(9)
    expect(view.getUint32(0x48 + 12, true)).toBe(0x20)
    expect(view.getUint32(0x48 + 32 + 4, true)).toBe(0x10000)
    expect(view.getUint32(0x48 + 32 + 12, true)).toBe(0x4444)
    expect(hexOf(bytes.slice(0x48 + 52))).toBe('ee14000000000000000000000000000000000000'.slice(0, 32) + 'aabbccdd')
  })

  it('cuts, lengthens and misstates tables', () => {
    const whole = writeMcfg({ allocations: [{ base: '0x4010000000' }] })
    expect(whole).toHaveLength(60)
    expect(writeMcfg({ allocations: [{ base: 0 }], truncateTo: 50 })).toHaveLength(50)
    const misstated = writeMcfg({ allocations: [], length: 0x7fffffff, trailing: 'ffff' })
    expect(misstated).toHaveLength(46)
    expect(new DataView(misstated.buffer).getUint32(4, true)).toBe(0x7fffffff)
  })

  it('refuses a reference that names nothing', () => {
    expect(() => writeIort({ nodes: [{ type: 'root-complex', mappings: [{ output: 'smmu9' }] }] })).toThrow('"smmu9"')
    expect(() => writeViot({ nodes: [{ type: 'pci-range', bdfStart: 0, bdfEnd: 1, output: 'v' }] })).toThrow('"v"')
  })
})

describe.skipIf(!hasIasl)(`iasl reads what was written${needsIasl}`, () => {
  it('IORT: every node type that Debian 12 knows', () => {
    const bytes = writeIort({
      revision: 0,
      nodes: [
        { type: 'its-group', name: 'its', itsIds: [3, 5] },
        {
          type: 'smmuv3',
          name: 'smmu',
          revision: 1,
          base: '0x33ffe0000000',
          eventGsiv: 74,
          mappings: [{ output: 'its' }],
        },
        {
          type: 'smmu',
          name: 'old',
          base: '0x5000000',
          span: 0x800000,
          globalInterrupts: [45, 46],
          contextInterrupts: [50, 51],
          mappings: [{ ids: 0x80, outputBase: 0x700, output: 'its' }],
        },
        { type: 'root-complex', revision: 1, segment: 12, mappings: [{ output: 'smmu' }] },
        {
          type: 'named-component',
          revision: 1,
          objectName: '\\_SB.FOO0',
          mappings: [{ ids: 1, outputBase: 7, output: 'smmu' }],
        },
        { type: 'pmcg', page0Base: '0x9060000', overflowGsiv: 99, nodeReference: 'smmu' },
      ],
    })
    const { status, messages, listing } = disassemble(bytes)
    expect(status, messages).toBe(0)
    expect(messages).not.toMatch(/Invalid|Incorrect checksum|Error/)
    expect(fieldsOf(listing, 'Type')).toEqual(['00', '04', '03', '02', '01', '05'])
    expect(fieldsOf(listing, 'PCI Segment Number')).toEqual(['0000000C'])
    expect(fieldsOf(listing, 'ID Count')).toEqual(['0000FFFF', '0000007F', '0000FFFF', '00000000'])
    expect(fieldsOf(listing, 'Output Reference')).toEqual(['00000030', '00000030', '0000004C', '0000004C'])
    expect(fieldsOf(listing, 'Device Name')).toEqual(['"\\_SB.FOO0"'])
    expect(fieldsOf(listing, 'Base Address')).toEqual(['000033FFE0000000', '0000000005000000'])
  })

  it('MADT: GICv2 to v4 with ITS and frames, and an x86 one', () => {
    const arm = disassemble(
      writeMadt({ ...vectorMadt, revision: 4, entries: [{ type: 'gicc', cpu: 1 }, ...vectorMadt.entries] }),
    )
    expect(arm.status, arm.messages).toBe(0)
    expect(fieldsOf(arm.listing, 'Subtable Type').map((text) => text.slice(0, 2))).toEqual([
      '0B',
      '0C',
      '0F',
      '0D',
      '0E',
    ])
    expect(fieldsOf(arm.listing, 'ARM MPIDR')).toEqual(['0000000000000001'])
    expect(fieldsOf(arm.listing, 'SPI Count')).toEqual(['0040'])
    const x86 = disassemble(
      writeMadt({
        revision: 3,
        localInterruptControllerAddress: 0xfee00000,
        entries: [
          { type: 'local-apic', processorUid: 0, apicId: 2 },
          { type: 'io-apic', ioApicId: 8, address: 0xfec00000 },
        ],
      }),
    )
    expect(x86.status, x86.messages).toBe(0)
    expect(fieldsOf(x86.listing, 'I/O Apic ID')).toEqual(['08'])
  })

  it('DMAR, IVRS and MCFG', () => {
    const scopes = [{ type: 'bridge', startBus: 0, path: [[0x1c, 4]] }] as const
    const dmar = disassemble(
      writeDmar({
        flags: 1,
        structures: [
          { type: 'drhd', segment: 1, base: '0xfed90000', scopes },
          { type: 'rmrr', base: '0x7a000000', end: '0x7a0fffff', scopes },
          { type: 'atsr', flags: 1 },
          { type: 'rhsa', base: '0xfed90000', proximityDomain: 1 },
          { type: 'andd', deviceNumber: 3, objectName: '\\_SB.PCI0.I2C0' },
        ],
      }),
    )
    expect(dmar.status, dmar.messages).toBe(0)
    expect(fieldsOf(dmar.listing, 'Subtable Type').map((text) => text.slice(0, 4))).toEqual([
      '0000',
      '0001',
      '0002',
      '0003',
      '0004',
    ])
    expect(fieldsOf(dmar.listing, 'PCI Path')).toEqual(['1C,04', '1C,04'])
    expect(fieldsOf(dmar.listing, 'End Address \\(limit\\)')).toEqual(['000000007A0FFFFF'])
    const ivrs = disassemble(
      writeIvrs({
        revision: 1,
        blocks: [
          {
            type: 'ivhd',
            deviceId: 2,
            base: '0xfeb80000',
            entries: [
              { type: 'range-start', deviceId: 8 },
              { type: 'range-end', deviceId: 0xffff },
              { type: 'special', handle: 32, usedDeviceId: 0xa0, variety: 'io-apic' },
            ],
          },
          { type: 'ivmd', start: '0x1000', blockLength: '0x2000' },
        ],
      }),
    )
    expect(ivrs.status, ivrs.messages).toBe(0)
    expect(fieldsOf(ivrs.listing, 'Entry Type').map((text) => text.slice(0, 2))).toEqual(['03', '04', '48'])
    expect(fieldsOf(ivrs.listing, 'Source Used Device ID')).toEqual(['00A0'])
    const mcfg = disassemble(writeMcfg({ allocations: [{ base: '0x33fff0000000', segment: 12, endBus: 63 }] }))
    expect(mcfg.status, mcfg.messages).toBe(0)
    expect(fieldsOf(mcfg.listing, 'Segment Group Number')).toEqual(['000C'])
    expect(fieldsOf(mcfg.listing, 'End Bus Number')).toEqual(['3F'])
  })

  it('newer structures by length: RMR, IWB, GICv5, VIOT', () => {
    const iort = writeIort({
      revision: 6,
      nodes: [
        { type: 'smmuv3', name: 'smmu', revision: 5, base: 0 },
        {
          type: 'rmr',
          revision: 3,
          flags: 1,
          regions: [{ base: '0x8000000', length: 0x10000 }],
          mappings: [{ ids: 4, output: 'smmu' }],
        },
        { type: 'iwb', configBase: '0x2f000000', iwbIndex: 2, objectName: '\\_SB.IWB0' },
      ],
    })
    const view = new DataView(iort.buffer)
    const rmr = 48 + 68
    expect([view.getUint16(rmr + 1, true), view.getUint32(rmr + 20, true), view.getUint32(rmr + 24, true)]).toEqual([
      68, 1, 48,
    ])
    expect(view.getBigUint64(rmr + 48, true)).toBe(0x8000000n)
    expect(view.getUint16(rmr + 68 + 1, true)).toBe(36)
    expect(disassemble(iort).listing).toMatch(/Unknown IORT/i)
    const madt = writeMadt({
      revision: 7,
      entries: [
        { type: 'gicv5-irs', configBase: '0x2f1a0000', setlpiBase: '0x2f1b0000' },
        { type: 'gicv5-its-config', translatorId: 1, base: '0x2f120000' },
        { type: 'gicv5-its-translate', linkedTranslatorId: 1, translateFrameId: 4, base: '0x2f130000' },
      ],
    })
    expect(hexOf(madt.slice(44, 46)) + hexOf(madt.slice(76, 78)) + hexOf(madt.slice(92, 94))).toBe('1c201d101e18')
    expect(disassemble(madt).status).toBe(0)
    const viot = writeViot({
      nodes: [
        { type: 'virtio-iommu-pci', name: 'v', bdf: 8 },
        { type: 'pci-range', bdfStart: 0, bdfEnd: 0xff, output: 'v' },
      ],
    })
    // The nodes of a virtual machine with one virtio-iommu at 00:01.0, read off a running one.
    expect(hexOf(viot.slice(36))).toBe(
      '020030000000000000000000030010000000080000000000000000000100180000000000000000000000ff003000000000000000',
    )
    expect(disassemble(viot).status).toBe(0)
  })
})
