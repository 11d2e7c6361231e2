import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type { ErrorObject } from '../../../../src/cli/errors.js'
import type { DEVICE_LINE, ERROR_OBJECT, REPORT } from '../../../../src/report/schema/schema.js'
import type { EXPLANATION } from '../../../../src/report/schema/explanation-schema.js'
import type { DeviceExplanation } from '../../../../src/report/explain/explanation.js'
import type { LINT } from '../../../../src/report/schema/lint-schema.js'
import type { LintReport } from '../../../../src/report/lint/lint-report.js'
import type { DeviceLine } from '../../../../src/render/formats/ndjson.js'
import type { Report } from '../../../../src/report/types.js'

/** Drops `readonly` of properties, which zod does not carry; arrays stay read-only on both sides. */
type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T

// A difference is a compile error: `npm run types` is the test.
test('the schema infers exactly the report type', () => {
  expectTypeOf<Plain<z.infer<typeof REPORT>>>().toEqualTypeOf<Plain<Report>>()
})

test('the schema infers exactly the line of a device', () => {
  expectTypeOf<Plain<z.infer<typeof DEVICE_LINE>>>().toEqualTypeOf<Plain<DeviceLine>>()
})

test('the schema infers exactly the lint report', () => {
  expectTypeOf<Plain<z.infer<typeof LINT>>>().toEqualTypeOf<Plain<LintReport>>()
})

test('the schema infers exactly the explanation', () => {
  expectTypeOf<Plain<z.infer<typeof EXPLANATION>>>().toEqualTypeOf<Plain<DeviceExplanation>>()
})

test('the schema infers exactly the error object', () => {
  expectTypeOf<Plain<z.infer<typeof ERROR_OBJECT>>>().toEqualTypeOf<Plain<ErrorObject>>()
})
