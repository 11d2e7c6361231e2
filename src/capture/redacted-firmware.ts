import { BINDING_PROPERTIES } from '../machine/devicetree-properties.js'
import { DAMAGED, type Redaction } from './redacted-text.js'

const TABLE_HEADER = 36
const MAGIC = 0xd00dfeed
const BEGIN_NODE = 1
const END_NODE = 2
const PROPERTY = 3
const NOP = 4
const END = 9

/** `model` is read with the others and decides nothing: it is a free text. */
function isKept(property: string): boolean {
  return BINDING_PROPERTIES.has(property) && property !== 'model'
}

/** The table `signature`, whole: none of those that are read holds more than addresses, ids and its maker's name. */
export function table(signature: string): Redaction {
  return (content) =>
    content.length >= TABLE_HEADER && String.fromCharCode(...content.subarray(0, 4)) === signature ? content : DAMAGED
}

/** A string as the bindings have them: `vendor,device`, or an old name without vendor. Nothing else is compared. */
const COMPATIBLE = /^[A-Za-z0-9][\w+.,#/-]{0,127}$/
const NAMELESS = 0x78

/** The strings of `compatible`; one of another form is a free text and keeps its length only. */
function keptCompatible(content: Uint8Array): Uint8Array {
  const kept = content.slice()
  for (let from = 0; from < content.length;) {
    const nul = content.indexOf(0, from)
    const end = nul < 0 ? content.length : nul
    const text = Buffer.from(content.subarray(from, Math.min(end, from + 200))).toString('latin1')
    // Bytes that are no text stay damage.
    if (end > from && !COMPATIBLE.test(text)) kept.subarray(from, end).fill(isPrintable(text) ? NAMELESS : 0xff)
    from = end + 1
  }
  return kept
}

const isPrintable = (text: string): boolean => !/[^\x20-\x7e]/.test(text)

/** A property of the device tree's directory. One that is not read keeps its length and nothing else. */
export function treeProperty(name: string): Redaction {
  if (name === 'compatible') return keptCompatible
  return isKept(name) ? whole : lengthAlone
}

const whole: Redaction = (content) => content
const lengthAlone: Redaction = (content) => new Uint8Array(content.length)

/** Copies what is kept of a blob into zeros of the same size, so that every offset stays. */
class BlobCut {
  private readonly view: DataView
  private readonly source: Uint8Array
  private readonly result: Uint8Array

  constructor(source: Uint8Array) {
    this.source = source
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength)
    this.result = new Uint8Array(source.length)
  }

  /** Undefined when the blob is not whole: then nobody can tell where a value begins. */
  cut(): Uint8Array | undefined {
    const word = (index: number): number => this.view.getUint32(index * 4)
    if (this.source.length < 40 || word(0) !== MAGIC || word(1) !== this.source.length) return undefined
    const headerSize = word(5) >= 17 ? 40 : 36
    const structure = word(2)
    const end = headerSize === 40 ? structure + word(9) : this.source.length
    if (end > this.source.length || structure % 4 !== 0) return undefined
    this.keep(0, headerSize)
    return this.reservations(word(4)) && this.structure(structure, end, word(3)) ? this.result : undefined
  }

  private keep(from: number, to: number): void {
    this.result.set(this.source.subarray(from, to), from)
  }

  private reservations(from: number): boolean {
    for (let at = from; at + 16 <= this.source.length; at += 16) {
      this.keep(at, at + 16)
      if (this.view.getBigUint64(at) === 0n && this.view.getBigUint64(at + 8) === 0n) return true
    }
    return false
  }

  private structure(from: number, end: number, strings: number): boolean {
    for (let at = from; at + 4 <= end;) {
      const token = this.view.getUint32(at)
      let next = at + 4
      if (token === BEGIN_NODE) {
        const stop = this.source.indexOf(0, next)
        if (stop < 0 || stop >= end) return false
        next = stop + 1
        this.keep(at, next)
      } else if (token === PROPERTY) {
        if (at + 12 > end) return false
        const length = this.view.getUint32(at + 4)
        const name = this.name(strings + this.view.getUint32(at + 8))
        next = at + 12 + length
        if (name === undefined || next > end) return false
        this.keep(at, isKept(name) ? next : at + 12)
        if (name === 'compatible') this.result.set(keptCompatible(this.source.subarray(at + 12, next)), at + 12)
      } else {
        this.keep(at, next)
        if (token === END) return this.rest(next, end)
        if (token !== END_NODE && token !== NOP) return false
      }
      at = from + Math.ceil((next - from) / 4) * 4
    }
    return false
  }

  /** What follows the end inside the block is damage: a mark of it stays. */
  private rest(from: number, end: number): boolean {
    return from >= end || end === this.source.length
  }

  private name(offset: number): string | undefined {
    const stop = this.source.indexOf(0, offset)
    if (offset >= this.source.length || stop < 0 || stop - offset > 255) return undefined
    this.keep(offset, stop + 1)
    return String.fromCharCode(...this.source.subarray(offset, stop))
  }
}

/** `/sys/firmware/fdt` with all values but those of the properties that are read set to zero. */
export const treeBlob: Redaction = (content) => new BlobCut(content).cut() ?? DAMAGED
