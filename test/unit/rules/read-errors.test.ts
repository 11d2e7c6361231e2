import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import type { Report } from '../../../src/report/types.js'
import { bundledMachines } from '../../support/machines.js'

const AGAIN = 'Run intremap again; where the read error comes back'

describe('a file whose reading fails with an error of the kernel', async () => {
  const machine = (await bundledMachines()).find(({ name }) => name === 'x86-intel-ir-612')
  const CARD = 'sys/bus/pci/devices/0000:00:03.0'
  const after = (path: string, reason: 'io' | 'permission'): Report => {
    if (!machine) throw new Error('the machine is gone')
    return buildReport(probeMachine(machine.sysroot.withChanges([[path, { kind: 'unreadable', reason }]])))
  }
  it.each(['sys/firmware/acpi/tables/DMAR', 'proc/interrupts', 'var/log/dmesg', `${CARD}/iommu_group`])(
    '%s',
    (path) => {
      const report = after(path, 'io')
      expect(report.devices.find(({ address }) => address === '0000:00:03.0')?.verdict).toBe('unknown')
      const remedies = report.findings.filter(({ rule }) => rule === 'IR109').map(({ remedy }) => remedy)
      expect(remedies.length).toBeGreaterThan(0)
      for (const remedy of remedies) expect(remedy).toContain(AGAIN)
      expect(report.unread).toContainEqual(expect.objectContaining({ source: `/${path}`, reason: 'io' }))
      // Where rights are missing, to try again as the same user helps nobody.
      for (const { remedy } of after(path, 'permission').findings) expect(remedy).not.toContain(AGAIN)
    },
  )
})

describe('a machine without any /proc, as in a chroot where nobody mounted it', async () => {
  const machines = new Map((await bundledMachines()).map(({ name, sysroot }) => [name, sysroot]))
  it.each(['x86-intel-ir-612', 'x86-amd-ir-612', 'arm-v3its-smmu-acpi-612', 'arm-v3its-smmu-dt-612', 's390x-zpci'])(
    '%s is judged no better',
    (name) => {
      const machine = machines.get(name)
      if (!machine) throw new Error(`no machine ${name}`)
      const report = buildReport(probeMachine(machine.withChanges([['proc', { kind: 'removed' }]])))
      expect(report.devices.length).toBeGreaterThan(0)
      const good = report.devices.filter(({ verdict }) => verdict === 'isolated' || verdict === 'isolated-with-caveats')
      expect(good.map(({ address }) => address)).toEqual([])
    },
  )
})
