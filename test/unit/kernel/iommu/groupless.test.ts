import { expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { hasUnit, segmentsWithUnit } from '../../../../src/kernel/iommu/dmar-units.js'
import { hasNoGroupToCome } from '../../../../src/kernel/iommu/groupless.js'
import { buildPciTopology } from '../../../../src/kernel/pci/pci-topology.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { parseDmar } from '../../../../src/probes/acpi/dmar.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { writeDmar } from '../../../../src/emulator/firmware/dmar-writer.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { pciFunction } from '../pci/pci-functions.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))

interface Situation {
  readonly group?: Fact<string>
  readonly driver?: Fact<string>
  readonly architecture?: Machine['kernel']['architecture']
  readonly groups?: Machine['groups']
  readonly log?: Fact<readonly string[]>
  readonly virtualization?: Machine['virtualization']
  readonly ports?: Fact<readonly PciFunction[]>
  /** Chips and triggers, as /proc/interrupts shows them. */
  readonly interrupts?: readonly string[]
}

const port = (at: string, classCode: number | 'UNREADABLE' = 0x060400, iommuGroup: Fact<string> = absent()) => ({
  ...pciFunction({ at, classCode }),
  iommuGroup,
})
const SOME_GROUP = BASE.groups.state === 'known' ? known(BASE.groups.value.slice(0, 1)) : BASE.groups
const hints = (hypervisor?: string): Machine['virtualization'] => ({
  virtualized: 'unknown',
  evidence: absent(),
  ...(hypervisor !== undefined && { hypervisor }),
})
const NOTHING_AGAINST_XEN: Situation = { groups: known([]), log: absent(), virtualization: hints() }
const DRIVEN: Situation = { driver: known('nvme') }

/**
 * K: drivers/iommu/iommu.c, probe_iommu_group, as Linux boots on x86; drivers/base/dd.c, really_probe, as a driver binds
 * elsewhere, which those of VFIO do not settle. Linux is told of no IOMMU as the control domain of Xen.
 */
it.each<[string, boolean, Situation]>([
  ['one of Arm without a driver', false, {}],
  ['one of x86', true, { architecture: known('x86_64') }],
  ['one of an architecture that cannot be read', false, { architecture: unreadable('io') }],
  ['one that is in a group', false, { ...DRIVEN, group: known('1') }],
  ['one whose group cannot be read', false, { ...DRIVEN, group: unreadable('io') }],
  ['one that a driver has', true, DRIVEN],
  ['one that VFIO has', false, { driver: known('vfio-pci') }],
  ['one whose driver cannot be read', false, { driver: unreadable('io') }],
  ['one that a driver has, maybe of Xen', false, { ...DRIVEN, ...NOTHING_AGAINST_XEN }],
  ['the same of which no groups can be read', false, { ...DRIVEN, ...NOTHING_AGAINST_XEN, groups: unreadable('io') }],
  ['one where there is a group', true, { ...DRIVEN, ...NOTHING_AGAINST_XEN, groups: SOME_GROUP }],
  ['one where there is a log', true, { ...DRIVEN, ...NOTHING_AGAINST_XEN, log: known([]) }],
  ['one of another hypervisor', true, { ...DRIVEN, ...NOTHING_AGAINST_XEN, virtualization: hints('kvm') }],
  ['one of Xen', false, { ...DRIVEN, ...NOTHING_AGAINST_XEN, virtualization: hints('xen') }],
  [
    'one where Linux drives the IO-APICs',
    true,
    { ...DRIVEN, ...NOTHING_AGAINST_XEN, interrupts: ['IO-APIC 2-edge', 'PCI-MSI 524288-edge'] },
  ],
  [
    'one where it does so with remapping',
    true,
    { ...DRIVEN, ...NOTHING_AGAINST_XEN, interrupts: ['IR-IO-APIC 2-edge'] },
  ],
  [
    'one where Xen has interrupts too',
    false,
    { ...DRIVEN, ...NOTHING_AGAINST_XEN, interrupts: ['IO-APIC 2-edge', 'xen-dyn -event'] },
  ],
  [
    'one whose interrupts in use are all of Xen',
    false,
    { ...DRIVEN, ...NOTHING_AGAINST_XEN, interrupts: ['xen-pirq -ioapic-level'] },
  ],
  [
    'one where only messages are in use',
    false,
    { ...DRIVEN, ...NOTHING_AGAINST_XEN, interrupts: ['PCI-MSI 524288-edge'] },
  ],
  ['one beside a port without a group', true, { ports: known([port('00:01.0')]) }],
  [
    'one beside two ports, of which one has a group',
    true,
    { ports: known([port('00:01.0', 0x060400, known('1')), port('00:02.0')]) },
  ],
  ['one beside a port with a group', false, { ports: known([port('00:01.0', 0x060400, known('1'))]) }],
  ['one beside a port of another segment', false, { ports: known([port('0001:00:01.0')]) }],
  ['one beside a function that is no port', false, { ports: known([port('00:01.0', 0x060500)]) }],
  ['one beside a function of unknown class', false, { ports: known([port('00:01.0', 'UNREADABLE')]) }],
  ['one of a machine whose functions cannot be read', false, { ports: unreadable('io') }],
])('has no group to come: %s: %s', (_, expected, at) => {
  const { group = absent(), driver = absent(), architecture = known('arm64'), groups = SOME_GROUP } = at
  const { log = absent(), virtualization = BASE.virtualization, ports = known([]), interrupts = [] } = at
  const fn = { ...pciFunction({ at: '00:05.0' }), iommuGroup: group, driver }
  const procInterrupts = known(interrupts.map((description, index) => ({ irq: index + 1, description })))
  const machine = {
    ...BASE,
    groups,
    virtualization,
    functions: ports,
    kernel: { ...BASE.kernel, log, architecture },
    interrupts: { ...BASE.interrupts, procInterrupts },
  }
  expect(hasNoGroupToCome(contextOf(machine), fn)).toBe(expected)
})

// K: drivers/iommu/intel/dmar.c, dmar_find_matched_drhd_unit.
it('a remapping unit may stand before the functions of its segment, and other structures are none', () => {
  const fn = pciFunction({ at: '0001:00:01.0' })
  const has = (...structures: Parameters<typeof writeDmar>[0]['structures']) =>
    hasUnit(
      segmentsWithUnit(known(parseDmar(writeDmar({ flags: 1, structures }), 'DMAR'))),
      buildPciTopology([fn], undefined),
      fn,
    )
  const unit = (segment: number) => ({ type: 'drhd', segment, base: 0xfed90000 }) as const
  expect([has(unit(1)), has(unit(0)), has(unit(0), unit(1))]).toEqual([true, false, true])
  expect(has({ type: 'rmrr', segment: 1, base: 0x1000, end: 0x1fff })).toBe(false)
  for (const dmar of [absent(), unreadable('io')]) expect(segmentsWithUnit(dmar).size).toBe(0)
})
