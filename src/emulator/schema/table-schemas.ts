import {
  anySchema,
  BYTE,
  choice,
  COUNT,
  FLAG,
  HEX_BYTES,
  INTEGER,
  listSchema,
  objectSchema,
  reference,
  TEXT,
  tupleSchema,
  type Schema,
} from './schema.js'

/** Schemas of the tables that a description may spell out; they follow the writers' types. */

const type = (...names: readonly [string, ...string[]]): Schema =>
  names.length === 1 ? { const: names[0] } : choice(...names)

const PATCHES = listSchema(objectSchema({ at: COUNT, size: choice(1, 2, 4, 8), value: INTEGER }))

const TABLE_OPTIONS = {
  revision: BYTE,
  oemId: TEXT,
  oemTableId: TEXT,
  oemRevision: COUNT,
  creatorId: TEXT,
  creatorRevision: COUNT,
  length: COUNT,
  checksum: anySchema(BYTE, { const: 'bad' }),
  patches: PATCHES,
  trailing: HEX_BYTES,
  truncateTo: COUNT,
} as const

const REFERENCE = anySchema(TEXT, COUNT)

const MAPPING = objectSchema(
  { output: REFERENCE },
  { inputBase: COUNT, ids: COUNT, idCount: COUNT, outputBase: COUNT, singleMapping: FLAG, flags: COUNT },
)

const NODE = {
  name: TEXT,
  revision: BYTE,
  identifier: COUNT,
  mappings: listSchema(MAPPING),
  mappingCount: COUNT,
  mappingOffset: COUNT,
  length: COUNT,
  typeCode: BYTE,
  padding: { type: 'integer', minimum: 0, maximum: 0xffff },
  patches: PATCHES,
} as const satisfies Record<string, Schema>

const MEMORY = { cacheCoherency: COUNT, memoryHints: BYTE, memoryFlags: BYTE } as const

const IORT_NODE = anySchema(
  objectSchema({ type: type('its-group'), itsIds: listSchema(COUNT) }, { ...NODE, itsCount: COUNT }),
  objectSchema(
    { type: type('named-component'), objectName: TEXT },
    { ...NODE, ...MEMORY, flags: COUNT, addressSizeLimit: BYTE },
  ),
  objectSchema(
    { type: type('root-complex') },
    {
      ...NODE,
      ...MEMORY,
      segment: COUNT,
      atsAttribute: COUNT,
      addressSizeLimit: BYTE,
      pasidCapabilities: COUNT,
      flags: COUNT,
      bodyLength: { type: 'integer', minimum: 32, maximum: 4096 },
    },
  ),
  objectSchema(
    { type: type('smmu'), base: INTEGER },
    {
      ...NODE,
      span: INTEGER,
      model: COUNT,
      flags: COUNT,
      globalInterrupts: tupleSchema(COUNT, 2),
      contextInterrupts: listSchema(COUNT),
    },
  ),
  objectSchema(
    { type: type('smmuv3'), base: INTEGER },
    {
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
    },
  ),
  objectSchema(
    { type: type('pmcg'), page0Base: INTEGER, nodeReference: REFERENCE },
    { ...NODE, overflowGsiv: COUNT, page1Base: INTEGER },
  ),
  objectSchema(
    { type: type('rmr') },
    { ...NODE, flags: COUNT, regions: listSchema(objectSchema({ base: INTEGER, length: INTEGER })) },
  ),
  objectSchema({ type: type('iwb'), configBase: INTEGER, objectName: TEXT }, { ...NODE, iwbIndex: COUNT }),
  objectSchema({ type: type('raw'), typeCode: BYTE }, { ...NODE, data: HEX_BYTES }),
)

const ENTRY = { length: BYTE, patches: PATCHES } as const

const MADT_ENTRY = anySchema(
  objectSchema({ type: type('local-apic'), processorUid: BYTE, apicId: BYTE }, { ...ENTRY, flags: COUNT }),
  objectSchema({ type: type('io-apic'), ioApicId: BYTE, address: COUNT }, { ...ENTRY, gsiBase: COUNT }),
  objectSchema(
    { type: type('gicc'), cpu: COUNT },
    {
      ...ENTRY,
      size: choice(40, 76, 80, 82, 88),
      gicBase: INTEGER,
      gicrBase: INTEGER,
      mpidr: INTEGER,
      flags: COUNT,
      irsId: COUNT,
    },
  ),
  objectSchema({ type: type('gicd'), base: INTEGER }, { ...ENTRY, gicId: COUNT, version: BYTE }),
  objectSchema(
    { type: type('gic-msi-frame'), base: INTEGER },
    { ...ENTRY, frameId: COUNT, flags: COUNT, spiCount: COUNT, spiBase: COUNT },
  ),
  objectSchema({ type: type('gicr'), base: INTEGER, rangeLength: COUNT }, { ...ENTRY, flags: BYTE }),
  objectSchema({ type: type('gic-its'), translationId: COUNT, base: INTEGER }, { ...ENTRY, flags: BYTE }),
  objectSchema(
    { type: type('gicv5-irs'), configBase: INTEGER },
    { ...ENTRY, version: BYTE, irsId: COUNT, flags: COUNT, setlpiBase: INTEGER },
  ),
  objectSchema({ type: type('gicv5-its-config'), translatorId: COUNT, base: INTEGER }, { ...ENTRY, flags: BYTE }),
  objectSchema(
    { type: type('gicv5-its-translate'), linkedTranslatorId: COUNT, translateFrameId: COUNT, base: INTEGER },
    ENTRY,
  ),
  objectSchema({ type: type('raw'), typeCode: BYTE }, { ...ENTRY, data: HEX_BYTES }),
)

