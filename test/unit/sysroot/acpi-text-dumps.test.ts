import { describe, expect, it } from 'vitest'
import { parseIort } from '../../../src/probes/acpi/iort.js'
import { extractTables } from '../../../src/sysroot/acpi-text-dumps.js'
import { corpusFile } from '../probes/acpi/corpus.js'
import { disassemble } from '../probes/acpi/iasl.js'
import { specifiedTable } from '../probes/acpi/specified-tables.js'
import { hasCorpus, hasIasl } from '../../support/outside.js'

const extract = (text: string) => extractTables(Buffer.from(text, 'latin1'), 'dump')
const found = (text: string) => extract(text).tables.map(({ signature, bytes }) => [signature, bytes.length])
const messages = (text: string) => extract(text).diagnostics.map(({ message }) => message)

/** Lines as acpidump writes them, with a text column that looks like bytes. */
function rows(bytes: Uint8Array, separator = ': ', text = '41 42 43 44'): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const columns = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
    lines.push(`    ${at.toString(16).padStart(4, '0')}${separator}${columns.join(' ').padEnd(47)}  ${text}`)
  }
  return lines.join('\n')
}

describe('extractTables', () => {
  const a = specifiedTable('A')

  it('a binary table is handed on whole, whatever it claims', () => {
    expect(extractTables(a, 'x')).toEqual({
      format: 'binary',
      tables: [{ signature: 'IORT', bytes: a }],
      diagnostics: [],
    })
    const cut = a.subarray(0, 40)
    expect(extractTables(cut, 'x').tables[0]?.bytes).toBe(cut)
  })

  it('acpidump text: addresses, several tables, either line ending, text that looks like bytes', () => {
    const text = `IORT @ 0x00000000F7E40018\n${rows(a)}\n\nAPIC @ 0x0000000000000000\n${rows(specifiedTable('MADT'))}\n`
    for (const variant of [text, text.replaceAll('\n', '\r\n'), text.trimEnd()]) {
      const { format, tables, diagnostics } = extract(variant)
      expect(format).toBe('hexadecimal-text')
      expect(diagnostics).toEqual([])
      expect(tables).toEqual([
        { signature: 'IORT', bytes: a, address: 0xf7e40018n },
        { signature: 'APIC', bytes: specifiedTable('MADT') },
      ])
    }
  })

  it('a line that is missing ends its table, and the next table is read', () => {
    const lines = rows(a).split('\n')
    lines.splice(3, 1)
    const text = `IORT @ 0x0\n${lines.join('\n')}\n\nAPIC @ 0x0\n${rows(specifiedTable('MADT'))}`
    expect(found(text)).toEqual([
      ['IORT', 48],
      ['APIC', 128],
    ])
    expect(messages(text)).toEqual(['a line for offset 0x40 follows 48 bytes; the rest of the table was ignored.'])
    expect(parseIort(extract(text).tables[0]?.bytes ?? a, 'dump').damaged).toBe(true)
  })

  it('claims of the text are compared with the bytes, never trusted', () => {
    const text = `Address  : 0x101F86DF098\nLength   : 4000000000\n  \n${rows(a, ' : ')}`
    expect(extract(text).tables).toEqual([{ signature: 'IORT', bytes: a, address: 0x101f86df098n }])
    expect(messages(text)).toEqual(['IORT: the text claims 4000000000 bytes and has 220.'])
    expect(messages(`DSDT @ 0x0\n${rows(a)}`)).toEqual(['the table is titled DSDT, its bytes say IORT.'])
    expect(found(`0000: 00 01 02 03`)).toEqual([])
    expect(messages(`0000: 00 01 02 03`)[0]).toBe(
      'the bytes here begin with "\\x00\\x01\\x02\\x03", which is no table signature.',
    )
  })

  it('input that is no table says so', () => {
    expect(extractTables(new Uint8Array(), 'x').diagnostics).toEqual([
      { path: 'x', offset: 0, message: 'the input is empty.' },
    ])
    expect(messages('hello')).toEqual([
      'no table: neither a binary table nor text of acpidump, iasl, acpiview, xxd or hexdump.',
    ])
    expect(messages('\0\x01\x1b[2J')).toEqual(['"\\x00\\x01\\x1b[" is no table signature, and the input is no text.'])
  })

  it('stays linear on hostile text', () => {
    const blanks = ' '.repeat(1_000_000)
    expect(found(`${blanks}\n0000:${blanks}\n${'0'.repeat(1_000_000)}`)).toEqual([])
    const many = extract('0000: 41 41 41 41\n'.repeat(50_000))
    expect(many.tables.length).toBeLessThanOrEqual(1024)
    expect(many.diagnostics.length).toBeLessThanOrEqual(256)
  })

  it('does not depend on bytes around the input', () => {
    const text = Buffer.from(`IORT @ 0x0\n${rows(a)}`)
    const large = new Uint8Array(text.length + 64).fill(0x30)
    large.set(text, 32)
    expect(extractTables(large.subarray(32, 32 + text.length), 'dump')).toEqual(extractTables(text, 'dump'))
  })

  it.skipIf(!hasIasl)(`the raw table data of an iasl listing${hasIasl ? '' : ' (no iasl)'}`, () => {
    const listing = disassemble(a)?.text ?? ''
    const { tables, diagnostics } = extract(listing)
    expect(diagnostics).toEqual([])
    expect(tables).toEqual([{ signature: 'IORT', bytes: a }])
  })
})

