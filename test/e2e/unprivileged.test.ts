import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import { bundledMachines } from '../support/machines.js'
import { strengthenings } from '../support/strengthening.js'
import { asNobody } from '../support/unprivileged.js'

describe('a user without privileges', async () => {
  for (const { name, sysroot } of await bundledMachines()) {
    it(`learns less of ${name}, and nothing better`, () => {
      const machine = probeMachine(sysroot)
      const full = buildReport(machine)
      const limited = probeMachine(asNobody(sysroot))
      const report = buildReport(limited)
      expect(strengthenings(full, report)).toEqual([])
      if (report.platform.gateRule !== 'per-device') return
      const functions = limited.functions.state === 'known' ? limited.functions.value : []
      for (const fn of functions) {
        const device = report.devices.find((at) => at.address === fn.name)
        const before = full.devices.find((at) => at.address === fn.name)
        // Where an MSI is in use the kernel's answer needs no privilege.
        if (fn.msiVectors.state === 'known')
          expect([fn.name, device?.kernel.isolatedMsi]).toEqual([fn.name, before?.kernel.isolatedMsi])
        // What could hold a hazard was not read, so nothing is called isolated.
        if (before?.verdict.startsWith('isolated'))
          expect([fn.name, device?.verdict, device?.reason]).toEqual([fn.name, 'unknown', 'unreadable'])
      }
    })
  }
})
