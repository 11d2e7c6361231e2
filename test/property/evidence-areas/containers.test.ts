import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { inContainer } from '../../support/container.js'
import { bundledMachines } from '../../support/machines.js'
import { strengthenings } from '../../support/strengthening.js'

describe('a container of default settings', async () => {
  it.each((await bundledMachines()).map(({ name, sysroot }) => [name, sysroot] as const))(
    'learns less of %s, and no "no" that its host would not say',
    (_, sysroot) => {
      const host = buildReport(probeMachine(sysroot))
      const container = buildReport(probeMachine(inContainer(sysroot)))
      expect(strengthenings(host, container)).toEqual([])
      const before = new Map(host.devices.map(({ address, verdict, reason }) => [address, { verdict, reason }]))
      for (const { address, verdict, reason } of container.devices) {
        expect([address, reason]).not.toEqual([address, 'no-iommu'])
        if (verdict === 'not-isolated')
          expect([address, reason, before.get(address)?.verdict]).toEqual([address, reason, 'not-isolated'])
      }
    },
  )
})
