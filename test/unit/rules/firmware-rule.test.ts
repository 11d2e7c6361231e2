import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildRoutes } from '../../../src/routes/build.js'
import { firmwareRule } from '../../../src/rules/firmware-rule.js'
import type { Effect, OutcomeItem } from '../../../src/rules/rule.js'
import { arm, card, sysrootOf } from './metal.js'

const machine = probeMachine(sysrootOf({ machine: arm({ rootComplexes: [{ functions: [card(1), card(2)] }] }) }))
const subject = { machine, routes: buildRoutes(contextOf(machine)) }
const names = subject.routes.routes.map(({ fn }) => fn.name)

function listed(effect: Effect, items: readonly Pick<OutcomeItem, 'devices' | 'effect'>[]): readonly OutcomeItem[] {
  const failed = items.map((item): OutcomeItem => ({
    subject: 'node',
    message: 'fault',
    details: {},
    evidence: [],
    ...item,
  }))
  const rule = firmwareRule(
    { name: 'tree', messages: {}, open: () => ({}) },
    {
      id: 'IR999',
      slug: 'drawn',
      title: 'Drawn',
      severity: 'low',
      effect,
      checks: '',
      why: '',
      remedy: [],
      limits: '',
      references: [],
      messages: { fault: 'A fault.' },
      judge: () => ({ failed }),
    },
  )
  return rule.check(subject).failed
}

const harmless = Array.from({ length: 100 }, () => ({ devices: [] }))

describe('what a rule about firmware does not list, of a hundred items and more,', () => {
  it('holds every function down where the rule does', () => {
    expect(names.length).toBeGreaterThan(1)
    const last = listed('caveat', [...harmless, { devices: names.slice(0, 1) }])[100]
    expect(last).toMatchObject({ message: 'more', devices: names })
    expect(last?.effect).toBeUndefined()
  })

  it('holds those down that an item does by itself', () => {
    const [one, ...others] = names
    const items = [{ devices: [one ?? ''], effect: 'caveat' as const }, { devices: others }]
    expect(listed('none', [...harmless, ...items])[100]).toMatchObject({ devices: [one], effect: 'caveat' })
  })

  it('holds nobody down where nothing does', () => {
    const last = listed('none', [...harmless, { devices: names }])
    expect(last[100]).toMatchObject({ message: 'more', devices: [] })
    expect(last).toHaveLength(101)
  })
})
