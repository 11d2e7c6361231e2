import { decimalField, hexField, optionalField, reservedField, type StructureLayout } from './field-layout.js'

/** Byte layouts of the MADT (ACPI 6.5 section 5.2.12; GICv5 structures of ACPI 6.7), offsets from the structure's start. */
export const MADT_TABLE_LAYOUT = {
  localInterruptControllerAddress: hexField(36, 4, 'Local Interrupt Controller Address'),
  flags: hexField(40, 4, 'Flags', { bits: { 0: 'PCAT_COMPAT' } }),
}

export const MADT_ENTRY_LAYOUT = {
  typeCode: hexField(0, 1, 'Type'),
  length: decimalField(1, 1, 'Length'),
}

const NON_COHERENT = { bits: { 0: 'Non-coherent' } }

/** Lengths: 40 in ACPI 5.0, 76 in 5.1, 80 in 6.0, 82 in 6.5, 88 in 6.7. */
export const GICC_LAYOUT = {
  reserved: reservedField(2, 2),
  cpuInterfaceNumber: hexField(4, 4, 'CPU Interface Number'),
  processorUid: hexField(8, 4, 'ACPI Processor UID'),
  flags: hexField(12, 4, 'Flags', {
    bits: {
      0: 'Enabled',
      1: 'Performance Interrupt Mode',
      2: 'VGIC Maintenance Interrupt Mode Flags',
      3: 'Online Capable',
      4: 'GICR non-coherent',
    },
  }),
  parkingProtocolVersion: decimalField(16, 4, 'Parking Protocol Version'),
  performanceGsiv: decimalField(20, 4, 'Performance Interrupt GSIV'),
  parkedAddress: hexField(24, 8, 'Parked Address'),
  gicBaseAddress: hexField(32, 8, 'Physical Base Address'),
  gicvBaseAddress: optionalField(hexField(40, 8, 'GICV')),
  gichBaseAddress: optionalField(hexField(48, 8, 'GICH')),
  maintenanceGsiv: optionalField(decimalField(56, 4, 'VGIC Maintenance interrupt')),
  gicrBaseAddress: optionalField(hexField(60, 8, 'GICR Base Address')),
  mpidr: optionalField(hexField(68, 8, 'MPIDR')),
  efficiencyClass: optionalField(decimalField(76, 1, 'Processor Power Efficiency Class')),
  reserved2: reservedField(77, 1),
  speGsiv: optionalField(decimalField(78, 2, 'SPE overflow Interrupt')),
  trbeGsiv: optionalField(decimalField(80, 2, 'TRBE Interrupt')),
  iaffid: optionalField(hexField(82, 2, 'IAFFID')),
  irsId: optionalField(hexField(84, 4, 'IRS ID')),
}

export const GICD_LAYOUT = {
  reserved: reservedField(2, 2),
  gicId: hexField(4, 4, 'GIC ID'),
  baseAddress: hexField(8, 8, 'Physical Base Address'),
  gsiBase: decimalField(16, 4, 'System Vector Base'),
  version: decimalField(20, 1, 'GIC version', {
    values: { 0: 'found from the hardware', 1: 'GICv1', 2: 'GICv2', 3: 'GICv3', 4: 'GICv4', 5: 'GICv5' },
  }),
  reserved2: reservedField(21, 3),
}

export const GIC_MSI_FRAME_LAYOUT = {
  reserved: reservedField(2, 2),
  frameId: hexField(4, 4, 'GIC MSI Frame ID'),
  baseAddress: hexField(8, 8, 'Physical Base Address'),
  flags: hexField(16, 4, 'Flags', { bits: { 0: 'SPI Count/Base Select' } }),
  spiCount: decimalField(20, 2, 'SPI Count'),
  spiBase: decimalField(22, 2, 'SPI Base'),
}

export const GICR_LAYOUT = {
  flags: hexField(2, 1, 'Flags', NON_COHERENT),
  reserved: reservedField(3, 1),
  baseAddress: hexField(4, 8, 'Discovery Range Base Address'),
  rangeLength: hexField(12, 4, 'Discovery Range Length'),
}

