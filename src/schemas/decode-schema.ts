import { z } from 'zod'
import { list } from './schema-parts.js'

const HEX = z.string().describe('Lower-case hex with 0x')
const FIELD = z.union([z.string(), z.number()])
const FIELDS = z
  .record(z.string(), FIELD)
  .describe('By the names of the specification: hex for addresses, ids and flags')
const DIAGNOSTICS = list(z.object({ path: z.string(), offset: HEX, message: z.string() })).describe(
  'What could not be read, and where',
)

/** A structure, block, node or allocation; what it lists itself stands among its fields. */
const RECORD = z.object({
  offset: HEX,
  type: z.string().optional(),
  typeCode: z.number().optional(),
  length: z.number().optional(),
  get fields() {
    return RECORD_FIELDS
  },
})
const RECORD_FIELDS = z.record(
  z.string(),
  z.union([FIELD, list(FIELD), list(z.record(z.string(), FIELD)), z.lazy((): z.ZodType => list(RECORD))]),
)

const LEFT_OUT = z.number().optional().describe('How many more there are')

const MAPPING = z.object({
  inputBase: HEX,
  idCount: HEX.describe('The raw field: number of ids minus one'),
  outputBase: HEX,
  outputReference: HEX.describe('Offset of the node that it leads to'),
  singleMapping: z.boolean(),
})

const TABLE = z
  .object({
    table: z.string().describe('The signature'),
    revision: z.number(),
    oemId: z.string(),
    oemTableId: z.string(),
    oemRevision: z.number(),
    creatorId: z.string(),
    creatorRevision: z.string(),
    checksum: z.enum(['ok', 'bad', 'none']),
    length: z.number().describe('What the header claims'),
    damaged: z.boolean().describe("The table's own format shows damage"),
    fields: FIELDS.describe('Between header and first record'),
    diagnostics: DIAGNOSTICS,
    nodes: list(
      RECORD.extend({
        revision: z.number().optional(),
        identifier: z.string().optional(),
        mappings: list(MAPPING).optional().describe('Of a node of the IORT'),
        mappingsLeftOut: LEFT_OUT,
      }),
    ).optional(),
    nodesLeftOut: LEFT_OUT,
    entries: list(RECORD).optional(),
    entriesLeftOut: LEFT_OUT,
    structures: list(RECORD).optional(),
    structuresLeftOut: LEFT_OUT,
    blocks: list(RECORD).optional(),
    blocksLeftOut: LEFT_OUT,
    allocations: list(RECORD).optional(),
    allocationsLeftOut: LEFT_OUT,
  })
  .describe('An ACPI table; its records stand under the name that the specification has for them')

const REFERENCE = z.object({ phandle: HEX, node: z.string().describe('Path of the node, else none or unknown') })

const VALUE = z.union([
  z.object({ type: z.literal('empty') }),
  z.object({ type: z.literal('strings'), strings: list(z.string()) }),
  z.object({ type: z.literal('cells'), cells: list(HEX) }),
  z.object({ type: z.literal('bytes'), hex: z.string() }),
  z.object({
    type: z.literal('reg'),
    entries: list(
      z.object({
        address: HEX,
        size: HEX,
        cpuAddress: z.string().describe('Where every bus above translates it, else unknown'),
      }),
    ),
  }),
  z.object({
    type: z.literal('ranges'),
    entries: list(
      z.object({
        space: z.enum(['configuration', 'io', 'memory', 'memory64']).optional().describe('PCI only'),
        flags: z.string().optional(),
        child: HEX,
        parent: HEX,
        size: HEX,
      }),
    ),
  }),
  z.object({ type: z.literal('references'), entries: list(REFERENCE.extend({ arguments: list(HEX) })) }),
  z.object({
    type: z.literal('id-map'),
    mask: HEX,
    entries: list(
      z.object({
        cell: z.number().describe("Index of the entry's first cell in the property"),
        idBase: HEX,
        controller: REFERENCE,
        out: list(HEX),
        length: HEX.describe('Number of ids'),
      }),
    ),
  }),
  z.object({ type: z.literal('unreadable'), reason: z.string() }),
])

const DEVICE_TREE = z
  .object({
    kind: z.literal('devicetree'),
    form: z.enum(['blob', 'directory']),
    name: z.string(),
    header: z
      .object({
        version: z.number(),
        lastCompatibleVersion: z.number(),
        totalSize: z.number(),
        bootProcessor: z.string(),
      })
      .optional()
      .describe('Of a blob'),
    reservations: list(z.object({ offset: HEX, address: HEX, size: HEX })),
    reservationsLeftOut: LEFT_OUT,
    damaged: z.boolean().describe("The blob's own format shows damage"),
    complete: z.boolean().describe('False when some node or phandle could not be read'),
    nodes: list(
      z.object({
        path: z.string(),
        offset: z.string().optional(),
        status: z.enum(['enabled', 'disabled', 'unknown']),
        roles: list(z.string()).describe('What Linux takes the node for'),
        incomplete: z.string().describe('Why properties or children may be missing, or none'),
        properties: list(
          z.object({
            name: z.string(),
            offset: z.string().optional().describe('Of the value, from the start of the blob'),
            length: z.union([z.number(), z.literal('unknown')]),
            typedBy: z.enum(['binding', 'form']).describe('form: guessed from the bytes, as dtc does'),
            value: VALUE,
            fault: z.string().optional().describe('Why the bytes do not have the type that the binding asks for'),
          }),
        ),
        propertiesLeftOut: LEFT_OUT,
      }),
    ).describe('Parents before children, in the order of the blob'),
    nodesLeftOut: LEFT_OUT,
    diagnostics: DIAGNOSTICS,
  })
  .describe('A device tree')

const DOCUMENT = z.union([TABLE, DEVICE_TREE])

/** The shape of `decode --json`: one document, or a list where the input holds several. */
export const DECODED = z.union([DOCUMENT, list(DOCUMENT)]).describe('Firmware field by field')
