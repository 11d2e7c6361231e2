import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parseBaseline } from '../../../../src/report/gate/baseline.js'
import { parsePolicy } from '../../../../src/report/gate/policy.js'
import { isJsonObject } from '../../../../src/report/json-value.js'
import { jsonSchemaOf } from '../../../../src/schemas/published-schemas.js'
import { schemaOfSource } from '../../../support/descriptions.js'

const PAGE = readFileSync(new URL('../../../../docs/automation.md', import.meta.url), 'utf8')
const examples = [...PAGE.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block = '']): unknown => JSON.parse(block))
const exampleOf = (schema: string) => {
  const found = examples.find((one) => isJsonObject(one) && one['schema'] === schema)
  if (!isJsonObject(found)) throw new Error(`the page shows no ${schema}`)
  return found
}
const policy = exampleOf('intremap/policy')
const baseline = exampleOf('intremap/baseline')
const entry = { accepts: 'IR101', reason: 'known', expires: '2027-01-31' }
const of = (...accepted: readonly unknown[]) => ({ ...baseline, accepted })

const validator = (name: 'policy' | 'baseline') => {
  const ajv = new Ajv2020({ strict: true, formats: { date: /^\d{4}-\d\d-\d\d$/ } })
  return ajv.compile(jsonSchemaOf(name))
}
const policyIn = (value: unknown) => parsePolicy('a', value, schemaOfSource('policy'))
const baselineIn = (value: unknown) => parseBaseline('a', value, schemaOfSource('baseline'))
const takesPolicy = (value: unknown) => !Array.isArray(policyIn(value))
const takesBaseline = (value: unknown) => !Array.isArray(baselineIn(value))

describe('a policy', () => {
  const schema = validator('policy')
  test.each<readonly [string, unknown, boolean]>([
    ['of the page', policy, true],
    ['that says nothing', { schema: 'intremap/policy', schemaVersion: '1.0.0' }, true],
    ['with a description', { ...policy, description: 'ours' }, true],
    ['misspelt', { ...policy, failon: ['caveats'] }, false],
    ['of another version', { ...policy, schemaVersion: '2.0.0' }, false],
    ['with a level that is none', { ...policy, failOn: ['caveat'] }, false],
    ['without any level', { ...policy, failOn: [] }, false],
    ['with a rule that is none', { ...policy, failOnRules: ['IR1'] }, false],
    ['with a criterion that is none', { ...policy, criterion: 'safe' }, false],
    ['that is a list', [policy], false],
    ['that is a baseline', baseline, false],
  ])('%s is taken or refused as its schema says', (_, value, taken) => {
    expect([takesPolicy(value), schema(value)]).toEqual([taken, taken])
  })

  test('that wants a rule which nobody checks is refused', () => {
    expect(policyIn({ ...policy, failOnRules: ['IR001', 'IR999'] })).toEqual([
      { path: 'failOnRules[1]', message: 'expected a rule, found IR999: intremap rules lists them' },
    ])
  })

  test('whose levels contradict is refused', () => {
    expect(policyIn({ ...policy, failOn: ['never', 'unknown'] })).toEqual([
      { path: 'failOn', message: 'has never beside other levels' },
    ])
  })
})

describe('a baseline', () => {
  const schema = validator('baseline')
  test.each<readonly [string, unknown, boolean]>([
    ['of the page', baseline, true],
    ['that accepts nothing', of(), true],
    ['for all devices', of(entry), true],
    ['without a reason', of({ ...entry, reason: '' }), false],
    ['without an end', of({ accepts: 'IR101', reason: 'known' }), false],
    ['with a day in words', of({ ...entry, expires: 'next year' }), false],
    ['with a field that is not known', of({ ...entry, until: '2027-01-31' }), false],
    ['that is no list', { ...baseline, accepted: {} }, false],
    ['with too many entries', of(...Array.from({ length: 10_001 }, () => entry)), false],
  ])('%s is taken or refused as its schema says', (_, value, taken) => {
    expect([takesBaseline(value), schema(value)]).toEqual([taken, taken])
  })

  test.each<readonly [unknown, string]>([
    [
      { ...entry, expires: '2027-02-30' },
      'accepted[0].expires: expected the last day on which it counts, in UTC, such as 2027-01-31, found "2027-02-30"',
    ],
    [
      { ...entry, accepts: 'no-such-reason' },
      'accepted[0].accepts: expected a rule such as IR101, or the reason of a verdict such as gicv2m, found "no-such-reason"',
    ],
    [{ ...entry, device: 'eth0' }, 'accepted[0].device: expected a PCI address such as 0000:01:00.0, found eth0'],
    [{ ...entry, reason: ' ' }, 'accepted[0].reason: expected why somebody accepts it, found " "'],
    [{ ...entry, until: 1 }, 'accepted[0].until: is no property here; these are: accepts, device, reason, expires'],
    [null, 'accepted[0]: expected an object, found null'],
  ])('%j is refused', (one, mistake) => {
    const mistakes = baselineIn(of(one))
    if (!Array.isArray(mistakes)) throw new Error('it was taken')
    expect(mistakes.map(({ path, message }) => `${path}: ${message}`)).toEqual([mistake])
  })

  test('a device is known by its whole address', () => {
    expect(baselineIn(of({ ...entry, device: '01:00.0' }))).toMatchObject({ entries: [{ device: '0000:01:00.0' }] })
  })

  test('mistakes of a million entries are told as far as somebody reads them', () => {
    const many = Array.from({ length: 1_000_000 }, () => 1)
    expect(baselineIn(of(...many.slice(0, 500)))).toHaveLength(20)
    expect(baselineIn({ ...baseline, accepted: many })).toHaveLength(20)
    expect(policyIn({ ...policy, failOnRules: many })).toHaveLength(20)
    expect(policyIn(Object.fromEntries(many.slice(0, 100_000).map((_, index) => [`x${index}`, 1])))).toHaveLength(20)
  })
})
