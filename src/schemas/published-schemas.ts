import type { z } from 'zod'
import { RULE_CATALOGUE, TERM } from './catalogue-schemas.js'
import { DECODED } from './decode-schema.js'
import { DESCRIPTION } from './description-schema.js'
import { DIFF } from './diff-schema.js'
import { DOCTOR } from './doctor-schema.js'
import { EXPLANATION } from './explanation-schema.js'
import { FLEET, HOST } from './fleet-schema.js'
import { BASELINE, POLICY } from './gate-schema.js'
import { jsonSchema } from './json-schema.js'
import { LINT } from './lint-schema.js'
import { DEVICE_LINE, ERROR_OBJECT, REPORT } from './report-schema.js'
import type { SchemaName } from './schema-names.js'
import { SELFTEST } from './selftest-schema.js'
import { BUNDLE_SUMMARY, CAPTURE_LIST, SELFTEST_LIST, TREE } from './summary-schemas.js'

const SHAPES: Readonly<Record<SchemaName, z.ZodType>> = {
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
  'selftest-list': SELFTEST_LIST,
  'capture-list': CAPTURE_LIST,
  'bundle-summary': BUNDLE_SUMMARY,
  tree: TREE,
  description: DESCRIPTION,
  error: ERROR_OBJECT,
  baseline: BASELINE,
  policy: POLICY,
}

/** JSON Schema 2020-12 of one of the documents; `closed` also refuses fields it does not name, for tests. */
export function jsonSchemaOf(name: SchemaName, closed = false): Readonly<Record<string, unknown>> {
  return jsonSchema(name, SHAPES[name], closed)
}