describe.skipIf(!hasCorpus)(`dumps of the corpus${hasCorpus ? '' : ' (no corpus)'}`, () => {
  const text = (name: string) => extractTables(corpusFile(name), name)

  it('acpidump of a HoneyComb: the same tables that acpixtract made of it', () => {
    const { tables, diagnostics } = text('niyas-sait-acpi/honeycomb-lx2160a/acpidump.txt')
    expect(diagnostics).toEqual([])
    expect(tables.map(({ signature }) => signature)).toEqual(
      expect.arrayContaining(['MCFG', 'GTDT', 'APIC', 'IORT', 'DSDT']),
    )
    for (const [signature, file] of [
      ['IORT', 'iort'],
      ['APIC', 'apic'],
      ['MCFG', 'mcfg'],
    ] as const) {
      const bytes = tables.find((table) => table.signature === signature)?.bytes
      expect(bytes).toEqual(corpusFile(`niyas-sait-acpi/honeycomb-lx2160a/${file}.dat`))
    }
    for (const { signature, bytes } of tables) {
      expect(new DataView(bytes.buffer).getUint32(4, true), signature).toBe(bytes.length)
    }
  })

  it('acpiview of SBSA-ref: the same tables as its binary files', () => {
    const folder = 'sbsa-ref-acpiview/edk2-2024-10-14'
    expect(text(`${folder}/acpiview-excerpt.txt`)).toEqual({
      format: 'hexadecimal-text',
      diagnostics: [],
      tables: [
        { signature: 'IORT', address: 0x101f86df098n, bytes: corpusFile(`${folder}/iort.dat`) },
        { signature: 'APIC', address: 0x101f86df898n, bytes: corpusFile(`${folder}/apic.dat`) },
      ],
    })
  })

  it('x86 dumps: every table as long as it says', () => {
    for (const name of ['linuxhw-acpi/intel-t3500-dmar/acpidump.txt', 'linuxhw-acpi/amd-990xa-ivrs/acpidump.txt']) {
      const { tables, diagnostics } = text(name)
      expect(diagnostics).toEqual([])
      expect(tables).toHaveLength(3)
      for (const { bytes } of tables) expect(new DataView(bytes.buffer).getUint32(4, true)).toBe(bytes.length)
    }
  })
})
