import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { analyse } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import { arm, card, sysrootOf, text } from '../../rules/metal.js'

const CARD = '0000:01:00.0'

/** The notes about the log, with the lines below each. */
function said(log: string) {
  const machine = arm({
    kernel: { log: false },
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, 'vfio-pci'), card(2)] }],
  })
  const edit = (files: Map<string, ReturnType<typeof text>>) => files.set('var/log/dmesg', text(log))
  const sysroot = sysrootOf({ machine, edit })
  return explainDevice(analyse(probeMachine(sysroot)), CARD).notes.filter(({ id }) => id.startsWith('kernel-log'))
}

const REFUSED =
  'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param "allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform'

describe('what the kernel log says', () => {
  it('of the function and of the machine, with its meaning and who prints it', () => {
    const [refused, probe, ...others] = said(
      `[    9.1] ${REFUSED}\n[    9.2] vfio-pci: probe of ${CARD} failed with error -22\n[    9.3] usb 1-1: new device\n`,
    )
    expect(others).toEqual([])
    expect(refused?.text).toMatch(/EPERM.*drivers\/vfio\/vfio_iommu_type1\.c: vfio_iommu_type1_attach_group/)
    expect(refused?.evidence).toMatchObject([{ source: '/var/log/dmesg', value: REFUSED }])
    expect(probe?.text).toContain('EINVAL')
  })

  it('not of another function, and of many lines the first three', () => {
    const own = Array.from(
      { length: 5 },
      (_, at) => `[    9.${at}] vfio-pci ${CARD}: Cannot bind to PF with SR-IOV enabled`,
    )
    const other = '[    9.9] vfio-pci: probe of 0000:02:00.0 failed with error -22'
    const [note, ...others] = said(`${[...own, other].join('\n')}\n`)
    expect(others).toEqual([])
    expect(note?.evidence).toHaveLength(3)
    expect(note?.text).toMatch(/ 2 more lines of it\.$/)
  })

  it('of earlier starts is passed over, and that is told', () => {
    const start = (message: string) => [
      '[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x413fd0c1]',
      '[    0.000000] Linux version 6.12.0 (builder@host) #1 SMP',
      '[    0.000000] Kernel command line: quiet',
      ...Array.from({ length: 4 }, (_, at) => `[    1.${at}] usb 1-${at}: new device`),
      `[    9.100000] ${message}`,
    ]
    const notes = said(`${[...start(REFUSED), ...start('usb 1-1: new device')].join('\n')}\n`)
    expect(notes.map(({ id }) => id)).toEqual(['kernel-log-earlier-starts'])
    expect(notes[0]?.text).toContain('8 lines of earlier starts')
  })
})
