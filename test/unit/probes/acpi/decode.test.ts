import { describe, expect, it } from 'vitest'
import { dumpAcpiTable } from '../../../../src/probes/acpi/dump.js'
import { acpiTableFiles } from '../../../../src/probes/acpi/table-files.js'
import { extractTables } from '../../../../src/sysroot/acpi-text-dumps.js'
import { renderDecodedTable } from '../../../../src/render/decode/decode-acpi.js'
import type { DumpField, DumpRecord, TableDump } from '../../../../src/machine/acpi-dump.js'
import { decodedTableJson } from '../../../../src/report/decode/decode-acpi.js'
import { memorySysroot } from '../../../../src/sysroot/memory-sysroot.js'
import { capturedTables, corpusFile, corpusTables } from './corpus.js'
import { disassemble } from './iasl.js'
import { sealed, specifiedTable, table } from './specified-tables.js'
import { hasCaptures, hasCorpus, hasIasl } from '../../../support/outside.js'

const jsonOf = (bytes: Uint8Array) => decodedTableJson(dumpAcpiTable(bytes, 'table'))
const textOf = (bytes: Uint8Array) => [...renderDecodedTable(dumpAcpiTable(bytes, 'table'))].join('')

describe('JSON', () => {
  it('IORT as the contract has it', () => {
    expect(jsonOf(specifiedTable('B'))).toEqual({
      table: 'IORT',
      revision: 6,
      oemId: 'TESTOM',
      oemTableId: 'TESTTABL',
      oemRevision: 1,
      creatorId: 'TEST',
      creatorRevision: '0x1',
      checksum: 'ok',
      length: 132,
      damaged: false,
      fields: { nodeCount: 2, nodeOffset: '0x30', reserved: '0x0' },
      nodes: [
        {
          offset: '0x30',
          type: 'its-group',
          typeCode: 0,
          revision: 1,
          identifier: '0x0',
          length: 24,
          fields: { mappingCount: 0, mappingOffset: '0x0', itsCount: 1, itsIds: ['0x7'] },
          mappings: [],
        },
        {
          offset: '0x48',
          type: 'root-complex',
          typeCode: 2,
          revision: 4,
          identifier: '0x1',
          length: 60,
          fields: {
            mappingCount: 1,
            mappingOffset: '0x28',
            cacheCoherency: 1,
            memoryHints: '0x0',
            reserved: '0x0',
            memoryFlags: '0x3',
            atsAttribute: '0x0',
            segment: '0x0',
            addressSizeLimit: 64,
            pasidCapabilities: '0x0',
            reserved2: '0x0',
            flags: '0x0',
          },
          mappings: [
            {
              inputBase: '0x0',
              idCount: '0xffff',
              outputBase: '0x30000',
              outputReference: '0x30',
              singleMapping: false,
            },
          ],
        },
      ],
      diagnostics: [],
    })
  })

  it('interrupt arrays, descriptors and names of the other IORT nodes', () => {
    const name = Buffer.from('\\_SB.IWB0\0').toString('hex')
    const body = `04000000 30000000 00000000
      03 5c00 01 00000000 00000000 00000000 0000000500000000 0000800000000000 03000000 03000000
      3c000000 01000000 4c000000 01000000 54000000
      2f000000 01000000 30000000 00000000 b2000000 00000000 f3000000 01000000
      06 3000 03 00000000 00000000 00000000 11000000 01000000 1c000000 0000008400000000 0000800000000000 05000000
      07 2400 00 00000000 00000000 00000000 0000002f00000000 0300 ${name}
      63 1400 00 00000000 00000000 00000000 deadbeef`
    const json = jsonOf(table('IORT', body))
    expect(json).toMatchObject({ damaged: false })
    expect(json.nodes?.map(({ fields }) => fields)).toMatchObject([
      {
        globalInterrupts: [
          {
            nonSecureGlobalInterrupt: 47,
            nonSecureGlobalInterruptFlags: '0x1',
            nonSecureConfigurationInterrupt: 48,
            nonSecureConfigurationInterruptFlags: '0x0',
          },
        ],
        contextInterrupts: [{ gsiv: 178, flags: '0x0' }],
        pmuInterrupts: [{ gsiv: 243, flags: '0x1' }],
      },
      { flags: '0x11', descriptorCount: 1, descriptors: [{ base: '0x84000000', length: '0x800000', reserved: '0x5' }] },
      { configBase: '0x2f000000', iwbIndex: 3, objectName: '\\_SB.IWB0' },
      { data: 'deadbeef' },
    ])
  })

  it('MADT, DMAR and a table that is not decoded', () => {
    expect(jsonOf(specifiedTable('MADT'))).toMatchObject({
      table: 'APIC',
      fields: { localInterruptControllerAddress: '0x0', flags: '0x0' },
      entries: [
        { offset: '0x2c', type: 'gicd', typeCode: 12, length: 24, fields: { baseAddress: '0x8000000', version: 3 } },
        {
          offset: '0x44',
          type: 'gic-its',
          typeCode: 15,
          length: 20,
          fields: { flags: '0x0', reserved: '0x0', translationId: '0x0', baseAddress: '0x8080000', reserved2: '0x0' },
        },
        { type: 'gic-msi-frame', fields: { frameId: '0x1', spiCount: 64, spiBase: 80 } },
        { type: 'gicr', fields: { baseAddress: '0x80a0000', rangeLength: '0x200000' } },
      ],
    })
    const scoped = `26 01 00000000000000000000 0000 1800 01 00 0000 0000d9fe00000000 01 08 00 00 00 02 1f03`
    expect(jsonOf(table('DMAR', scoped))).toMatchObject({
      fields: { hostAddressWidth: 38, flags: '0x1', reserved: '00000000000000000000' },
      structures: [
        {
          type: 'drhd',
          fields: {
            registerBase: '0xfed90000',
            deviceScopes: [{ offset: '0x40', type: 'endpoint', fields: { startBus: '0x2', path: '1f.3' } }],
          },
        },
      ],
    })
    expect(jsonOf(table('FACP', '00'))).toMatchObject({ table: 'FACP', length: 37, diagnostics: [] })
    expect(jsonOf(table('FACP', '00'))).not.toHaveProperty('nodes')
  })

  it('IVRS, VIOT, MCFG and RIMT', () => {
    const ivrs = `00000000 0000000000000000 10 00 2000 0200 4000 0000b8fd00000000 0000 0013 00000000 48 0000 d7 21 a000 01`
    expect(jsonOf(table('IVRS', ivrs))).toMatchObject({
      blocks: [
        {
          type: 'ivhd',
          typeCode: 16,
          fields: {
            deviceId: '0x2',
            baseAddress: '0xfdb80000',
            deviceEntries: [{ typeCode: 72, length: 8, fields: { handle: '0x21', usedDeviceId: '0xa0', variety: 1 } }],
          },
        },
      ],
    })
    const viot = '0100 3000 0000000000000000 01 00 1800 00010000 0000 0100 1000 ffff 3000 000000000000'
    expect(jsonOf(table('VIOT', viot))).toMatchObject({
      nodes: [{ type: 'pci-range', fields: { endpointStart: '0x100', bdfEnd: '0xffff', outputNode: '0x30' } }],
    })
    expect(jsonOf(table('MCFG', '0000000000000000 00000090 00000000 0200 01ff 00000000'))).toMatchObject({
      allocations: [
        {
          offset: '0x2c',
          fields: { baseAddress: '0x90000000', segment: '0x2', startBus: '0x1', endBus: '0xff', reserved: '0x0' },
        },
      ],
    })
    const rimt = `02000000 30000000 00000000
      00 01 3000 0000 0000 5253435630303032 0000000300000000 00000000 00000000 0000 0000 0100 2800 20000000 03000000
      01 01 2800 0000 0100 01000000 0000 0200 1400 0100 00000000 ffff0000 00000000 30000000 02000000`
    expect(jsonOf(table('RIMT', rimt))).toMatchObject({
      damaged: false,
      nodes: [
        { type: 'iommu', fields: { baseAddress: '0x3000000', wires: [{ interrupt: 32, flags: '0x3' }] } },
        {
          type: 'root-complex',
          fields: { segment: '0x2', mappings: [{ idCount: 65535, destinationOffset: '0x30', flags: '0x2' }] },
        },
      ],
    })
  })

  it('a damaged table keeps what could be read', () => {
    const bytes = Uint8Array.from(specifiedTable('A'))
    bytes[0x4a] = 0x10
    expect(jsonOf(sealed(bytes))).toMatchObject({
      damaged: true,
      nodes: [{ type: 'its-group' }],
      diagnostics: [
        {
          path: 'table',
          offset: '0x48',
          message: 'IORT: node at 0x48 claims 4184 bytes, the table has 148 left; the rest of the table was ignored.',
        },
      ],
    })
  })
})