export const GIC_ITS_LAYOUT = {
  flags: hexField(2, 1, 'Flags', NON_COHERENT),
  reserved: reservedField(3, 1),
  translationId: hexField(4, 4, 'GIC ITS ID'),
  baseAddress: hexField(8, 8, 'Physical Base Address'),
  reserved2: reservedField(16, 4),
}

export const GICV5_IRS_LAYOUT = {
  version: decimalField(2, 1, 'GIC version'),
  reserved: reservedField(3, 1),
  irsId: hexField(4, 4, 'IRS ID'),
  flags: hexField(8, 4, 'Flags', NON_COHERENT),
  reserved2: reservedField(12, 4),
  configBase: hexField(16, 8, 'IRS Config Frame Physical Base Address'),
  setlpiBase: hexField(24, 8, 'IRS SETLPI Frame Physical Base Address'),
}

export const GICV5_ITS_CONFIG_LAYOUT = {
  flags: hexField(2, 1, 'Flags', NON_COHERENT),
  reserved: reservedField(3, 1),
  translatorId: hexField(4, 4, 'ITS Translator ID'),
  baseAddress: hexField(8, 8, 'ITS Config Frame Physical Base Address'),
}

export const GICV5_ITS_TRANSLATE_LAYOUT = {
  reserved: reservedField(2, 2),
  linkedTranslatorId: hexField(4, 4, 'Linked ITS Translator ID'),
  translateFrameId: hexField(8, 4, 'ITS Translate Frame ID'),
  reserved2: reservedField(12, 4),
  baseAddress: hexField(16, 8, 'ITS Translate Frame Physical Base Address'),
}

export const IO_APIC_LAYOUT = {
  ioApicId: hexField(2, 1, 'I/O APIC ID'),
  reserved: reservedField(3, 1),
  address: hexField(4, 4, 'I/O APIC Address'),
  gsiBase: decimalField(8, 4, 'Global System Interrupt Base'),
}

export const MADT_ENTRY_LAYOUTS: Readonly<Record<number, StructureLayout>> = {
  0x01: IO_APIC_LAYOUT,
  0x0b: GICC_LAYOUT,
  0x0c: GICD_LAYOUT,
  0x0d: GIC_MSI_FRAME_LAYOUT,
  0x0e: GICR_LAYOUT,
  0x0f: GIC_ITS_LAYOUT,
  0x1c: GICV5_IRS_LAYOUT,
  0x1d: GICV5_ITS_CONFIG_LAYOUT,
  0x1e: GICV5_ITS_TRANSLATE_LAYOUT,
}

/** Structures that are named and passed over. */
export const MADT_ENTRY_NAMES: Readonly<Record<number, string>> = {
  0x00: 'local-apic',
  0x01: 'io-apic',
  0x02: 'interrupt-source-override',
  0x03: 'nmi-source',
  0x04: 'local-apic-nmi',
  0x05: 'local-apic-address-override',
  0x06: 'io-sapic',
  0x07: 'local-sapic',
  0x08: 'platform-interrupt-source',
  0x09: 'local-x2apic',
  0x0a: 'local-x2apic-nmi',
  0x0b: 'gicc',
  0x0c: 'gicd',
  0x0d: 'gic-msi-frame',
  0x0e: 'gicr',
  0x0f: 'gic-its',
  0x10: 'multiprocessor-wakeup',
  0x11: 'loongarch-core-pic',
  0x12: 'loongarch-lio-pic',
  0x13: 'loongarch-ht-pic',
  0x14: 'loongarch-eio-pic',
  0x15: 'loongarch-msi-pic',
  0x16: 'loongarch-bio-pic',
  0x17: 'loongarch-lpc-pic',
  0x18: 'rintc',
  0x19: 'imsic',
  0x1a: 'aplic',
  0x1b: 'plic',
  0x1c: 'gicv5-irs',
  0x1d: 'gicv5-its-config',
  0x1e: 'gicv5-its-translate',
}
