import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { describeError, InputError, NotFoundError, UsageError } from '../../../src/cli/errors.js'
import { NotFoundError as NotOnMachine } from '../../../src/report/not-found.js'
import { jsonSchemaOf } from '../../../src/schemas/published-schemas.js'
import { REASONS } from '../../../src/rules/verdict.js'
import { device, finding, group, report } from '../render/report-sample.js'

const validator = (name: 'report' | 'error', closed: boolean) =>
  new Ajv2020({ strict: true, allErrors: true }).compile(jsonSchemaOf(name, closed))

describe('the published schema', () => {
  test.each(['report', 'error'] as const)('%s names its draft and itself', (name) => {
    expect(jsonSchemaOf(name)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:intremap:schema:${name}:1`,
      title: `intremap/${name}`,
      type: 'object',
    })
  })

  const full = report([device('0000:01:00.0', { findings: ['IR101'] })], {
    groups: [group('1', ['0000:01:00.0'])],
    findings: [finding('IR101')],
    unread: [{ source: '/sys/x', area: 'other-files', reason: 'io', extent: 'whole' }],
  })

  test('takes a report, and fields of later versions', () => {
    expect(validator('report', false)(full)).toBe(true)
    expect(validator('report', false)({ ...full, added: 1 })).toBe(true)
    expect(validator('report', true)(full)).toBe(true)
  })

  const broken: readonly (readonly [string, unknown])[] = [
    ['an unknown field where it is closed', { ...full, added: 1 }],
    ['a missing field', { ...full, exitCode: undefined }],
    ['another exit code', { ...full, exitCode: 2 }],
    ['null', { ...full, platform: { ...full.platform, architecture: null } }],
    ['a verdict outside the list', { ...full, summary: { ...full.summary, verdict: 'safe' } }],
    ['a reason outside the list', { ...full, devices: [{ ...full.devices[0], reason: 'because' }] }],
    ['ids as one string', { ...full, devices: [{ ...full.devices[0], chain: { requesterIds: '0x100' } }] }],
  ]
  test.each(broken)('refuses %s', (_, document) => {
    expect(validator('report', true)(structuredClone(document))).toBe(false)
  })

  // The closed list of the report contract, by hand.
  test('has the reasons of the contract in its order', () => {
    expect(REASONS.join(' ')).toBe(
      'no-iommu stream-id-refused iommu-not-probed no-msi-controller gicv2m gicv3-mbi host-bridge-msi x86-not-remapped payload-not-checked ' +
        'pre-its source-id-unchecked shared-device-id false-groups behind-vmd hypervisor-owns-iommu witnesses-disagree unreadable controller-unknown ' +
        'kernel-unknown hypervisor-decides its-behind-smmu its-behind-iommu gicv5-its-behind-smmu x86-remapped ' +
        'architecture-constant',
    )
  })

  test('describes every field of a report', () => {
    expect(JSON.stringify(jsonSchemaOf('report')).match(/"description"/g)?.length).toBeGreaterThan(60)
  })
})

describe('errors', () => {
  const rows: readonly (readonly [unknown, string, number])[] = [
    [new UsageError('u'), 'usage', 64],
    [new InputError('i'), 'input', 65],
    [new NotFoundError('n'), 'not-found', 66],
    [new NotOnMachine('device', '0000:01:00.0', ['0000:00:00.0']), 'not-found', 66],
    [new TypeError('x is undefined'), 'internal', 70],
    ['a thrown string', 'internal', 70],
    [undefined, 'internal', 70],
    [{ exitCode: 0 }, 'internal', 70],
  ]
  test.each(rows)('%s is %s, %i', (error, code, exitCode) => {
    const object = describeError(error)
    expect(object).toMatchObject({ error: { code }, exitCode })
    expect(validator('error', true)(object)).toBe(true)
  })

  test('what is not on the machine is told with what is', () => {
    const many = Array.from({ length: 20 }, (_, index) => `0000:00:${index.toString(16).padStart(2, '0')}.0`)
    expect(describeError(new NotOnMachine('device', '0000:ff:00.0', many)).error).toEqual({
      code: 'not-found',
      message: 'this machine has no PCI function 0000:ff:00.0',
      path: '0000:ff:00.0',
      hint:
        'It has 0000:00:00.0, 0000:00:01.0, 0000:00:02.0, 0000:00:03.0, 0000:00:04.0, 0000:00:05.0, 0000:00:06.0, ' +
        '0000:00:07.0 and others, 20 in all.',
    })
  })
})
