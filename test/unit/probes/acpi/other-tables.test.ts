import { describe, expect, it } from 'vitest'
import { parseDmar } from '../../../../src/probes/acpi/dmar.js'
import { dumpAcpiTable } from '../../../../src/probes/acpi/dump.js'
import { parseIvrs } from '../../../../src/probes/acpi/ivrs.js'
import { parseMcfg } from '../../../../src/probes/acpi/mcfg.js'
import { parseAcpiTable } from '../../../../src/probes/acpi/parse-table.js'
import { parseRimt } from '../../../../src/probes/acpi/rimt.js'
import { parseViot } from '../../../../src/probes/acpi/viot.js'
import { specifiedTable, table } from './specified-tables.js'

describe('DMAR', () => {
  const HEAD = '26 01 00000000000000000000'

  it('the specified tables', () => {
    expect(parseDmar(specifiedTable('DMAR_IR'), 'DMAR')).toMatchObject({
      flags: 1,
      hostAddressWidth: 38,
      damaged: false,
    })
    expect(parseDmar(specifiedTable('DMAR_NOIR'), 'DMAR')).toMatchObject({
      flags: 0,
      structures: [
        { offset: 48, length: 16, typeCode: 0, type: 'drhd', flags: 1, segment: 0, registerBase: 0xfed90000n },
      ],
    })
  })

  it('every structure, with device scopes', () => {
    const name = Buffer.from('\\_SB.I2C0\0').toString('hex')
    const body = `${HEAD}
      0000 2200 01 00 0100 0000d9fe00000000 03 08 00 00 02 f0 1f00 01 0a 00 00 00 00 1c00 0002
      0100 2000 0000 0000 0000009a00000000 ffff3f9a00000000 02 08 00 00 00 00 1d00
      0200 1000 01 00 0000 02 08 00 00 00 00 0100
      0300 1400 00000000 0000d9fe00000000 01000000
      0400 1200 000000 05 ${name}
      0500 1000 01 00 0000 01 08 00 00 00 00 0300
      0600 1000 0000 0200 01 08 00 00 00 00 0300
      0900 0400`
    const { structures, damaged, diagnostics } = parseDmar(table('DMAR', body), 'DMAR')
    expect(damaged).toBe(false)
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'DMAR: remapping structure at 0xc8 has type 9, which is not known.',
    ])
    expect(structures[0]).toEqual({
      offset: 48,
      length: 34,
      typeCode: 0,
      type: 'drhd',
      flags: 1,
      segment: 1,
      registerBase: 0xfed90000n,
      scopes: [
        {
          offset: 64,
          type: 'io-apic',
          typeCode: 3,
          flags: 0,
          enumerationId: 2,
          startBus: 0xf0,
          path: [{ device: 0x1f, function: 0 }],
        },
        {
          offset: 72,
          type: 'endpoint',
          typeCode: 1,
          flags: 0,
          enumerationId: 0,
          startBus: 0,
          path: [
            { device: 0x1c, function: 0 },
            { device: 0, function: 2 },
          ],
        },
      ],
    })
    expect(structures.slice(1)).toMatchObject([
      { type: 'rmrr', segment: 0, base: 0x9a000000n, end: 0x9a3fffffn, scopes: [{ type: 'bridge' }] },
      { type: 'atsr', flags: 1, scopes: [{ type: 'bridge', path: [{ device: 1, function: 0 }] }] },
      { type: 'rhsa', base: 0xfed90000n, proximityDomain: 1 },
      { type: 'andd', deviceNumber: 5, objectName: '\\_SB.I2C0' },
      { type: 'satc', flags: 1, scopes: [{ type: 'endpoint' }] },
      { type: 'sidp', segment: 2, scopes: [{ type: 'endpoint' }] },
      { type: 'unknown', typeCode: 9 },
    ])
  })

  it('a scope that leaves its structure is damage, and the next structure is read', () => {
    const body = `${HEAD} 0000 1800 01 00 0000 0000d9fe00000000 01 10 00 00 00 00 0000 0300 1400 ${'00'.repeat(16)}`
    const parsed = parseDmar(table('DMAR', body), 'DMAR')
    expect(parsed.damaged).toBe(true)
    expect(parsed.structures.map(({ type }) => type)).toEqual(['drhd', 'rhsa'])
    expect(parsed.diagnostics[0]?.message).toBe(
      'DMAR: device scope at 0x40 claims 16 bytes, the remapping structure has 8 left; the rest of the remapping structure was ignored.',
    )
  })
})

