import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { decided } from '../../../../src/kernel/decision.js'
import { describedIommu } from '../../../../src/kernel/iommu/iommu-description.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'
import { pciFunction } from '../pci/pci-functions.js'

const X86 = probeMachine(sysrootOf({ machine: intel({}) }))
const CLOSED = unreadable('permission')
const NO_TABLES = { iort: absent(), viot: absent(), rimt: absent(), dmar: absent(), ivrs: absent() } as const

/**
 * x86, where nobody collected the tables: the driver whose remapping the log says is on is the only one that makes groups
 * (K: drivers/iommu/intel/iommu.c, drivers/iommu/amd/init.c). Another table, a hypothetical release, or no group: nothing.
 */
describe('the IOMMU that the log alone shows', () => {
  const UNTOLD = unreadable('not-collected')
  const VTD = 'DMAR-IR: Enabled IRQ remapping in x2apic mode'
  const AMD = 'AMD-Vi: Interrupt remapping enabled'
  interface Situation {
    readonly log?: string
    readonly tables?: Partial<Machine['acpi']>
    readonly group?: Fact<string>
    readonly at?: string
    readonly classCode?: Fact<number>
    readonly release?: string
  }
  function byLog(situation: Situation): string {
    const { log = VTD, tables, group: iommuGroup = known('4'), at = '01:00.0', classCode, release } = situation
    const fn = { ...pciFunction({ at }), iommuGroup, ...(classCode && { classCode }) }
    const kernel = { ...X86.kernel, log: known([log]) }
    const acpi = { ...X86.acpi, ...NO_TABLES, dmar: UNTOLD, ivrs: UNTOLD, viot: UNTOLD, ...tables }
    const answer = describedIommu(
      contextOf({ ...X86, kernel, acpi, functions: known([fn]) }, release),
      fn,
      decided([0x100]),
    )
    if (answer.state === 'undecided') return answer.doubt
    return answer.value === 'none'
      ? 'none'
      : `${answer.value.kind} ${answer.value.source} ${answer.value.streamIds.join()}`
  }
  it.each<[string, Situation, string]>([
    ['Intel', {}, 'vt-d dmar 256'],
    ['AMD', { log: AMD }, 'amd-vi ivrs 256'],
    ['Intel, and no table of AMD', { tables: { ivrs: absent() } }, 'vt-d dmar 256'],
    ['AMD, and no table of Intel', { log: AMD, tables: { dmar: absent() } }, 'amd-vi ivrs 256'],
    ['Intel, and a table of Intel that is closed', { tables: { dmar: CLOSED } }, 'unreadable'],
    ['Intel, and a table of AMD that is closed', { tables: { ivrs: CLOSED } }, 'unreadable'],
    ['AMD, and no table of AMD', { log: AMD, tables: { ivrs: absent() } }, 'unreadable'],
    ['nothing', { log: 'Linux version 6.12.0' }, 'unreadable'],
    ['that it is off', { log: 'DMAR-IR: Not enabling interrupt remapping' }, 'unreadable'],
    ['a function without a group', { group: absent() }, 'unreadable'],
    ['a function whose group cannot be read', { group: CLOSED }, 'unreadable'],
    ['a function whose class cannot be read', { classCode: CLOSED }, 'unreadable'],
    ['the function of the IOMMU', { log: AMD, classCode: known(0x080600) }, 'unreadable'],
    ['a function behind a VMD', { at: '10000:01:00.0' }, 'unreadable'],
    ['the last segment that is none of a VMD', { at: 'ffff:01:00.0' }, 'vt-d dmar 256'],
    ['another release than the one that runs', { release: '6.1.0' }, 'unreadable'],
  ])('%s', (_, situation, expected) => {
    expect(byLog(situation)).toBe(expected)
  })
  it('rests on that line and on the group', () => {
    const place = { path: 'iommu_group' }
    const fn = { ...pciFunction({ at: '01:00.0' }), iommuGroup: known('4', place) }
    const acpi = { ...X86.acpi, ...NO_TABLES, dmar: UNTOLD, ivrs: UNTOLD, viot: UNTOLD }
    const kernel = { ...X86.kernel, log: known([VTD]) }
    const answer = describedIommu(contextOf({ ...X86, kernel, acpi, functions: known([fn]) }), fn, decided([0x100]))
    expect(answer.from).toEqual([expect.objectContaining({ excerpt: VTD }), place])
  })
})
