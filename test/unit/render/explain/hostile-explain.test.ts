import { expect, test } from 'vitest'
import { renderHumanExplain } from '../../../../src/render/explain/human-explain.js'
import { renderHumanRule } from '../../../../src/render/rules/human-rule.js'
import { analyse } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import type { DeviceExplanation } from '../../../../src/report/explain/explanation.js'
import { ruleCatalogue } from '../../../../src/report/catalogue/rule-catalogue.js'
import { rules } from '../../../../src/rules/registry.js'
import { machineNamed, machineNames, MACHINES_FROM } from '../../../support/whole-machines.js'
import { PLAIN } from '../report-sample.js'

const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/
const HOSTILE = '\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u2028\r\n!! forged\u0000'

/** Fields whose words are the program's own and choose what is printed; every other text may come from a machine. */
const OWN = new Set(
  'schema kind role verdict effectiveVerdict strength reason actor severity outcome effect code errno attachment gateRule isolatedMsi answer'.split(
    ' ',
  ),
)

function hostile(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return OWN.has(key) ? value : HOSTILE
  if (Array.isArray(value)) return value.map((item: unknown) => hostile(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hostile(item, name)]))
}

const name = machineNames.find((at) => at.includes('topo')) ?? machineNames[0] ?? 'none'

test.skipIf(name === 'none').each([false, true])(
  `no text of a machine passes a control character or starts a line, all %s (${name}, ${MACHINES_FROM})`,
  async (all) => {
    const machine = await machineNamed(name)
    if (!machine) throw new Error(`${name} is gone`)
    const analysis = analyse(machine)
    for (const { address } of analysis.report.devices) {
      // Only texts are replaced, by texts.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const explanation = hostile(explainDevice(analysis, address)) as DeviceExplanation
      const text = renderHumanExplain(explanation, { ...PLAIN, all })
      expect(text).toContain('forged')
      expect(text).not.toMatch(FORBIDDEN)
      expect(text).not.toMatch(/^!! forged/m)
    }
  },
)

test('a rule page escapes as well, should its data ever come from elsewhere', () => {
  const [rule] = ruleCatalogue(rules).rules
  if (!rule) throw new Error('no rules')
  expect(renderHumanRule({ ...rule, title: HOSTILE, why: HOSTILE }, PLAIN)).not.toMatch(FORBIDDEN)
})
