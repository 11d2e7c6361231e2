import { describe, expect, it } from 'vitest'
import {
  bindErrno,
  answerGate,
  answerOfRules,
  gateRuleOf,
  isolatedMsiAnswer,
  type GateQuestions,
  type GateRule,
  possibleGateRules,
} from '../../../src/kernel/gate.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { holdsGroup } from '../../../src/kernel/iommu/viability.js'
import type { Answer } from '../../../src/machine/kinds.js'

// history.md section 3.
describe('the rule of a release', () => {
  it.each([
    ['3.5.0', 'none'],
    ['3.6.0', 'capability'],
    ['4.10.17', 'capability'],
    ['4.11.0', 'window-then-global-or-capability'],
    ['4.13.16', 'window-then-global-or-capability'],
    ['4.14.0', 'global-or-capability'],
    ['6.2.16', 'global-or-capability'],
    ['6.3.0', 'per-device'],
    ['7.2.13', 'per-device'],
  ] satisfies [string, GateRule][])('%s: %s', (text, rule) => {
    expect(gateRuleOf(parseRelease(text), 'arm64')).toBe(rule)
    expect(gateRuleOf(parseRelease(text), 's390x')).toBe(rule === 'per-device' ? 'always' : rule)
  })
  it('needs a release, and from 6.3 on an architecture', () => {
    expect(gateRuleOf(undefined, 'arm64')).toBe('unknown')
    expect(gateRuleOf(parseRelease('6.3.0'), undefined)).toBe('unknown')
    expect(gateRuleOf(parseRelease('6.2.0'), undefined)).toBe('global-or-capability')
  })
})

// Distributions bring later code into older series, but not VFIO into one that has none: it came with 3.6.
describe('the rules that a kernel with later code may have', () => {
  it.each([
    ['6.12.0', ['per-device']],
    ['4.18.0-553.el8_10.x86_64', ['global-or-capability', 'per-device']],
    ['5.14.0-503.el9.x86_64', ['global-or-capability', 'per-device']],
    ['2.6.32-754.el6.x86_64', ['none']],
  ])('%s: %j', (text, rules) => {
    expect(possibleGateRules(parseRelease(text), 'x86_64')).toEqual(rules)
  })
  it('are none that can be told where nobody knows the release', () => {
    expect(possibleGateRules(undefined, 'x86_64')).toEqual(['unknown'])
  })
  it('give an answer where all have the same', () => {
    const answers = { perDevice: 'no', global: 'yes', capability: 'no', softwareMsiWindow: 'yes' } as const
    const both: readonly GateRule[] = ['global-or-capability', 'per-device']
    expect(answerOfRules(both, answers)).toBe('unknown')
    expect(answerOfRules(both, { ...answers, perDevice: 'yes' })).toBe('yes')
    expect(answerOfRules([], answers)).toBe('unknown')
  })
})

/** The answers of the predicates as letters: yes, no, unknown. */
const LETTERS: Readonly<Record<string, Answer>> = { y: 'yes', n: 'no', u: 'unknown' }
const answersOf = (letters: string): Answer[] => letters.split('').map((letter) => LETTERS[letter] ?? 'unknown')

describe('the predicate of a rule', () => {
  const ask = (rule: GateRule, letters: string) => {
    const [perDevice = 'unknown', global = 'unknown', capability = 'unknown', softwareMsiWindow = 'unknown'] =
      answersOf(letters)
    return isolatedMsiAnswer(rule, { perDevice, global, capability, softwareMsiWindow })
  }
  // Device, every registered domain, capability of the IOMMU driver, software MSI window.
  it.each([
    ['per-device', 'ynnn', 'yes'],
    ['per-device', 'nyyy', 'no'],
    ['per-device', 'uyyy', 'unknown'],
    ['capability', 'nnyn', 'yes'],
    ['capability', 'yyny', 'no'],
    ['capability', 'yyuy', 'unknown'],
    ['window-then-global-or-capability', 'nyny', 'yes'],
    ['window-then-global-or-capability', 'ynyy', 'no'],
    ['window-then-global-or-capability', 'nnyn', 'yes'],
    ['window-then-global-or-capability', 'yynn', 'no'],
    ['window-then-global-or-capability', 'nyyu', 'yes'],
    ['window-then-global-or-capability', 'nnyu', 'unknown'],
    ['global-or-capability', 'nynn', 'yes'],
    ['global-or-capability', 'nnyn', 'yes'],
    ['global-or-capability', 'ynny', 'no'],
    ['global-or-capability', 'yunn', 'unknown'],
    ['global-or-capability', 'ynun', 'unknown'],
    ['global-or-capability', 'nuyn', 'yes'],
    ['always', 'nnnn', 'yes'],
    ['none', 'yyyy', 'unknown'],
    ['unknown', 'yyyy', 'unknown'],
  ] satisfies [GateRule, string, Answer][])('%s of %s: %s', (rule, letters, expected) => {
    expect(ask(rule, letters)).toBe(expected)
  })
})

