import { absentIn, knownIn, knownInBytes, unreadable, type Fact, type Provenance } from '../machine/fact.js'
import type { ConfigurationSpace, PciePortType } from '../machine/pci.js'
import {
  announcesCapabilities,
  CONVENTIONAL_SIZE,
  EXTENDED,
  EXTENDED_SIZE,
  extendedCapabilities,
  extendedLength,
  has64BitAddress,
  HEADER_SIZE,
  STANDARD,
  standardCapabilities,
  standardLength,
  type Capability,
  type CapabilityList,
} from '../machine/pci-capabilities.js'

const PORT_TYPES: ReadonlyMap<number, PciePortType> = new Map([
  [0, 'endpoint'],
  [1, 'legacy-endpoint'],
  [4, 'root-port'],
  [5, 'upstream-port'],
  [6, 'downstream-port'],
  [7, 'pcie-to-pci-bridge'],
  [8, 'pci-to-pcie-bridge'],
  [9, 'rc-integrated-endpoint'],
  [10, 'rc-event-collector'],
])

/** The file that has the space, in the directory of its function. */
const FILE = 'config'
const placeIn = (directory: string): Provenance => ({ path: `${directory}/${FILE}` })

/** Vendor, device and 24-bit class as the function's own registers give them. */
export interface RegisterIds {
  readonly vendor: number
  readonly device: number
  readonly classCode: number
}

/** Reads the identifying registers; undefined below the 64 bytes that everybody may read. */
export function registerIds(bytes: Uint8Array): RegisterIds | undefined {
  if (bytes.length < HEADER_SIZE) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { vendor: view.getUint16(0, true), device: view.getUint16(2, true), classCode: view.getUint32(8, true) >>> 8 }
}

/** Where capability facts come from: the list, the end of its space, or the reason why there is no list. */
interface Space {
  readonly bytes: Buffer
  readonly directory: string
  readonly list: CapabilityList | 'none' | 'withheld'
  readonly end: number
  /** One for all capabilities that are not there. */
  readonly missing: Fact<never>
  /** Bytes of a capability from its start; they may depend on its control word, which the first four bytes hold. */
  readonly lengthOf: (capability: Capability) => number | undefined
}

/** One capability. */
function capability<T>(
  { bytes, directory, list, end, missing, lengthOf }: Space,
  { id }: Pick<Capability, 'id'>,
  decode: (offset: number) => T,
): Fact<T> {
  const offset = typeof list === 'string' ? undefined : list.offsets.get(id)
  if (offset === undefined) return missing
  const size = (offset + 4 <= end ? lengthOf({ id, offset }) : undefined) ?? 4
  const at = { offset, length: Math.min(size, end - offset) }
  if (offset + size > end) return unreadable('malformed', { ...placeIn(directory), at })
  return knownInBytes(directory, FILE, at, decode(offset), bytes.toString('hex', offset, offset + size))
}

/** Why a capability that a list does not name is not known. */
function missingFrom(list: Space['list'], directory: string): Fact<never> {
  if (list === 'withheld') return unreadable('permission', placeIn(directory))
  const isDamaged = list !== 'none' && list.damaged
  return isDamaged ? unreadable('malformed', placeIn(directory)) : absentIn(directory, FILE)
}

function extentOf(length: number, headerType: number): ConfigurationSpace['extent'] | undefined {
  if (length === HEADER_SIZE || (length === 128 && headerType === 2)) return 'header'
  if (length === CONVENTIONAL_SIZE) return 'conventional'
  return length === EXTENDED_SIZE ? 'extended' : undefined
}

/**
 * Decodes what `config` in `directory` gave. Integers are little-endian. 64 bytes (128 for CardBus) are an unprivileged
 * read, 256 the whole of a function without extended space, 4096 everything; any other length is damage, and so is a
 * header type above 2. Capabilities that the read withheld are unreadable (`permission`), unless the status register, which everybody
 * may read, says that there is no list. Source: pci-config.md sections 1 to 3; K: include/uapi/linux/pci_regs.h.
 */
