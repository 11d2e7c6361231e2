import { describe, expect, it } from 'vitest'
import { PLAIN } from '../render/report-sample.js'
import { renderHumanCheck } from '../../../src/render/probe/human-check.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse } from '../../../src/report/probe/build.js'
import { explainDevice } from '../../../src/report/explain/explain.js'
import { sysrootOf } from '../rules/metal.js'
import { vmdInOneGroup } from '../rules/vector-platforms.js'

const VMD = '0000:00:0e.0'
const DISK = '10000:e1:00.0'

function asked(address: string, beside = false) {
  const machine = probeMachine(sysrootOf({ machine: vmdInOneGroup(beside) }))
  const analysis = analyse(machine, { devices: [address] })
  const [device] = analysis.report.devices
  return { analysis, device, report: analysis.report }
}

describe('a VMD', () => {
  it('takes what stands behind it along, so that its group is judged without that', () => {
    const { device, report, analysis } = asked(VMD)
    expect(device).toMatchObject({ verdict: 'isolated', effectiveVerdict: 'isolated', reason: 'x86-remapped' })
    expect(report.exitCode).toBe(0)
    expect(device?.kernel.vfioType1).toEqual({ outcome: 'accepts', errno: 'none' })
    // Its own driver holds it; that of the disk goes with its bus.
    expect(device?.obstacles.map(({ code }) => code)).toEqual(['bound-elsewhere'])
    expect(renderHumanCheck(report, PLAIN)).not.toMatch(/which decides/)
    expect(explainDevice(analysis, VMD)).toMatchObject({ effectiveVerdict: 'isolated', exitCode: 0 })
  })

  it('is held by other members all the same', () => {
    expect(asked(VMD, true).device?.obstacles.map(({ code }) => code)).toEqual(['bound-elsewhere', 'group-not-viable'])
  })

  it('is no hypervisor to what stands behind it: unknown, assign the VMD itself', () => {
    const { device, report } = asked(DISK)
    expect(device).toMatchObject({ verdict: 'unknown', effectiveVerdict: 'unknown', reason: 'behind-vmd' })
    expect(device?.obstacles.map(({ code }) => code)).toContain('group-not-viable')
    expect(report.exitCode).toBe(3)
    expect(report.findings.find(({ rule }) => rule === 'IR120')?.remedy).toMatch(/^Assign the VMD itself/)
  })
})
