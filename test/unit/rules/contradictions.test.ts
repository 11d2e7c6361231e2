import { describe, expect, it } from 'vitest'
import type { Report } from '../../../src/report/types.js'
import { arm, card, intel, judged, link, text, type TestCase } from './metal.js'
import { v2m } from './vector.js'

const CARD = '0000:01:00.0'

function told(testCase: TestCase): {
  readonly report: Report
  readonly findings: readonly string[]
  readonly verdict: string
} {
  const { report } = judged(testCase)
  const findings = report.findings.filter(({ rule }) => rule === 'IR104').map(({ summary }) => summary)
  const verdict = report.devices.find(({ address }) => address === CARD)?.verdict ?? 'not there'
  return { report, findings, verdict }
}

describe('of witnesses that contradict each other the weaker counts, with a finding', () => {
  it('IORT says ITS, the interrupts in use say GICv2m', () => {
    const machine = arm({
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { chipName: `GICv2m-PCI-MSIX-${CARD}` })] }],
    })
    const { findings, verdict, report } = told({ machine })
    expect(verdict).toBe('not-isolated')
    expect(findings).toEqual([
      `Firmware sends the MSIs of ${CARD} to its, its interrupts in use are GICv2m-PCI-MSIX-${CARD}.`,
    ])
    expect(report.findings.find(({ rule }) => rule === 'IR104')?.evidence.map(({ source }) => source)).toEqual(
      expect.arrayContaining(['/sys/firmware/acpi/tables/IORT']),
    )
  })

  it('MADT says GICv2m, the interrupts in use say ITS', () => {
    const machine = arm({
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1, { chipName: `ITS-PCI-MSIX-${CARD}` })] }],
    })
    const { findings, verdict } = told({ machine })
    expect(verdict).toBe('not-isolated')
    expect(findings).toEqual([
      `Firmware sends the MSIs of ${CARD} to gicv2m, its interrupts in use are ITS-PCI-MSIX-${CARD}.`,
    ])
  })

  it('a group, and no SMMU in the tables', () => {
    const machine = arm({ iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1)] }] })
    const edit: TestCase['edit'] = (files) => {
      files.set('sys/kernel/iommu_groups/3/type', text('DMA\n'))
      files.set('sys/kernel/iommu_groups/3/reserved_regions', text(''))
      files.set(
        `sys/kernel/iommu_groups/3/devices/${CARD}`,
        link(`../../../../devices/pci0000:00/0000:00:01.0/${CARD}`),
      )
      files.set(`sys/devices/pci0000:00/0000:00:01.0/${CARD}/iommu_group`, link('../../../../kernel/iommu_groups/3'))
    }
    const { findings, verdict } = told({ machine, edit })
    expect(verdict).toBe('not-isolated')
    expect(findings).toEqual([`${CARD} is in IOMMU group 3, but firmware describes no IOMMU for it.`])
  })

  it('IORT says ITS, the interrupts in use say an ITS of GICv5, which isolates too', () => {
    const rootComplexes = [{ iommu: 'smmu', msi: 'its', functions: [card(1, { chipName: `ITS-v5-PCI-MSIX-${CARD}` })] }]
    const { report, verdict } = told({ machine: arm({ rootComplexes }) })
    expect(verdict).toBe('unknown')
    expect(report.devices.find(({ address }) => address === CARD)?.reason).toBe('witnesses-disagree')
  })

  it('a group, and an SMMU that the kernel does not drive', () => {
    const edit: TestCase['edit'] = (files) => {
      for (const path of files.keys()) if (path.startsWith('sys/class/iommu/')) files.delete(path)
    }
    const { findings, report, verdict } = told({ machine: arm(), edit })
    expect(verdict).toBe('unknown')
    expect(report.devices.find(({ address }) => address === CARD)?.reason).toBe('witnesses-disagree')
    expect(findings).toContain(
      `${CARD} is in IOMMU group 1, but the IOMMU that firmware describes for it is not among those the kernel drives.`,
    )
  })

  /** Domains of debugfs with `from` in place of the flags word. */
  const flags =
    (from: string, to: string): NonNullable<TestCase['edit']> =>
    (files) => {
      for (const [path, entry] of files) {
        if (!path.startsWith('sys/kernel/debug/irq/domains/') || entry.kind !== 'file') continue
        if (typeof entry.content === 'string') continue
        files.set(path, text(new TextDecoder().decode(entry.content).replaceAll(from, to)))
      }
    }
  const isolatedMsi = (report: Report) => report.devices.find(({ address }) => address === CARD)?.kernel.isolatedMsi

  it('a chip name that promises isolation, and domains without the flag', () => {
    const machine = arm({ kernel: { debugfs: true } })
    const { findings, verdict } = told({ machine, edit: flags('0x00000123', '0x00000103') })
    expect(verdict).toBe('not-isolated')
    expect(findings).toEqual([
      `The interrupts of ${CARD} are ITS-PCI-MSIX-${CARD}, yet none of their domains carries the isolation flag.`,
    ])
  })

  it('a chip name that nobody knows, and domains that carry the flag', () => {
    const rootComplexes = [{ iommu: 'smmu', msi: 'its', functions: [card(1, { chipName: 'NEW-PCI-MSIX' })] }]
    const answers = (debugfs: boolean) => {
      const { report, verdict } = told({ machine: arm({ kernel: { debugfs }, rootComplexes }) })
      return [isolatedMsi(report), verdict]
    }
    // msi_device_has_isolated_msi looks at the flags and at nothing else: kernel-decision.md section 7 A 1.
    expect(answers(true)).toEqual(['yes', 'unknown'])
    expect(answers(false)).toEqual(['unknown', 'unknown'])
  })

  it('x86 up to 6.2 remaps without the flag on any domain', () => {
    const edit = flags('0x00000123', '0x00000103')
    const old = told({ machine: intel({ kernel: { release: '6.1.0', debugfs: true } }), edit })
    expect([old.verdict, isolatedMsi(old.report), old.findings]).toEqual(['isolated', 'yes', []])
    const newer = told({ machine: intel({ kernel: { release: '6.3.0', debugfs: true } }), edit })
    expect(newer.verdict).toBe('not-isolated')
  })
})

// K: drivers/iommu/dma-iommu.c, iommu_setup_dma_ops: a device that has a group keeps untranslated DMA.
describe('a group, and a kernel that could not set the IOMMU up for its driver', () => {
  const line = (name: string) => `Failed to set up IOMMU for device ${name}; retaining platform DMA ops`

  it('is a caveat for the device that the line names, and for no other', () => {
    expect(told({ machine: arm({ kernel: { log: [line(CARD)] } }) })).toMatchObject({
      verdict: 'isolated-with-caveats',
      findings: [
        `${CARD} is in IOMMU group 1, but the kernel failed to set the IOMMU up for its driver and left its DMA untranslated.`,
      ],
    })
    expect(told({ machine: arm({ kernel: { log: [line('ff0e0000.ethernet')] } }) }).findings).toEqual([])
  })
})
