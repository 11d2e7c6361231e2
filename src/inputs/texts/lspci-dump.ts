import type { Place } from './told.js'
import type { ToldFunction } from './told-machine.js'

const DUMP_LINE = /^([0-9a-f]{2,3}): ((?:[0-9a-f]{2} ){0,15}[0-9a-f]{2})$/
const BROKEN_DUMP_LINE = /^[0-9a-f]{2,3}: [0-9a-f]{2} /
/** What -x, -xxx and -xxxx print; 128 for a CardBus bridge. */
const SIZES: readonly number[] = [64, 128, 256, 4096]

/** The hexadecimal dump of one function in this text, as -x, -xxx and -xxxx print it. */
export class LspciDump {
  private readonly bytes: number[] = []
  private hasBegun = false
  private isDamaged = false

  /** Takes a row of a dump; true also for one that is broken. */
  line(text: string): boolean {
    const match = DUMP_LINE.exec(text)
    if (!match) {
      const isBroken = BROKEN_DUMP_LINE.test(text)
      this.isDamaged ||= isBroken && this.hasBegun
      return isBroken
    }
    this.hasBegun = true
    const bytes = (match[2] ?? '').split(' ')
    const follows = Number.parseInt(match[1] ?? '', 16) === this.bytes.length && bytes.length === 16
    if (!follows || this.bytes.length >= 4096) this.isDamaged = true
    else for (const byte of bytes) this.bytes.push(Number.parseInt(byte, 16))
    return true
  }

  /** Gives the bytes to the function; a second dump that differs makes both worthless. */
  keep(fn: ToldFunction, place: Place): void {
    if (!this.hasBegun) return
    const isWhole = !this.isDamaged && SIZES.includes(this.bytes.length)
    const found = isWhole ? Uint8Array.from(this.bytes) : 'damaged'
    const before = fn.bytes
    const same = before instanceof Uint8Array && found instanceof Uint8Array && Buffer.compare(before, found) === 0
    fn.bytes = before === undefined || same ? found : 'damaged'
    fn.bytesPlace ??= place
  }
}
