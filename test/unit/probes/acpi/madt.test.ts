import { describe, expect, it } from 'vitest'
import { parseMadt } from '../../../../src/probes/acpi/madt.js'
import { capturedTables, corpusFile, corpusTables } from './corpus.js'
import { disassemble, type IaslField } from './iasl.js'
import { sealed, specifiedTable, table } from './specified-tables.js'
import { hasCaptures, hasCorpus, hasIasl } from '../../../support/outside.js'

const HEAD = '00000000 00000000'
function messages(bytes: Uint8Array): readonly string[] {
  return parseMadt(bytes, 'APIC').diagnostics.map(({ message }) => message)
}

describe('MADT', () => {
  it('the specified table', () => {
    const parsed = parseMadt(specifiedTable('MADT'), 'APIC')
    expect(parsed).toMatchObject({ damaged: false, diagnostics: [], flags: 0, localInterruptControllerAddress: 0 })
    expect(parsed.header).toMatchObject({ revision: 7, length: 128, checksum: 'ok' })
    expect(parsed.entries).toEqual([
      {
        offset: 44,
        length: 24,
        typeCode: 0x0c,
        type: 'gicd',
        gicId: 0,
        baseAddress: 0x8000000n,
        gsiBase: 0,
        version: 3,
      },
      { offset: 68, length: 20, typeCode: 0x0f, type: 'gic-its', flags: 0, translationId: 0, baseAddress: 0x8080000n },
      {
        offset: 88,
        length: 24,
        typeCode: 0x0d,
        type: 'gic-msi-frame',
        frameId: 1,
        baseAddress: 0x8020000n,
        flags: 1,
        spiCount: 64,
        spiBase: 80,
      },
      {
        offset: 112,
        length: 16,
        typeCode: 0x0e,
        type: 'gicr',
        flags: 0,
        baseAddress: 0x80a0000n,
        rangeLength: 0x200000,
      },
    ])
  })

  describe('GICC by length: a field is there only when it lies inside', () => {
    const full = `0000 01000000 02000000 19000000 03000000 17000000 0000000100000000 0000000200000000
      0000000300000000 0000000400000000 19000000 0000000500000000 0001000000000000 07 00 2300 2400 2500 26000000`
    const of = (length: number) => {
      const body = full.replaceAll(/\s/g, '').slice(0, (length - 2) * 2)
      const parsed = parseMadt(table('APIC', `${HEAD} 0b ${length.toString(16)} ${body}`), 'APIC')
      expect(parsed.damaged).toBe(false)
      return parsed.entries[0]
    }
    const acpi50 = {
      offset: 44,
      typeCode: 0x0b,
      type: 'gicc',
      cpuInterfaceNumber: 1,
      processorUid: 2,
      flags: 0x19,
      parkingProtocolVersion: 3,
      performanceGsiv: 23,
      parkedAddress: 0x1000000n,
      gicBaseAddress: 0x2000000n,
    }
    const acpi51 = {
      ...acpi50,
      gicvBaseAddress: 0x3000000n,
      gichBaseAddress: 0x4000000n,
      maintenanceGsiv: 25,
      gicrBaseAddress: 0x5000000n,
      mpidr: 0x100n,
    }
    const acpi60 = { ...acpi51, efficiencyClass: 7, speGsiv: 0x23 }
    const acpi65 = { ...acpi60, trbeGsiv: 0x24 }
    const acpi67 = { ...acpi65, iaffid: 0x25, irsId: 0x26 }
    it.each([
      [40, acpi50],
      [76, acpi51],
      [80, acpi60],
      [82, acpi65],
      [88, acpi67],
    ])('%i bytes', (length, expected) => {
      expect(of(length)).toEqual({ ...expected, length })
    })
  })

  it('GICv5 structures', () => {
    const body = `${HEAD}
      1c 20 01 00 02000000 01000000 00000000 0000002f00000000 0000012f00000000
      1d 10 01 00 03000000 0000022f00000000
      1e 18 0000 03000000 04000000 00000000 0000032f00000000`
    const { entries, damaged } = parseMadt(table('APIC', body, 7), 'APIC')
    expect(damaged).toBe(false)
    expect(entries).toEqual([
      {
        offset: 44,
        length: 32,
        typeCode: 0x1c,
        type: 'gicv5-irs',
        version: 1,
        irsId: 2,
        flags: 1,
        configBase: 0x2f000000n,
        setlpiBase: 0x2f010000n,
      },
      {
        offset: 76,
        length: 16,
        typeCode: 0x1d,
        type: 'gicv5-its-config',
        flags: 1,
        translatorId: 3,
        baseAddress: 0x2f020000n,
      },
      {
        offset: 92,
        length: 24,
        typeCode: 0x1e,
        type: 'gicv5-its-translate',
        linkedTranslatorId: 3,
        translateFrameId: 4,
        baseAddress: 0x2f030000n,
      },
    ])
  })

  it('names x86, RISC-V and LoongArch structures, and passes over what it does not know', () => {
    const body = `${HEAD} 00 08 0100 01000000 01 0c 08 00 0000c0fe 18000000 09 10 0000 00000000 00000000 00000000
      18 04 0000 19 04 0000 1a 04 0000 1b 04 0000 15 04 0000 99 03 00`
    const { entries, damaged } = parseMadt(table('APIC', body), 'APIC')
    expect(damaged).toBe(false)
    expect(entries.map((entry) => (entry.type === 'other' ? entry.name : entry.type))).toEqual([
      'local-apic',
      'io-apic',
      'local-x2apic',
      'rintc',
      'imsic',
      'aplic',
      'plic',
      'loongarch-msi-pic',
      'unknown',
    ])
    expect(entries[1]).toMatchObject({ ioApicId: 8, address: 0xfec00000, gsiBase: 24 })
  })

  it('lengths that cannot be stop the table', () => {
    expect(messages(table('APIC', `${HEAD} 0f 01 0000`))).toEqual([
      'APIC: structure at 0x2c claims 1 bytes, its header alone takes 2; the rest of the table was ignored.',
    ])
    expect(messages(table('APIC', `${HEAD} 0f 14 0000`))).toEqual([
      'APIC: structure at 0x2c claims 20 bytes, the table has 4 left; the rest of the table was ignored.',
    ])
    expect(messages(table('APIC', `${HEAD} 0f 04 0000`))).toEqual([
      'APIC: gic-its structure at 0x2c has 4 bytes, its fields take 16.',
    ])
    expect(messages(table('APIC', `${HEAD} 99 03 00 0f`))).toContain(
      'APIC: 1 bytes are left at 0x2f, too few for the header of a structure.',
    )
  })

  it('cut anywhere is damaged and never throws', () => {
    const whole = specifiedTable('MADT')
    for (let length = 0; length < whole.length; length++) {
      expect(parseMadt(whole.subarray(0, length), 'APIC').damaged, `${length} bytes`).toBe(true)
      expect(() => parseMadt(sealed(whole.subarray(0, Math.max(length, 36))), 'APIC')).not.toThrow()
    }
  })
})

