import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { PLAIN } from '../render/report-sample.js'
import { renderHumanCheck } from '../../../src/render/human-check.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse } from '../../../src/report/build.js'
import { explainDevice } from '../../../src/report/explain.js'
import { card, sysrootOf } from '../rules/metal.js'
import { vmd } from '../rules/vector-platforms.js'

const VMD = '0000:00:0e.0'
const DISK = '10000:e1:00.0'

/**
 * What stands behind a VMD does its DMA as the VMD, so that the kernel puts it into the VMD's group
 * (arch/x86/pci/common.c: pci_real_dma_dev; drivers/iommu/iommu.c: pci_device_group).
 */
function inOneGroup(machine: MachineDescription, beside: boolean): MachineDescription {
  const rootComplexes = machine.rootComplexes.map((bus) => ({
    ...bus,
    functions: [
      ...bus.functions.map((fn) => ({
        ...fn,
        group: 4,
        ...(fn.functions ? { functions: fn.functions.map((one) => ({ ...one, group: 4 })) } : {}),
      })),
      ...(beside && bus.segment === undefined ? [card(2, { group: 4 })] : []),
    ],
  }))
  return { ...machine, rootComplexes }
}

function asked(address: string, beside = false) {
  const machine = probeMachine(sysrootOf({ machine: inOneGroup(vmd('8086:201d', 'VMD-MSI'), beside) }))
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
