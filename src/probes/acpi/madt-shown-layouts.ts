import { decimalField, hexField, reservedField, type StructureLayout } from './field-layout.js'

/**
 * MADT structures of x86 and RISC-V that are only shown: nothing is decided from them (ACPI 6.5 section 5.2.12, RISC-V
 * ones as in ACPI 6.6 and ACPICA's `actbl2.h`). Offsets from the structure's start.
 */
const ENABLED = { bits: { 0: 'Enabled', 1: 'Online Capable' } }
const INTI_FLAGS = {
  parts: [
    {
      title: 'Polarity',
      bit: 0,
      width: 2,
      values: { 0: 'of the bus', 1: 'active high', 3: 'active low' },
    },
    { title: 'Trigger Mode', bit: 2, width: 2, values: { 0: 'of the bus', 1: 'edge', 3: 'level' } },
  ],
}

export const SHOWN_MADT_LAYOUTS: Readonly<Record<number, StructureLayout>> = {
  0x00: {
    processorUid: hexField(2, 1, 'ACPI Processor UID'),
    apicId: hexField(3, 1, 'APIC ID'),
    flags: hexField(4, 4, 'Flags', ENABLED),
  },
  0x02: {
    bus: decimalField(2, 1, 'Bus'),
    source: decimalField(3, 1, 'Source'),
    globalSystemInterrupt: decimalField(4, 4, 'Global System Interrupt'),
    flags: hexField(8, 2, 'MPS INTI Flags', INTI_FLAGS),
  },
  0x03: {
    flags: hexField(2, 2, 'MPS INTI Flags', INTI_FLAGS),
    globalSystemInterrupt: decimalField(4, 4, 'Global System Interrupt'),
  },
  0x04: {
    processorUid: hexField(2, 1, 'ACPI Processor UID'),
    flags: hexField(3, 2, 'MPS INTI Flags', INTI_FLAGS),
    lint: decimalField(5, 1, 'Local APIC LINT#'),
  },
  0x05: {
    reserved: reservedField(2, 2),
    address: hexField(4, 8, 'Local APIC Address'),
  },
  0x09: {
    reserved: reservedField(2, 2),
    x2apicId: hexField(4, 4, 'X2APIC ID'),
    flags: hexField(8, 4, 'Flags', ENABLED),
    processorUid: hexField(12, 4, 'ACPI Processor UID'),
  },
  0x0a: {
    flags: hexField(2, 2, 'MPS INTI Flags', INTI_FLAGS),
    processorUid: hexField(4, 4, 'ACPI Processor UID'),
    lint: decimalField(8, 1, 'Local x2APIC LINT#'),
    reserved: reservedField(9, 3),
  },
  0x18: {
    version: decimalField(2, 1, 'Version'),
    reserved: reservedField(3, 1),
    flags: hexField(4, 4, 'Flags', ENABLED),
    hartId: hexField(8, 8, 'Hart ID'),
    processorUid: hexField(16, 4, 'ACPI Processor UID'),
    externalControllerId: hexField(20, 4, 'External Interrupt Controller ID'),
    imsicBase: hexField(24, 8, 'IMSIC base address'),
    imsicSize: hexField(32, 4, 'IMSIC size'),
  },
  0x19: {
    version: decimalField(2, 1, 'Version'),
    reserved: reservedField(3, 1),
    flags: hexField(4, 4, 'Flags'),
    supervisorIdentityCount: decimalField(8, 2, 'Number of Supervisor Mode Interrupt Identities'),
    guestIdentityCount: decimalField(10, 2, 'Number of Guest Mode Interrupt Identities'),
    guestIndexBits: decimalField(12, 1, 'Guest Index Bits'),
    hartIndexBits: decimalField(13, 1, 'Hart Index Bits'),
    groupIndexBits: decimalField(14, 1, 'Group Index Bits'),
    groupIndexShift: decimalField(15, 1, 'Group Index Shift'),
  },
  0x1a: {
    version: decimalField(2, 1, 'Version'),
    aplicId: hexField(3, 1, 'APLIC ID'),
    flags: hexField(4, 4, 'Flags'),
    hardwareId: hexField(8, 8, 'Hardware ID'),
    idcCount: decimalField(16, 2, 'Number of IDCs'),
    sourceCount: decimalField(18, 2, 'Total External Interrupt Sources'),
    gsiBase: decimalField(20, 4, 'Global System Interrupt Base'),
    baseAddress: hexField(24, 8, 'APLIC Address'),
    size: hexField(32, 4, 'APLIC size'),
  },
  0x1b: {
    version: decimalField(2, 1, 'Version'),
    plicId: hexField(3, 1, 'PLIC ID'),
    hardwareId: hexField(4, 8, 'Hardware ID'),
    sourceCount: decimalField(12, 2, 'Total External Interrupt Sources'),
    maximumPriority: decimalField(14, 2, 'Max Priority'),
    flags: hexField(16, 4, 'Flags'),
    size: hexField(20, 4, 'PLIC Size'),
    baseAddress: hexField(24, 8, 'PLIC Address'),
    gsiBase: decimalField(32, 4, 'Global System Interrupt Base'),
  },
}
