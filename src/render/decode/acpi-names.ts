import type { DumpRecord } from '../../report/decode/decode-acpi.js'
import { escapeText } from '../layout/escape.js'

const TABLE_TITLES: Readonly<Record<string, string>> = {
  IORT: 'IO Remapping Table',
  APIC: 'Multiple APIC Description Table (MADT)',
  DMAR: 'DMA Remapping table',
  IVRS: 'I/O Virtualization Reporting Structure',
  VIOT: 'Virtual I/O Translation table',
  MCFG: 'memory mapped configuration space',
  RIMT: 'RISC-V IO Mapping Table',
}

const RECORD_TITLES: Readonly<Record<string, string>> = {
  'its-group': 'ITS group',
  'named-component': 'Named component',
  'root-complex': 'Root complex',
  smmu: 'SMMUv1/v2',
  smmuv3: 'SMMUv3',
  pmcg: 'PMCG',
  rmr: 'Reserved Memory Range',
  iwb: 'Interrupt Wire Bridge',
  gicc: 'GIC CPU Interface (GICC)',
  gicd: 'GIC Distributor (GICD)',
  'gic-msi-frame': 'GIC MSI Frame',
  gicr: 'GIC Redistributor (GICR)',
  'gic-its': 'GIC Interrupt Translation Service (ITS)',
  'gicv5-irs': 'GICv5 Interrupt Routing Service (IRS)',
  'gicv5-its-config': 'GICv5 ITS Config Frame',
  'gicv5-its-translate': 'GICv5 ITS Translate Frame',
  'local-apic': 'Processor Local APIC',
  'io-apic': 'I/O APIC',
  'local-x2apic': 'Processor Local x2APIC',
  rintc: 'RISC-V Local Interrupt Controller (RINTC)',
  imsic: 'RISC-V IMSIC',
  aplic: 'RISC-V APLIC',
  plic: 'RISC-V PLIC',
  drhd: 'DMA Remapping Hardware Unit (DRHD)',
  rmrr: 'Reserved Memory Region Reporting (RMRR)',
  atsr: 'Root Port ATS Capability Reporting (ATSR)',
  rhsa: 'Remapping Hardware Static Affinity (RHSA)',
  andd: 'ACPI Name-space Device Declaration (ANDD)',
  satc: 'SoC Integrated Address Translation Cache (SATC)',
  sidp: 'SoC Integrated Device Property (SIDP)',
  endpoint: 'PCI Endpoint Device',
  bridge: 'PCI Sub-hierarchy',
  hpet: 'MSI Capable HPET',
  namespace: 'ACPI Namespace Device',
  ivhd: 'I/O Virtualization Hardware Definition (IVHD)',
  ivmd: 'I/O Virtualization Memory Definition (IVMD)',
  'pci-range': 'PCI Range',
  'mmio-endpoint': 'MMIO Endpoint',
  'virtio-iommu-pci': 'virtio-iommu based on virtio-pci',
  'virtio-iommu-mmio': 'virtio-iommu based on virtio-mmio',
  iommu: 'IOMMU',
  platform: 'Platform device',
}

/** Text of a table: ASCII as it stands, all other bytes as `\xNN`. */
export function tableText(text: string): string {
  return escapeText(text).replaceAll(/[\x80-\uffff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)
}

/** `IO Remapping Table`; empty for a table that is not decoded. */
export function tableTitle(signature: string): string {
  return TABLE_TITLES[signature] ?? ''
}

/** What kind of record it is: `SMMUv3`, `unknown type 99`. */
export function recordTitle(record: DumpRecord): string {
  const known = RECORD_TITLES[record.type]
  if (known !== undefined) return known
  if (record.type === 'unknown') return `unknown type ${record.typeCode ?? ''}`
  return record.type.replaceAll('-', ' ')
}

function integer(record: DumpRecord, key: string): string | undefined {
  const value = record.fields.find((field) => field.key === key)?.value
  return value === undefined || typeof value === 'string' ? undefined : `0x${value.toString(16)}`
}

/** What tells this record from its like: its ITS ids, its path, its address or its segment. */
function distinction(record: DumpRecord): string {
  const ids = record.lists.find(({ key }) => key === 'itsIds')
  if (ids) {
    const shown = ids.records.slice(0, 4).map((item) => integer(item, 'itsId') ?? '')
    return ` ${shown.join(', ')}${ids.records.length > shown.length ? ', ...' : ''}`
  }
  const path = record.fields.find(({ key }) => key === 'objectName')?.value
  if (typeof path === 'string') return ` ${tableText(path)}`
  if (record.type === 'root-complex' || record.type === 'virtio-iommu-pci') {
    return `, segment ${integer(record, 'segment') ?? '?'}`
  }
  if (record.type === 'gicc') return `, processor ${integer(record, 'processorUid') ?? '?'}`
  const id = integer(record, 'translationId') ?? integer(record, 'translatorId') ?? integer(record, 'translateFrameId')
  if (id !== undefined) return ` ${id}`
  for (const key of ['baseAddress', 'registerBase', 'configBase', 'page0Base', 'base', 'address', 'start']) {
    const address = integer(record, key)
    if (address !== undefined) return ` at ${address}`
  }
  return ''
}

/** The record's name in headings and references: `ITS group 0x0`, `SMMUv3 at 0x2b400000`, `Root complex, segment 0x0`. */
export function recordName(record: DumpRecord): string {
  return `${recordTitle(record)}${distinction(record)}`
}