describe('text', () => {
  it('has every field with offset and name, and says what references lead to', () => {
    const [head = '', , ...nodes] = textOf(specifiedTable('A')).split('\n\n')
    expect(head).toBe('IORT: IO Remapping Table, revision 6, 220 bytes, checksum ok\ntable')
    expect(nodes[0]).toBe(`Node 0x030: ITS group 0x0
  0x030  Type                   0
  0x031  Length                 24
  0x033  Revision               1
  0x034  Identifier             0x0
  0x038  Number of ID mappings  0
  0x03c  Reference to ID Array  0x0
  0x040  Number of ITSs         1
  GIC ITS Identifier Array: 0x0`)
    expect(nodes[1]).toContain('  0x060  Flags                   0x1 (COHACC Override, HTTU Override 0)\n')
    expect(nodes[1]).toContain(`  ID mappings (1)
    Offset  Input base  Number of IDs  Output base  Flags  Output Reference
    0x08c   0x0         0xffff         0x10000      0x0    0x30 ITS group 0x0`)
    expect(nodes[2]).toContain('Node 0x0a0: Root complex, segment 0x0\n')
    expect(nodes[2]).toContain('    0x0c8   0x0         0xffff         0x0          0x0    0x48 SMMUv3')
    const dangling = Uint8Array.from(specifiedTable('B'))
    dangling[0x7c] = 0x31
    expect(textOf(sealed(dangling))).toMatch(/0x31.*no record starts there/s)
  })

  it('shows every item of a list whose items differ', () => {
    const ivrs = `00000000 0000000000000000 10 00 2400 0200 4000 0000b8fd00000000 0000 0013 00000000
      02 0800 00 48 0000 d7 21 a000 01`
    expect(textOf(table('IVRS', ivrs))).toContain(`  Device entry (2)
    Offset  Type  DeviceID  DTE Setting  Handle  Source DeviceID  Variety
    0x048   0x2   0x8       0x0
    0x04c   0x48  0x0       0xd7         0x21    0xa0             1 (IOAPIC)`)
  })

  it('escapes what a table must not do to a terminal', () => {
    const name = Buffer.from(`\\_SB\x1b[2J\x9b1m\0`, 'latin1').toString('hex')
    const hostile = Uint8Array.from(
      table(
        'IORT',
        `01000000 30000000 00000000 01 ${(29 + name.length / 2).toString(16)}00 04 ${'00'.repeat(25)} ${name}`,
      ),
    )
    hostile[10] = 0x1b
    hostile[11] = 0xff
    const text = textOf(sealed(hostile))
    expect(text).toContain('\\_SB\\x1b[2J\\x9b1m')
    expect(text).toContain('"\\x1b\\xffST  "')
    expect(text).toMatch(/^[\n\x20-\x7e]*$/)
  })

  it('nothing at all', () => {
    expect(textOf(new Uint8Array())).toBe(`No table, revision 0, 0 bytes, checksum bad; damaged, see below
table

Diagnostics
  0x000  table: the file is empty.
`)
  })
})

