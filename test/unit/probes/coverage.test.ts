import { describe, expect, it } from 'vitest'
import { coverageOf } from '../../../src/probes/coverage.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { link } from './small-machine.js'

const machine = (tree: TreeDescription) => memorySysroot({ kind: 'sysroot', name: 'test' }, tree)
const uncovered = (tree: TreeDescription) => [...coverageOf(machine(tree)).uncovered].sort()

/** A table of `signature` without content: a wrong length, so that it is damaged where it is read. */
const TABLES = 'sys/firmware/acpi/tables'
const GROUP = { 'sys/kernel/iommu_groups/0/type': 'DMA\n', 'sys/kernel/iommu_groups/0/reserved_regions': '' }
const REST = {
  'sys/kernel/iommu_groups': { kind: 'directory' },
  'sys/class/iommu': { kind: 'directory' },
  'sys/bus/pci/devices': { kind: 'directory' },
} satisfies TreeDescription

describe('coverageOf', () => {
  it.each<[string, TreeDescription, readonly string[]]>([
    ['tables', { ...REST, [`${TABLES}/FACP`]: '' }, []],
    ['a device tree', { ...REST, 'sys/firmware/devicetree/base/compatible': 'vendor,board\0' }, []],
    ['a boot blob', { ...REST, 'sys/firmware/fdt': '' }, []],
    ['a kernel that shows firmware, without tables', { ...REST, 'sys/firmware/memmap/0/type': 'System RAM\n' }, []],
    ['no firmware', REST, ['acpi-tables', 'device-tree']],
    ['an empty sys/firmware', { ...REST, 'sys/firmware': { kind: 'directory' } }, ['acpi-tables', 'device-tree']],
    // A kernel of 6.9 or later without a tree.
    [
      'the empty root node of x86 and nothing else',
      { ...REST, 'sys/firmware/devicetree/base/name': '\0' },
      ['acpi-tables', 'device-tree'],
    ],
    [
      'what of firmware people copy for its identity',
      { ...REST, 'sys/firmware/dmi/tables/DMI': '' },
      ['acpi-tables', 'device-tree'],
    ],
    [
      'functions alone',
      { 'sys/bus/pci/devices/0000:00:00.0': link('../../../devices/pci0000:00/0000:00:00.0') },
      ['acpi-tables', 'device-tree', 'iommu-class', 'iommu-groups'],
    ],
    ['nothing', {}, ['acpi-tables', 'device-tree', 'iommu-class', 'iommu-groups', 'pci-functions']],
    [
      'groups without the class',
      { ...GROUP, 'sys/bus/pci/devices': { kind: 'directory' }, [`${TABLES}/FACP`]: '' },
      ['iommu-class'],
    ],
    // A copy that leaves empty directories out: no group, so no IOMMU is driven.
    [
      'an empty list of groups without the class',
      {
        'sys/kernel/iommu_groups': { kind: 'directory' },
        'sys/bus/pci/devices': { kind: 'directory' },
        [`${TABLES}/FACP`]: '',
      },
      [],
    ],
  ])('%s', (_title, tree, expected) => {
    expect(uncovered(tree)).toEqual(expected)
  })

  it('calls an empty sys/firmware a mask, a missing one not', () => {
    expect(coverageOf(machine({ 'sys/firmware': { kind: 'directory' } })).masked).toBe(true)
    expect(coverageOf(machine({})).masked).toBe(false)
  })
})

const NOT_COLLECTED = { state: 'unreadable', reason: 'not-collected' }

describe('probeMachine outside of the coverage', () => {
  it('has no table, tree, group, class or function that is absent', () => {
    const { acpi, deviceTree, groups, iommus, functions } = probeMachine(machine({}))
    for (const fact of [acpi.names, acpi.dmar, acpi.ivrs, acpi.iort, acpi.viot, deviceTree, groups, iommus, functions])
      expect(fact).toMatchObject(NOT_COLLECTED)
  })

  it('calls a table absent only in a listing with one that every firmware has', () => {
    expect(probeMachine(machine({ ...REST, [`${TABLES}/FACP`]: '' })).acpi.dmar).toMatchObject({ state: 'absent' })
    expect(probeMachine(machine({ ...REST, [`${TABLES}/MCFG`]: '' })).acpi.dmar).toMatchObject(NOT_COLLECTED)
  })

  it('reads neither the nodes nor the options of a container as those of the machine', () => {
    const masked: TreeDescription = {
      'sys/firmware': { kind: 'directory' },
      'dev/null': '',
      'etc/modprobe.d/a.conf': 'options vfio x=1\n',
    }
    const { kernel } = probeMachine(machine(masked))
    expect(kernel.deviceNodes).toMatchObject(NOT_COLLECTED)
    expect(kernel.modprobeOptions).toMatchObject(NOT_COLLECTED)
  })
})

describe('second witnesses of a table that is not listed', () => {
  const chips = (line: string) => `           CPU0\n 24:          0  ${line}\n`
  const acpi = (tree: TreeDescription) =>
    probeMachine(
      machine({ ...REST, [`${TABLES}/FACP`]: '', 'proc/interrupts': chips('IO-APIC   2-edge timer'), ...tree }),
    ).acpi
  const instance = (name: string): TreeDescription => ({
    [`sys/class/iommu/${name}`]: link(`../../devices/virtual/iommu/${name}`),
    [`sys/devices/virtual/iommu/${name}/devices`]: { kind: 'directory' },
  })

  it.each<[string, TreeDescription, readonly string[]]>([
    ['none', {}, []],
    ['an instance of VT-d', instance('dmar0'), ['dmar']],
    ['an instance of AMD-Vi', instance('ivhd0'), ['ivrs']],
    ['an instance of an SMMU', instance('smmu3.0x0000000009050000'), ['iort']],
    ['a remapped interrupt', { 'proc/interrupts': chips('IR-PCI-MSI 327680-edge xhci_hcd') }, ['dmar', 'ivrs']],
    ['an interrupt of an ITS', { 'proc/interrupts': chips('ITS-PCI-MSIX-0000:01:00.0   0 Edge      eth0') }, ['iort']],
    ['a group that translates', GROUP, ['dmar', 'iort', 'ivrs', 'rimt', 'viot']],
    // VFIO's no-IOMMU mode makes a group without a domain (K: iommu_group_show_type).
    ['a group without a domain', { 'sys/kernel/iommu_groups/0/type': 'unknown\n' }, []],
  ])('%s', (_title, tree, expected) => {
    const { dmar, ivrs, iort, viot, rimt } = acpi(tree)
    const lost = Object.entries({ dmar, ivrs, iort, viot, rimt }).filter(([, fact]) => fact.state !== 'absent')
    expect(lost.map(([name]) => name).sort()).toEqual(expected)
    for (const [, fact] of lost) expect(fact).toMatchObject(NOT_COLLECTED)
  })
})
