import { z } from 'zod'
import {
  ADDRESS,
  BYTE,
  CLASS,
  COUNT,
  DEVICE_ID,
  FILE_NAME,
  FLAG,
  HEX_BYTES,
  IDS,
  INTEGER,
  NAME,
  OPTION,
  OPTION_VALUE,
  PARAMETER,
  PATH,
  REGISTER,
  offered,
  TABLE_NAME,
  TEXT,
  TEXTS,
  WORD,
} from './description-parts.js'
import { DMAR, IORT, IVRS, MADT, MCFG, PATCHES, TABLE_HEADER, VIOT } from './description-tables-schema.js'

const CAPABLE = z.enum(['capable', 'enabled'])

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

const KERNEL = z.strictObject({
  release: FILE_NAME,
  ...offered({
    commandLine: TEXT,
    configuration: z.record(OPTION, OPTION_VALUE),
    parameters: z.record(PARAMETER, TEXT),
    modprobe: z.record(FILE_NAME, TEXT),
    deviceNodes: z.array(z.enum(['dev/vfio/vfio', 'dev/iommu', 'dev/kvm'])),
    debugfs: FLAG,
    log: z.union([z.literal(false), TEXTS]),
  }),
})

const IOMMU = z.strictObject({
  name: NAME,
  type: z.enum(['smmuv3', 'smmuv2', 'virtio-iommu', 'vt-d', 'amd-vi', 'riscv']),
  ...offered({
    address: INTEGER,
    function: ADDRESS,
    coherent: FLAG,
    driver: FLAG,
    enabled: FLAG,
    groupType: z.enum(['DMA', 'DMA-FQ', 'identity', 'blocked']),
    interruptRemapping: FLAG,
    capability: REGISTER,
    extendedCapability: REGISTER,
    node: FILE_NAME,
    compatible: TEXTS,
    iommuCells: BYTE,
  }),
})

const MSI_CONTROLLER = z.strictObject({
  name: NAME,
  type: z.enum(['its', 'gicv5-its', 'gicv2m', 'gicv3-mbi', 'imsic', 'dwc', 'hyper-v', 'vmd', 'private']),
  ...offered({
    address: INTEGER,
    id: COUNT,
    spiBase: COUNT,
    spiCount: COUNT,
    preIts: z.strictObject({ base: INTEGER, size: INTEGER }),
    usable: FLAG,
    inMadt: FLAG,
    prefix: NAME,
    legacyChipName: TEXT,
    node: FILE_NAME,
    compatible: TEXTS,
    msiCells: BYTE,
    msiControllerProperty: FLAG,
  }),
})

const MAP_ENTRY = z.strictObject({
  to: NAME,
  ...offered({ from: INTEGER, count: INTEGER, outputBase: INTEGER, single: FLAG }),
})

const FUNCTION_ALONE = z.strictObject({
  address: ADDRESS,
  id: IDS,
  ...offered({
    subsystem: IDS,
    class: CLASS,
    revision: BYTE,
    type: z.enum(PORT_TYPES),
    secondaryBus: BYTE,
    subordinateBus: BYTE,
    driver: FILE_NAME,
    msi: z.int().min(0).max(32),
    msix: z.int().min(0).max(2048),
    msiCapable: z.int().min(1).max(32),
    msixCapable: z.int().min(1).max(2048),
    irqs: z.array(COUNT),
    actions: TEXTS,
    chipName: TEXT,
    acs: z.union([FLAG, BYTE]),
    ari: FLAG,
    ats: CAPABLE,
    pri: CAPABLE,
    pasid: CAPABLE,
    sriov: z.strictObject({
      total: z.int().min(1).max(0xffff),
      ...offered({
        enabled: WORD,
        firstOffset: WORD,
        stride: WORD,
        device: DEVICE_ID,
        driver: FILE_NAME,
        msix: z.int().min(0).max(2048),
      }),
    }),
    group: COUNT.nullable(),
    reservedRegions: z.array(z.strictObject({ start: INTEGER, end: INTEGER, type: TEXT })),
    numaNode: COUNT,
    configSize: z.literal([64, 128, 256, 4096]),
  }),
})