// Seen on 5.10: the log says -22, and writing to `bind` gives ENODEV.
describe('the error of a bind that fails', () => {
  it.each([
    ['5.10.0-32-arm64', 'EINVAL', 'ENODEV'],
    ['5.13.19', 'EAGAIN', 'ENODEV'],
    ['5.14.0', 'EINVAL', 'EINVAL'],
    ['6.12.95+deb12-arm64', 'EAGAIN', 'EAGAIN'],
    // Who carries later code may have this of it too.
    ['4.18.0-553.el8_10.aarch64', 'EINVAL', 'unknown'],
    ['custom', 'EINVAL', 'unknown'],
  ] as const)('%s, %s from the probe: %s', (release, probe, expected) => {
    expect(bindErrno(parseRelease(release), probe)).toBe(expected)
  })
})

// kernel-decision.md section 2: the order of refusals.
describe('the gate', () => {
  const OPEN: GateQuestions = {
    which: 'vfioType1',
    release: parseRelease('6.12'),
    interface: 'present',
    denylisted: 'no',
    noIommuMode: 'no',
    attachment: 'bound',
    cacheCoherency: 'yes',
    regionsRefuse: 'no',
    regionsErrno: 'EINVAL',
    isolatedMsi: 'yes',
    override: 'no',
  }
  const NOT: Partial<GateQuestions> = { isolatedMsi: 'no' }
  it.each([
    ['accepts none', {}],
    ['absent none', { interface: 'absent', attachment: 'no-group' }],
    ['unknown unknown', { interface: 'unknown', attachment: 'no-group' }],
    ['refuses EAGAIN', { attachment: 'deferred', cacheCoherency: 'no' }],
    ['refuses EINVAL', { attachment: 'no-group', isolatedMsi: 'no' }],
    ['refuses unknown', { attachment: 'no-group-or-deferred' }],
    ['unknown unknown', { attachment: 'unknown' }],
    ['refuses EINVAL', { ...NOT, cacheCoherency: 'no', override: 'yes' }],
    ['refuses EINVAL', { ...NOT, regionsRefuse: 'yes', override: 'yes' }],
    ['refuses EPERM', NOT],
    ['refuses EPERM', { ...NOT, cacheCoherency: 'not-asked' }],
    ['accepts-by-override none', { ...NOT, override: 'yes' }],
    ['unknown unknown', { ...NOT, override: 'unknown' }],
    ['unknown unknown', { ...NOT, override: 'yes', cacheCoherency: 'unknown' }],
    ['unknown unknown', { ...NOT, override: 'yes', regionsRefuse: 'unknown' }],
    ['unknown unknown', { cacheCoherency: 'unknown' }],
    ['unknown unknown', { regionsRefuse: 'unknown' }],
    ['unknown unknown', { isolatedMsi: 'unknown', override: 'yes' }],
    ['accepts none', { override: 'yes' }],
    // K: drivers/vfio/pci/vfio_pci.c, vfio_pci_is_denylisted comes before everything else of the probe.
    ['refuses EINVAL', { denylisted: 'yes' }],
    ['refuses EINVAL', { ...NOT, denylisted: 'yes', override: 'yes' }],
    ['unknown unknown', { denylisted: 'unknown' }],
    ['unknown unknown', { ...NOT, denylisted: 'unknown', override: 'yes' }],
    ['refuses EINVAL', { denylisted: 'unknown', cacheCoherency: 'no' }],
    // K: drivers/vfio/vfio_main.c, vfio_noiommu_group_alloc; iommufd has no such mode for a group.
    ['accepts-without-iommu none', { attachment: 'no-group', noIommuMode: 'yes' }],
    ['absent none', { attachment: 'no-group', noIommuMode: 'yes', which: 'iommufd' }],
    ['refuses EINVAL', { attachment: 'no-group', noIommuMode: 'yes', denylisted: 'yes' }],
    ['refuses EINVAL', { attachment: 'no-group', denylisted: 'unknown' }],
    ['unknown unknown', { attachment: 'no-group', noIommuMode: 'yes', denylisted: 'unknown' }],
    ['unknown unknown', { attachment: 'no-group', noIommuMode: 'unknown' }],
  ] satisfies [string, Partial<GateQuestions>][])('%s for %j', (expected, questions) => {
    const { outcome, errno } = answerGate({ ...OPEN, ...questions })
    expect(`${outcome} ${errno}`).toBe(expected)
  })
})

// K: drivers/iommu/iommu.c, iommu_device_use_default_domain; before 5.19 drivers/vfio/vfio.c, vfio_dev_viable.
describe('a driver that keeps a group from user space', () => {
  const holds = (driver: string, isBridge: boolean, release = '6.12.0') =>
    holdsGroup({ name: '0000:00:05.0', isBridge, driver }, parseRelease(release))
  it.each(['none', 'vfio-pci', 'mlx5_vfio_pci', 'nvgrace-gpu-vfio-pci', 'pci-stub', 'pcieport'])(
    '%s does not',
    (name) => {
      expect([holds(name, false), holds(name, true), holds(name, true, '5.18.0')]).toEqual(['no', 'no', 'no'])
    },
  )
  it('the driver of a device does, that of a bridge from 5.19 on', () => {
    expect([holds('i40e', false), holds('i40e', false, '4.19.0')]).toEqual(['yes', 'yes'])
    expect(['5.18.19', '5.19.0', ''].map((release) => holds('shpchp', true, release))).toEqual(['no', 'yes', 'unknown'])
  })
  it('nobody knows without its name', () => {
    expect(holds('unknown', false)).toBe('unknown')
  })
})
