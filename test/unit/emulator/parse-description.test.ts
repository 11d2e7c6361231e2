import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../src/shapes/json-schema.js'
import { Mistakes } from '../../../src/shapes/mistakes.js'
import { checkSchema } from '../../../src/shapes/schema-check.js'
import { DESCRIPTION } from '../../../src/schemas/description-schema.js'
import { DESCRIPTION_SCHEMA, parseDescription, schemaOfSource } from '../../support/descriptions.js'

describe('errors of a description', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(DESCRIPTION_SCHEMA)
  const fine = {
    name: 'machine',
    architecture: 'arm64',
    firmware: 'acpi',
    kernel: { release: '6.12.0' },
    iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000' }],
    msiControllers: [{ name: 'its', type: 'its', address: 0x8080000 }],
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [{ address: '00:01.0', id: '8086:10d3' }] }],
  }
  const [complex] = fine.rootComplexes
  const [fn] = complex?.functions ?? []
  const errorsOf = (json: unknown): string[] => {
    const parsed = parseDescription(json)
    return parsed.ok ? [] : parsed.errors.map(({ path, message }) => `${path}: ${message}`)
  }

  it('are none for a sound one', () => {
    expect(errorsOf(fine)).toEqual([])
    expect([validate(fine), DESCRIPTION.safeParse(fine).success]).toEqual([true, true])
  })

  it.each([
    [7, ['(description): expected an object, found 7']],
    [
      { ...fine, architecture: 'arm', kernel: {} },
      [
        'architecture: expected one of arm64, x86_64, riscv64, s390x, found "arm"',
        'kernel.release: expected a value, found nothing',
      ],
    ],
    [{ ...fine, rootComplexes: 1 }, ['rootComplexes: expected a list, found 1']],
    [
      { ...fine, rootComplexes: [{ ...complex, functions: [{ ...fn, address: '00:40.0' }] }] },
      ['rootComplexes[0].functions[0].address: expected a PCI address such as 00:02.0, found "00:40.0"'],
    ],
    [
      { ...fine, rootComplexes: [{ ...complex, functions: [{ ...fn, functions: [{ id: '8086:10d3' }] }] }] },
      ['rootComplexes[0].functions[0].functions[0].address: expected a value, found nothing'],
    ],
    [{ ...fine, cpus: 0 }, ['cpus: expected at least 1, found 0']],
    [
      { ...fine, kernel: { release: '6.12.0', parameters: { '../x.y': 'Y' } } },
      ['kernel.parameters.../x.y: expected module.parameter, found "../x.y"'],
    ],
    [
      { ...fine, faults: [{ remove: 'sys/../../etc' }] },
      ['faults[0].remove: expected a path without leading slash and without .., found "sys/../../etc"'],
    ],
    [
      { ...fine, acpi: { iort: { nodes: [{ type: 'smmuv9' }] } } },
      [
        'acpi.iort.nodes[0].type: expected one of its-group, named-component, root-complex, smmu, smmuv3, pmcg, rmr, iwb, raw, found "smmuv9"',
      ],
    ],
    [
      { ...fine, acpi: { iort: { nodes: [{ type: 'root-complex', mappings: [{ output: 'a', idcount: 1 }] }] } } },
      [
        'acpi.iort.nodes[0].mappings[0].idcount: is no property here; these are: output, inputBase, ids, idCount, outputBase, singleMapping, flags',
      ],
    ],
    [
      { ...fine, iommus: [{ name: 'smmu', type: 'smmuv3', address: '9050000h' }] },
      ['iommus[0].address: expected hexadecimal text such as 0x9050000, found "9050000h"'],
    ],
  ])('say where, what was expected and what was found (%#)', (json, expected) => {
    expect(errorsOf(json)).toEqual(expected)
    expect([validate(json), DESCRIPTION.safeParse(json).success]).toEqual([false, false])
  })

  it.each([
    [
      { ...fine, rootComplexes: [{ ...complex, iommu: 'smu' }] },
      'rootComplexes[0].iommu: expected the name of an IOMMU (there are smmu), found "smu"',
    ],
    [
      { ...fine, msiControllers: [{ ...fine.msiControllers[0], name: 'smmu' }] },
      'msiControllers[0].name: "smmu" is taken',
    ],
    [
      { ...fine, rootComplexes: [{ ...complex, functions: [fn, fn] }] },
      'rootComplexes[0].functions[1].address: 0000:00:01.0 is described already',
    ],
    [
      { ...fine, iommus: [{ name: 'smmu', type: 'smmuv3' }] },
      'iommus[0].address: expected a register base, found nothing',
    ],
    [{ ...fine, deviceTree: {} }, 'deviceTree: the firmware is acpi'],
    [{ ...fine, architecture: 'riscv64' }, 'firmware: expected devicetree for riscv64, found "acpi"'],
    [
      { ...fine, acpi: { iort: { nodes: [{ type: 'root-complex', mappings: [{ output: 'gone' }] }] } } },
      'acpi: IORT: no node is named "gone"',
    ],
    [
      { ...fine, firmware: 'devicetree', deviceTree: { nodes: { x: { properties: { p: ['&gone'] } } } } },
      'deviceTree: device tree: no node has the label "&gone"',
    ],
    [{ ...fine, faults: [{ remove: 'sys/nothing' }] }, 'faults: fault: the machine has no sys/nothing'],
    [
      {
        ...fine,
        rootComplexes: [
          {
            ...complex,
            functions: [
              { ...fn, sriov: { total: 8, enabled: 1, firstOffset: 8 } },
              { ...fn, address: '00:02.0' },
            ],
          },
        ],
      },
      'rootComplexes: 0000:00:02.0 is described twice',
    ],
  ])('name what nothing has, and what does not go together (%#)', (json, expected) => {
    expect(errorsOf(json)).toContain(expected)
    expect(validate(json), 'the shape itself is right').toBe(true)
  })

  it.each([
    [
      { sriov: { total: 60_000, enabled: 60_000 } },
      2,
      'rootComplexes: expected at most 32768 PCI functions, found 60001',
    ],
    [
      { sriov: { total: 60, enabled: 60, msix: 2048 } },
      2,
      'rootComplexes: expected at most 65536 vectors in use, found 122880',
    ],
    [{ msix: 2048 }, 4096, 'cpus: with 2048 vectors /proc/interrupts has 92438528 bytes, more than 16777216'],
  ])('refuse what a few words make more than a machine (%#)', (part, cpus, expected) => {
    expect(errorsOf({ ...fine, cpus, rootComplexes: [{ ...complex, functions: [{ ...fn, ...part }] }] })).toContain(
      expected,
    )
  })

  it('are bounded for hostile input', () => {
    let nested: unknown = { address: '00:01.0', id: '8086:10d3' }
    for (let depth = 0; depth < 5000; depth++) nested = { address: '00:01.0', id: '8086:10d3', functions: [nested] }
    expect(errorsOf({ ...fine, rootComplexes: [{ functions: [nested] }] })).toHaveLength(1)
    const long = 'a'.repeat(1_000_000)
    const many = Array.from({ length: 100_000 }, (_, index) => `its${index}`)
    const named = many.map((name) => ({ name, type: 'its' }))
    const hostile: readonly Readonly<Record<string, unknown>>[] = [
      { ...fine, iommus: many },
      { ...fine, [long]: 1, name: `/${long}`, kernel: { release: '6', parameters: { [long]: long } } },
      { ...fine, acpi: { tables: { SSDT1: '00'.repeat(8_000_000) } } },
      { ...fine, faults: [{ remove: 'a/'.repeat(5_000_000) }] },
      { ...fine, msiControllers: named, rootComplexes: many.map((name) => ({ msi: `no-${name}`, functions: [] })) },
      { ...fine, iommus: [{ name: long, type: 'smmuv3' }], rootComplexes: [{ iommu: 'x', functions: [] }] },
    ]
    for (const json of hostile) {
      const errors = errorsOf(json)
      expect(errors.length).toBeLessThanOrEqual(20)
      for (const error of errors) expect(error.length).toBeLessThan(1000)
    }
  })

  it('come of every keyword that the published schemas of files that are read have', () => {
    const KNOWN: ReadonlySet<string> = new Set<keyof JsonSchema>([
      ...([
        '$schema',
        '$id',
        '$ref',
        '$defs',
        'title',
        'description',
        'type',
        'const',
        'enum',
        'pattern',
        'format',
      ] as const),
      ...(['maxLength', 'minimum', 'maximum', 'properties', 'required', 'additionalProperties'] as const),
      ...(['propertyNames', 'items', 'prefixItems', 'minItems', 'maxItems', 'anyOf'] as const),
    ])
    const unknown = new Set<string>()
    const visit = (schema: JsonSchema): void => {
      for (const keyword of Object.keys(schema)) if (!KNOWN.has(keyword)) unknown.add(keyword)
      const { $defs = {}, properties = {}, anyOf = [], prefixItems = [] } = schema
      const parts = [...Object.values($defs), ...Object.values(properties), ...anyOf, ...prefixItems]
      for (const part of [...parts, schema.items, schema.additionalProperties, schema.propertyNames]) {
        if (typeof part === 'object') visit(part)
      }
    }
    for (const name of ['description', 'policy', 'baseline'] as const) visit(schemaOfSource(name))
    expect([...unknown]).toEqual([])
  })
})

