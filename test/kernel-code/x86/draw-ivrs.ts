import type { Draw } from '../draw.js'

export interface IvrsQuestion {
  readonly ioApics: readonly { readonly id: number; readonly gsiBase: number }[]
  readonly vendor: string
  readonly product: string
  readonly hygon: boolean
  readonly commandLine: readonly string[]
}

export interface DrawnIvrs {
  readonly bytes: Uint8Array
  readonly questions: readonly IvrsQuestion[]
}

const IDS = [0, 4, 5, 7, 32, 33, 0xff] as const
const DEVICES = [0xa0, 0xa0, 0xa0, 0xa0, 0x58, 0x1, 0x2, 0xa1, 0x1a0] as const
const NAMES = [
  ['Dell Inc.', 'Inspiron 7375'],
  ['Dell Inc.', 'Latitude 5495 x'],
  ['Acer', 'Aspire A315-41'],
  ['LENOVO', '81FB'],
  ['LENOVO', '81fb'],
  ['Supermicro', 'H12'],
] as const

const sixteen = (value: number) => [value & 0xff, (value >> 8) & 0xff]

/** A special device entry: id of its IO-APIC or HPET, and the device that stands for it. */
function special(draw: Draw): readonly number[] {
  return [0x48, 0, 0, 0, draw.pick(IDS), ...sixteen(draw.pick(DEVICES)), draw.pick([1, 1, 1, 2, 3])]
}

function entry(draw: Draw, type: number): readonly number[] {
  if (draw.chance(55)) return special(draw)
  if (type === 0x40 && draw.chance(30)) {
    const uid = draw.pick(['', '_SB.X'])
    const hid = [...Buffer.from('AMDI0020', 'latin1'), ...Array.from({ length: 8 }, () => 0)]
    return [0xf0, ...sixteen(0xa5), 0, ...hid, uid.length > 0 ? 2 : 0, uid.length, ...Buffer.from(uid, 'latin1')]
  }
  return draw.pick([
    [0x01, 0, 0, 0],
    [0x02, 8, 0, 0],
    [0x03, 0, 0, 0, 0x04, 0xff, 0xff, 0],
    [0x42, 0x10, 0, 0, 0, 0x20, 0, 0],
    [0x46, 0x10, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0],
  ])
}

function block(draw: Draw, type: number, device: number): readonly number[] {
  const header = type === 0x10 ? 24 : 40
  const entries: number[] = []
  for (let count = draw.below(5); count > 0; count--) entries.push(...entry(draw, type))
  const length = header + entries.length
  const segment = draw.chance(5) ? 1 : 0
  const fields = [type, 0, ...sixteen(length), ...sixteen(device), 0x40, 0, 0, 0, 0xb8, 0xfe, 0, 0, 0, 0, segment, 0]
  return [...fields, ...Array.from({ length: header - fields.length }, () => 0), ...entries]
}

function word(draw: Draw): string {
  const id = draw.pick([...IDS, 260, 7])
  const segment = draw.pick(['', '', '0000:', '0:', '1:'])
  const place = draw.pick([
    '00:14.0',
    '00:14.0',
    '0:14.0',
    '00:0x14.0',
    '00:34.0',
    '100:14.0',
    '00:14.8',
    '00:14',
    '00:14.0x',
    '14.0',
  ])
  return draw.chance(50) ? `ivrs_ioapic[${id}]=${segment}${place}` : `ivrs_ioapic=${id}@${segment}${place}`
}

function question(draw: Draw): IvrsQuestion {
  const ids = new Set(Array.from({ length: draw.below(4) }, () => draw.pick(IDS)))
  const [vendor, product] = draw.chance(15) ? draw.pick<readonly [string, string]>(NAMES) : ['', '']
  const first = draw.chance(90) ? 0 : 24
  const ioApics = [...ids].map((id, index) => ({ id, gsiBase: first + 24 * index }))
  return {
    ioApics: draw.chance(20) ? ioApics.toReversed() : ioApics,
    vendor,
    product,
    hygon: draw.chance(5),
    commandLine: draw.chance(30) ? Array.from({ length: 1 + draw.below(6) }, () => word(draw)) : [],
  }
}

/** An IVRS whose units have blocks of one or several types, with memory blocks after them. */
export function drawIvrs(draw: Draw): DrawnIvrs {
  const body: number[] = []
  const types = draw.pick<readonly number[]>([[0x10], [0x10, 0x11], [0x10, 0x11, 0x40], [0x11, 0x40], [0x10, 0x40]])
  const devices = draw.pick<readonly number[]>([[2], [2], [2, 0x4002]])
  for (const type of types) for (const device of devices) if (draw.chance(95)) body.push(...block(draw, type, device))
  if (body.length === 0) body.push(...block(draw, 0x10, 2))
  if (draw.chance(20)) body.push(0x21, 0, 32, 0, ...Array.from({ length: 28 }, () => 0))
  const bytes = Buffer.alloc(48 + body.length)
  bytes.write('IVRS', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length, 4)
  bytes[8] = 2
  bytes.set(body, 48)
  bytes[9] = (0x100 - (bytes.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff
  return { bytes: new Uint8Array(bytes), questions: Array.from({ length: 12 }, () => question(draw)) }
}
