import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type { ErrorObject } from '../../../src/cli/errors.js'
import type { DEVICE_LINE, ERROR_OBJECT, REPORT } from '../../../src/schemas/report-schema.js'
import type { EXPLANATION } from '../../../src/schemas/explanation-schema.js'
import type { DeviceExplanation } from '../../../src/report/explain/explanation.js'
import type { LINT } from '../../../src/schemas/lint-schema.js'
import type { LintReport } from '../../../src/report/lint/lint-report.js'
import type { DeviceLine } from '../../../src/render/formats/ndjson.js'
import type { RULE_CATALOGUE, TERM } from '../../../src/schemas/catalogue-schemas.js'
import type { DOCTOR } from '../../../src/schemas/doctor-schema.js'
import type { FLEET, HOST_ERROR, HOST_LINE } from '../../../src/schemas/fleet-schema.js'
import type { DoctorReport } from '../../../src/report/doctor/doctor-report.js'
import type { FleetReport } from '../../../src/report/fleet/fleet-summary.js'
import type { HostError, HostLine } from '../../../src/report/fleet/host-line.js'
import type { DESCRIPTION } from '../../../src/schemas/description-schema.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import type { DIFF } from '../../../src/schemas/diff-schema.js'
import type { CAPTURE_LIST, SELFTEST_LIST, TREE } from '../../../src/schemas/summary-schemas.js'
import type { CaptureList } from '../../../src/cli/capture-list.js'
import type { TreeNote } from '../../../src/cli/write-tree.js'
import type { MachineList } from '../../../src/selftest/machine-list.js'
import type { SELFTEST } from '../../../src/schemas/selftest-schema.js'
import type { RuleCatalogue } from '../../../src/report/catalogue/rule-catalogue.js'
import type { DiffReport } from '../../../src/report/diff/diff-types.js'
import type { TermEntry } from '../../../src/render/terms/terms.js'
import type { SelftestResult } from '../../../src/selftest/run.js'
import type { BASELINE, POLICY } from '../../../src/schemas/gate-schema.js'
import type { BaselineFile } from '../../../src/report/gate/baseline.js'
import type { PolicyFile } from '../../../src/report/gate/policy.js'
import type { Report } from '../../../src/report/types.js'

/** Drops what zod does not carry: `readonly`, that an optional property is never undefined, and bigints, which JSON has not. */
type Plain<T> = T extends bigint
  ? never
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<Exclude<T[Key], undefined>> }
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

test('the schema infers exactly the catalogue of rules', () => {
  expectTypeOf<Plain<z.infer<typeof RULE_CATALOGUE>>>().toEqualTypeOf<Plain<RuleCatalogue>>()
})

test('the schema infers exactly a term', () => {
  expectTypeOf<Omit<Plain<z.infer<typeof TERM>>, 'schema' | 'schemaVersion'>>().toEqualTypeOf<Plain<TermEntry>>()
})

test('the schema infers exactly what differs', () => {
  expectTypeOf<Plain<z.infer<typeof DIFF>>>().toEqualTypeOf<Plain<DiffReport>>()
})

test('the schemas infer exactly what a run sees, a fleet, and its lines', () => {
  expectTypeOf<Plain<z.infer<typeof DOCTOR>>>().toEqualTypeOf<Plain<DoctorReport>>()
  expectTypeOf<Plain<z.infer<typeof FLEET>>>().toEqualTypeOf<Plain<FleetReport>>()
  expectTypeOf<Plain<z.infer<typeof HOST_LINE>>>().toEqualTypeOf<Plain<HostLine>>()
  expectTypeOf<Plain<z.infer<typeof HOST_ERROR>>>().toEqualTypeOf<Plain<HostError>>()
})

test('the schema infers exactly the result of the self-test', () => {
  expectTypeOf<Plain<z.infer<typeof SELFTEST>>>().toEqualTypeOf<Plain<SelftestResult>>()
})

test('the schema infers exactly the error object', () => {
  expectTypeOf<Plain<z.infer<typeof ERROR_OBJECT>>>().toEqualTypeOf<Plain<ErrorObject>>()
})

test('the schemas infer exactly what commands say of what they wrote or have', () => {
  expectTypeOf<Plain<z.infer<typeof CAPTURE_LIST>>>().toEqualTypeOf<Plain<CaptureList>>()
  expectTypeOf<Plain<z.infer<typeof TREE>>>().toEqualTypeOf<Plain<TreeNote>>()
  expectTypeOf<Plain<z.infer<typeof SELFTEST_LIST>>>().toEqualTypeOf<Plain<MachineList>>()
})

test('the schema infers exactly the description of a machine', () => {
  expectTypeOf<Plain<z.infer<typeof DESCRIPTION>>>().toEqualTypeOf<Plain<MachineDescription>>()
})

test('the schemas infer exactly the files that say what is good enough', () => {
  expectTypeOf<Plain<z.infer<typeof POLICY>>>().toEqualTypeOf<Plain<PolicyFile>>()
  expectTypeOf<Plain<z.infer<typeof BASELINE>>>().toEqualTypeOf<Plain<BaselineFile>>()
})