describe('IVRS', () => {
  it('both forms of IVHD, IVMD, special and alias entries', () => {
    const hid = `f0 0001 00 ${Buffer.from('INTC1234').toString('hex')} 0000000000000000 02 03 ${Buffer.from('ABC').toString('hex')}`
    const body = `01280000 0000000000000000
      10 b0 2c00 0200 4000 0000b8fd00000000 0000 0013 84080000
        02 0800 00 03 0001 00 04 ff01 00 48 0000 d7 21 a000 01
      11 b0 4d00 0200 4000 0000b8fd00000000 0000 0013 00024000 4a29f82f00000000 0000000000000000
        42 1000 00 00 1100 00 00000000 ${hid}
      21 08 2000 0300 0000 0000000000000000 0000109c00000000 0000010000000000
      55 00 0600 0000`
    const parsed = parseIvrs(table('IVRS', body), 'IVRS')
    expect(parsed.diagnostics.map(({ message }) => message)).toEqual([
      'IVRS: block at 0xc9 has type 0x55, which is not known.',
    ])
    expect(parsed.damaged).toBe(false)
    expect(parsed.ivInfo).toBe(0x2801)
    expect(parsed.blocks[0]).toEqual({
      offset: 48,
      length: 44,
      typeCode: 0x10,
      type: 'ivhd',
      flags: 0xb0,
      deviceId: 2,
      capabilityOffset: 0x40,
      baseAddress: 0xfdb80000n,
      segment: 0,
      info: 0x1300,
      featureReporting: 0x884,
      entries: [
        { offset: 72, type: 2, deviceId: 8, settings: 0 },
        { offset: 76, type: 3, deviceId: 0x100, settings: 0 },
        { offset: 80, type: 4, deviceId: 0x1ff, settings: 0 },
        {
          offset: 84,
          type: 72,
          deviceId: 0,
          settings: 0xd7,
          special: { handle: 0x21, usedDeviceId: 0xa0, variety: 1 },
        },
      ],
    })
    expect(parsed.blocks.slice(1)).toMatchObject([
      {
        type: 'ivhd',
        extendedFeatures: 0x2ff8294an,
        featureReporting: 0x400200,
        entries: [
          { type: 0x42, deviceId: 0x10, sourceDeviceId: 0x11 },
          { type: 0, deviceId: 0 },
          { type: 0xf0, deviceId: 0x100 },
        ],
      },
      { type: 'ivmd', flags: 8, deviceId: 3, start: 0x9c100000n, blockLength: 0x10000n },
      { type: 'unknown', typeCode: 0x55 },
    ])
  })

  it('an entry that leaves its block is damage', () => {
    const body = `00000000 0000000000000000 10 00 1c00 ${'00'.repeat(20)} 48 0000 d7`
    const parsed = parseIvrs(table('IVRS', body), 'IVRS')
    expect(parsed.damaged).toBe(true)
    expect(parsed.diagnostics[0]?.message).toBe(
      'IVRS: device entry at 0x48 has 4 bytes left in its block, which its type exceeds.',
    )
  })
})

describe('VIOT', () => {
  it('all four node types', () => {
    const body = `0400 3000 0000000000000000
      03 00 1000 0100 0800 0000000000000000
      01 00 1800 00010000 0000 0100 1000 ffff 3000 000000000000
      02 00 1800 07000000 0000000a00000000 5800 000000000000
      04 00 1000 00000000 0000001000000000`
    const parsed = parseViot(table('VIOT', body), 'VIOT')
    expect(parsed).toMatchObject({ damaged: false, diagnostics: [] })
    expect(parsed.nodes).toEqual([
      { offset: 48, length: 16, typeCode: 3, type: 'virtio-iommu-pci', segment: 1, bdf: 8 },
      {
        offset: 64,
        length: 24,
        typeCode: 1,
        type: 'pci-range',
        endpointStart: 0x100,
        segmentStart: 0,
        segmentEnd: 1,
        bdfStart: 0x10,
        bdfEnd: 0xffff,
        outputNode: 0x30,
      },
      { offset: 88, length: 24, typeCode: 2, type: 'mmio-endpoint', endpoint: 7, base: 0xa000000n, outputNode: 0x58 },
      { offset: 112, length: 16, typeCode: 4, type: 'virtio-iommu-mmio', base: 0x10000000n },
    ])
  })

  it('a count that is not met is damage', () => {
    const parsed = parseViot(table('VIOT', '0200 3000 0000000000000000 04 00 1000 00000000 0000001000000000'), 'VIOT')
    expect(parsed).toMatchObject({ damaged: true, nodes: [{ type: 'virtio-iommu-mmio' }] })
    expect(parsed.diagnostics[0]?.message).toBe('VIOT: the table ends at 0x40, after 1 of 2 nodes.')
  })
})

