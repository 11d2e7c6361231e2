import {
  anySchema,
  BYTE,
  choice,
  COUNT,
  FLAG,
  HEX_BYTES,
  INTEGER,
  listSchema,
  mapSchema,
  NULL,
  objectSchema,
  reference,
  TEXT,
  type Schema,
} from './schema.js'
import {
  ADDRESS,
  CLASS,
  DEVICE_ID,
  FILE_NAME,
  IDS,
  NAME,
  OPTION,
  OPTION_VALUE,
  PARAMETER,
  PATH,
  REGISTER,
  TABLE_NAME,
  TEXTS,
} from './schema-texts.js'
import { TABLE_SCHEMAS } from './table-schemas.js'

const CAPABLE = choice('capable', 'enabled')

const PORT_TYPES = [
  'endpoint',
  'legacy-endpoint',
  'root-port',
  'upstream-port',
  'downstream-port',
  'pcie-to-pci-bridge',
  'pci-to-pcie-bridge',
  'rc-integrated-endpoint',
  'rc-event-collector',
  'reserved',
  'conventional',
] as const

const KERNEL = objectSchema(
  { release: FILE_NAME },
  {
    commandLine: TEXT,
    configuration: mapSchema(OPTION, OPTION_VALUE),
    parameters: mapSchema(PARAMETER, TEXT),
    modprobe: mapSchema(FILE_NAME, TEXT),
    deviceNodes: listSchema(choice('dev/vfio/vfio', 'dev/iommu', 'dev/kvm')),
    debugfs: FLAG,
    log: anySchema({ const: false }, TEXTS),
  },
)

const IOMMU = objectSchema(
  { name: NAME, type: choice('smmuv3', 'smmuv2', 'virtio-iommu', 'vt-d', 'amd-vi', 'riscv') },
  {
    address: INTEGER,
    function: ADDRESS,
    coherent: FLAG,
    driver: FLAG,
    enabled: FLAG,
    groupType: choice('DMA', 'DMA-FQ', 'identity', 'blocked'),
    interruptRemapping: FLAG,
    capability: REGISTER,
    extendedCapability: REGISTER,
    node: FILE_NAME,
    compatible: TEXTS,
    iommuCells: BYTE,
  },
)

const MSI_CONTROLLER = objectSchema(
  {
    name: NAME,
    type: choice('its', 'gicv5-its', 'gicv2m', 'gicv3-mbi', 'imsic', 'dwc', 'hyper-v', 'vmd', 'private'),
  },
  {
    address: INTEGER,
    id: COUNT,
    spiBase: COUNT,
    spiCount: COUNT,
    preIts: objectSchema({ base: INTEGER, size: INTEGER }),
    usable: FLAG,
    inMadt: FLAG,
    prefix: NAME,
    legacyChipName: TEXT,
    node: FILE_NAME,
    compatible: TEXTS,
    msiCells: BYTE,
    msiControllerProperty: FLAG,
  },
)

const MAP_ENTRY = objectSchema({ to: NAME }, { from: INTEGER, count: INTEGER, outputBase: INTEGER, single: FLAG })

const ROOT_COMPLEX = objectSchema(
  { functions: listSchema(reference('function')) },
  {
    segment: { type: 'integer', minimum: 0, maximum: 0xffff },
    rootBus: BYTE,
    endBus: BYTE,
    ecam: INTEGER,
    iommu: NAME,
    iommuMap: listSchema(MAP_ENTRY),
    iommuMapMask: INTEGER,
    msi: NAME,
    msiMap: listSchema(MAP_ENTRY),
    msiMapMask: INTEGER,
    msiParent: objectSchema({ to: NAME }, { cells: listSchema(COUNT) }),
    atsSupported: FLAG,
    node: FILE_NAME,
    compatible: TEXTS,
    driver: FILE_NAME,
    parentPath: PATH,
  },
)