/** Names that iasl prints, against the names of the fields. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gicc: {
    'CPU Interface Number': 'cpuInterfaceNumber',
    'Processor UID': 'processorUid',
    'Flags (decoded below)': 'flags',
    'Parking Protocol Version': 'parkingProtocolVersion',
    'Performance Interrupt': 'performanceGsiv',
    'Parked Address': 'parkedAddress',
    'Base Address': 'gicBaseAddress',
    'Virtual GIC Base Address': 'gicvBaseAddress',
    'Hypervisor GIC Base Address': 'gichBaseAddress',
    'Virtual GIC Interrupt': 'maintenanceGsiv',
    'Redistributor Base Address': 'gicrBaseAddress',
    'ARM MPIDR': 'mpidr',
    'Efficiency Class': 'efficiencyClass',
    'SPE Overflow Interrupt': 'speGsiv',
  },
  gicd: {
    'Local GIC Hardware ID': 'gicId',
    'Base Address': 'baseAddress',
    'Interrupt Base': 'gsiBase',
    Version: 'version',
  },
  'gic-msi-frame': {
    'MSI Frame ID': 'frameId',
    'Base Address': 'baseAddress',
    'Flags (decoded below)': 'flags',
    'SPI Count': 'spiCount',
    'SPI Base': 'spiBase',
  },
  gicr: { 'Base Address': 'baseAddress', Length: 'rangeLength' },
  'gic-its': { 'Translation ID': 'translationId', 'Base Address': 'baseAddress' },
  'io-apic': { 'I/O Apic ID': 'ioApicId', Address: 'address', Interrupt: 'gsiBase' },
}

interface PrintedEntry {
  readonly offset: number
  readonly typeCode: number
  readonly length: number
  readonly fields: readonly IaslField[]
}

function printedEntries(fields: readonly IaslField[]): readonly PrintedEntry[] {
  const starts = fields.flatMap(({ name }, index) => (name === 'Subtable Type' ? [index] : []))
  return starts.map((start, index) => {
    const [type, length, ...rest] = fields.slice(start, starts[index + 1])
    return {
      offset: type?.offset ?? -1,
      typeCode: Number.parseInt(type?.value ?? '', 16),
      length: Number.parseInt(length?.value ?? '', 16),
      fields: rest,
    }
  })
}

const EMPTY = 'aarch64-laptops/lenovo-flex-5g/apic.dat'
const tables = [...corpusTables('APIC'), ...capturedTables('APIC')].filter(({ name }) => name !== EMPTY)
const missing = [!hasCorpus && 'no corpus', !hasCaptures && 'no captures', !hasIasl && 'no iasl'].filter(Boolean)

describe(`MADT as iasl prints it${missing.length > 0 ? ` (${missing.join(', ')})` : ''}`, () => {
  it.skipIf(!hasIasl || tables.length === 0)('the same structures, field by field', () => {
    let structures = 0
    let values = 0
    for (const { name, bytes } of tables) {
      const printed = printedEntries(disassemble(bytes)?.fields ?? [])
      const { entries } = parseMadt(bytes, name)
      const shape = ({ offset, typeCode, length }: PrintedEntry) => [offset, typeCode, length]
      expect(
        entries.map(({ offset, typeCode, length }) => [offset, typeCode, length]),
        name,
      ).toEqual(printed.map(shape))
      structures += entries.length
      for (const [index, entry] of entries.entries()) {
        const record = new Map(Object.entries(entry))
        for (const field of printed[index]?.fields ?? []) {
          const key = NAMES[entry.type]?.[field.name]
          if (key === undefined) continue
          values++
          expect(record.get(key), `${name} 0x${field.offset.toString(16)} ${field.name}`).toEqual(
            field.size === 8 ? BigInt(`0x${field.value}`) : Number.parseInt(field.value, 16),
          )
        }
      }
    }
    console.log(`MADT: ${tables.length} tables, ${structures} structures, ${values} values equal to iasl's`)
    expect(values).toBeGreaterThan(structures)
  })

  it.skipIf(!hasCorpus)('an empty file, and one with a wrong checksum', () => {
    expect(parseMadt(corpusFile(EMPTY), 'APIC')).toMatchObject({ damaged: true, entries: [] })
    expect(messages(corpusFile(EMPTY))[0]).toBe('APIC: the file is empty.')
    const wrong = corpusFile('aarch64-laptops/microsoft-surface-romulus13_and_15/apic.dat')
    expect(messages(wrong)).toEqual(['APIC: the checksum is 0x0, the bytes need 0xb3.'])
    expect(parseMadt(wrong, 'APIC').entries).toHaveLength(14)
  })
})