describe('MCFG', () => {
  it('allocations, and a rest that is none', () => {
    const body = '0000000000000000 00000090 00000000 0200 01ff 00000000'
    expect(parseMcfg(table('MCFG', body), 'MCFG')).toMatchObject({
      damaged: false,
      allocations: [{ offset: 44, baseAddress: 0x90000000n, segment: 2, startBus: 1, endBus: 255 }],
    })
    expect(parseMcfg(table('MCFG', `${body} 00000000`), 'MCFG')).toMatchObject({
      damaged: true,
      allocations: [{ segment: 2 }],
      diagnostics: [{ offset: 60, message: 'MCFG: the last 4 bytes are too few for an allocation.' }],
    })
  })
})

describe('RIMT', () => {
  it('IOMMU, root complex with mappings, platform device', () => {
    const name = Buffer.from('\\_SB.DEV0\0\0').toString('hex')
    const mapping = '00000000 ffff0000 00000000 30000000 00000000'
    const body = `03000000 30000000 00000000
      00 01 2800 0000 0000 5253435630303032 0000000300000000 01000000 00000000 0100 0800 0000 0000
      01 01 2800 0000 0100 01000000 0000 0200 1400 0100 ${mapping}
      02 01 2b00 0000 0200 1700 0100 ${name} ${mapping}`
    const parsed = parseRimt(table('RIMT', body), 'RIMT')
    expect(parsed).toMatchObject({ damaged: false, diagnostics: [] })
    expect(parsed.nodes).toEqual([
      { offset: 48, length: 40, typeCode: 0, type: 'iommu', baseAddress: 0x3000000n, segment: 1, bdf: 8, flags: 1 },
      {
        offset: 88,
        length: 40,
        typeCode: 1,
        type: 'root-complex',
        segment: 2,
        flags: 1,
        mappings: [{ sourceBase: 0, idCount: 0xffff, destinationBase: 0, destinationOffset: 0x30 }],
      },
      { offset: 128, length: 43, typeCode: 2, type: 'platform' },
    ])
  })
})

describe('parseAcpiTable', () => {
  it('chooses by signature; of other tables it reads the header', () => {
    expect(parseAcpiTable(specifiedTable('A'), 'x').kind).toBe('IORT')
    expect(parseAcpiTable(specifiedTable('MADT'), 'x').kind).toBe('APIC')
    expect(parseAcpiTable(specifiedTable('DMAR_IR'), 'x').kind).toBe('DMAR')
    expect(parseAcpiTable(table('FACP', '00000000'), 'x')).toMatchObject({
      kind: 'other',
      table: { damaged: false, header: { signature: 'FACP', length: 40 } },
    })
    expect(parseAcpiTable(Uint8Array.of(1, 2), 'x')).toMatchObject({ kind: 'other', table: { damaged: true } })
  })

  it.each([
    ['DMAR', specifiedTable('DMAR_IR')],
    ['IVRS', table('IVRS', `00000000 0000000000000000 10 00 1c00 ${'00'.repeat(20)} 02 0000 00`)],
    ['VIOT', table('VIOT', '0100 3000 0000000000000000 04 00 1000 00000000 0000001000000000')],
    ['MCFG', table('MCFG', '0000000000000000 00000090 00000000 0200 01ff 00000000')],
    ['RIMT', table('RIMT', `01000000 30000000 00000000 02 01 0e00 0000 0000 0000 0000 4100`)],
  ] as const)('%s cut anywhere or with any byte changed is damaged', (_, bytes) => {
    expect(parseAcpiTable(bytes, 'x').table.damaged).toBe(false)
    for (let at = 0; at < bytes.length; at++) {
      expect(parseAcpiTable(bytes.subarray(0, at), 'x').table.damaged, `cut at ${at}`).toBe(true)
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x80
      expect(parseAcpiTable(changed, 'x').table.damaged, `byte ${at}`).toBe(true)
    }
  })
})

describe('tables of which only the header is read', () => {
  const facs = new Uint8Array(64)
  facs.set(new TextEncoder().encode('FACS'))
  facs[4] = 64
  facs[9] = 0x41

  it('the FACS has no checksum and no ids', () => {
    const { table } = parseAcpiTable(facs, 'FACS')
    expect(table).toMatchObject({ damaged: false, diagnostics: [], header: { checksum: 'none', oemId: '' } })
    const dump = dumpAcpiTable(facs, 'FACS')
    expect(dump.headerFields.map(({ title }) => title)).toContain('Hardware Signature')
  })

  it('ASF! is a signature', () => {
    const asf = table('ASF!', '00000000')
    expect(parseAcpiTable(asf, 'ASF!').table).toMatchObject({ damaged: false, diagnostics: [] })
    expect(parseAcpiTable(table('ASF?', '00000000'), 'x').table.damaged).toBe(true)
  })
})
