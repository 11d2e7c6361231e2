import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parseBaseline } from '../../../../src/report/gate/baseline.js'
import { parsePolicy } from '../../../../src/report/gate/policy.js'
import { isJsonObject } from '../../../../src/report/json-value.js'
import { jsonSchemaOf } from '../../../../src/schemas/published-schemas.js'

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
const takesPolicy = (value: unknown) => !Array.isArray(parsePolicy('a', value))
const takesBaseline = (value: unknown) => !Array.isArray(parseBaseline('a', value))

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
    expect(parsePolicy('a', { ...policy, failOnRules: ['IR001', 'IR999'] })).toEqual([
      'failOnRules is no list of rules such as IR001',
    ])
  })

  test('whose levels contradict is refused', () => {
    expect(parsePolicy('a', { ...policy, failOn: ['never', 'unknown'] })).toEqual([
      'failOn has never beside other levels',
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

  test.each([
    [{ ...entry, expires: '2027-02-30' }, 'accepted[0].expires is no day such as 2027-01-31'],
    [
      { ...entry, accepts: 'no-such-reason' },
      'accepted[0].accepts is no rule such as IR101 and no reason of a verdict',
    ],
    [{ ...entry, device: 'eth0' }, 'accepted[0].device is no PCI address'],
    [null, 'accepted[0] is no object'],
  ])('%j is refused', (one, mistake) => {
    expect(parseBaseline('a', of(one))).toEqual([mistake])
  })

  test('mistakes of a long list are counted, not listed', () => {
    expect(parseBaseline('a', of(...Array.from({ length: 500 }, () => 1)))).toHaveLength(6)
  })
})
