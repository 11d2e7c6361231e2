import type { Draw } from '../draw.js'

export interface DrawnDmar {
  readonly bytes: Uint8Array
  /** IO-APIC ids of machines that may have the table. */
  readonly questions: readonly (readonly number[])[]
}

const IDS = [0, 1, 2, 8, 9, 0xfe, 0xff] as const
const IO_APIC = 3
const HPET = 4

function scope(draw: Draw, type: number): readonly number[] {
  const hops = 1 + draw.below(2)
  const path = Array.from({ length: hops }, () => [draw.below(32), draw.below(8)]).flat()
  return [type, 6 + path.length, 0, 0, draw.pick(IDS), draw.below(256), ...path]
}

function unit(draw: Draw): readonly number[] {
  const scopes: number[] = []
  for (let count = draw.below(5); count > 0; count--)
    scopes.push(...scope(draw, draw.pick([1, 2, IO_APIC, IO_APIC, HPET, 5, 9])))
  // More HPETs than Linux keeps.
  if (draw.chance(2)) for (let id = 0; id < 5 + draw.below(6); id++) scopes.push(HPET, 8, 0, 0, id, 0, 0, 0)
  const length = 16 + scopes.length
  return [0, 0, length & 0xff, length >> 8, draw.pick([0, 1]), 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, ...scopes]
}

/** A DMAR of one to three units, with other structures between them. */
export function drawDmar(draw: Draw): DrawnDmar {
  const body: number[] = []
  for (let count = 1 + draw.below(3); count > 0; count--) {
    // A unit without interrupts of its own (RHSA).
    if (draw.chance(20)) body.push(3, 0, 20, 0, ...Array.from({ length: 16 }, () => 0))
    body.push(...unit(draw))
  }
  const bytes = Buffer.alloc(48 + body.length)
  bytes.write('DMAR', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length, 4)
  bytes[8] = 1
  bytes[36] = 38
  bytes[37] = 1
  bytes.set(body, 48)
  bytes[9] = (0x100 - (bytes.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff
  const questions = Array.from({ length: 16 }, () => Array.from({ length: draw.below(3) }, () => draw.pick(IDS)))
  return { bytes: new Uint8Array(bytes), questions }
}
