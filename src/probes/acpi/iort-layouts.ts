import {
  decimalField,
  hexField,
  optionalField,
  referenceField,
  reservedField,
  type StructureLayout,
} from './field-layout.js'

/**
 * Byte layouts of the IO Remapping Table, with the names of Arm DEN 0049 (revisions A to E.f) and offsets from the
 * start of the node. The numbers agree with ACPICA's `actbl2.h`.
 */
export const IORT_TABLE_LAYOUT = {
  nodeCount: decimalField(36, 4, 'Number of IORT nodes'),
  nodeOffset: hexField(40, 4, 'Offset to Array of IORT nodes'),
  reserved: reservedField(44, 4),
}

export const IORT_NODE_LAYOUT = {
  typeCode: decimalField(0, 1, 'Type'),
  length: decimalField(1, 2, 'Length'),
  revision: decimalField(3, 1, 'Revision'),
  identifier: hexField(4, 4, 'Identifier'),
  mappingCount: decimalField(8, 4, 'Number of ID mappings'),
  mappingOffset: hexField(12, 4, 'Reference to ID Array'),
}

export const ID_MAPPING_LENGTH = 20
export const ID_MAPPING_LAYOUT = {
  inputBase: hexField(0, 4, 'Input base'),
  idCount: hexField(4, 4, 'Number of IDs'),
  outputBase: hexField(8, 4, 'Output base'),
  outputReference: referenceField(12, 4, 'Output Reference'),
  flags: hexField(16, 4, 'Flags', { bits: { 0: 'Single Mapping' } }),
}

function memoryProperties(offset: number) {
  return {
    cacheCoherency: decimalField(offset, 4, 'CCA: Cache Coherent Attribute', {
      values: { 0: 'not fully coherent', 1: 'fully coherent' },
    }),
    memoryHints: hexField(offset + 4, 1, 'AH: Allocation Hints', {
      bits: { 0: 'TR', 1: 'WA', 2: 'RA', 3: 'AHO' },
    }),
    reserved: reservedField(offset + 5, 2),
    memoryFlags: hexField(offset + 7, 1, 'MAF: Memory Access Flags', { bits: { 0: 'CPM', 1: 'DACS', 2: 'CANWBS' } }),
  }
}

export const ITS_GROUP_LAYOUT = { itsCount: decimalField(16, 4, 'Number of ITSs') }
export const ITS_IDENTIFIER_LAYOUT = { itsId: hexField(0, 4, 'GIC ITS Identifier') }

/** The object name follows at offset 29. */
export const NAMED_COMPONENT_NAME_OFFSET = 29
export const NAMED_COMPONENT_LAYOUT = {
  flags: hexField(16, 4, 'Node flags', {
    bits: { 0: 'Stall Supported' },
    parts: [{ title: 'Substream width', bit: 1, width: 5 }],
  }),
  ...memoryProperties(20),
  addressSizeLimit: decimalField(28, 1, 'Device memory address size limit'),
}

export const ROOT_COMPLEX_LAYOUT = {
  ...memoryProperties(16),
  atsAttribute: hexField(24, 4, 'ATS Attribute', {
    bits: { 0: 'ATS supported', 1: 'PRI supported', 2: 'PASID forwarding supported' },
  }),
  segment: hexField(28, 4, 'PCI Segment number'),
  addressSizeLimit: optionalField(decimalField(32, 1, 'Memory address size limit', { revision: 1 })),
  pasidCapabilities: optionalField(
    hexField(33, 2, 'PASID capabilities', {
      needs: 40,
      parts: [{ title: 'Max PASID Width', bit: 0, width: 5 }],
    }),
  ),
  reserved2: reservedField(35, 1),
  flags: optionalField(hexField(36, 4, 'Flags', { bits: { 0: 'PASID supported' } })),
}

