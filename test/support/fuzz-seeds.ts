import { encodeDeviceTree } from '../../src/emulator/firmware/devicetree-source.js'
import { writeDmar } from '../../src/emulator/firmware/dmar-writer.js'
import { writeFdt } from '../../src/emulator/firmware/fdt-writer.js'
import { writeIort } from '../../src/emulator/firmware/iort-writer.js'
import { writeIvrs } from '../../src/emulator/firmware/ivrs-writer.js'
import { writeMadt } from '../../src/emulator/firmware/madt-writer.js'
import { writeMcfg } from '../../src/emulator/firmware/mcfg-writer.js'
import { writeViot } from '../../src/emulator/firmware/viot-writer.js'
import type { SeedField } from './fuzz-mutations.js'

const field = (offset: number, size: SeedField['size'], big = false): SeedField => ({ offset, size, big })
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Signature, length, revision and checksum. */
const ACPI_HEADER = [field(0, 4), field(4, 4), field(8, 1), field(9, 1)]

export interface Seed {
  readonly bytes: Uint8Array
  readonly fields: readonly SeedField[]
}

/** IORT: header, counts, and every 32-bit word and length of every node. */
function iortSeed(): Seed {
  const bytes = writeIort({
    revision: 5,
    nodes: [
      { type: 'its-group', name: 'its', itsIds: [0, 1] },
      {
        type: 'smmuv3',
        name: 'smmu',
        revision: 5,
        base: 0x9050000,
        flags: 0x10,
        deviceIdMappingIndex: 0,
        mappings: [
          { inputBase: 0, ids: 1, outputBase: 0x99, output: 'its', singleMapping: true },
          { inputBase: 0, outputBase: 0x10000, output: 'its' },
        ],
      },
      {
        type: 'smmu',
        name: 'old',
        base: 0xa000000,
        globalInterrupts: [70, 71],
        contextInterrupts: [72],
        mappings: [{ output: 'its' }],
      },
      {
        type: 'root-complex',
        revision: 4,
        segment: 0,
        atsAttribute: 1,
        mappings: [
          { ids: 0x100, output: 'smmu' },
          { inputBase: 0x100, output: 'old' },
        ],
      },
      {
        type: 'named-component',
        objectName: '\\_SB.DMA0',
        mappings: [{ ids: 1, outputBase: 7, output: 'smmu', singleMapping: true }],
      },
      { type: 'pmcg', page0Base: 0xb000000, nodeReference: 'smmu', mappings: [{ output: 'its' }] },
      { type: 'rmr', regions: [{ base: 0x8000000, length: 0x100000 }], mappings: [{ ids: 1, output: 'smmu' }] },
    ],
  })
  const fields = [...ACPI_HEADER, field(36, 4), field(40, 4)]
  for (let at = view(bytes).getUint32(40, true); at + 16 <= bytes.length;) {
    const length = view(bytes).getUint16(at + 1, true)
    fields.push(field(at, 1), field(at + 1, 2), field(at + 3, 1))
    for (let word = at + 8; word + 4 <= at + length; word += 4) fields.push(field(word, 4))
    if (length < 16) break
    at += length
  }
  return { bytes, fields }
}

/** Records of one type and one length byte from 44 on. */
function madtSeed(): Seed {
  const bytes = writeMadt({
    entries: [
      { type: 'gicd', base: 0x8000000, version: 3 },
      { type: 'gicc', cpu: 0, size: 80 },
      { type: 'gicr', base: 0x80a0000, rangeLength: 0x200000 },
      { type: 'gic-msi-frame', frameId: 1, base: 0x8020000, flags: 1, spiBase: 80, spiCount: 64 },
      { type: 'gic-its', translationId: 0, base: 0x8080000 },
      { type: 'gicv5-irs', configBase: 0x9000000 },
      { type: 'gicv5-its-config', translatorId: 0, base: 0x9100000 },
      { type: 'gicv5-its-translate', linkedTranslatorId: 0, translateFrameId: 0, base: 0x9110000 },
    ],
  })
  return { bytes, fields: [...ACPI_HEADER, ...byteRecords(bytes, 44)] }
}

