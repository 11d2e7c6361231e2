import { describe, expect, it } from 'vitest'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { bytesOfHex, sealed, specifiedTable, table } from './specified-tables.js'

function messages(bytes: Uint8Array): readonly string[] {
  return parseIort(bytes, 'IORT').diagnostics.map(({ message }) => message)
}

const mappingsOf = (bytes: Uint8Array) => parseIort(bytes, 'IORT').nodes.flatMap(({ mappings }) => mappings)

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

  it('bytes that add up are no sound checksum of a table that is not whole', () => {
    const cut = Uint8Array.from(a.subarray(0, a.length - 4))
    const sum = cut.reduce((total, byte) => (total + byte) & 0xff, 0)
    cut[9] = ((cut[9] ?? 0) - sum) & 0xff
    expect(parseIort(cut, 'IORT').header.checksum).toBe('bad')
    expect(parseIort(a, 'IORT').header.checksum).toBe('ok')
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
    expect(mappingsOf(longer)).toHaveLength(2)
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
    expect(mappingsOf(bytes)).toHaveLength(2)
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
