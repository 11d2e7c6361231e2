import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { renderNdjson } from '../../../../src/render/formats/ndjson.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { jsonSchemaOf } from '../../../../src/schemas/published-schemas.js'
import { bundledMachines } from '../../../support/machines.js'
import { device, report } from '../report-sample.js'

test('every line is a document of the published schema, and tells what the report tells of its function', async () => {
  const isValid = new Ajv2020({ strict: false }).compile(jsonSchemaOf('device', true))
  for (const { sysroot } of await bundledMachines()) {
    const whole = buildReport(probeMachine(sysroot))
    const lines = renderNdjson(whole).trimEnd().split('\n')
    expect(lines).toHaveLength(whole.devices.length)
    for (const [index, line] of lines.entries()) {
      const document: unknown = JSON.parse(line)
      expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true)
      // A function whose name nobody knows has none in a document.
      const { name, ...told } = { ...whole.devices[index], platform: whole.platform, tool: whole.tool }
      expect(document).toMatchObject(name === undefined ? told : { name, ...told })
    }
  }
})

test('a name cannot break a line or move a cursor', () => {
  const text = renderNdjson(report([device('0000:01:00.0', { driver: 'a\nb\u001b[2J\u202e' })]))
  expect(text.match(/\n/g)).toHaveLength(1)
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(JSON.parse(text)).toMatchObject({ driver: 'a\nb\u001b[2J\u202e' })
})