export const SMMU_LAYOUT = {
  baseAddress: hexField(16, 8, 'Base address'),
  span: hexField(24, 8, 'Span'),
  model: decimalField(32, 4, 'Model', {
    values: { 0: 'SMMUv1', 1: 'SMMUv2', 2: 'MMU-400', 3: 'MMU-500', 4: 'MMU-401', 5: 'Cavium ThunderX SMMUv2' },
  }),
  flags: hexField(36, 4, 'Flags', { bits: { 0: 'DVM Supported', 1: 'Coherent Page table walk' } }),
  globalInterruptOffset: hexField(40, 4, 'Reference to Global Interrupt Array'),
  contextInterruptCount: decimalField(44, 4, 'Number of context interrupts'),
  contextInterruptOffset: hexField(48, 4, 'Reference to Context Interrupt Array'),
  pmuInterruptCount: decimalField(52, 4, 'Number of PMU Interrupts'),
  pmuInterruptOffset: hexField(56, 4, 'Reference to PMU Interrupt Array'),
}
const EDGE = { bits: { 0: 'edge triggered' } }
export const GLOBAL_INTERRUPTS_LAYOUT = {
  nonSecureGlobalInterrupt: decimalField(0, 4, 'SMMU_NSgIrpt'),
  nonSecureGlobalInterruptFlags: hexField(4, 4, 'SMMU_NSgIrpt interrupt flags', EDGE),
  nonSecureConfigurationInterrupt: decimalField(8, 4, 'SMMU_NSgCfgIrpt'),
  nonSecureConfigurationInterruptFlags: hexField(12, 4, 'SMMU_NSgCfgIrpt interrupt flags', EDGE),
}
export const INTERRUPT_LAYOUT = {
  gsiv: decimalField(0, 4, 'GSIV'),
  flags: hexField(4, 4, 'Interrupt flags', EDGE),
}

export const SMMU_V3_LAYOUT = {
  baseAddress: hexField(16, 8, 'Base address'),
  flags: hexField(24, 4, 'Flags', {
    bits: {
      0: 'COHACC Override',
      3: 'Proximity Domain Valid',
      4: 'DeviceID mapping index valid',
    },
    parts: [{ title: 'HTTU Override', bit: 1, width: 2 }],
  }),
  reserved: reservedField(28, 4),
  vatosAddress: hexField(32, 8, 'VATOS address'),
  model: decimalField(40, 4, 'Model', {
    values: { 0: 'Generic SMMUv3', 1: 'HiSilicon Hi161x', 2: 'Cavium CN99xx' },
  }),
  eventGsiv: decimalField(44, 4, 'Event'),
  priGsiv: decimalField(48, 4, 'PRI'),
  gerrorGsiv: decimalField(52, 4, 'GERR'),
  syncGsiv: decimalField(56, 4, 'Sync'),
  proximityDomain: optionalField(decimalField(60, 4, 'Proximity domain')),
  deviceIdMappingIndex: optionalField(decimalField(64, 4, 'DeviceID mapping index', { revision: 1 })),
}

export const PMCG_LAYOUT = {
  page0Base: hexField(16, 8, 'Page 0 Base Address'),
  overflowGsiv: decimalField(24, 4, 'Overflow interrupt GSIV'),
  nodeReference: referenceField(28, 4, 'Node reference'),
  page1Base: optionalField(hexField(32, 8, 'Page 1 Base Address', { revision: 1 })),
}

export const RMR_LAYOUT = {
  flags: hexField(16, 4, 'Flags', {
    bits: { 0: 'Remapping permitted', 1: 'Access privilege' },
    parts: [
      {
        title: 'Access attributes',
        bit: 2,
        width: 8,
        values: {
          0: 'Device-nGnRnE',
          1: 'Device-nGnRE',
          2: 'Device-nGRE',
          3: 'Device-GRE',
          4: 'Normal Inner Non-Cacheable Outer Non-Cacheable',
          5: 'Normal Inner Write-Back Outer Write-Back',
        },
      },
    ],
  }),
  descriptorCount: decimalField(20, 4, 'Number of Memory Range Descriptors'),
  descriptorOffset: hexField(24, 4, 'Reference to Memory Range Descriptors'),
}
export const RMR_DESCRIPTOR_LENGTH = 20
export const RMR_DESCRIPTOR_LAYOUT = {
  base: hexField(0, 8, 'Physical Range offset'),
  length: hexField(8, 8, 'Physical Range length'),
  reserved: reservedField(16, 4),
}

/** The object name follows at offset 26. */
export const IWB_NAME_OFFSET = 26
export const IWB_LAYOUT = {
  configBase: hexField(16, 8, 'Config frame base'),
  iwbIndex: decimalField(24, 2, 'IWB index'),
}

/** Body layouts by node type code; the name of the type is what `IortNode.type` says. */
export const IORT_BODY_LAYOUTS: Readonly<Record<number, StructureLayout>> = {
  0: ITS_GROUP_LAYOUT,
  1: NAMED_COMPONENT_LAYOUT,
  2: ROOT_COMPLEX_LAYOUT,
  3: SMMU_LAYOUT,
  4: SMMU_V3_LAYOUT,
  5: PMCG_LAYOUT,
  6: RMR_LAYOUT,
  7: IWB_LAYOUT,
}