describe('acpiTableFiles', () => {
  it('finds numbered and damaged tables, and nothing else', () => {
    const directory = 'sys/firmware/acpi/tables'
    const root = memorySysroot(
      { kind: 'emulated', name: 'test' },
      {
        [`${directory}/APIC`]: specifiedTable('MADT'),
        [`${directory}/IORT1`]: Uint8Array.of(1),
        [`${directory}/FACP`]: table('FACP', '00'),
        [`${directory}/DMAR`]: { kind: 'file', content: 'permission' },
      },
    )
    expect(acpiTableFiles(root)).toEqual({
      state: 'known',
      value: [
        { path: `${directory}/APIC`, bytes: { state: 'known', value: specifiedTable('MADT') } },
        { path: `${directory}/DMAR`, bytes: { state: 'unreadable', reason: 'permission' } },
        { path: `${directory}/IORT1`, bytes: { state: 'known', value: Uint8Array.of(1) } },
      ],
    })
  })
})

/** Every field of a table by its offset and size. */
function fieldIndex(dump: TableDump): ReadonlyMap<string, DumpField> {
  const index = new Map<string, DumpField>()
  const visit = (record: DumpRecord) => {
    for (const field of record.fields) index.set(`${field.offset}:${field.size}`, field)
    for (const list of record.lists) list.records.forEach(visit)
  }
  for (const field of [...dump.headerFields, ...dump.fields]) index.set(`${field.offset}:${field.size}`, field)
  dump.records?.records.forEach(visit)
  return index
}