function byteRecords(bytes: Uint8Array, start: number): readonly SeedField[] {
  const fields: SeedField[] = []
  for (let at = start; at + 2 <= bytes.length;) {
    const length = bytes[at + 1] ?? 0
    fields.push(field(at, 1), field(at + 1, 1))
    for (let word = at + 2; word + 4 <= at + length; word += 4) fields.push(field(word, 4))
    if (length < 2) break
    at += length
  }
  return fields
}

/** Records with a 16-bit length, two bytes behind their start. */
function wordRecords(bytes: Uint8Array, start: number): readonly SeedField[] {
  const fields: SeedField[] = []
  for (let at = start; at + 4 <= bytes.length;) {
    const length = view(bytes).getUint16(at + 2, true)
    fields.push(field(at, 1), field(at, 2), field(at + 2, 2))
    for (let byte = at + 4; byte < at + length; byte += 1) fields.push(field(byte, 1))
    if (length < 4) break
    at += length
  }
  return fields
}

function dmarSeed(): Seed {
  const scope = {
    type: 'endpoint',
    startBus: 0,
    path: [
      [1, 0],
      [0, 1],
    ],
  } as const
  const bytes = writeDmar({
    flags: 1,
    structures: [
      {
        type: 'drhd',
        flags: 0,
        segment: 0,
        base: 0xfed90000,
        scopes: [scope, { type: 'io-apic', enumerationId: 2, startBus: 0xff, path: [[0, 0]] }],
      },
      { type: 'drhd', flags: 1, segment: 0, base: 0xfed91000, scopes: [] },
    ],
  })
  return { bytes, fields: [...ACPI_HEADER, field(36, 1), field(37, 1), ...wordRecords(bytes, 48)] }
}

function ivrsSeed(): Seed {
  const bytes = writeIvrs({
    blocks: [
      {
        type: 'ivhd',
        deviceId: 2,
        base: 0xfeb80000,
        segment: 0,
        flags: 0xb0,
        entries: [
          { type: 'range-start', deviceId: 3 },
          { type: 'range-end', deviceId: 0xffff },
          { type: 'special', handle: 0, usedDeviceId: 0xa0, variety: 'io-apic' },
        ],
      },
    ],
  })
  return { bytes, fields: [...ACPI_HEADER, field(36, 4), ...wordRecords(bytes, 48)] }
}

function viotSeed(): Seed {
  const bytes = writeViot({
    nodes: [
      { type: 'virtio-iommu-pci', name: 'iommu', segment: 0, bdf: 8 },
      { type: 'virtio-iommu-mmio', name: 'other', base: 0xa000000 },
      { type: 'pci-range', segmentStart: 0, endpointStart: 0, bdfStart: 0, bdfEnd: 0xff, output: 'iommu' },
    ],
  })
  return { bytes, fields: [...ACPI_HEADER, field(36, 2), field(38, 2), ...wordRecords(bytes, 48)] }
}

function mcfgSeed(): Seed {
  const allocations = [
    { base: 0x4010000000, segment: 0, startBus: 0, endBus: 255 },
    { base: 0x4020000000, segment: 1, startBus: 0, endBus: 15 },
  ]
  const bytes = writeMcfg({ allocations })
  return { bytes, fields: [...ACPI_HEADER, field(44, 8), field(52, 2), field(54, 1), field(55, 1), field(60, 8)] }
}

/** RIMT has no writer: one RISC-V IOMMU that is a platform device, and a PCI root complex behind it. */
function rimtSeed(): Seed {
  const bytes = new Uint8Array(48 + 40 + 40)
  const table = view(bytes)
  bytes.set(Uint8Array.from('RIMT', (letter) => letter.charCodeAt(0)))
  table.setUint32(4, bytes.length, true)
  table.setUint8(8, 1)
  table.setUint32(36, 2, true)
  table.setUint32(40, 48, true)
  table.setUint8(48, 0)
  table.setUint16(50, 40, true)
  table.setUint8(88, 1)
  table.setUint16(90, 40, true)
  table.setUint16(104, 20, true)
  table.setUint16(106, 1, true)
  const fields = [...ACPI_HEADER, field(36, 4), field(40, 4), ...wordRecords(bytes, 48)]
  return { bytes, fields }
}