const FUNCTION = objectSchema(
  { address: ADDRESS, id: IDS },
  {
    subsystem: IDS,
    class: CLASS,
    revision: BYTE,
    type: choice(...PORT_TYPES),
    functions: listSchema(reference('function')),
    secondaryBus: BYTE,
    subordinateBus: BYTE,
    driver: FILE_NAME,
    msi: { type: 'integer', minimum: 0, maximum: 32 },
    msix: { type: 'integer', minimum: 0, maximum: 2048 },
    msiCapable: { type: 'integer', minimum: 1, maximum: 32 },
    msixCapable: { type: 'integer', minimum: 1, maximum: 2048 },
    irqs: listSchema(COUNT),
    actions: TEXTS,
    chipName: TEXT,
    acs: anySchema(FLAG, BYTE),
    ari: FLAG,
    ats: CAPABLE,
    pri: CAPABLE,
    pasid: CAPABLE,
    sriov: objectSchema(
      { total: { type: 'integer', minimum: 1, maximum: 0xffff } },
      {
        enabled: { type: 'integer', minimum: 0, maximum: 0xffff },
        firstOffset: { type: 'integer', minimum: 0, maximum: 0xffff },
        stride: { type: 'integer', minimum: 0, maximum: 0xffff },
        device: DEVICE_ID,
        driver: FILE_NAME,
        msix: { type: 'integer', minimum: 0, maximum: 2048 },
      },
    ),
    group: anySchema(COUNT, NULL),
    reservedRegions: listSchema(objectSchema({ start: INTEGER, end: INTEGER, type: TEXT })),
    numaNode: COUNT,
    configSize: choice(64, 128, 256, 4096),
  },
)

const PROPERTY = anySchema(
  { const: true },
  COUNT,
  TEXT,
  listSchema(anySchema(COUNT, TEXT)),
  objectSchema({ bytes: HEX_BYTES }),
)

const DEVICE_TREE = objectSchema(
  {},
  {
    model: TEXT,
    compatible: TEXTS,
    properties: mapSchema(TEXT, mapSchema(FILE_NAME, anySchema(NULL, reference('property')))),
    nodes: mapSchema(FILE_NAME, reference('node')),
  },
)

const orNull = (name: keyof typeof TABLE_SCHEMAS): Schema => anySchema(NULL, reference(name))

const ACPI = objectSchema(
  {},
  {
    header: reference('tableOptions'),
    iort: orNull('iort'),
    madt: orNull('madt'),
    mcfg: orNull('mcfg'),
    dmar: orNull('dmar'),
    ivrs: orNull('ivrs'),
    viot: orNull('viot'),
    tables: mapSchema(TABLE_NAME, HEX_BYTES),
  },
)

const FAULT = anySchema(
  objectSchema({ remove: PATH }),
  objectSchema({ unreadable: PATH }, { reason: choice('permission', 'io') }),
  objectSchema({ truncate: PATH, length: COUNT }),
  objectSchema({ corrupt: PATH, offset: COUNT, bytes: HEX_BYTES }),
  objectSchema({ replace: PATH, text: TEXT }),
  objectSchema({ retarget: PATH, target: TEXT }),
)

/** JSON Schema (2020-12) of `MachineDescription`: what `emulate` reads, published as it is. */
export const DESCRIPTION_SCHEMA: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Machine description of the intremap emulator',
  ...objectSchema(
    {
      name: NAME,
      architecture: choice('arm64', 'x86_64', 'riscv64', 's390x'),
      firmware: choice('acpi', 'devicetree', 'none'),
      kernel: KERNEL,
      rootComplexes: listSchema(ROOT_COMPLEX),
    },
    {
      $schema: TEXT,
      title: TEXT,
      privilege: choice('root', 'nobody'),
      cpus: { type: 'integer', minimum: 1, maximum: 4096 },
      dmi: objectSchema({ vendor: TEXT, product: TEXT }, { biosVendor: TEXT }),
      gic: objectSchema({}, { address: INTEGER, version: choice(2, 3, 4, 5), node: FILE_NAME }),
      iommus: listSchema(IOMMU),
      msiControllers: listSchema(MSI_CONTROLLER),
      acpi: ACPI,
      deviceTree: DEVICE_TREE,
      faults: listSchema(FAULT),
    },
  ),
  $defs: {
    ...TABLE_SCHEMAS,
    function: FUNCTION,
    property: PROPERTY,
    node: objectSchema(
      {},
      {
        label: NAME,
        properties: mapSchema(FILE_NAME, reference('property')),
        children: mapSchema(FILE_NAME, reference('node')),
      },
    ),
  },
}
