import { describe, expect, it } from 'vitest'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { capturedTables, corpusFile, corpusTables } from './corpus.js'
import { disassemble, type IaslField } from './iasl.js'
import { hasCaptures, hasCorpus, hasIasl } from '../../../support/outside.js'

/** Files of the corpus that were damaged before they were published; their own test is below. */
const DAMAGED = [
  'aarch64-laptops/microsoft-surface-pro-12-in/iort.dat',
  'aarch64-laptops/microsoft-surface-romulus13_and_15/iort.dat',
]

/** node offset, input base, count field, output base, reference, single flag */
type MappingRow = readonly [number, number, number, number, number, number]

/** The mappings that iasl prints, each with the node whose `Type` line came before it. */
function printedMappings(fields: readonly IaslField[]): readonly MappingRow[] {
  const rows: MappingRow[] = []
  let node = 0
  for (const [index, { name, offset, size }] of fields.entries()) {
    if (name === 'Type' && size === 1) node = offset
    if (name !== 'Input base') continue
    const group = fields.slice(index, index + 6)
    const value = (wanted: string) => Number.parseInt(group.find((field) => field.name === wanted)?.value ?? 'NaN', 16)
    rows.push([
      node,
      value('Input base'),
      value('ID Count'),
      value('Output Base'),
      value('Output Reference'),
      value('Single Mapping'),
    ])
  }
  return rows
}

function parsedMappings(bytes: Uint8Array, before: number): readonly MappingRow[] {
  return parseIort(bytes, 'IORT')
    .nodes.filter((node) => node.offset < before)
    .flatMap((node) =>
      node.mappings.map((mapping): MappingRow => {
        const { inputBase, idCount, outputBase, outputReference, singleMapping } = mapping
        return [node.offset, inputBase, idCount, outputBase, outputReference, singleMapping ? 1 : 0]
      }),
    )
}

const tables = [...corpusTables('IORT'), ...capturedTables('IORT')].filter(({ name }) => !DAMAGED.includes(name))
const missing = [!hasCorpus && 'no corpus', !hasCaptures && 'no captures', !hasIasl && 'no iasl'].filter(Boolean)

describe(`IORT as iasl prints it${missing.length > 0 ? ` (${missing.join(', ')})` : ''}`, () => {
  it.skipIf(!hasIasl || tables.length === 0)('the same mapping lists', () => {
    let mappings = 0
    const cut: string[] = []
    for (const { name, bytes } of tables) {
      const printed = disassemble(bytes)
      expect(printed, name).toBeDefined()
      const unknownAt = printed?.unknownNodeAt ?? Number.POSITIVE_INFINITY
      const expected = printedMappings(printed?.fields ?? [])
      expect(parsedMappings(bytes, unknownAt), name).toEqual(expected)
      expect(parseIort(bytes, name).damaged, name).toBe(false)
      mappings += expected.length
      if (unknownAt !== Number.POSITIVE_INFINITY) cut.push(`${name} from 0x${unknownAt.toString(16)}`)
    }
    console.log(`IORT: ${tables.length} tables, ${mappings} mappings equal to iasl's; iasl stops in: ${cut.join(', ')}`)
    expect(mappings).toBeGreaterThan(0)
  })

  it.skipIf(!hasCorpus)('orion-o6: the RMR node that iasl does not know, read by hand', () => {
    const { nodes } = parseIort(corpusFile('orion-o6/radxa-orion-o6/iort.dat'), 'IORT')
    const memory = nodes.find(({ offset }) => offset === 0x9e0)
    expect(nodes.at(-1)).toBe(memory)
    expect(memory).toMatchObject({ type: 'rmr', revision: 3, length: 0xf8, flags: 0x11, mappingCount: 10 })
    expect(memory).toMatchObject({ descriptors: [{ base: 0x84800000n, length: 0x800000n }] })
    expect(memory?.mappings.map((mapping) => ({ ...mapping, offset: 0 }))).toEqual(
      [0, 1, 6, 7, 0xc, 0xd, 0x12, 0x13, 0x18, 0x19].map((outputBase) => ({
        offset: 0,
        inputBase: 0,
        idCount: 0,
        outputBase,
        outputReference: 0xdc,
        singleMapping: true,
      })),
    )
  })
})

describe.skipIf(!hasCorpus)(`damaged tables of the corpus${hasCorpus ? '' : ' (no corpus)'}`, () => {
  it('bytes above 0x7f replaced: the header is readable, the rest is not', () => {
    const parsed = parseIort(corpusFile('aarch64-laptops/microsoft-surface-pro-12-in/iort.dat'), 'IORT')
    expect(parsed.damaged).toBe(true)
    expect(parsed.diagnostics.map(({ message }) => message)).toEqual([
      'IORT: the header claims 347979759 bytes, the file has 5752.',
      expect.stringMatching(/^IORT: \d+ times the bytes ef bf bd \(U\+FFFD\): the table was stored as text once/),
      'IORT: the table ends at 0x1e0000, after 0 of 85327 nodes.',
    ])
  })

  it('a wrong checksum: everything is read, and the table counts as damaged', () => {
    const parsed = parseIort(corpusFile('aarch64-laptops/microsoft-surface-romulus13_and_15/iort.dat'), 'IORT')
    expect(parsed.damaged).toBe(true)
    expect(parsed.diagnostics).toEqual([
      { path: 'IORT', offset: 9, message: 'IORT: the checksum is 0x0, the bytes need 0x93.', harmless: 'checksum' },
    ])
    expect(parsed.nodes).toHaveLength(29)
    const sound = parseIort(corpusFile('aarch64-laptops/microsoft-surface-pro-11/iort.dat'), 'IORT')
    expect(parsed.nodes.map(({ offset, type }) => [offset, type])).toEqual(
      sound.nodes.map(({ offset, type }) => [offset, type]),
    )
  })
})