/** What a hand that slips makes of a description: a part gone, another in its place, a property more. */
describe('broken descriptions', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(DESCRIPTION_SCHEMA)
  const DIRECTORY = new URL('../../fixtures/descriptions/', import.meta.url)
  const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json'))
  const NUMBERS = [0, -1, 64, 65_536, 2 ** 32, 1.5]
  const TEXTS = ['', 'x', '0x10', '0x', '00:01.0', '..', 'raw', '00 1']
  const OBJECTS = [{}, { type: 'raw' }, { bytes: '00' }, { remove: 'a', text: '' }, { start: 0 }]
  const VALUES: readonly unknown[] = [true, null, [], [0, 'x'], [[1, 2]], ...NUMBERS, ...TEXTS, ...OBJECTS]
  type Holder = Record<string | number, unknown>
  const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null
  function placesOf(value: unknown): readonly (readonly [holder: Holder, key: string])[] {
    if (!isHolder(value)) return []
    return Object.keys(value).flatMap((key) => [[value, key] as const, ...placesOf(value[key])])
  }

  it('are refused by the checker, by ajv and by the shape itself alike', () => {
    let [state, taken, refused] = [20_261_129, 0, 0]
    const draw = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    for (const name of names) {
      const text = readFileSync(new URL(name, DIRECTORY), 'utf8')
      for (let time = 0; time < 12; time++) {
        const json: unknown = JSON.parse(text)
        const places = placesOf(json)
        const [holder = {}, key = ''] = places[draw(places.length)] ?? []
        const value = VALUES[draw(VALUES.length)]
        const [, other = ''] = places[draw(places.length)] ?? []
        if (time % 3 === 0) delete holder[key]
        else holder[time % 3 === 1 ? key : other] = value
        const mistakes = new Mistakes('description')
        checkSchema(DESCRIPTION_SCHEMA, json, mistakes)
        const answers = [mistakes.isEmpty, validate(json), DESCRIPTION.safeParse(json).success]
        expect(new Set(answers).size, `${name} ${key}: ${JSON.stringify(value)}: ${answers.join(' ')}`).toBe(1)
        if (mistakes.isEmpty) taken++
        else refused++
      }
    }
    expect(taken).toBeGreaterThan(20)
    expect(refused).toBeGreaterThan(100)
  })
})
