import { describe, expect, test } from 'vitest'
import { openSysroot } from '../../../../src/index.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { renderHumanDoctor } from '../../../../src/render/doctor/human-doctor.js'
import { doctorReport } from '../../../../src/report/doctor/doctor.js'
import type { DoctorReport } from '../../../../src/report/doctor/doctor-report.js'
import { bundledMachines } from '../../../support/machines.js'
import { asNobody } from '../../../support/unprivileged.js'

const machines = await bundledMachines()
const AS_ROOT = { node: 'v22.0.0', root: true, dtc: '/usr/bin/dtc' } as const
const options = { columns: 80, colorLevel: 0, all: false } as const
const sight = ({ sights }: DoctorReport, id: string) => sights.find((one) => one.id === id)
const machineNamed = (name: string) => {
  const found = machines.find((machine) => machine.name === name)
  if (!found) throw new Error(`no bundled machine ${name}`)
  return found.sysroot
}

describe('what a run can see', () => {
  test('is all that decides, of every bundled machine; and not all of it without rights', () => {
    for (const { name, sysroot } of machines) {
      const whole = doctorReport(probeMachine(sysroot), AS_ROOT)
      expect([name, whole.exitCode, whole.sights.filter(({ state }) => state === 'hidden')]).toEqual([name, 0, []])
      const limited = doctorReport(probeMachine(asNobody(sysroot)), { ...AS_ROOT, root: false })
      // A machine without functions and tables hides nothing from anybody.
      const hides =
        sight(whole, 'acpi-tables')?.state === 'seen' || sight(whole, 'pci-functions')?.detail !== '0 functions'
      expect([name, limited.exitCode]).toEqual([name, hides ? 3 : 0])
      expect(limited.sights.every(({ state, step }) => state !== 'hidden' || step !== 'none')).toBe(true)
    }
  })

  test('says of configuration space how much of it, and who can read the rest', () => {
    const limited = doctorReport(probeMachine(asNobody(machineNamed('ampere-altra-server'))), AS_ROOT)
    expect(sight(limited, 'configuration-space')).toMatchObject({
      state: 'partly',
      detail: 'whole, of 0 of 16 functions; 16 paths not read (permission denied)',
      // A capture cannot be read again as root.
      step: 'have root take the capture',
    })
  })

  test('of pasted texts is what was pasted', async () => {
    const log =
      '[    0.000000] Linux version 6.12.95+deb12-arm64 (builder@example) #1 SMP\n' +
      '[    1.000000] arm-smmu-v3 arm-smmu-v3.0.auto: ias 48-bit, oas 48-bit (features 0x00001fff)\n'
    const sysroot = await openSysroot({ evidence: ['dmesg.txt'], contents: new Map([['dmesg.txt', Buffer.from(log)]]) })
    const pasted = doctorReport(probeMachine(sysroot), AS_ROOT)
    expect(pasted.exitCode).toBe(3)
    expect(sight(pasted, 'pci-functions')).toMatchObject({ state: 'hidden', detail: '1 path not read (not collected)' })
  })

  test('below the mask of a container names what helps', () => {
    const masked = machineNamed('ampere-altra-server').withChanges([
      ['sys/firmware/acpi', { kind: 'removed' }],
      ['sys/firmware', { kind: 'listing', names: [] }],
    ])
    const doctor = doctorReport(probeMachine(masked), AS_ROOT)
    expect(sight(doctor, 'acpi-tables')?.state).toBe('hidden')
    expect(sight(doctor, 'acpi-tables')?.step).toContain('--sysroot /host')
  })

  test('fits a screen, and tells a step once', () => {
    for (const { name, sysroot } of machines) {
      const text = renderHumanDoctor(
        doctorReport(probeMachine(asNobody(sysroot)), { ...AS_ROOT, root: false, dtc: undefined }),
        options,
      )
      const lines = text.trimEnd().split('\n')
      expect([name, lines.length <= 34, lines.filter((line) => line.length > 80)]).toEqual([name, true, []])
      expect(text.match(/have root take the capture/g)?.length ?? 0).toBeLessThanOrEqual(1)
    }
  })
})
