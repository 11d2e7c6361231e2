import { vi } from 'vitest'
import type { Outcome, OutcomeItem, Rule, Subject } from '../../src/rules/rule.js'

/** Of the rules that lower no verdict by themselves, those with an item that may. */
const LOWER_BY_ITEM: ReadonlySet<string> = new Set([
  'IR104',
  'IR210',
  'IR304',
  'IR306',
  'IR312',
  'IR313',
  'IR314',
  'IR390',
])

/** What a report says beside what the law is about, by module and function, and what stands there where nobody reads it. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  finding: { findingReport: { rule: '', devices: [] } },
  'probe/assignable': { assignableOf: undefined },
  'probe/cause': { causeOf: undefined },
  'probe/components': { iommuReports: [], controllerReports: [] },
  'probe/hardware': { hardwareReport: undefined },
  'probe/if-confirmed': { ifConfirmed: undefined, onlyRights: false },
  'probe/interfaces-report': { interfacesReport: undefined },
  'probe/machine-report': { machineReport: undefined },
  'probe/obstacles': { obstaclesOf: [] },
  'probe/platform-device': { platformDeviceReports: [] },
  'probe/unread': { unreadOf: [] },
}

const NOTHING_TOLD: Outcome = { failed: [], unknown: [], applicable: false }

let isVerdictOnly = false

/**
 * Runs without what cannot change a verdict: the words of a report, and rules that only tell. A test file that imports
 * this shares a process with its like only.
 */
export function verdictOnly<T>(run: () => T): T {
  isVerdictOnly = true
  try {
    return run()
  } finally {
    isVerdictOnly = false
  }
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null && 'check' in value && 'effect' in value
}

function lowers(rule: Rule, { effect = rule.effect, shares }: OutcomeItem): boolean {
  return effect !== 'none' || shares !== undefined
}

/** A rule that is passed over where only verdicts count, and that is held to telling only where it is run. */
function telling(rule: Rule): Rule {
  return {
    ...rule,
    check(subject: Subject): Outcome {
      if (isVerdictOnly) return NOTHING_TOLD
      const outcome = rule.check(subject)
      if ([...outcome.failed, ...outcome.unknown].some((item) => lowers(rule, item))) {
        throw new Error(`${rule.id} lowers a verdict by an item: it belongs into LOWER_BY_ITEM`)
      }
      return outcome
    },
  }
}

async function members(module: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const actual = await module()
  return Object.fromEntries(Object.entries(typeof actual === 'object' && actual !== null ? actual : {}))
}

vi.doMock('../../src/rules/registry.js', async (original) => {
  const actual = await members(original)
  const rules = Array.isArray(actual['rules']) ? actual['rules'].filter(isRule) : []
  const judging = rules.map((rule) => (rule.effect === 'none' && !LOWER_BY_ITEM.has(rule.id) ? telling(rule) : rule))
  return { ...actual, rules: judging }
})

for (const [module, functions] of Object.entries(BESIDE)) {
  vi.doMock(`../../src/report/${module}.js`, async (original) => {
    const actual = await members(original)
    for (const [name, instead] of Object.entries(functions)) {
      const member = actual[name]
      if (typeof member !== 'function') throw new Error(`${module} has no ${name}`)
      actual[name] = (...given: unknown[]): unknown => {
        const said: unknown = isVerdictOnly ? instead : Reflect.apply(member, undefined, given)
        return said
      }
    }
    return actual
  })
}

export const { buildReport } = await import('../../src/report/probe/build.js')