/** All tables that have a parser. */
export function acpiSeeds(): readonly Seed[] {
  return [iortSeed(), madtSeed(), dmarSeed(), ivrsSeed(), viotSeed(), mcfgSeed(), rimtSeed()]
}

/** A blob with every kind of token; every word of header and structure is a field. */
export function blobSeed(): Seed {
  const bytes = writeFdt(
    encodeDeviceTree({
      properties: { '#address-cells': 2, '#size-cells': 2, compatible: ['emulated,board', 'soc'], model: 'Board' },
      children: {
        'interrupt-controller@8000000': {
          label: 'gic',
          properties: { compatible: 'arm,gic-v3', ranges: true, '#address-cells': 2, '#size-cells': 2 },
          children: {
            'its@8080000': {
              label: 'its',
              properties: {
                compatible: 'arm,gic-v3-its',
                'msi-controller': true,
                '#msi-cells': 1,
                reg: [0, 0x8080000, 0, 0x20000],
              },
            },
          },
        },
        'pcie@10000000': { properties: { device_type: 'pci', 'msi-map': [0, '&its', 0, 0x10000], status: 'okay' } },
      },
    }),
  )
  const fields: SeedField[] = []
  const end = view(bytes).getUint32(8) + view(bytes).getUint32(36)
  for (let at = 0; at + 4 <= end; at += 4) fields.push(field(at, 4, true))
  return { bytes, fields }
}

/** Configuration space of an endpoint: MSI, MSI-X and PCIe capabilities, AER, ACS, ARI, ATS, SR-IOV behind them. */
export function configurationSeeds(): readonly Seed[] {
  const bytes = new Uint8Array(4096)
  const config = view(bytes)
  config.setUint16(0, 0x8086, true)
  config.setUint16(2, 0x1572, true)
  config.setUint16(4, 0x0406, true)
  config.setUint16(6, 0x0010, true)
  bytes[0x34] = 0x40
  bytes.set([0x05, 0x50, 0x81, 0x00], 0x40)
  bytes.set([0x11, 0x70, 0x02, 0x80, 0x03, 0, 0, 0, 0x03, 0x20, 0, 0], 0x50)
  bytes.set([0x10, 0x00, 0x02, 0x00], 0x70)
  const fields = [
    field(6, 2),
    field(14, 1),
    field(0x34, 1),
    ...[0x40, 0x50, 0x70].flatMap((at) => [field(at, 1), field(at + 1, 1), field(at + 2, 2)]),
  ]
  const extended = [
    [0x100, 0x0001, 0x140],
    [0x140, 0x000d, 0x150],
    [0x150, 0x000e, 0x160],
    [0x160, 0x000f, 0x170],
    [0x170, 0x0010, 0],
  ] as const
  for (const [at, id, next] of extended) {
    config.setUint32(at, (id | (1 << 16) | (next << 20)) >>> 0, true)
    fields.push(field(at, 4), field(at + 2, 2), field(at + 4, 2), field(at + 6, 2))
  }
  const bridge = bytes.slice()
  bridge[0x0e] = 1
  bridge.set([0, 1, 4], 0x18)
  return [
    { bytes, fields },
    { bytes: bridge, fields },
    { bytes: bytes.slice(0, 256), fields: fields.filter(({ offset }) => offset < 256) },
    { bytes: bytes.slice(0, 64), fields: [] },
  ]
}

/** Texts as seeds: they have no fields. */
export const plain = (...texts: readonly string[]): readonly Seed[] =>
  texts.map((text) => ({ bytes: new TextEncoder().encode(text), fields: [] }))
