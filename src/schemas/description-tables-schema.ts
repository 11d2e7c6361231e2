import { z } from 'zod'
import { BYTE, COUNT, FLAG, HEX_BYTES, INTEGER, offered, TEXT, WORD } from './description-parts.js'

// Tables that a description may spell out. A test holds that they infer exactly the writers' types.

/** Bytes of a table or of a part of it that are written over. */
export const PATCHES = z.array(z.strictObject({ at: COUNT, size: z.literal([1, 2, 4, 8]), value: INTEGER }))

const TABLE_OPTIONS = {
  revision: BYTE,
  oemId: TEXT,
  oemTableId: TEXT,
  oemRevision: COUNT,
  creatorId: TEXT,
  creatorRevision: COUNT,
  length: COUNT,
  checksum: z.union([BYTE, z.literal('bad')]),
  patches: PATCHES,
  trailing: HEX_BYTES,
  truncateTo: COUNT,
}

const REFERENCE = z.union([TEXT, COUNT])

const MAPPING = z.strictObject({
  output: REFERENCE,
  ...offered({ inputBase: COUNT, ids: COUNT, idCount: COUNT, outputBase: COUNT, singleMapping: FLAG, flags: COUNT }),
})

const NODE = {
  name: TEXT,
  revision: BYTE,
  identifier: COUNT,
  mappings: z.array(MAPPING),
  mappingCount: COUNT,
  mappingOffset: COUNT,
  length: COUNT,
  typeCode: BYTE,
  padding: WORD,
  patches: PATCHES,
}

const MEMORY = { cacheCoherency: COUNT, memoryHints: BYTE, memoryFlags: BYTE }

const IORT_NODE = z.union([
  z.strictObject({ type: z.literal('its-group'), itsIds: z.array(COUNT), ...offered({ ...NODE, itsCount: COUNT }) }),
  z.strictObject({
    type: z.literal('named-component'),
    objectName: TEXT,
    ...offered({ ...NODE, ...MEMORY, flags: COUNT, addressSizeLimit: BYTE }),
  }),
  z.strictObject({
    type: z.literal('root-complex'),
    ...offered({
      ...NODE,
      ...MEMORY,
      segment: COUNT,
      atsAttribute: COUNT,
      addressSizeLimit: BYTE,
      pasidCapabilities: COUNT,
      flags: COUNT,
      bodyLength: z.int().min(32).max(4096),
    }),
  }),
  z.strictObject({
    type: z.literal('smmu'),
    base: INTEGER,
    ...offered({
      ...NODE,
      span: INTEGER,
      model: COUNT,
      flags: COUNT,
      globalInterrupts: z.tuple([COUNT, COUNT]),
      contextInterrupts: z.array(COUNT),
    }),
  }),
  z.strictObject({
    type: z.literal('smmuv3'),
    base: INTEGER,
    ...offered({
      ...NODE,
      flags: COUNT,
      vatos: INTEGER,
      model: COUNT,
      eventGsiv: COUNT,
      priGsiv: COUNT,
      gerrorGsiv: COUNT,
      syncGsiv: COUNT,
      proximityDomain: COUNT,
      deviceIdMappingIndex: COUNT,
    }),
  }),
  z.strictObject({
    type: z.literal('pmcg'),
    page0Base: INTEGER,
    nodeReference: REFERENCE,
    ...offered({ ...NODE, overflowGsiv: COUNT, page1Base: INTEGER }),
  }),
  z.strictObject({
    type: z.literal('rmr'),
    ...offered({ ...NODE, flags: COUNT, regions: z.array(z.strictObject({ base: INTEGER, length: INTEGER })) }),
  }),
  z.strictObject({
    type: z.literal('iwb'),
    configBase: INTEGER,
    objectName: TEXT,
    ...offered({ ...NODE, iwbIndex: COUNT }),
  }),
  z.strictObject({ type: z.literal('raw'), ...offered({ ...NODE, data: HEX_BYTES }), typeCode: BYTE }),
])

