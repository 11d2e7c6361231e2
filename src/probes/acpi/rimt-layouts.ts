import { decimalField, hexField, referenceField, reservedField, type StructureLayout } from './field-layout.js'

/** Byte layouts of the RISC-V I/O Mapping Table 1.0, offsets from the node's start. */
export const RIMT_TABLE_LAYOUT = {
  nodeCount: decimalField(36, 4, 'Number of RIMT Nodes'),
  nodeOffset: hexField(40, 4, 'Offset to RIMT Node Array'),
  reserved: reservedField(44, 4),
}
export const RIMT_NODE_LAYOUT = {
  typeCode: decimalField(0, 1, 'Type'),
  revision: decimalField(1, 1, 'Revision'),
  length: decimalField(2, 2, 'Length'),
  reserved0: reservedField(4, 2),
  nodeId: hexField(6, 2, 'ID'),
}
export const RIMT_IOMMU_LAYOUT = {
  hardwareId: hexField(8, 8, 'Hardware ID'),
  baseAddress: hexField(16, 8, 'Base Address'),
  flags: hexField(24, 4, 'Flags', { bits: { 0: 'PCIe device', 1: 'Proximity Domain Valid' } }),
  proximityDomain: decimalField(28, 4, 'Proximity Domain'),
  segment: hexField(32, 2, 'PCIe Segment number'),
  bdf: hexField(34, 2, 'PCIe B/D/F'),
  wireCount: decimalField(36, 2, 'Number of interrupt wires'),
  wireOffset: hexField(38, 2, 'Interrupt wire array offset'),
}
export const RIMT_ROOT_COMPLEX_LAYOUT = {
  flags: hexField(8, 4, 'Flags', { bits: { 0: 'ATS supported', 1: 'PRI supported' } }),
  reserved: reservedField(12, 2),
  segment: hexField(14, 2, 'PCIe Segment number'),
  mappingOffset: hexField(16, 2, 'ID mapping array offset'),
  mappingCount: decimalField(18, 2, 'Number of ID mappings'),
}
export const RIMT_PLATFORM_LAYOUT = {
  mappingOffset: hexField(8, 2, 'ID mapping array offset'),
  mappingCount: decimalField(10, 2, 'Number of ID mappings'),
}
/** Offset of a platform device's object name. */
export const RIMT_NAME_OFFSET = 12
export const RIMT_MAPPING_LENGTH = 20
export const RIMT_MAPPING_LAYOUT = {
  sourceBase: hexField(0, 4, 'Source ID Base'),
  idCount: decimalField(4, 4, 'Number of IDs'),
  destinationBase: hexField(8, 4, 'Destination Device ID Base'),
  destinationOffset: referenceField(12, 4, 'Destination IOMMU Offset'),
  flags: hexField(16, 4, 'Flags', { bits: { 0: 'ATS Required', 1: 'PRI Required', 2: 'RCiEP' } }),
}
export const RIMT_NODE_LAYOUTS: Readonly<Record<number, StructureLayout>> = {
  0: RIMT_IOMMU_LAYOUT,
  1: RIMT_ROOT_COMPLEX_LAYOUT,
  2: RIMT_PLATFORM_LAYOUT,
}
export const RIMT_WIRE_LENGTH = 8
export const RIMT_WIRE_LAYOUT = {
  interrupt: decimalField(0, 4, 'Interrupt Number'),
  flags: hexField(4, 4, 'Flags', { bits: { 0: 'level triggered', 1: 'active high' } }),
}
