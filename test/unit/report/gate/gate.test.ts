import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import type { Judged } from '../../../../src/report/gate/apply-baseline.js'
import type { AssignableReason } from '../../../../src/report/assignment-types.js'
import type { AcceptedEntry } from '../../../../src/report/gate/baseline.js'
import { gateOf, type GateOptions } from '../../../../src/report/gate/gate.js'
import { NAMED_POLICIES } from '../../../../src/report/gate/policy.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { bundledMachines } from '../../../support/machines.js'
import { device, finding, group, refused } from '../../render/report-sample.js'

const TODAY = '2026-12-01'
const [ONE, OTHER] = ['0000:01:00.0', '0000:02:00.0']
const accepting = (...entries: readonly Partial<AcceptedEntry>[]): GateOptions => ({
  baseline: {
    file: {
      name: 'accepted.json',
      entries: entries.map((entry) => ({ accepts: 'gicv2m', reason: 'known', expires: '2027-01-31', ...entry })),
    },
    day: TODAY,
  },
})
const judged = (changes: Partial<Judged>): Judged => ({ devices: [], groups: [], findings: [], ...changes })
const codeOf = (machine: Judged, options: GateOptions) => gateOf(machine, machine.devices, options).exitCode
const shared = { effect: 'not-isolated', devices: [ONE] } as const

describe('a baseline', () => {
  const bad = refused(ONE)
  const sharing = refused(ONE, { reason: 'shared-device-id' })
  const stopped = (...reasons: readonly AssignableReason[]) =>
    refused(ONE, { assignable: { answer: 'no', interfaces: [], reasons } })
  const grouped = { iommuGroup: '4' } as const
  const pair = judged({
    devices: [refused(ONE, grouped), refused(OTHER, { ...grouped, reason: 'no-iommu' })],
    groups: [group('4', [ONE, OTHER], { verdict: 'not-isolated' })],
  })
  test.each<readonly [string, Judged, GateOptions, number]>([
    ['accepts the reason of a verdict', judged({ devices: [bad] }), accepting({}), 0],
    ['of one device', judged({ devices: [bad] }), accepting({ device: ONE }), 0],
    ['not of another', judged({ devices: [bad] }), accepting({ device: OTHER }), 1],
    ['not another reason', judged({ devices: [bad] }), accepting({ accepts: 'no-iommu' }), 1],
    ['through its last day', judged({ devices: [bad] }), accepting({ expires: TODAY }), 0],
    ['not longer', judged({ devices: [bad] }), accepting({ expires: '2026-11-30' }), 1],
    [
      'accepts the rule that weakens',
      judged({ devices: [sharing], findings: [finding('IR101', shared)] }),
      accepting({ accepts: 'IR101' }),
      0,
    ],
    [
      'not half of what weakens',
      judged({ devices: [sharing], findings: [finding('IR101', shared), finding('IR112', shared)] }),
      accepting({ accepts: 'IR101' }),
      1,
    ],
    [
      'not the want of an IOMMU with the rule that weakens as well',
      judged({ devices: [refused(ONE, { reason: 'no-iommu' })], findings: [finding('IR101', shared)] }),
      accepting({ accepts: 'IR101' }),
      1,
    ],
    [
      'both of them',
      judged({ devices: [refused(ONE, { reason: 'no-iommu' })], findings: [finding('IR101', shared)] }),
      accepting({ accepts: 'IR101' }, { accepts: 'no-iommu' }),
      0,
    ],
    [
      'not a weaker verdict by a caveat beside its reason',
      judged({ devices: [bad], findings: [finding('IR003', { ...shared, effect: 'caveat' })] }),
      accepting({ accepts: 'IR003' }),
      1,
    ],
    [
      'not the rest that nobody can read with a rule that could not tell',
      judged({
        devices: [device(ONE, { verdict: 'unknown', reason: 'unreadable' })],
        findings: [finding('IR101', { ...shared, outcome: 'unknown' })],
      }),
      accepting({ accepts: 'IR101' }),
      3,
    ],
    ['not one member of a group for the other', pair, accepting({}), 1],
    ['all members of a group', pair, accepting({}, { accepts: 'no-iommu' }), 0],
    [
      'not a group that is weaker than its members',
      judged({ devices: [device(ONE, { ...grouped, effectiveVerdict: 'not-isolated' })], groups: [group('4', [ONE])] }),
      accepting({}, { accepts: 'its-behind-smmu' }),
      1,
    ],
    ['no machine without an endpoint', judged({}), accepting({}), 3],
    ['one of two', judged({ devices: [bad, refused(OTHER)] }), accepting({ device: ONE }), 1],
    [
      'what stops an assignment for want of isolation',
      judged({ devices: [stopped('not-isolated')] }),
      { ...accepting({}), criterion: 'assignable' },
      0,
    ],
    [
      'nothing else that stops one',
      judged({ devices: [stopped('not-isolated', 'denylisted')] }),
      { ...accepting({}), criterion: 'assignable' },
      1,
    ],
    ['no refusal of the kernel', judged({ devices: [bad] }), { ...accepting({}), policy: NAMED_POLICIES.kernel }, 1],
  ])('%s', (_, machine, options, code) => {
    expect(codeOf(machine, options)).toBe(code)
  })

  test('tells what it accepted, what has expired and what matches nothing', () => {
    const options = accepting({ device: ONE }, { accepts: 'IR101' }, { expires: '2026-01-01' })
    const { summary } = gateOf(judged({ devices: [bad] }), [bad], options)
    expect(summary).toMatchObject({
      policy: 'default',
      baseline: {
        day: TODAY,
        accepted: [{ accepts: 'gicv2m', device: ONE }],
        unmatched: [{ accepts: 'IR101' }],
        expired: [{ expires: '2026-01-01' }],
        devices: [ONE],
      },
    })
  })

  test('changes nothing but the exit code, on every bundled machine', async () => {
    for (const { name, sysroot } of await bundledMachines()) {
      const machine = probeMachine(sysroot)
      const plain = buildReport(machine)
      const entries = [...new Set(plain.devices.map(({ reason }) => reason)), ...plain.findings.map(({ rule }) => rule)]
      const { gate, exitCode, ...rest } = buildReport(machine, accepting(...entries.map((accepts) => ({ accepts }))))
      const { exitCode: _, ...before } = plain
      expect([name, rest]).toEqual([name, before])
      // With everything accepted, nothing is left but to have no endpoint, or a group of which somebody may be missing.
      expect([name, exitCode === 0 || plain.devices.every(({ role }) => role !== 'endpoint')]).toEqual([name, true])
      expect(gate?.failedRules).toEqual([])
    }
  })

  test('is told on the screen, what it accepts as it was written', async () => {
    const [{ sysroot } = { sysroot: undefined }] = (await bundledMachines()).filter(
      ({ name }) => name === 'raspberry-pi-5',
    )
    if (!sysroot) throw new Error('no such machine')
    const options = accepting({ accepts: 'no-iommu', reason: 'stays\u001b[31m here' }, { expires: '2026-01-01' })
    const text = renderHumanProbe(buildReport(probeMachine(sysroot), options), {
      columns: 80,
      colorLevel: 0,
      all: false,
    })
    expect(text).toContain('\nExit code\n  accepted.json makes ')
    expect(text).toContain('Expired: gicv2m until 2026-01-01: known')
    expect(text).not.toContain('\u001b')
    expect(text).toMatch(/^!! NOT ISOLATED/)
  })
})

