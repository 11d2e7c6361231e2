import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { conditionWords } from '../../../../src/render/words/condition-words.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { asNobody } from '../../../support/unprivileged.js'
import { arm, card, intel, sysrootOf, tree, type TestCase } from '../../rules/metal.js'

const asked = (machine: TestCase['machine']) => {
  const sysroot = sysrootOf({ machine })
  const words = (report: ReturnType<typeof buildReport>) =>
    conditionWords(report.devices.filter(({ role }) => role === 'endpoint'))
  return {
    root: words(buildReport(probeMachine(sysroot))),
    nobody: words(buildReport(probeMachine(asNobody(sysroot)))),
  }
}

describe('what a user without privileges is told of a device that root would call isolated', () => {
  it('names what was seen, what only root can tell, and what root would see', () => {
    const { nobody } = asked(arm())
    expect(nobody).toMatch(
      /^The interrupts in use are checked by an ITS; only root can tell whether the SMMU lets others by/,
    )
    expect(nobody).toMatch(/If nothing there speaks against it, root sees [a-z ]*isolated/)
  })

  it('names the controller that checks', () => {
    expect(asked(intel()).nobody).toMatch(
      /^The interrupts in use are checked by interrupt remapping; only root can tell/,
    )
  })

  it('is silent where no interrupt is in use, and for root', () => {
    const idle = arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { msix: 0 }, 'none')] }] })
    expect(asked(idle).nobody).toBe('')
    expect([asked(arm()).root, asked(tree()).root, asked(intel()).root]).toEqual(['', '', ''])
  })
})