const ENTRY = { length: BYTE, patches: PATCHES }

const MADT_ENTRY = z.union([
  z.strictObject({
    type: z.literal('local-apic'),
    processorUid: BYTE,
    apicId: BYTE,
    ...offered({ ...ENTRY, flags: COUNT }),
  }),
  z.strictObject({
    type: z.literal('io-apic'),
    ioApicId: BYTE,
    address: COUNT,
    ...offered({ ...ENTRY, gsiBase: COUNT }),
  }),
  z.strictObject({
    type: z.literal('gicc'),
    cpu: COUNT,
    ...offered({
      ...ENTRY,
      size: z.literal([40, 76, 80, 82, 88]),
      gicBase: INTEGER,
      gicrBase: INTEGER,
      mpidr: INTEGER,
      flags: COUNT,
      irsId: COUNT,
    }),
  }),
  z.strictObject({ type: z.literal('gicd'), base: INTEGER, ...offered({ ...ENTRY, gicId: COUNT, version: BYTE }) }),
  z.strictObject({
    type: z.literal('gic-msi-frame'),
    base: INTEGER,
    ...offered({ ...ENTRY, frameId: COUNT, flags: COUNT, spiCount: COUNT, spiBase: COUNT }),
  }),
  z.strictObject({ type: z.literal('gicr'), base: INTEGER, rangeLength: COUNT, ...offered({ ...ENTRY, flags: BYTE }) }),
  z.strictObject({
    type: z.literal('gic-its'),
    translationId: COUNT,
    base: INTEGER,
    ...offered({ ...ENTRY, flags: BYTE }),
  }),
  z.strictObject({
    type: z.literal('gicv5-irs'),
    configBase: INTEGER,
    ...offered({ ...ENTRY, version: BYTE, irsId: COUNT, flags: COUNT, setlpiBase: INTEGER }),
  }),
  z.strictObject({
    type: z.literal('gicv5-its-config'),
    translatorId: COUNT,
    base: INTEGER,
    ...offered({ ...ENTRY, flags: BYTE }),
  }),
  z.strictObject({
    type: z.literal('gicv5-its-translate'),
    linkedTranslatorId: COUNT,
    translateFrameId: COUNT,
    base: INTEGER,
    ...offered(ENTRY),
  }),
  z.strictObject({ type: z.literal('raw'), typeCode: BYTE, ...offered({ ...ENTRY, data: HEX_BYTES }) }),
])

const SCOPE = z.strictObject({
  type: z.enum(['endpoint', 'bridge', 'io-apic', 'hpet', 'namespace']),
  path: z.array(z.tuple([BYTE, BYTE])),
  ...offered({ enumerationId: BYTE, startBus: BYTE, length: BYTE }),
})
const STRUCTURE = { length: COUNT, patches: PATCHES }
const SCOPED = { ...STRUCTURE, segment: COUNT, scopes: z.array(SCOPE) }

const DMAR_STRUCTURE = z.union([
  z.strictObject({ type: z.literal('drhd'), base: INTEGER, ...offered({ ...SCOPED, flags: BYTE }) }),
  z.strictObject({ type: z.literal('rmrr'), base: INTEGER, end: INTEGER, ...offered(SCOPED) }),
  z.strictObject({ type: z.enum(['atsr', 'satc']), ...offered({ ...SCOPED, flags: BYTE }) }),
  z.strictObject({ type: z.literal('rhsa'), base: INTEGER, ...offered({ ...STRUCTURE, proximityDomain: COUNT }) }),
  z.strictObject({ type: z.literal('andd'), deviceNumber: BYTE, objectName: TEXT, ...offered(STRUCTURE) }),
  z.strictObject({ type: z.literal('raw'), typeCode: COUNT, ...offered({ ...STRUCTURE, data: HEX_BYTES }) }),
])