const SCOPE = objectSchema(
  { type: choice('endpoint', 'bridge', 'io-apic', 'hpet', 'namespace'), path: listSchema(tupleSchema(BYTE, 2)) },
  { enumerationId: BYTE, startBus: BYTE, length: BYTE },
)
const STRUCTURE = { length: COUNT, patches: PATCHES } as const
const SCOPED = { ...STRUCTURE, segment: COUNT, scopes: listSchema(SCOPE) } as const

const DMAR_STRUCTURE = anySchema(
  objectSchema({ type: type('drhd'), base: INTEGER }, { ...SCOPED, flags: BYTE }),
  objectSchema({ type: type('rmrr'), base: INTEGER, end: INTEGER }, SCOPED),
  objectSchema({ type: type('atsr', 'satc') }, { ...SCOPED, flags: BYTE }),
  objectSchema({ type: type('rhsa'), base: INTEGER }, { ...STRUCTURE, proximityDomain: COUNT }),
  objectSchema({ type: type('andd'), deviceNumber: BYTE, objectName: TEXT }, STRUCTURE),
  objectSchema({ type: type('raw'), typeCode: COUNT }, { ...STRUCTURE, data: HEX_BYTES }),
)

const IVHD_ENTRY = anySchema(
  objectSchema({ type: type('all', 'select', 'range-start', 'range-end'), deviceId: COUNT }, { data: BYTE }),
  objectSchema({ type: type('alias'), deviceId: COUNT, usedDeviceId: COUNT }, { data: BYTE }),
  objectSchema({ type: type('special'), handle: BYTE, usedDeviceId: COUNT, variety: choice('io-apic', 'hpet') }),
)

const IVRS_BLOCK = anySchema(
  objectSchema(
    { type: type('ivhd'), deviceId: COUNT, base: INTEGER, entries: listSchema(IVHD_ENTRY) },
    {
      ...STRUCTURE,
      code: choice(0x10, 0x11, 0x40),
      flags: BYTE,
      capabilityOffset: COUNT,
      segment: COUNT,
      info: COUNT,
      features: COUNT,
      extendedFeatures: INTEGER,
    },
  ),
  objectSchema(
    { type: type('ivmd'), start: INTEGER, blockLength: INTEGER },
    { ...STRUCTURE, code: choice(0x20, 0x21, 0x22), flags: BYTE, deviceId: COUNT, auxiliaryData: COUNT },
  ),
  objectSchema({ type: type('raw'), typeCode: BYTE }, { ...STRUCTURE, flags: BYTE, data: HEX_BYTES }),
)

const VIOT_COMMON = { ...STRUCTURE, name: TEXT } as const
const VIOT_NODE = anySchema(
  objectSchema(
    { type: type('pci-range'), bdfStart: COUNT, bdfEnd: COUNT, output: REFERENCE },
    { ...VIOT_COMMON, endpointStart: COUNT, segmentStart: COUNT, segmentEnd: COUNT },
  ),
  objectSchema({ type: type('mmio-endpoint'), endpoint: COUNT, base: INTEGER, output: REFERENCE }, VIOT_COMMON),
  objectSchema({ type: type('virtio-iommu-pci'), bdf: COUNT }, { ...VIOT_COMMON, segment: COUNT }),
  objectSchema({ type: type('virtio-iommu-mmio'), base: INTEGER }, VIOT_COMMON),
  objectSchema({ type: type('raw'), typeCode: BYTE }, { ...VIOT_COMMON, data: HEX_BYTES }),
)

const ALLOCATION = objectSchema({ base: INTEGER }, { segment: COUNT, startBus: BYTE, endBus: BYTE })

/** Definitions by the name that `reference` takes. */
export const TABLE_SCHEMAS = {
  tableOptions: objectSchema({}, TABLE_OPTIONS),
  iortNode: IORT_NODE,
  iort: objectSchema(
    { nodes: listSchema(reference('iortNode')) },
    { ...TABLE_OPTIONS, nodeCount: COUNT, nodeOffset: COUNT },
  ),
  madt: objectSchema(
    { entries: listSchema(MADT_ENTRY) },
    { ...TABLE_OPTIONS, localInterruptControllerAddress: COUNT, flags: COUNT },
  ),
  mcfg: objectSchema({ allocations: listSchema(ALLOCATION) }, TABLE_OPTIONS),
  dmar: objectSchema({ structures: listSchema(DMAR_STRUCTURE) }, { ...TABLE_OPTIONS, addressWidth: BYTE, flags: BYTE }),
  ivrs: objectSchema({ blocks: listSchema(IVRS_BLOCK) }, { ...TABLE_OPTIONS, ivInfo: COUNT }),
  viot: objectSchema({ nodes: listSchema(VIOT_NODE) }, { ...TABLE_OPTIONS, nodeCount: COUNT }),
} as const satisfies Record<string, Schema>
