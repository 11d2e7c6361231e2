import type { z } from 'zod'
import { RULE_CATALOGUE, TERM } from './catalogue-schemas.js'
import { DECODED } from './decode-schema.js'
import { DIFF } from './diff-schema.js'
import { DOCTOR } from './doctor-schema.js'
import { EXPLANATION } from './explanation-schema.js'
import { FLEET, HOST } from './fleet-schema.js'
import { BASELINE, POLICY } from './gate-schema.js'
import { jsonSchema } from './json-schema.js'
import { LINT } from './lint-schema.js'
import { DEVICE_LINE, ERROR_OBJECT, REPORT } from './schema.js'
import type { SchemaName } from './schema-names.js'
import { SELFTEST } from './selftest-schema.js'

/** Of the description of a machine the emulator has its own. */
type DocumentName = Exclude<SchemaName, 'description'>

const SHAPES: Readonly<Record<DocumentName, z.ZodType>> = {
  report: REPORT,
  device: DEVICE_LINE,
  explanation: EXPLANATION,
  lint: LINT,
  diff: DIFF,
  doctor: DOCTOR,
  fleet: FLEET,
  host: HOST,
  decode: DECODED,
  rules: RULE_CATALOGUE,
  term: TERM,
  selftest: SELFTEST,
  error: ERROR_OBJECT,
  baseline: BASELINE,
  policy: POLICY,
}

/** JSON Schema 2020-12 of one of the documents; `closed` also refuses fields it does not name, for tests. */
export function jsonSchemaOf(name: DocumentName, closed = false): Readonly<Record<string, unknown>> {
  return jsonSchema(name, SHAPES[name], closed)
}