const IVHD_ENTRY = z.union([
  z.strictObject({
    type: z.enum(['all', 'select', 'range-start', 'range-end']),
    deviceId: COUNT,
    ...offered({ data: BYTE }),
  }),
  z.strictObject({ type: z.literal('alias'), deviceId: COUNT, usedDeviceId: COUNT, ...offered({ data: BYTE }) }),
  z.strictObject({
    type: z.literal('special'),
    handle: BYTE,
    usedDeviceId: COUNT,
    variety: z.enum(['io-apic', 'hpet']),
  }),
])

const IVRS_BLOCK = z.union([
  z.strictObject({
    type: z.literal('ivhd'),
    deviceId: COUNT,
    base: INTEGER,
    entries: z.array(IVHD_ENTRY),
    ...offered({
      ...STRUCTURE,
      code: z.literal([0x10, 0x11, 0x40]),
      flags: BYTE,
      capabilityOffset: COUNT,
      segment: COUNT,
      info: COUNT,
      features: COUNT,
      extendedFeatures: INTEGER,
    }),
  }),
  z.strictObject({
    type: z.literal('ivmd'),
    start: INTEGER,
    blockLength: INTEGER,
    ...offered({
      ...STRUCTURE,
      code: z.literal([0x20, 0x21, 0x22]),
      flags: BYTE,
      deviceId: COUNT,
      auxiliaryData: COUNT,
    }),
  }),
  z.strictObject({
    type: z.literal('raw'),
    typeCode: BYTE,
    ...offered({ ...STRUCTURE, flags: BYTE, data: HEX_BYTES }),
  }),
])

const VIOT_COMMON = { ...STRUCTURE, name: TEXT }
const VIOT_NODE = z.union([
  z.strictObject({
    type: z.literal('pci-range'),
    bdfStart: COUNT,
    bdfEnd: COUNT,
    output: REFERENCE,
    ...offered({ ...VIOT_COMMON, endpointStart: COUNT, segmentStart: COUNT, segmentEnd: COUNT }),
  }),
  z.strictObject({
    type: z.literal('mmio-endpoint'),
    endpoint: COUNT,
    base: INTEGER,
    output: REFERENCE,
    ...offered(VIOT_COMMON),
  }),
  z.strictObject({ type: z.literal('virtio-iommu-pci'), bdf: COUNT, ...offered({ ...VIOT_COMMON, segment: COUNT }) }),
  z.strictObject({ type: z.literal('virtio-iommu-mmio'), base: INTEGER, ...offered(VIOT_COMMON) }),
  z.strictObject({ type: z.literal('raw'), typeCode: BYTE, ...offered({ ...VIOT_COMMON, data: HEX_BYTES }) }),
])

const ALLOCATION = z.strictObject({ base: INTEGER, ...offered({ segment: COUNT, startBus: BYTE, endBus: BYTE }) })

/** Header fields of every generated table. */
export const TABLE_HEADER = z.strictObject({ ...offered(TABLE_OPTIONS) })
export const IORT = z.strictObject({
  nodes: z.array(IORT_NODE),
  ...offered({ ...TABLE_OPTIONS, nodeCount: COUNT, nodeOffset: COUNT }),
})
export const MADT = z.strictObject({
  entries: z.array(MADT_ENTRY),
  ...offered({ ...TABLE_OPTIONS, localInterruptControllerAddress: COUNT, flags: COUNT }),
})
export const MCFG = z.strictObject({ allocations: z.array(ALLOCATION), ...offered(TABLE_OPTIONS) })
export const DMAR = z.strictObject({
  structures: z.array(DMAR_STRUCTURE),
  ...offered({ ...TABLE_OPTIONS, addressWidth: BYTE, flags: BYTE }),
})
export const IVRS = z.strictObject({ blocks: z.array(IVRS_BLOCK), ...offered({ ...TABLE_OPTIONS, ivInfo: COUNT }) })
export const VIOT = z.strictObject({ nodes: z.array(VIOT_NODE), ...offered({ ...TABLE_OPTIONS, nodeCount: COUNT }) })
