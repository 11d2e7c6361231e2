import {
  CONVENTIONAL_SIZE,
  EXTENDED_SIZE,
  extendedCapabilities,
  extendedLength,
  HEADER_SIZE,
  standardCapabilities,
  standardLength,
} from '../machine/pci-capabilities.js'
import { DAMAGED, type Redaction } from './redacted-text.js'

/** Status bits that say what a function is; the others say what happened to it. */
const STATUS_KEPT = 0x06b0

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
    for (const found of standardCapabilities(this.view, headerType).entries)
      this.keep(found.offset, standardLength(this.view, found) ?? 2, CONVENTIONAL_SIZE)
  }

  extendedList(): void {
    for (const found of extendedCapabilities(this.view).entries) this.keep(found.offset, extendedLength(found) ?? 4)
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
