import { decimalField, hexField, reservedField, type StructureLayout } from './field-layout.js'

/** Byte layouts of the I/O Virtualization Reporting Structure (AMD IOMMU specification chapter 5). */
export const IVRS_TABLE_LAYOUT = {
  ivInfo: hexField(36, 4, 'IVinfo', {
    bits: { 0: 'EFRSup', 1: 'DMA remap support', 22: 'HtAtsResv' },
    parts: [
      { title: 'PAsize', bit: 8, width: 7 },
      { title: 'VAsize', bit: 15, width: 7 },
    ],
  }),
  reserved: reservedField(40, 8),
}
export const IVRS_BLOCK_LAYOUT = {
  typeCode: hexField(0, 1, 'Type'),
  flags: hexField(1, 1, 'Flags'),
  length: decimalField(2, 2, 'Length'),
  deviceId: hexField(4, 2, 'DeviceID'),
}
const IVHD_COMMON_LAYOUT = {
  capabilityOffset: hexField(6, 2, 'Capability Offset'),
  baseAddress: hexField(8, 8, 'IOMMU Base Address'),
  segment: hexField(16, 2, 'PCI Segment Group'),
  info: hexField(18, 2, 'IOMMU Info', {
    parts: [
      { title: 'MSInum', bit: 0, width: 5 },
      { title: 'UnitID', bit: 8, width: 5 },
    ],
  }),
}
/** Type 0x10: device entries from offset 24. */
export const IVHD_LEGACY_LAYOUT = {
  ...IVHD_COMMON_LAYOUT,
  featureReporting: hexField(20, 4, 'IOMMU Feature Reporting'),
}
/** Types 0x11 and 0x40: device entries from offset 40. */
export const IVHD_EXTENDED_LAYOUT = {
  ...IVHD_COMMON_LAYOUT,
  featureReporting: hexField(20, 4, 'IOMMU Attributes'),
  extendedFeatures: hexField(24, 8, 'EFR Register Image'),
  extendedFeatures2: hexField(32, 8, 'EFR Register Image 2'),
}
export const IVMD_LAYOUT = {
  auxiliaryData: hexField(6, 2, 'Auxiliary data'),
  reserved: reservedField(8, 8),
  start: hexField(16, 8, 'IVMD start address'),
  blockLength: hexField(24, 8, 'IVMD memory block length'),
}
/** Device entries of 4 bytes; longer ones go on behind. */
export const IVHD_ENTRY_LAYOUT = {
  type: hexField(0, 1, 'Type'),
  deviceId: hexField(1, 2, 'DeviceID'),
  settings: hexField(3, 1, 'DTE Setting'),
}
export const IVHD_ALIAS_LAYOUT = { reserved: reservedField(4, 1), sourceDeviceId: hexField(5, 2, 'Source DeviceID') }
const IVHD_EXTENDED_ENTRY_LAYOUT = { extendedSettings: hexField(4, 4, 'Extended DTE Setting') }
export const IVHD_SPECIAL_LAYOUT = {
  handle: hexField(4, 1, 'Handle'),
  usedDeviceId: hexField(5, 2, 'Source DeviceID'),
  variety: decimalField(7, 1, 'Variety', { values: { 1: 'IOAPIC', 2: 'HPET' } }),
}
export const IVHD_HID_LENGTH = 22

export const IVRS_BLOCKS: Readonly<Record<number, { readonly layout: StructureLayout; readonly entries?: number }>> = {
  0x10: { layout: IVHD_LEGACY_LAYOUT, entries: 24 },
  0x11: { layout: IVHD_EXTENDED_LAYOUT, entries: 40 },
  0x40: { layout: IVHD_EXTENDED_LAYOUT, entries: 40 },
  0x20: { layout: IVMD_LAYOUT },
  0x21: { layout: IVMD_LAYOUT },
  0x22: { layout: IVMD_LAYOUT },
}

/** What follows the first four bytes of a device entry, by its type. */
export const IVHD_ENTRY_TAILS: Readonly<Record<number, StructureLayout>> = {
  66: IVHD_ALIAS_LAYOUT,
  67: IVHD_ALIAS_LAYOUT,
  70: IVHD_EXTENDED_ENTRY_LAYOUT,
  71: IVHD_EXTENDED_ENTRY_LAYOUT,
  72: IVHD_SPECIAL_LAYOUT,
}
