import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../src/rules/evaluate.js'
import { rules } from '../../../src/rules/registry.js'
import { judged } from './metal.js'
import { RULE_MACHINES } from './rule-machines.js'
import { VECTORS_ASSIGNMENT } from './vectors-assignment.js'
import { VECTORS_HAZARDS } from './vectors-hazards.js'
import { VECTORS_PLATFORMS } from './vectors-platforms.js'
import { VECTORS_WAYS } from './vectors-ways.js'

/** Rules of tables and trees have machines of their own. */
const ofMachine = rules.filter(({ id }) => id < 'IR200')

describe('every outcome that a rule declares has a machine', () => {
  for (const rule of ofMachine) {
    it(`${rule.id} ${rule.slug}: ${rule.outcomes.join(', ')}`, () => {
      const machines = RULE_MACHINES[rule.id] ?? {}
      expect(Object.keys(machines).sort()).toEqual([...rule.outcomes].sort())
      for (const outcome of rule.outcomes) {
        const testCase = machines[outcome]
        if (!testCase) continue
        const { evaluation } = judged(testCase)
        expect(evaluation.outcomes.get(rule.id), `wanted: ${outcome}`).toBe(outcome)
      }
    })
  }
})

const machines = [
  ...Object.entries(RULE_MACHINES).flatMap(([id, cases]) =>
    Object.entries(cases).map(([outcome, testCase]) => ({ name: `${id} ${outcome}`, testCase })),
  ),
  ...[...VECTORS_WAYS, ...VECTORS_HAZARDS, ...VECTORS_PLATFORMS, ...VECTORS_ASSIGNMENT].map((vector) => ({
    name: vector.id,
    testCase: vector,
  })),
].map(({ name, testCase }) => ({ name, ...judged(testCase) }))

describe('what holds a verdict down', () => {
  it('is a rule that found something for the function, and has an effect', () => {
    const wrong = machines.flatMap(({ name, evaluation }) =>
      [...evaluation.devices].flatMap(([device, { findings, loweredBy }]) => {
        const effective = findings.filter(({ item, rule }) => (item.effect ?? rule.effect) !== 'none')
        const expected = [...new Set(effective.map(({ rule }) => rule.id))].sort()
        return loweredBy.join() === expected.join() ? [] : [`${name}: ${device} by ${loweredBy.join()}`]
      }),
    )
    expect(wrong).toEqual([])
    const withoutEffect = machines.flatMap(({ evaluation }) =>
      [...evaluation.devices.values()].filter(
        ({ findings, loweredBy }) => findings.length > 0 && loweredBy.length === 0,
      ),
    )
    expect(withoutEffect.length).toBeGreaterThan(0)
  })
})

describe('what a finding says', () => {
  it('is a whole sentence with a place that it was seen at', () => {
    const wrong = machines.flatMap(({ name, report }) =>
      report.findings
        .filter(({ rule }) => rule < 'IR200')
        .filter(
          ({ summary, evidence, remedy, references }) =>
            /[{}]|undefined|NaN|\s,|\s\.|\( *\)|, +have/.test(summary) ||
            !summary.endsWith('.') ||
            evidence.length === 0 ||
            remedy === '' ||
            references.length === 0,
        )
        .map(({ rule, summary, evidence }) => `${name}: ${rule} "${summary}" (${evidence.length} places)`),
    )
    expect(wrong).toEqual([])
  })

  it('explains every function that is not isolated, or of which nobody knows', () => {
    const unexplained = machines.flatMap(({ name, report }) =>
      report.devices
        .filter(({ verdict }) => verdict === 'not-isolated' || verdict === 'unknown')
        .filter(
          ({ address }) =>
            !report.findings.some(
              ({ rule, severity, effect, devices }) =>
                devices.includes(address) &&
                (effect !== 'none' || (severity !== 'low' && /^IR10[45-9]$|^IR120$/.test(rule))),
            ),
        )
        .map(({ address, verdict, reason }) => `${name}: ${address} ${verdict} ${reason}`),
    )
    expect(unexplained).toEqual([])
  })

  it('names a remedy for the one who can act', () => {
    const strangers = ofMachine.flatMap((rule) => {
      const actors = new Set(rule.remedy.map(({ actor }) => actor))
      return machines.flatMap(({ evaluation }) =>
        evaluation.findings
          .filter((finding) => finding.rule === rule && finding.item.actor !== undefined)
          .filter(({ item }) => item.actor && !actors.has(item.actor))
          .map(({ item }) => `${rule.id} ${item.message}: no remedy for ${item.actor}`),
      )
    })
    expect([...new Set(strangers)]).toEqual([])
  })

  it('fills a template of its rule', () => {
    const missing = machines.flatMap(({ evaluation }) =>
      evaluation.findings
        .filter(({ rule, item }) => !(item.message in rule.messages))
        .map(({ rule, item }) => `${rule.id} ${item.message}`),
    )
    expect([...new Set(missing)]).toEqual([])
  })
})

describe('the catalogue', () => {
  it('has unique ids and slugs, in order', () => {
    const ids = rules.map(({ id }) => id)
    expect(ids).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(rules.map(({ slug }) => slug)).size).toBe(rules.length)
  })

  it('gives a reason to every rule that can make a function not isolated', () => {
    const able = machines.flatMap(({ evaluation }) =>
      evaluation.findings
        .filter(({ rule, item }) => (item.effect ?? rule.effect) === 'not-isolated')
        .map(({ rule }) => rule),
    )
    expect([...new Set(able)].filter(({ reason }) => reason === undefined).map(({ id }) => id)).toEqual([])
  })

  it('answers alike whenever it is asked', () => {
    for (const { routes } of machines.slice(0, 8)) {
      const subject = { machine: routes.context.machine, routes }
      expect(evaluate(subject).outcomes).toEqual(evaluate(subject).outcomes)
    }
  })
})