describe('a policy', () => {
  const caveats = device(ONE, { verdict: 'isolated-with-caveats' })
  const overridden = refused(ONE, {
    kernel: {
      isolatedMsi: 'no',
      vfioType1: { outcome: 'accepts-by-override', errno: 'none' },
      iommufd: { outcome: 'absent', errno: 'none' },
    },
  })
  const unanswered = device(ONE, {
    kernel: {
      isolatedMsi: 'unknown',
      vfioType1: { outcome: 'unknown', errno: 'unknown' },
      iommufd: { outcome: 'absent', errno: 'none' },
    },
  })
  const wanting = { ...NAMED_POLICIES.kernel, criterion: 'isolated', rules: new Set(['IR001']), name: 'ours' } as const
  test.each<readonly [string, Judged, GateOptions, number]>([
    ['none takes a caveat', judged({ devices: [caveats] }), {}, 0],
    ['strict takes none', judged({ devices: [caveats] }), { policy: NAMED_POLICIES.strict }, 1],
    ['kernel takes what the kernel takes', judged({ devices: [device(ONE)] }), { policy: NAMED_POLICIES.kernel }, 0],
    ['kernel takes no override', judged({ devices: [overridden] }), { policy: NAMED_POLICIES.kernel }, 1],
    ['kernel knows no answer', judged({ devices: [unanswered] }), { policy: NAMED_POLICIES.kernel }, 3],
    [
      'a rule of the machine that has to pass',
      judged({ devices: [device(ONE)], findings: [finding('IR001')] }),
      { policy: wanting },
      1,
    ],
    [
      'one that could not tell',
      judged({ devices: [device(ONE)], findings: [finding('IR001', { outcome: 'unknown' })] }),
      { policy: wanting },
      3,
    ],
    ['another rule', judged({ devices: [device(ONE)], findings: [finding('IR002')] }), { policy: wanting }, 0],
    [
      'a rule that a baseline accepts',
      judged({ devices: [device(ONE)], findings: [finding('IR001')] }),
      { policy: wanting, ...accepting({ accepts: 'IR001' }) },
      0,
    ],
  ])('%s', (_, machine, options, code) => {
    expect(codeOf(machine, options)).toBe(code)
  })

  test('asks of one device only what touches it', () => {
    const machine = judged({
      devices: [device(ONE), device(OTHER)],
      findings: [finding('IR001', { devices: [OTHER] })],
    })
    expect(gateOf(machine, [device(ONE)], { policy: wanting }).exitCode).toBe(0)
    expect(gateOf(machine, [device(OTHER)], { policy: wanting }).exitCode).toBe(1)
  })
})