export function decodeConfigurationSpace(bytes: Uint8Array, directory: string): Fact<ConfigurationSpace> {
  const from = placeIn(directory)
  if (bytes.length < HEADER_SIZE) return unreadable('malformed', from)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const byte = (offset: number) => view.getUint8(offset)
  const word = (offset: number) => view.getUint16(offset, true)
  const dword = (offset: number) => view.getUint32(offset, true)
  const headerType = byte(0x0e) & 0x7f
  const extent = extentOf(bytes.length, headerType)
  if (extent === undefined || headerType > 2) return unreadable('malformed', from)

  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const standardList =
    extent === 'header' ? (announcesCapabilities(view) ? 'withheld' : 'none') : standardCapabilities(view, headerType)
  const extendedList =
    extent === 'header' ? 'withheld' : extent === 'conventional' ? 'none' : extendedCapabilities(view)
  const standard: Space = {
    bytes: buffer,
    directory,
    list: standardList,
    end: CONVENTIONAL_SIZE,
    missing: missingFrom(standardList, directory),
    lengthOf: (found) => standardLength(view, found),
  }
  const extended: Space = {
    bytes: buffer,
    directory,
    list: extendedList,
    end: EXTENDED_SIZE,
    missing: missingFrom(extendedList, directory),
    lengthOf: extendedLength,
  }

  return knownIn<ConfigurationSpace>(directory, FILE, {
    extent,
    headerType,
    multifunctionBit: (byte(0x0e) & 0x80) !== 0,
    busMaster: (word(0x04) & 0x04) !== 0,
    revision: byte(0x08),
    ...(headerType === 1
      ? { bridge: { primaryBus: byte(0x18), secondaryBus: byte(0x19), subordinateBus: byte(0x1a) } }
      : {}),
    pcie: capability(standard, STANDARD.pcie, (offset) => ({
      offset,
      portType: PORT_TYPES.get((word(offset + 2) >> 4) & 0xf) ?? 'reserved',
    })),
    msi: capability(standard, STANDARD.msi, (offset) => ({
      offset,
      enabled: (word(offset + 2) & 1) !== 0,
      address: BigInt(dword(offset + 4)) | (has64BitAddress(view, offset) ? BigInt(dword(offset + 8)) << 32n : 0n),
      data: word(offset + (has64BitAddress(view, offset) ? 12 : 8)),
      maximumVectors: 1 << ((word(offset + 2) >> 1) & 7),
    })),
    msix: capability(standard, STANDARD.msix, (offset) => ({
      offset,
      enabled: (word(offset + 2) & 0x8000) !== 0,
      functionMasked: (word(offset + 2) & 0x4000) !== 0,
      tableSize: (word(offset + 2) & 0x7ff) + 1,
      tableBar: dword(offset + 4) & 7,
      tableOffset: (dword(offset + 4) & ~7) >>> 0,
      pendingBar: dword(offset + 8) & 7,
      pendingOffset: (dword(offset + 8) & ~7) >>> 0,
    })),
    enhancedAllocation: capability(standard, STANDARD.enhancedAllocation, (offset) => ({ offset })),
    acs: capability(extended, EXTENDED.acs, (offset) => ({
      offset,
      capability: word(offset + 4),
      control: word(offset + 6),
    })),
    ari: capability(extended, EXTENDED.ari, (offset) => ({
      offset,
      nextFunction: byte(offset + 5),
      control: word(offset + 6),
    })),
    ats: capability(
      extended,
      EXTENDED.ats,
      // Queue depth 0 means 32 (K: pci_ats_init).
      (offset) => ({
        offset,
        enabled: (word(offset + 6) & 0x8000) !== 0,
        queueDepth: word(offset + 4) & 0x1f || 32,
      }),
    ),
    sriov: capability(extended, EXTENDED.sriov, (offset) => ({
      offset,
      vfEnabled: (word(offset + 8) & 1) !== 0,
      initialVfs: word(offset + 0x0c),
      totalVfs: word(offset + 0x0e),
      numVfs: word(offset + 0x10),
      firstVfOffset: word(offset + 0x14),
      vfStride: word(offset + 0x16),
      vfDeviceId: word(offset + 0x1a),
    })),
    pri: capability(extended, EXTENDED.pri, (offset) => ({ offset, enabled: (word(offset + 4) & 1) !== 0 })),
    pasid: capability(extended, EXTENDED.pasid, (offset) => ({ offset, enabled: (word(offset + 6) & 1) !== 0 })),
  })
}
