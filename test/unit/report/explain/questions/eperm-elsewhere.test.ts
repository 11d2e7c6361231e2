import { expect, it } from 'vitest'
import { probeMachine } from '../../../../../src/probes/machine.js'
import { renderHumanExplain } from '../../../../../src/render/explain/human-explain.js'
import { analyse } from '../../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../../src/report/explain/explain.js'
import { PLAIN } from '../../../render/report-sample.js'
import { arm, card, intel, sysrootOf, type TestCase } from '../../../rules/metal.js'
import { v2m } from '../../../rules/vector.js'

function asked(machine: TestCase['machine']) {
  const explanation = explainDevice(analyse(probeMachine(sysrootOf({ machine }))), '0000:01:00.0')
  const question = explanation.questions.find(({ id }) => id === 'eperm-elsewhere')
  return { question, screen: renderHumanExplain(explanation, PLAIN) }
}
const free = (change: Parameters<typeof arm>[0] = {}) =>
  arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group: 7 }, 'vfio-pci')] }], ...change })

it('an EPERM of a device that is let through comes from node, cgroup, namespace or memory, by the names of its group', () => {
  const { question, screen } = asked(free())
  expect(question?.answer).toBe('elsewhere')
  expect(question?.because).toMatch(/\/dev\/vfio\/7\b.*control group.*user namespace.*locked memory/)
  expect(question?.because).not.toMatch(/host driver/)
  expect(screen).toContain('if EPERM')
})

it('of one that a host driver holds it may come from that first', () => {
  expect(asked(arm()).question?.because).toMatch(/^From VFIO_GROUP_SET_CONTAINER/)
})

it('in no-IOMMU mode from a missing capability of the host', () => {
  const machine = intel({
    kernel: { parameters: { 'vfio.enable_unsafe_noiommu_mode': 'Y' } },
    iommus: [],
    rootComplexes: [{ functions: [card(1, {}, 'none')] }],
  })
  expect(asked(machine).question?.because).toMatch(/CAP_SYS_RAWIO/)
})

it('of one that is refused it is the refusal', () => {
  const refused = free({
    msiControllers: [v2m],
    rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1, { group: 7 }, 'vfio-pci')] }],
  })
  const { question, screen } = asked(refused)
  expect(question?.answer).toBe('not-applicable')
  expect(screen).not.toContain('if EPERM')
})
