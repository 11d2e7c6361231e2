import { describe, expect, it } from 'vitest'
import { renderHumanProbe } from '../../../src/render/probe/human-probe.js'
import { PLAIN } from '../render/report-sample.js'
import { arm, card, IDLE, intel, judged, text, type TestCase } from '../rules/metal.js'

const CARD = '0000:01:00.0'

/** Xen takes the DMAR, or the SMMU's nodes, out of what the domain is shown; no group is made there. */
const below = (capabilities: string, driver = 'i40e'): TestCase => ({
  machine: intel({ iommus: [], acpi: { dmar: null }, rootComplexes: [{ functions: [card(1, {}, driver)] }] }),
  edit: (files) => {
    files.set('sys/hypervisor/type', text('xen\n'))
    files.set('proc/xen/capabilities', text(capabilities))
  },
})

describe('the control domain of Xen', () => {
  it('cannot tell, and sends to Xen', () => {
    const { report } = judged(below('control_d\n'))
    expect(report.devices.find(({ address }) => address === CARD)).toMatchObject({
      verdict: 'unknown',
      reason: 'hypervisor-owns-iommu',
      kernel: { vfioType1: { outcome: 'refuses', errno: 'EINVAL' } },
    })
    expect(report.exitCode).toBe(3)
    expect(report.platform.virtualized).toBe('no')
    expect(report.findings.map(({ rule }) => rule)).not.toContain('IR003')
    const screen = renderHumanProbe(report, PLAIN).replaceAll(/\s+/g, ' ')
    expect(screen).toContain('xl dmesg')
    expect(screen).not.toMatch(/this guest|firmware setup|NOT ISOLATED/)
  })

  it('of Arm as well, whatever its IORT says', () => {
    const machine = arm({ iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1)] }] })
    const { edit } = below('control_d\n')
    const { report } = judged({ machine, ...(edit ? { edit } : {}) })
    expect(report.devices.find(({ address }) => address === CARD)).toMatchObject({
      verdict: 'unknown',
      reason: 'hypervisor-owns-iommu',
    })
  })

  it('is no other domain: a guest without an IOMMU is not isolated', () => {
    const { report } = judged(below('', IDLE))
    expect(report.devices.find(({ address }) => address === CARD)).toMatchObject({
      verdict: 'not-isolated',
      reason: 'no-iommu',
      cause: { id: 'guest-without-iommu' },
    })
  })
})
