import { describe, expect, it } from 'vitest'
import { rules } from '../../../src/rules/registry.js'
import { evaluate, kindOfOutcome } from '../../../src/rules/evaluate.js'
import {
  NOT_APPLICABLE,
  PASS,
  type FoundCause,
  type Outcome,
  type OutcomeItem,
  type Rule,
  type Subject,
} from '../../../src/rules/rule.js'
import { arm, card, closed, judged, type TestCase } from './metal.js'

const [CARD, SECOND] = ['0000:01:00.0', '0000:02:00.0']
const HOST_BRIDGE = '0000:00:00.0'
const bridge = { address: '00:00.0', id: '1def:e110', class: '060000', type: 'conventional' } as const
const { routes } = judged({
  machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [bridge, card(1), card(2)] }] }),
})
const SUBJECT: Subject = { machine: routes.context.machine, routes }

const item = (devices: readonly string[], more: Partial<OutcomeItem> = {}): OutcomeItem => ({
  subject: devices[0] ?? 'the machine',
  devices,
  details: {},
  message: 'found',
  evidence: [],
  ...more,
})
const failing = (...failed: readonly OutcomeItem[]): Outcome => ({ failed, unknown: [], applicable: true })
const untold = (...unknown: readonly OutcomeItem[]): Outcome => ({ failed: [], unknown, applicable: true })

/** A rule that answers what it is told to. */
function rule(id: Rule['id'], effect: Rule['effect'], outcome: Outcome, reason?: Rule['reason']): Rule {
  const [some] = rules
  if (!some) throw new Error('the registry has rules')
  const { reason: _, ...rest } = some
  return { ...rest, id, effect, check: () => outcome, ...(reason && { reason }) }
}
const verdictOf = (name: string, ...asked: readonly Rule[]) => {
  const { verdict, reason, loweredBy } = evaluate(SUBJECT, asked).devices.get(name) ?? {}
  return [verdict, reason, ...(loweredBy ?? [])].join(' ')
}

it('what became of a rule', () => {
  expect(kindOfOutcome(NOT_APPLICABLE)).toBe('not-applicable')
  expect(kindOfOutcome(PASS)).toBe('pass')
  expect(kindOfOutcome(failing(item([CARD])))).toBe('fail')
  expect(kindOfOutcome(untold(item([CARD])))).toBe('unknown')
  expect(kindOfOutcome({ failed: [item([CARD])], unknown: [item([SECOND])], applicable: true })).toBe('fail')
})

/**
 * The contract: a rule with effect not-isolated gives not-isolated when it fails and unknown when it cannot know; one with
 * effect caveat gives isolated-with-caveats in both cases; none changes nothing. The verdict is the weakest of all.
 */
describe('the verdict of a function', () => {
  const lowers = rule('IR190', 'not-isolated', failing(item([CARD])), 'false-groups')
  const doubts = rule('IR191', 'not-isolated', untold(item([CARD])), 'false-groups')
  const caveat = rule('IR192', 'caveat', failing(item([CARD])))
  const maybe = rule('IR193', 'caveat', untold(item([CARD])))
  const says = rule('IR194', 'none', failing(item([CARD])))
  it.each<[string, readonly Rule[], string]>([
    ['no rule', [], 'isolated its-behind-smmu'],
    ['one that lowers it', [lowers], 'not-isolated false-groups IR190'],
    ['one that cannot know', [doubts], 'unknown unreadable IR191'],
    ['a caveat', [caveat], 'isolated-with-caveats its-behind-smmu IR192'],
    ['a caveat that cannot know', [maybe], 'isolated-with-caveats its-behind-smmu IR193'],
    ['one that only says something', [says], 'isolated its-behind-smmu'],
    ['several', [says, maybe, doubts, lowers], 'not-isolated false-groups IR190 IR191 IR193'],
    // The reason is of what holds it down, even where another comes first in the contract's list.
    [
      'a doubt beside what lowers it for a later reason',
      [doubts, rule('IR190', 'not-isolated', failing(item([CARD])), 'kernel-unknown')],
      'not-isolated kernel-unknown IR190 IR191',
    ],
    ['a caveat beside a doubt', [caveat, doubts], 'unknown unreadable IR191 IR192'],
    [
      'an item that lowers more than its rule',
      [rule('IR195', 'none', failing(item([CARD], { effect: 'not-isolated' })))],
      'not-isolated witnesses-disagree IR195',
    ],
    [
      'an item that lowers less than its rule',
      [rule('IR196', 'not-isolated', failing(item([CARD], { effect: 'none' })), 'pre-its')],
      'isolated its-behind-smmu',
    ],
    [
      'an item about no function',
      [rule('IR197', 'not-isolated', failing(item([])), 'pre-its')],
      'isolated its-behind-smmu',
    ],
    [
      'an item about another',
      [rule('IR198', 'not-isolated', failing(item([SECOND])), 'pre-its')],
      'isolated its-behind-smmu',
    ],
  ])('%s: %#', (_, asked, expected) => {
    expect(verdictOf(CARD, ...asked)).toBe(expected)
  })

  it('is lowered by an item for each of its functions, and told of each once', () => {
    const both = rule('IR190', 'not-isolated', failing(item([CARD, SECOND])), 'false-groups')
    for (const name of [CARD, SECOND]) expect(verdictOf(name, both)).toBe('not-isolated false-groups IR190')
    const { findings, devices, outcomes } = evaluate(SUBJECT, [both, says])
    expect(findings.map((finding) => [finding.rule.id, finding.kind])).toEqual([
      ['IR190', 'fail'],
      ['IR194', 'fail'],
    ])
    expect(devices.get(CARD)?.findings).toEqual(findings)
    expect(evaluate(SUBJECT, [doubts]).findings.map(({ kind }) => kind)).toEqual(['unknown'])
    expect([...outcomes]).toEqual([
      ['IR190', 'fail'],
      ['IR194', 'fail'],
    ])
  })

  it('asks no rule of a function of the chipset, which nobody can assign', () => {
    const seen: string[] = []
    const looks: Rule = {
      ...says,
      check: (subject) => (seen.push(...subject.routes.routes.map(({ fn }) => fn.name)), PASS),
    }
    const { devices } = evaluate(SUBJECT, [looks])
    expect(routes.byName.get(HOST_BRIDGE)?.role).toBe('chipset')
    expect(seen).toContain(CARD)
    expect(seen).not.toContain(HOST_BRIDGE)
    expect(devices.has(HOST_BRIDGE)).toBe(true)
  })
})

