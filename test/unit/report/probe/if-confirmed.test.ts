import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import type { Report } from '../../../../src/report/types.js'
import { bundledMachines } from '../../../support/machines.js'
import { asNobody } from '../../../support/unprivileged.js'

const RANK = { isolated: 1, 'isolated-with-caveats': 0 } as const
const conditions = (report: Report) => report.devices.filter(({ ifConfirmed }) => ifConfirmed !== 'none')

describe('what the verdict would be if root confirmed what is in use', async () => {
  const machines = await bundledMachines()
  const checkers = new Set<string>()

  for (const { name, sysroot } of machines) {
    const asRoot = buildReport(probeMachine(sysroot))
    const seen = new Map(asRoot.devices.map((device) => [device.address, device.verdict]))

    it(`is no verdict, and promises of ${name} no less than root sees`, () => {
      const limited = buildReport(probeMachine(asNobody(sysroot)))
      for (const { address, verdict, ifConfirmed, chain } of conditions(limited)) {
        if (ifConfirmed === 'none') continue
        checkers.add(ifConfirmed.checkedBy)
        expect([address, verdict, ifConfirmed.checkedBy]).toEqual([address, 'unknown', chain.msiController.kind])
        expect(ifConfirmed.open).not.toEqual([])
        const full = seen.get(address)
        if (full === 'isolated') expect([address, RANK[ifConfirmed.verdict]]).toEqual([address, RANK.isolated])
      }
    })

    it(`is not said of ${name} once more than rights are missing`, () => {
      const broken = asNobody(sysroot, [['proc/cmdline', { kind: 'unreadable', reason: 'io' }]])
      expect(conditions(buildReport(probeMachine(broken)))).toEqual([])
      expect(conditions(asRoot)).toEqual([])
    })
  }

  it('is said of every kind of controller that checks', () => {
    expect([...checkers].sort()).toEqual(['gicv5-its', 'its', 'x86-remapped'])
  })
})