/** Fields that iasl prints as one and the specification as several, or prints over the mappings of an old node. */
const PRINTED_OTHERWISE = new Set([
  'Memory Properties',
  'Context Interrupt',
  'PMU Interrupt',
  'Memory Size Limit',
  'Reserved',
  'Device Name',
  'Padding',
  'PCI Path',
])
const SIGNATURES = ['IORT', 'APIC', 'DMAR', 'IVRS', 'MCFG'] as const
const DUMPS = ['linuxhw-acpi/intel-t3500-dmar/acpidump.txt', 'linuxhw-acpi/amd-990xa-ivrs/acpidump.txt']
const dumped = (hasCorpus ? DUMPS : []).flatMap((name) =>
  extractTables(corpusFile(name), name).tables.map(({ signature, bytes }) => ({ name: `${name} ${signature}`, bytes })),
)
const files = [
  ...SIGNATURES.flatMap((signature) => [...corpusTables(signature), ...capturedTables(signature)]),
  ...dumped,
]
const missing = [!hasCorpus && 'no corpus', !hasCaptures && 'no captures', !hasIasl && 'no iasl'].filter(Boolean)

describe(`real tables${missing.length > 0 ? ` (${missing.join(', ')})` : ''}`, () => {
  it.skipIf(!hasIasl || files.length === 0)('every number that iasl prints stands at the same place', () => {
    const compared = new Map<string, number>()
    for (const { name, bytes } of files) {
      const printed = disassemble(bytes)
      if (printed === undefined) continue
      const dump = dumpAcpiTable(bytes, name)
      const index = fieldIndex(dump)
      for (const { offset, size, name: title, value } of printed.fields) {
        const number = /^[0-9A-F]+\b/.exec(value)?.[0]
        if (number === undefined || number.length !== size * 2) continue
        const found = index.get(`${offset}:${size}`)
        if (found === undefined && PRINTED_OTHERWISE.has(title)) continue
        const place = `${name} 0x${offset.toString(16)} ${title}`
        expect(found, place).toBeDefined()
        if (typeof found?.value === 'string') continue
        expect(BigInt(found?.value ?? -1), place).toBe(BigInt(`0x${number}`))
        compared.set(dump.header.signature, (compared.get(dump.header.signature) ?? 0) + 1)
      }
    }
    console.log(`numbers equal to iasl's: ${[...compared].map(([name, count]) => `${name} ${count}`).join(', ')}`)
    expect([...compared.keys()].toSorted()).toEqual(['APIC', 'DMAR', 'IORT', 'IVRS', 'MCFG'])
  })

  it.skipIf(files.length === 0)('as text: 80 columns, no control character', () => {
    for (const { name, bytes } of files) {
      for (const line of textOf(bytes).trimEnd().split('\n')) {
        expect(line.length, `${name}: ${line}`).toBeLessThanOrEqual(80)
        expect(line, name).toMatch(/^[\x20-\x7e]*$/)
      }
    }
  })
})
