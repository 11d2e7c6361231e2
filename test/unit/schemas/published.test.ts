import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import {
  buildReport,
  captureMachine,
  decodeFirmware,
  doctorReport,
  emulatedMachines,
  firmwareDocuments,
  openBundledMachine,
  probeMachine,
  ruleCatalogue,
  rules,
} from '../../../src/index.js'
import { FleetCounter } from '../../../src/report/fleet/fleet-summary.js'
import { hostError, hostLine } from '../../../src/report/fleet/host-line.js'
import { termNamed } from '../../../src/render/terms/terms.js'
import { jsonSchemaOf } from '../../../src/schemas/published-schemas.js'
import { SCHEMA_NAMES } from '../../../src/schemas/schema-names.js'
import { captureList } from '../../../src/cli/capture-list.js'
import { listMachines } from '../../../src/selftest/machine-list.js'
import { runSelftest } from '../../../src/selftest/run.js'
import { readSources } from '../../support/sources.js'

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

  test('what a run sees, a fleet and its lines', async () => {
    const { sysroot } = await openBundledMachine('rk3588-rock-5b')
    const machine = probeMachine(sysroot)
    const doctor = doctorReport(machine, { node: 'v22.0.0', root: true, dtc: undefined })
    expect(errorsOf('doctor', doctor)).toEqual([])
    expect(errorsOf('doctor', { ...doctor, exitCode: 1 })).not.toEqual([])
    const [line, error] = [hostLine('a.tar.gz', buildReport(machine)), hostError('b', 'damaged')]
    expect([...errorsOf('host', line), ...errorsOf('host', error)]).toEqual([])
    expect(errorsOf('host', { ...line, devices: 1 })).not.toEqual([])
    const counter = new FleetCounter()
    for (const host of [line, error]) counter.add(host)
    expect(errorsOf('fleet', counter.report())).toEqual([])
  })

  test('the self-test', async () => {
    const result = await runSelftest(['rk3588-rock-5b', 'arm-v3its-topo-dt-72'])
    expect(errorsOf('selftest', result)).toEqual([])
    expect(errorsOf('selftest', { ...result, exitCode: 3 })).not.toEqual([])
  })
})

test('lists: of bundled machines, and of what a capture holds', async () => {
  const [name = ''] = emulatedMachines()
  expect(errorsOf('selftest-list', await listMachines([name]))).toEqual([])
  const { sysroot } = await openBundledMachine(name)
  const list = captureList(captureMachine(sysroot, probeMachine))
  expect(list.files.length).toBeGreaterThan(10)
  expect(errorsOf('capture-list', list)).toEqual([])
  expect(errorsOf('capture-list', { ...list, source: { ...list.source, inputs: [] } })).not.toEqual([])
})

/** What bundles have inside. */
const UNPUBLISHED: ReadonlySet<string> = new Set(['bundle'])

test('every document that the source names has a schema', () => {
  const names = [...readSources().values()].flatMap((text) =>
    [...text.matchAll(/'intremap\/([a-z-]+)'/g)].map(([, name = '']) => name),
  )
  expect(names.length).toBeGreaterThan(30)
  const published: ReadonlySet<string> = new Set(SCHEMA_NAMES)
  expect([...new Set(names)].filter((name) => !published.has(name) && !UNPUBLISHED.has(name))).toEqual([])
})

test.each(SCHEMA_NAMES)('the build writes %s', (name) => {
  const path = new URL(`../../../dist/schemas/${name}.json`, import.meta.url)
  const written: unknown = JSON.parse(readFileSync(path, 'utf8'))
  expect(written).toEqual(jsonSchemaOf(name))
})
