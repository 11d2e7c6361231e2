import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { analyse } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import type { DeviceExplanation } from '../../../../src/report/explain/explanation.js'
import { arm, card, closed, sysrootOf, type TestCase } from '../../rules/metal.js'

const CARD = '0000:01:00.0'
const explained = (testCase: TestCase): DeviceExplanation =>
  explainDevice(analyse(probeMachine(sysrootOf(testCase))), CARD)

describe('what is said of a function includes', () => {
  const unsafe = arm({ kernel: { parameters: { 'vfio_iommu_type1.allow_unsafe_interrupts': 'Y' } } })

  it('findings about the machine as a whole', () => {
    expect(explained({ machine: unsafe }).findings.map(({ rule }) => rule)).toContain('IR001')
  })
  it('none about another function, and none about firmware that touches nobody', () => {
    // The IORT has no mapping to an ITS for the second card, nor for buses that nobody has yet.
    const machine = arm({
      rootComplexes: [
        {
          iommu: 'smmu',
          msiMap: [{ from: 0, count: 0x200, to: 'its' }],
          functions: [card(1), card(2)],
        },
      ],
    })
    const about = explained({ machine }).findings
    expect(about.filter(({ devices }) => devices.length > 0 && !devices.includes(CARD))).toEqual([])
    expect(about.filter(({ rule, devices }) => devices.length === 0 && rule > 'IR2')).toEqual([])
  })
})

describe('the members of a group that hold a function down', () => {
  /** Two functions of one group, of which the second cannot be told. */
  const together = (edit?: TestCase['edit']): TestCase => ({
    machine: arm({
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          functions: [
            {
              address: '00:01.0',
              id: '1def:e100',
              type: 'root-port',
              driver: 'pcieport',
              functions: [
                { address: '01:00.0', id: '8086:1572', driver: 'vfio-pci', msix: 2, group: 7 },
                { address: '01:00.1', id: '8086:1572', driver: 'vfio-pci', msix: 2, group: 7 },
              ],
            },
          ],
        },
      ],
    }),
    ...(edit ? { edit } : {}),
  })
  const unread = together((tree) => {
    for (const path of tree.keys()) if (/01:00\.1\/(?:config|msi_irqs.*)$/.test(path)) tree.set(path, closed)
  })

  it('are none where all are as good as it', () => {
    const { device, effectiveVerdict, weakerMembers } = explained(together())
    expect([effectiveVerdict, weakerMembers]).toEqual([device.verdict, []])
  })
  it('are named where they are weaker, and they alone', () => {
    const { device, effectiveVerdict, weakerMembers } = explained(unread)
    expect({ weaker: effectiveVerdict !== device.verdict, weakerMembers }).toEqual({
      weaker: true,
      weakerMembers: ['0000:01:00.1'],
    })
  })
})
