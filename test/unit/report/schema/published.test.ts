import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { decodeFirmware, firmwareDocuments, openBundledMachine, ruleCatalogue, rules } from '../../../../src/index.js'
import { termNamed } from '../../../../src/render/terms/terms.js'
import { jsonSchemaOf } from '../../../../src/report/schema/published-schemas.js'
import { SCHEMA_NAMES } from '../../../../src/report/schema/schema-names.js'
import { runSelftest } from '../../../../src/selftest/run.js'

const errorsOf = (name: Parameters<typeof jsonSchemaOf>[0], document: unknown) => {
  const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
    jsonSchemaOf(name, true),
  )
  return validate(JSON.parse(JSON.stringify(document))) ? [] : (validate.errors ?? [])
}

describe('schemas beside those of reports take what is printed', () => {
  test('the rules', () => {
    const catalogue = ruleCatalogue(rules)
    expect(errorsOf('rules', catalogue)).toEqual([])
    expect(errorsOf('rules', { ...catalogue, rules: [{ ...catalogue.rules[0], severity: 'bad' }] })).not.toEqual([])
  })

  test.each(['ITS', 'isolated', 'EPERM', 'no-iommu'])('the term %s', (name) => {
    const term = { schema: 'intremap/term', schemaVersion: '1.0.0', ...termNamed(name) }
    expect(errorsOf('term', term)).toEqual([])
    expect(errorsOf('term', { ...term, means: 1 })).not.toEqual([])
  })

  test.each(['arm-v3its-smmu-acpi-612', 'rk3588-rock-5b', 'x86-amd-ir-612', 'x86-intel-ir-612', 'x86-viommu-612'])(
    'firmware of %s, decoded',
    async (name) => {
      const { sysroot } = await openBundledMachine(name)
      const { documents } = decodeFirmware(firmwareDocuments({ kind: 'machine', sysroot }))
      const printed = documents.map((one) => (one.kind === 'acpi' ? one.json : one.tree))
      expect(printed.length).toBeGreaterThan(0)
      expect(errorsOf('decode', printed)).toEqual([])
      expect(errorsOf('decode', printed[0])).toEqual([])
      expect(errorsOf('decode', { ...printed[0], diagnostics: 'none' })).not.toEqual([])
    },
  )

  test('the self-test', async () => {
    const result = await runSelftest(['rk3588-rock-5b', 'arm-v3its-topo-dt-72'])
    expect(errorsOf('selftest', result)).toEqual([])
    expect(errorsOf('selftest', { ...result, exitCode: 3 })).not.toEqual([])
  })
})

test.each(SCHEMA_NAMES)('the build writes %s', (name) => {
  const path = new URL(`../../../../dist/schemas/${name}.json`, import.meta.url)
  const written: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (name === 'description') expect(written).toMatchObject({ title: 'Machine description of the intremap emulator' })
  else expect(written).toEqual(jsonSchemaOf(name))
})
