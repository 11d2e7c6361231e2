import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { decided, undecided } from '../../../../src/kernel/decision.js'
import { describedIommu } from '../../../../src/kernel/iommu/iommu-description.js'
import type { TableHeader } from '../../../../src/machine/acpi-table.js'
import { absent, known, unreadable } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { ViotNode, ViotTable } from '../../../../src/machine/viot.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, intel, sysrootOf } from '../../rules/metal.js'
import { group, mapping, rc, smmu, tableOf } from '../iort/iort-nodes.js'
import { pciFunction } from '../pci/pci-functions.js'

const ARM = probeMachine(sysrootOf({ machine: arm({}) }))
const X86 = probeMachine(sysrootOf({ machine: intel({}) }))
const CLOSED = unreadable('permission')
const NO_TABLES = { iort: absent(), viot: absent(), rimt: absent(), dmar: absent(), ivrs: absent() } as const

const header: TableHeader = {
  signature: 'VIOT',
  length: 104,
  revision: 0,
  checksum: 'ok',
  oemId: 'EXAMPL',
  oemTableId: 'EXAMPLE ',
  oemRevision: 1,
}
/** Functions 00:01.0 to 01:ff of segments 1 and 2 behind a virtio-iommu that is 00:02.0 of segment 1. */
const range: ViotNode = {
  type: 'pci-range',
  typeCode: 1,
  offset: 48,
  length: 24,
  endpointStart: 0x5000,
  segmentStart: 1,
  segmentEnd: 2,
  bdfStart: 8,
  bdfEnd: 0x1ff,
  outputNode: 72,
}
const pci: ViotNode = { type: 'virtio-iommu-pci', typeCode: 3, offset: 72, length: 16, segment: 1, bdf: 0x10 }
const viot = (...nodes: readonly ViotNode[]): ViotTable => ({ header, diagnostics: [], damaged: false, nodes })

function described(base: Machine, tables: Partial<Machine['acpi']>, at: string, segment = 0, classCode?: number) {
  const literal = pciFunction({ at, ...(classCode === undefined ? {} : { classCode }) })
  const fn = { ...literal, address: { ...literal.address, segment } }
  const { bus, device, function: number } = fn.address
  const machine = { ...base, acpi: { ...base.acpi, ...NO_TABLES, ...tables }, functions: known([fn]) }
  const context = contextOf({ ...machine, deviceTree: absent() })
  const answer = describedIommu(context, fn, decided([(bus << 8) | (device << 3) | number]))
  if (answer.state === 'undecided') return answer.doubt
  if (answer.value === 'none') return 'none'
  const { kind, source, streamIds, ownFunction } = answer.value
  return [kind, source, ...streamIds, ...(ownFunction === undefined ? [] : [ownFunction])].join(' ')
}

// K: drivers/acpi/viot.c, viot_iommu_configure, viot_pci_dev_iommu_init: endpoint id = (segment - start) * 65536 + bdf -
// bdf start + endpoint start; the IOMMU's own function is not behind itself.
describe('the virtio-iommu of a VIOT', () => {
  const table = { viot: known(viot(range, pci)) }
  it.each([
    ['00:01.0', 1, 'virtio-iommu viot 20480 0001:00:02.0'],
    ['01:1f.7', 1, `virtio-iommu viot ${0x5000 + 0x1ff - 8} 0001:00:02.0`],
    ['00:02.0', 2, `virtio-iommu viot ${0x5000 + 0x10000 + 0x10 - 8} 0001:00:02.0`],
    ['00:02.0', 1, 'none'],
    ['00:00.7', 1, 'none'],
    ['02:00.0', 1, 'none'],
    ['00:01.0', 0, 'none'],
    ['00:01.0', 3, 'none'],
  ])('of %s in segment %i: %s', (at, segment, expected) => {
    expect(described(ARM, table, at, segment)).toBe(expected)
    expect(described(X86, table, at, segment)).toBe(expected)
  })
})

// K: drivers/acpi/scan.c, acpi_iommu_configure_id: IORT, then RIMT, then VIOT; what cannot be read may have said more.
describe('the tables of a machine', () => {
  const iort = tableOf(
    rc([mapping({ outputReference: 200 })]),
    smmu(200, { mappings: [mapping({ outputReference: 300 })] }),
    group(300, [0]),
  )
  const other = tableOf(rc([mapping({ outputReference: 300 })]), group(300, [0]))
  it.each<[string, Machine, Partial<Machine['acpi']>, string]>([
    ['an IORT', ARM, { iort: known(iort) }, 'smmuv3 iort 256'],
    ['an IORT and a VIOT that is closed', ARM, { iort: known(iort), viot: CLOSED }, 'smmuv3 iort 256'],
    ['an IORT without an SMMU', ARM, { iort: known(other) }, 'none'],
    ['an IORT without an SMMU and a VIOT that is closed', ARM, { iort: known(other), viot: CLOSED }, 'unreadable'],
    ['an IORT without an SMMU and a RIMT that is closed', ARM, { iort: known(other), rimt: CLOSED }, 'unreadable'],
    ['an IORT that is closed', ARM, { iort: CLOSED }, 'unreadable'],
    ['no table', ARM, {}, 'none'],
    ['no table', X86, {}, 'none'],
    ['a DMAR that is closed', X86, { dmar: CLOSED }, 'unreadable'],
    ['an IVRS that is closed', X86, { ivrs: CLOSED }, 'unreadable'],
    ['a VIOT that is closed', X86, { viot: CLOSED }, 'unreadable'],
    ['a DMAR', X86, { dmar: X86.acpi.dmar }, 'vt-d dmar 256'],
    ['a DMAR and a VIOT that is closed', X86, { dmar: X86.acpi.dmar, viot: CLOSED }, 'vt-d dmar 256'],
  ])('%s (row %#)', (_, base, tables, expected) => {
    expect(described(base, tables, '01:00.0')).toBe(expected)
  })
  it('give nothing where the ids are not known', () => {
    const fn = pciFunction({ at: '01:00.0' })
    expect(describedIommu(contextOf(ARM), fn, undecided('kernel-unknown'))).toMatchObject({ doubt: 'kernel-unknown' })
  })
})
