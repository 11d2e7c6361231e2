/** A PCI function's address, as in `0000:01:00.0`. */
export interface PciAddress {
  /** PCI domain, 0 to 0xffffffff (VMD domains start at 0x10000). */
  readonly segment: number
  /** 0 to 255. */
  readonly bus: number
  /** 0 to 31. */
  readonly device: number
  /** 0 to 7. */
  readonly function: number
}

const ADDRESS = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i

/** Reads an address as lspci writes it; without a segment it is segment 0. Undefined when the text is no address. */
export function parsePciAddress(text: string): PciAddress | undefined {
  const match = ADDRESS.exec(text)
  if (!match) return undefined
  const [, segment = '0', bus = '', device = '', fn = ''] = match
  return {
    segment: Number.parseInt(segment, 16),
    bus: Number.parseInt(bus, 16),
    device: Number.parseInt(device, 16),
    function: Number.parseInt(fn, 16),
  }
}

/** The sysfs name: lower case, segment of at least four digits. */
export function formatPciAddress(address: PciAddress): string {
  const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
  return `${hex(address.segment, 4)}:${hex(address.bus, 2)}:${hex(address.device, 2)}.${address.function}`
}

/** The 16-bit id a function puts on the bus: bus << 8 | device << 3 | function. */
export function requesterIdOf(address: PciAddress): number {
  return (address.bus << 8) | (address.device << 3) | address.function
}

/** Order of segment, bus, device, function. */
export function comparePciAddresses(left: PciAddress, right: PciAddress): number {
  return left.segment - right.segment || requesterIdOf(left) - requesterIdOf(right)
}

/** Hardware ids and addresses in the report: lower case hex with `0x`, no padding. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`
}