// A cause covers findings in tables and trees of the same functions, which then have one remedy and not two.
describe('a finding that a cause covers', () => {
  const cause: FoundCause = {
    id: 'covering',
    actor: 'firmware',
    summary: 'a table names no SMMU',
    remedy: 'Install a newer firmware.',
    lasting: true,
    covers: ['IR290'],
    evidence: [],
    references: [],
  }
  const tells = (...devices: readonly string[]) =>
    rule('IR105', 'none', failing(item(devices, { causes: new Map(devices.map((device) => [device, cause])), cause })))
  const causeOfSecond = (first: Rule, second: Rule) => {
    const { findings } = evaluate(SUBJECT, [first, second])
    return findings.find((finding) => finding.rule === second)?.item.cause?.id
  }
  it.each<[string, Rule, Rule, string | undefined]>([
    ['of the same functions', tells(CARD, SECOND), rule('IR290', 'none', failing(item([SECOND, CARD]))), 'covering'],
    ['of one of them', tells(CARD, SECOND), rule('IR290', 'none', failing(item([SECOND]))), 'covering'],
    ['of another one too', tells(CARD), rule('IR290', 'none', failing(item([CARD, SECOND]))), undefined],
    ['of none', tells(CARD), rule('IR290', 'none', failing(item([]))), undefined],
    ['of another rule', tells(CARD), rule('IR291', 'none', failing(item([CARD]))), undefined],
    ['that cannot know', tells(CARD), rule('IR290', 'none', untold(item([CARD]))), undefined],
    [
      'with a cause of its own',
      tells(CARD),
      rule('IR290', 'none', failing(item([CARD], { cause: { ...cause, id: 'own' } }))),
      'own',
    ],
    [
      'beside one without causes of each',
      rule('IR105', 'none', failing(item([CARD], { cause }))),
      rule('IR290', 'none', failing(item([CARD]))),
      undefined,
    ],
  ])('%s', (_, first, second, expected) => {
    expect(causeOfSecond(first, second)).toBe(expected)
  })
})

// Several rules find shared ids: the first tells, the others are silent unless they know of more.
describe('ids that several owners share', () => {
  const shared = (id: Rule['id'], devices: readonly string[], owners: readonly string[], space = 'its') =>
    rule(id, 'not-isolated', failing(item(devices, { shares: { space, owners } })), 'shared-device-id')
  const told = (...asked: readonly Rule[]) => evaluate(SUBJECT, asked).findings.map((finding) => finding.rule.id)
  const first = shared('IR190', [CARD], ['a', 'b', 'c'])
  it.each<[string, Rule, boolean]>([
    ['the same owners', shared('IR191', [CARD], ['a', 'b', 'c']), false],
    ['some of the same owners', shared('IR191', [CARD], ['c', 'a']), false],
    ['no function at all', shared('IR191', [], ['a', 'b']), false],
    ['an owner more', shared('IR191', [CARD], ['a', 'b', 'd']), true],
    ['a function more', shared('IR191', [CARD, SECOND], ['a', 'b', 'c']), true],
    ['another space', shared('IR191', [CARD], ['a', 'b', 'c'], 'smmu'), true],
    ['nothing that is shared', rule('IR191', 'none', failing(item([CARD]))), true],
  ])('told again of %s', (_, second, isTold) => {
    expect(told(first, second)).toEqual(isTold ? ['IR190', 'IR191'] : ['IR190'])
  })
  it('told of no function, where nothing was told before', () => {
    expect(told(shared('IR190', [], ['a', 'b']))).toEqual(['IR190'])
  })
  it('told of each function by itself, and then of both', () => {
    expect(
      told(first, shared('IR191', [SECOND], ['a', 'b', 'c']), shared('IR192', [CARD, SECOND], ['a', 'b'])),
    ).toEqual(['IR190', 'IR191'])
  })
})

it('the weakest of several grounds counts, without any finding', () => {
  const edit: TestCase['edit'] = (files) => {
    for (const path of files.keys()) if (path.endsWith('/iommu_group')) files.set(path, closed)
    files.set('sys/kernel/iommu_groups', closed)
    files.set('sys/class/iommu', closed)
  }
  const functions = [card(1, { group: null })]
  const untoldGroup = judged({ machine: arm({ rootComplexes: [{ iommu: 'smmu', functions }] }), edit }).routes
  const { devices } = evaluate({ machine: untoldGroup.context.machine, routes: untoldGroup }, [])
  expect(devices.get(CARD)).toMatchObject({ verdict: 'not-isolated', reason: 'no-msi-controller', loweredBy: [] })
})
