/**
 * Offsets of the capabilities in a configuration space, first of each id. `damaged`: the list leaves the space, loops
 * or is longer than one can be, so a capability that was not found may still be there.
 */
export interface CapabilityList {
  readonly offsets: ReadonlyMap<number, number>
  readonly damaged: boolean
}

const HEADER_SIZE = 0x40
const CONVENTIONAL_SIZE = 0x100
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
  const offsets = new Map<number, number>()
  if (!announcesCapabilities(view)) return { offsets, damaged: false }
  const seen = new Set<number>()
  let offset = view.getUint8(headerType === 2 ? CARDBUS_CAPABILITY_POINTER : CAPABILITY_POINTER) & 0xfc
  for (let hops = 0; hops < STANDARD_HOPS && offset !== 0; hops += 1) {
    if (offset < HEADER_SIZE || seen.has(offset)) return { offsets, damaged: true }
    seen.add(offset)
    const id = view.getUint8(offset)
    if (id === 0xff) return { offsets, damaged: true }
    if (!offsets.has(id)) offsets.set(id, offset)
    offset = view.getUint8(offset + 1) & 0xfc
  }
  return { offsets, damaged: offset !== 0 }
}

/**
 * Walks the extended list from 0x100: id in bits 0-15, next in bits 20-31 of each header. All zeros or all ones in the
 * first header is an empty list. Source: pci-config.md section 1.
 */
export function extendedCapabilities(view: DataView): CapabilityList {
  const offsets = new Map<number, number>()
  const first = view.getUint32(CONVENTIONAL_SIZE, true)
  if (first === 0 || first === 0xffff_ffff) return { offsets, damaged: false }
  const seen = new Set<number>()
  let offset = CONVENTIONAL_SIZE
  for (let hops = 0; hops < EXTENDED_HOPS && offset !== 0; hops += 1) {
    if (offset < CONVENTIONAL_SIZE || seen.has(offset)) return { offsets, damaged: true }
    seen.add(offset)
    const header = view.getUint32(offset, true)
    if (header === 0xffff_ffff) return { offsets, damaged: true }
    const id = header & 0xffff
    if (!offsets.has(id)) offsets.set(id, offset)
    offset = (header >>> 20) & 0xffc
  }
  return { offsets, damaged: offset !== 0 }
}