/** With what lies behind it, where it is a bridge. */
const FUNCTION = FUNCTION_ALONE.extend({
  get functions() {
    return z.optional(z.array(FUNCTION))
  },
})

const ROOT_COMPLEX = z.strictObject({
  functions: z.array(FUNCTION),
  ...offered({
    segment: WORD,
    rootBus: BYTE,
    endBus: BYTE,
    ecam: INTEGER,
    iommu: NAME,
    iommuMap: z.array(MAP_ENTRY),
    iommuMapMask: INTEGER,
    msi: NAME,
    msiMap: z.array(MAP_ENTRY),
    msiMapMask: INTEGER,
    msiParent: z.strictObject({ to: NAME, ...offered({ cells: z.array(COUNT) }) }),
    atsSupported: FLAG,
    node: FILE_NAME,
    compatible: TEXTS,
    driver: FILE_NAME,
    parentPath: PATH,
  }),
})

const PROPERTY = z.union([
  z.literal(true),
  COUNT,
  TEXT,
  z.array(z.union([COUNT, TEXT])),
  z.strictObject({ bytes: HEX_BYTES }),
])

const NODE = z.strictObject({
  label: NAME.optional(),
  properties: z.record(FILE_NAME, PROPERTY).optional(),
  get children() {
    return z.optional(z.record(FILE_NAME, NODE))
  },
})

// Names of their definitions in the JSON Schema.
for (const [id, shape] of Object.entries({
  bytes: HEX_BYTES,
  function: FUNCTION,
  integer: INTEGER,
  node: NODE,
  patches: PATCHES,
  property: PROPERTY,
  uint32: COUNT,
})) {
  z.globalRegistry.add(shape, { id })
}

const DEVICE_TREE = z.strictObject({
  ...offered({
    model: TEXT,
    compatible: TEXTS,
    properties: z.record(TEXT, z.record(FILE_NAME, z.union([z.null(), PROPERTY]))),
    nodes: z.record(FILE_NAME, NODE),
  }),
})

const ACPI = z.strictObject({
  ...offered({
    header: TABLE_HEADER,
    iort: z.union([z.null(), IORT]),
    madt: z.union([z.null(), MADT]),
    mcfg: z.union([z.null(), MCFG]),
    dmar: z.union([z.null(), DMAR]),
    ivrs: z.union([z.null(), IVRS]),
    viot: z.union([z.null(), VIOT]),
    tables: z.record(TABLE_NAME, HEX_BYTES),
  }),
})

const FAULT = z.union([
  z.strictObject({ remove: PATH }),
  z.strictObject({ unreadable: PATH, ...offered({ reason: z.enum(['permission', 'io']) }) }),
  z.strictObject({ truncate: PATH, length: COUNT }),
  z.strictObject({ corrupt: PATH, offset: COUNT, bytes: HEX_BYTES }),
  z.strictObject({ replace: PATH, text: TEXT }),
  z.strictObject({ retarget: PATH, target: TEXT }),
])

/** What `emulate` reads. A test holds that it infers exactly `MachineDescription`. */
export const DESCRIPTION = z
  .strictObject({
    name: NAME,
    architecture: z.enum(['arm64', 'x86_64', 'riscv64', 's390x']),
    firmware: z.enum(['acpi', 'devicetree', 'none']),
    kernel: KERNEL,
    rootComplexes: z.array(ROOT_COMPLEX),
    ...offered({
      $schema: TEXT,
      title: TEXT,
      privilege: z.enum(['root', 'nobody']),
      cpus: z.int().min(1).max(4096),
      dmi: z.strictObject({ vendor: TEXT, product: TEXT, ...offered({ biosVendor: TEXT }) }),
      gic: z.strictObject({ ...offered({ address: INTEGER, version: z.literal([2, 3, 4, 5]), node: FILE_NAME }) }),
      iommus: z.array(IOMMU),
      msiControllers: z.array(MSI_CONTROLLER),
      acpi: ACPI,
      deviceTree: DEVICE_TREE,
      faults: z.array(FAULT),
    }),
  })
  .describe('A machine in a few lines, for intremap emulate')
