import { DAMAGED, type Redaction } from './redacted-text.js'

const HEADER_SIZE = 0x40
const CONVENTIONAL_SIZE = 0x100
const EXTENDED_SIZE = 0x1000
/** Most capabilities that fit each list (K: PCI_FIND_CAP_TTL, pci_find_next_ext_capability). */
const STANDARD_HOPS = 48
const EXTENDED_HOPS = 480
/** Status bits that say what a function is; the others say what happened to it. */
const STATUS_KEPT = 0x06b0

/** Bytes of each decoded capability, from its start (pci-config.md sections 2 and 3). */
const STANDARD: ReadonlyMap<number, number> = new Map([
  [0x05, 14],
  [0x10, 4],
  [0x11, 12],
  [0x14, 4],
])
const EXTENDED: ReadonlyMap<number, number> = new Map([
  [0x0d, 8],
  [0x0e, 8],
  [0x0f, 8],
  [0x10, 0x40],
  [0x13, 16],
  [0x1b, 8],
])

/** Copies what is kept of one configuration space into a new one of zeros. */
class Cut {
  readonly result: Uint8Array
  private readonly source: Uint8Array
  private readonly view: DataView

  constructor(source: Uint8Array) {
    this.source = source
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength)
    this.result = new Uint8Array(source.length)
  }

  keep(offset: number, length: number, end = this.source.length): void {
    this.result.set(this.source.subarray(offset, Math.min(offset + length, end)), offset)
  }

  header(headerType: number): void {
    this.keep(0, HEADER_SIZE)
    this.maskStatus(0x06)
    if (headerType === 1) this.maskStatus(0x1e)
  }

  /** Id and next pointer of every capability stay, so that the list can be walked as before. */
  standardList(headerType: number): void {
    if ((this.view.getUint16(0x06, true) & 0x10) === 0) return
    let offset = this.view.getUint8(headerType === 2 ? 0x14 : 0x34) & 0xfc
    for (let hops = 0; hops < STANDARD_HOPS && offset >= HEADER_SIZE; hops += 1) {
      const id = this.view.getUint8(offset)
      const is64Bit = id !== 0x05 || (this.view.getUint16(offset + 2, true) & 0x80) !== 0
      this.keep(offset, is64Bit ? (STANDARD.get(id) ?? 2) : 10, CONVENTIONAL_SIZE)
      if (id === 0xff) return
      offset = this.view.getUint8(offset + 1) & 0xfc
    }
  }

  extendedList(): void {
    let offset = CONVENTIONAL_SIZE
    for (let hops = 0; hops < EXTENDED_HOPS && offset >= CONVENTIONAL_SIZE; hops += 1) {
      const header = this.view.getUint32(offset, true)
      this.keep(offset, EXTENDED.get(header & 0xffff) ?? 4)
      if (header === 0xffff_ffff) return
      offset = (header >>> 20) & 0xffc
    }
  }

  private maskStatus(offset: number): void {
    new DataView(this.result.buffer).setUint16(offset, this.view.getUint16(offset, true) & STATUS_KEPT, true)
  }
}

/**
 * Configuration space cut to the header, the lists of capabilities, and the capabilities that are decoded. Everything
 * else is zero: serial number, vital product data, vendor-specific registers, and status bits that change.
 */
export const configurationSpace: Redaction = (content) => {
  const headerType = (content[0x0e] ?? 0) & 0x7f
  const withheld = content.length === HEADER_SIZE || (content.length === 128 && headerType === 2)
  const complete = content.length === CONVENTIONAL_SIZE || content.length === EXTENDED_SIZE
  if ((!withheld && !complete) || headerType > 2) return DAMAGED
  const cut = new Cut(content)
  cut.header(headerType)
  if (complete) cut.standardList(headerType)
  if (content.length === EXTENDED_SIZE) cut.extendedList()
  return cut.result
}
