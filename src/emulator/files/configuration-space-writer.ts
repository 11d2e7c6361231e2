import type { PciePortType } from '../../machine/pci.js'
import { ByteRecord, type BytePatch, type IntegerLike } from '../byte-record.js'

/** One function's configuration space. Capabilities appear where they are described, in the order of the fields. */
export interface ConfigurationSpaceDescription {
  /** Bytes a reader gets: 64 unprivileged (128 for CardBus), 256 without extended space, 4096 with it. */
  readonly size?: 64 | 128 | 256 | 4096
  readonly vendor: number
  readonly device: number
  readonly subsystemVendor?: number
  readonly subsystemDevice?: number
  /** 24 bits: base class, subclass, programming interface. */
  readonly classCode: number
  readonly revision?: number
  /** 0 endpoint, 1 bridge, 2 CardBus. */
  readonly headerType?: 0 | 1 | 2
  readonly multifunction?: boolean
  readonly busMaster?: boolean
  readonly bridge?: { readonly primaryBus: number; readonly secondaryBus: number; readonly subordinateBus: number }
  readonly msi?: {
    readonly enabled?: boolean
    readonly vectors?: number
    readonly address?: IntegerLike
    readonly data?: number
  }
  readonly msix?: {
    readonly enabled?: boolean
    readonly vectors: number
    readonly functionMasked?: boolean
    readonly tableBar?: number
    readonly tableOffset?: number
  }
  readonly pcie?: PciePortType
  /** Bits 0 SV, 1 TB, 2 RR, 3 CR, 4 UF, 5 EC, 6 DT. */
  readonly acs?: { readonly capability: number; readonly control: number }
  readonly ari?: { readonly nextFunction?: number; readonly control?: number }
  readonly ats?: { readonly enabled?: boolean; readonly queueDepth?: number }
  readonly sriov?: {
    readonly enabled?: boolean
    readonly totalVfs: number
    readonly numVfs?: number
    readonly firstVfOffset?: number
    readonly vfStride?: number
    readonly vfDevice?: number
  }
  readonly pri?: { readonly enabled?: boolean }
  readonly pasid?: { readonly enabled?: boolean; readonly width?: number }
  /** Raw overrides, offsets from the start of the space. */
  readonly patches?: readonly BytePatch[]
}

const PORT_TYPES: Readonly<Record<PciePortType, number>> = {
  endpoint: 0,
  'legacy-endpoint': 1,
  'root-port': 4,
  'upstream-port': 5,
  'downstream-port': 6,
  'pcie-to-pci-bridge': 7,
  'pci-to-pcie-bridge': 8,
  'rc-integrated-endpoint': 9,
  'rc-event-collector': 10,
  reserved: 15,
}

/**
 * Bytes of `config`. Capabilities that `size` cuts off are gone, as for an unprivileged reader, and the pointers to them
 * stay. Little-endian. Source: PCI Express base specification 6.0 chapter 7; K: include/uapi/linux/pci_regs.h.
 */
export function writeConfigurationSpace(description: ConfigurationSpaceDescription): Uint8Array {
  const record = new ByteRecord(4096)
  const headerType = description.headerType ?? (description.bridge ? 1 : 0)
  record
    .u16(0, description.vendor)
    .u16(2, description.device)
    .u16(4, description.busMaster === false ? 0x0002 : 0x0006)
    .u8(8, description.revision ?? 0)
    .u8(9, description.classCode & 0xff)
    .u8(10, (description.classCode >> 8) & 0xff)
    .u8(11, description.classCode >> 16)
    .u8(0x0e, headerType | (description.multifunction ? 0x80 : 0))
  if (headerType === 0) {
    record.u16(0x2c, description.subsystemVendor ?? 0).u16(0x2e, description.subsystemDevice ?? 0)
  }
  if (description.bridge) {
    const { primaryBus, secondaryBus, subordinateBus } = description.bridge
    record.u8(0x18, primaryBus).u8(0x19, secondaryBus).u8(0x1a, subordinateBus)
  }
  writeStandardCapabilities(record, description)
  const size = description.size ?? (description.pcie === undefined ? 256 : 4096)
  if (description.pcie !== undefined) writeExtendedCapabilities(record, description)
  return record.patch(description.patches).bytes.slice(0, size)
}

function writeStandardCapabilities(record: ByteRecord, description: ConfigurationSpaceDescription): void {
  let pointer = 0x34
  let at = 0x40
  const add = (id: number, length: number): number => {
    record.u8(pointer, at).u8(at, id).u16(6, 0x0010)
    const start = at
    pointer = at + 1
    at += (length + 3) & ~3
    return start
  }
  const { msi, msix, pcie } = description
  if (msi) {
    const start = add(0x05, 14)
    const log = Math.ceil(Math.log2(Math.max(1, msi.vectors ?? 1)))
    record.u16(start + 2, (msi.enabled ? 1 | (log << 4) : 0) | (log << 1) | 0x80)
    record.u64(start + 4, msi.address ?? 0).u16(start + 12, msi.data ?? 0)
  }
  if (msix) {
    const start = add(0x11, 12)
    record.u16(start + 2, (msix.vectors - 1) | (msix.functionMasked ? 0x4000 : 0) | (msix.enabled ? 0x8000 : 0))
    const offset = msix.tableOffset ?? 0x2000
    const bar = msix.tableBar ?? 0
    record.u32(start + 4, offset | bar).u32(start + 8, (offset + msix.vectors * 16) | bar)
  }
  if (pcie !== undefined) record.u16(add(0x10, 60) + 2, 2 | (PORT_TYPES[pcie] << 4))
}

function writeExtendedCapabilities(record: ByteRecord, description: ConfigurationSpaceDescription): void {
  let at = 0x100
  let previous: number | undefined
  const add = (id: number, length: number): number => {
    const start = at
    record.u32(start, (1 << 16) | id)
    if (previous !== undefined) record.u16(previous + 2, (start << 4) | 1)
    previous = start
    at += (length + 3) & ~3
    return start
  }
  const { acs, ari, ats, sriov, pri, pasid } = description
  if (acs) record.patch(words(add(0x0d, 8), [4, acs.capability], [6, acs.control]))
  if (ari) record.patch(words(add(0x0e, 8), [4, (ari.nextFunction ?? 0) << 8], [6, ari.control ?? 0]))
  if (ats) record.patch(words(add(0x0f, 8), [4, ats.queueDepth ?? 0], [6, ats.enabled ? 0x8000 : 0]))
  if (sriov) {
    const numVfs = sriov.numVfs ?? 0
    const control = (sriov.enabled ?? numVfs > 0) ? 0x09 : 0
    const start = add(0x10, 0x40)
    record.patch(words(start, [0x08, control], [0x0c, sriov.totalVfs], [0x0e, sriov.totalVfs], [0x10, numVfs]))
    record.patch(
      words(start, [0x14, sriov.firstVfOffset ?? 1], [0x16, sriov.vfStride ?? 1], [0x1a, sriov.vfDevice ?? 0]),
    )
  }
  if (pri) record.patch(words(add(0x13, 16), [4, pri.enabled ? 1 : 0]))
  if (pasid) record.patch(words(add(0x1b, 8), [4, (pasid.width ?? 20) << 8], [6, pasid.enabled ? 1 : 0]))
}

function words(start: number, ...fields: readonly (readonly [number, number])[]): readonly BytePatch[] {
  return fields.map(([offset, value]) => ({ at: start + offset, size: 2, value }))
}
