import { writeTable, type TableOptions } from './acpi-table.js'
import { bytesOfHex, ByteRecord, concatenate, type BytePatch, type IntegerLike } from '../byte-record.js'

export interface DeviceScopeDescription {
  readonly type: 'endpoint' | 'bridge' | 'io-apic' | 'hpet' | 'namespace'
  readonly enumerationId?: number
  readonly startBus?: number
  /** Pairs of device and function, from the start bus downwards. */
  readonly path: readonly (readonly [number, number])[]
  /** Replaces the scope's length byte. */
  readonly length?: number
}

interface StructureDescription {
  /** Replaces the structure's length field. */
  readonly length?: number
  /** Offsets from the start of the structure. */
  readonly patches?: readonly BytePatch[]
}

export type DmarStructureDescription = StructureDescription &
  (
    | {
        readonly type: 'drhd'
        /** Bit 0: INCLUDE_PCI_ALL. */
        readonly flags?: number
        readonly segment?: number
        readonly base: IntegerLike
        readonly scopes?: readonly DeviceScopeDescription[]
      }
    | {
        readonly type: 'rmrr'
        readonly segment?: number
        readonly base: IntegerLike
        readonly end: IntegerLike
        readonly scopes?: readonly DeviceScopeDescription[]
      }
    | {
        readonly type: 'atsr' | 'satc'
        readonly flags?: number
        readonly segment?: number
        readonly scopes?: readonly DeviceScopeDescription[]
      }
    | { readonly type: 'rhsa'; readonly base: IntegerLike; readonly proximityDomain?: number }
    | { readonly type: 'andd'; readonly deviceNumber: number; readonly objectName: string }
    /** Any other type: `data` are the hexadecimal bytes behind type and length. */
    | { readonly type: 'raw'; readonly typeCode: number; readonly data?: string }
  )

export interface DmarDescription extends TableOptions {
  /** Bits of the host's physical address; 39 unless said otherwise. The table has one less. */
  readonly addressWidth?: number
  /** Bit 0 INTR_REMAP, 1 X2APIC_OPT_OUT, 2 DMA_CTRL_PLATFORM_OPT_IN. */
  readonly flags?: number
  readonly structures: readonly DmarStructureDescription[]
}

const SCOPE_TYPES = { endpoint: 1, bridge: 2, 'io-apic': 3, hpet: 4, namespace: 5 } as const

/** Bytes of a DMAR. Source: VT-d architecture specification, chapter 8. */
export function writeDmar(description: DmarDescription): Uint8Array {
  const head = new ByteRecord(12).u8(0, (description.addressWidth ?? 39) - 1).u8(1, description.flags ?? 0)
  const structures = description.structures.map((structure) => {
    const { code, body } = structureBody(structure)
    const record = new ByteRecord(body)
    return record
      .u16(0, code)
      .u16(2, structure.length ?? body.length)
      .patch(structure.patches).bytes
  })
  return writeTable('DMAR', 1, concatenate([head.bytes, ...structures]), description)
}

function structureBody(structure: DmarStructureDescription): { code: number; body: Uint8Array } {
  switch (structure.type) {
    case 'drhd': {
      const record = new ByteRecord(16).u8(4, structure.flags ?? 0).u16(6, structure.segment ?? 0)
      return { code: 0, body: withScopes(record.u64(8, structure.base), structure.scopes) }
    }
    case 'rmrr': {
      const record = new ByteRecord(24)
        .u16(6, structure.segment ?? 0)
        .u64(8, structure.base)
        .u64(16, structure.end)
      return { code: 1, body: withScopes(record, structure.scopes) }
    }
    case 'atsr':
    case 'satc': {
      const record = new ByteRecord(8).u8(4, structure.flags ?? 0).u16(6, structure.segment ?? 0)
      return { code: structure.type === 'atsr' ? 2 : 5, body: withScopes(record, structure.scopes) }
    }
    case 'rhsa':
      return { code: 3, body: new ByteRecord(20).u64(8, structure.base).u32(16, structure.proximityDomain ?? 0).bytes }
    case 'andd': {
      const { objectName } = structure
      const record = new ByteRecord(8 + objectName.length + 1).u8(7, structure.deviceNumber)
      return { code: 4, body: record.text(8, objectName, objectName.length).bytes }
    }
    case 'raw':
      return { code: structure.typeCode, body: concatenate([new Uint8Array(4), bytesOfHex(structure.data ?? '')]) }
  }
}

function withScopes(record: ByteRecord, scopes: readonly DeviceScopeDescription[] = []): Uint8Array {
  const parts = scopes.map((scope) => {
    const length = 6 + 2 * scope.path.length
    const part = new ByteRecord(length)
      .u8(0, SCOPE_TYPES[scope.type])
      .u8(1, scope.length ?? length)
      .u8(4, scope.enumerationId ?? 0)
      .u8(5, scope.startBus ?? 0)
    scope.path.forEach(([device, fn], index) => part.u8(6 + index * 2, device).u8(7 + index * 2, fn))
    return part.bytes
  })
  return concatenate([record.bytes, ...parts])
}
