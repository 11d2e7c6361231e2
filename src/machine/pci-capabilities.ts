// The capabilities of configuration space: what probes decode is what captures keep, by one list.

/** Bytes of the header, which everybody may read; of conventional and of extended configuration space. */
export const HEADER_SIZE = 0x40
export const CONVENTIONAL_SIZE = 0x100
export const EXTENDED_SIZE = 0x1000

/** What is known of a capability: its id in its list, and the bytes from its start that say something. */
interface KnownCapability {
  readonly id: number
  readonly length: number
}

/** The standard list. Source: pci-config.md section 2; K: include/uapi/linux/pci_regs.h. */
export const STANDARD = {
  msi: { id: 0x05, length: 14 },
  pcie: { id: 0x10, length: 4 },
  msix: { id: 0x11, length: 12 },
  enhancedAllocation: { id: 0x14, length: 4 },
} as const satisfies Readonly<Record<string, KnownCapability>>

/** The extended list. Source: pci-config.md section 3. */
export const EXTENDED = {
  acs: { id: 0x0d, length: 8 },
  ari: { id: 0x0e, length: 8 },
  ats: { id: 0x0f, length: 8 },
  sriov: { id: 0x10, length: 0x40 },
  pri: { id: 0x13, length: 16 },
  pasid: { id: 0x1b, length: 8 },
} as const satisfies Readonly<Record<string, KnownCapability>>

const lengthsById = (known: Readonly<Record<string, KnownCapability>>): ReadonlyMap<number, number> =>
  new Map(Object.values(known).map(({ id, length }) => [id, length]))

const STANDARD_LENGTHS = lengthsById(STANDARD)
const EXTENDED_LENGTHS = lengthsById(EXTENDED)

/** Whether an MSI capability has an address of 64 bits. */
export function has64BitAddress(view: DataView, offset: number): boolean {
  return (view.getUint16(offset + 2, true) & 0x80) !== 0
}

/** Bytes of a standard capability from its start; undefined where nobody decodes it. */
export function standardLength(view: DataView, { id, offset }: Capability): number | undefined {
  return id === STANDARD.msi.id && !has64BitAddress(view, offset) ? 10 : STANDARD_LENGTHS.get(id)
}

/** Bytes of an extended capability from its start; undefined where nobody decodes it. */
export function extendedLength({ id }: Capability): number | undefined {
  return EXTENDED_LENGTHS.get(id)
}

/** A capability where its list has it. */
export interface Capability {
  readonly id: number
  readonly offset: number
}

/** The capabilities of one list. */
export interface CapabilityList {
  /** Every header that was looked at, in the order of the list. */
  readonly entries: readonly Capability[]
  /** The first of each id. */
  readonly offsets: ReadonlyMap<number, number>
  /** The list leaves the space, loops or is longer than one can be: what was not found may still be there. */
  readonly damaged: boolean
}

const STATUS = 0x06
const STATUS_CAPABILITY_LIST = 1 << 4
const CAPABILITY_POINTER = 0x34
const CARDBUS_CAPABILITY_POINTER = 0x14
/** Most capabilities that fit: (256 - 64) / 4 (K: PCI_FIND_CAP_TTL). */
const STANDARD_HOPS = 48
/** (4096 - 256) / 8 (K: pci_find_next_ext_capability). */
const EXTENDED_HOPS = 480

/** True when the status register announces capabilities; the bit is in the part that everybody may read. */
export function announcesCapabilities(view: DataView): boolean {
  return (view.getUint16(STATUS, true) & STATUS_CAPABILITY_LIST) !== 0
}

/** Walks the standard list: id, next, from offset 0x40. Source: pci-config.md section 1; K: __pci_find_next_cap_ttl. */
export function standardCapabilities(view: DataView, headerType: number): CapabilityList {
  const entries: Capability[] = []
  const offsets = new Map<number, number>()
  if (!announcesCapabilities(view)) return { entries, offsets, damaged: false }
  const seen = new Set<number>()
  let offset = view.getUint8(headerType === 2 ? CARDBUS_CAPABILITY_POINTER : CAPABILITY_POINTER) & 0xfc
  for (let hops = 0; hops < STANDARD_HOPS && offset !== 0; hops += 1) {
    if (offset < HEADER_SIZE || seen.has(offset)) return { entries, offsets, damaged: true }
    seen.add(offset)
    const id = view.getUint8(offset)
    entries.push({ id, offset })
    if (id === 0xff) return { entries, offsets, damaged: true }
    if (!offsets.has(id)) offsets.set(id, offset)
    offset = view.getUint8(offset + 1) & 0xfc
  }
  return { entries, offsets, damaged: offset !== 0 }
}

/**
 * Walks the extended list from 0x100: id in bits 0-15, next in bits 20-31 of each header. All zeros or all ones in the
 * first header is an empty list. Source: pci-config.md section 1.
 */
export function extendedCapabilities(view: DataView): CapabilityList {
  const entries: Capability[] = []
  const offsets = new Map<number, number>()
  const first = view.getUint32(CONVENTIONAL_SIZE, true)
  if (first === 0 || first === 0xffff_ffff)
    return { entries: [{ id: first & 0xffff, offset: CONVENTIONAL_SIZE }], offsets, damaged: false }
  const seen = new Set<number>()
  let offset = CONVENTIONAL_SIZE
  for (let hops = 0; hops < EXTENDED_HOPS && offset !== 0; hops += 1) {
    if (offset < CONVENTIONAL_SIZE || seen.has(offset)) return { entries, offsets, damaged: true }
    seen.add(offset)
    const header = view.getUint32(offset, true)
    const id = header & 0xffff
    entries.push({ id, offset })
    if (header === 0xffff_ffff) return { entries, offsets, damaged: true }
    if (!offsets.has(id)) offsets.set(id, offset)
    offset = (header >>> 20) & 0xffc
  }
  return { entries, offsets, damaged: offset !== 0 }
}
