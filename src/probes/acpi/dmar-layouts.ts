import { decimalField, hexField, reservedField, type StructureLayout } from './field-layout.js'

/** Byte layouts of the DMA Remapping table (Intel VT-d specification chapter 8), offsets from the structure's start. */
export const DMAR_TABLE_LAYOUT = {
  hostAddressWidth: decimalField(36, 1, 'Host Address Width'),
  flags: hexField(37, 1, 'Flags', { bits: { 0: 'INTR_REMAP', 1: 'X2APIC_OPT_OUT', 2: 'DMA_CTRL_PLATFORM_OPT_IN' } }),
  reserved: reservedField(38, 10),
}
export const DMAR_STRUCTURE_LAYOUT = {
  typeCode: decimalField(0, 2, 'Type'),
  length: decimalField(2, 2, 'Length'),
}
export const DRHD_LAYOUT = {
  flags: hexField(4, 1, 'Flags', { bits: { 0: 'INCLUDE_PCI_ALL' } }),
  size: hexField(5, 1, 'Size'),
  segment: hexField(6, 2, 'Segment Number'),
  registerBase: hexField(8, 8, 'Register Base Address'),
}
export const RMRR_LAYOUT = {
  reserved: reservedField(4, 2),
  segment: hexField(6, 2, 'Segment Number'),
  base: hexField(8, 8, 'Reserved Memory Region Base Address'),
  end: hexField(16, 8, 'Reserved Memory Region Limit Address'),
}
export const ATSR_LAYOUT = {
  flags: hexField(4, 1, 'Flags', { bits: { 0: 'ALL_PORTS' } }),
  reserved: reservedField(5, 1),
  segment: hexField(6, 2, 'Segment Number'),
}
export const RHSA_LAYOUT = {
  reserved: reservedField(4, 4),
  base: hexField(8, 8, 'Register Base Address'),
  proximityDomain: decimalField(16, 4, 'Proximity Domain'),
}
/** The object name follows at offset 8. */
export const ANDD_NAME_OFFSET = 8
export const ANDD_LAYOUT = {
  reserved: reservedField(4, 3),
  deviceNumber: decimalField(7, 1, 'ACPI Device Number'),
}
export const SATC_LAYOUT = {
  flags: hexField(4, 1, 'Flags', { bits: { 0: 'ATC_REQUIRED' } }),
  reserved: reservedField(5, 1),
  segment: hexField(6, 2, 'Segment Number'),
}
export const SIDP_LAYOUT = {
  reserved: reservedField(4, 2),
  segment: hexField(6, 2, 'Segment Number'),
}
export const DEVICE_SCOPE_LAYOUT = {
  typeCode: decimalField(0, 1, 'Type', {
    values: {
      1: 'PCI Endpoint Device',
      2: 'PCI Sub-hierarchy',
      3: 'IOAPIC',
      4: 'MSI_CAPABLE_HPET',
      5: 'ACPI_NAMESPACE_DEVICE',
    },
  }),
  length: decimalField(1, 1, 'Length'),
  flags: hexField(2, 1, 'Flags'),
  reserved: reservedField(3, 1),
  enumerationId: hexField(4, 1, 'Enumeration ID'),
  startBus: hexField(5, 1, 'Start Bus Number'),
}

export interface DmarStructureKind {
  readonly layout: StructureLayout
  /** Where the device scopes begin; absent where the structure has none. */
  readonly scopes?: number
}
export const DMAR_STRUCTURES: Readonly<Record<number, DmarStructureKind>> = {
  0: { layout: DRHD_LAYOUT, scopes: 16 },
  1: { layout: RMRR_LAYOUT, scopes: 24 },
  2: { layout: ATSR_LAYOUT, scopes: 8 },
  3: { layout: RHSA_LAYOUT },
  4: { layout: ANDD_LAYOUT },
  5: { layout: SATC_LAYOUT, scopes: 8 },
  6: { layout: SIDP_LAYOUT, scopes: 8 },
}
