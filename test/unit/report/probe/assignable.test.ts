import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { verdictUnder } from '../../../../src/report/exit-code.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import type { AssignableReport } from '../../../../src/report/assignment-types.js'
import type { DeviceReport } from '../../../../src/report/types.js'
import { bundledMachines } from '../../../support/machines.js'
import { device } from '../../render/report-sample.js'
import { arm, card, sysrootOf, text, type TestCase } from '../../rules/metal.js'
import { v2m } from '../../rules/vector.js'

const CARD = '0000:01:00.0'
const assignable = (testCase: TestCase): AssignableReport | undefined =>
  buildReport(probeMachine(sysrootOf(testCase))).devices.find(({ address }) => address === CARD)?.assignable

/** The card with an attribute of sysfs. */
const having =
  (attribute: string, content: string): NonNullable<TestCase['edit']> =>
  (files) => {
    const own = [...files.keys()].find((path) => path.startsWith('sys/devices/') && path.endsWith(`${CARD}/vendor`))
    if (own === undefined) throw new Error('no card')
    files.set(own.replace(/vendor$/, attribute), text(content))
  }

describe('a function may be handed out', () => {
  test('where it is isolated, accepted, and nothing else stops it', () => {
    expect(assignable({ machine: arm() })).toMatchObject({ answer: 'yes', reasons: [] })
  })

  test.each<readonly [string, TestCase, AssignableReport['answer'], string]>([
    [
      'its MSIs are checked by nobody',
      { machine: arm({ msiControllers: [v2m], firmware: 'devicetree' }) },
      'no',
      'not-isolated',
    ],
    [
      'another function of its group has a host driver',
      {
        machine: arm({ rootComplexes: [{ iommu: 'smmu', functions: [card(1, { group: 7 }), card(2, { group: 7 })] }] }),
      },
      'no',
      'group-not-viable',
    ],
    ['it has no way to be reset', { machine: arm(), edit: having('reset_method', '\n') }, 'no', 'no-reset'],
    [
      'its override names another driver',
      { machine: arm(), edit: having('driver_override', 'pci-stub\n') },
      'no',
      'driver-override',
    ],
  ])('but not where %s', (_, testCase, answer, reason) => {
    const found = assignable(testCase)
    expect(found?.answer).toBe(answer)
    expect(found?.interfaces).toEqual([])
    expect(found?.reasons).toContain(reason)
  })
})

test('the exit code follows what may be handed out, or isolation, as asked', () => {
  const having = (answer: AssignableReport['answer'], verdict: DeviceReport['verdict']) =>
    device(CARD, { verdict, assignable: { answer, interfaces: [], reasons: [] } })
  expect(verdictUnder('isolated', having('no', 'isolated'))).toBe('isolated')
  expect(verdictUnder('assignable', having('no', 'isolated'))).toBe('not-isolated')
  expect(verdictUnder('assignable', having('unknown', 'isolated'))).toBe('unknown')
  expect(verdictUnder('assignable', having('yes', 'isolated-with-caveats'))).toBe('isolated-with-caveats')
})

test('on no bundled machine is one handed out that is not isolated, or that the kernel refuses', async () => {
  for (const { name, sysroot } of await bundledMachines()) {
    for (const { address, role, assignable: found, effectiveVerdict, kernel } of buildReport(probeMachine(sysroot))
      .devices) {
      const at = `${name} ${address}`
      expect(found.answer === 'yes', at).toBe(found.interfaces.length > 0)
      expect(found.answer === 'yes', at).toBe(found.reasons.length === 0)
      if (found.answer !== 'yes') continue
      expect(role, at).toBe('endpoint')
      expect(['isolated', 'isolated-with-caveats'], at).toContain(effectiveVerdict)
      for (const which of found.interfaces) expect(kernel[which].outcome, at).toMatch(/^accepts(?:-by-override)?$/)
    }
  }
})
