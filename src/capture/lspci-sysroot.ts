import { formatPciAddress, parsePciAddress, type PciAddress } from '../machine/identifiers.js'
import type { MemoryEntry } from '../sysroot/memory-entry.js'
import { MemorySysroot, MemoryTree } from '../sysroot/memory-sysroot.js'
import type { Origin } from '../sysroot/types.js'

const FUNCTION_LINE = /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) /
const DUMP_LINE = /^([0-9a-f]{2,3}): ([0-9a-f]{2}(?: [0-9a-f]{2}){15})\s*$/
/** What the options -x, -xxx and -xxxx print; 128 for a CardBus bridge. */
const SIZES: readonly number[] = [64, 128, 256, 4096]
const LONGEST_LINE = 1000
const MOST_FUNCTIONS = 65_536
const LOOKED_AT = 64 * 1024

/** One function of the listing; bytes as far as they follow one another. */
interface ListedFunction {
  readonly address: PciAddress
  readonly name: string
  readonly bytes: number[]
  damaged: boolean
}

/** True for text of `lspci` with hexadecimal dumps (-x, -xxx, -xxxx): the first function is followed by dump lines. */
export function isLspciText(content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, LOOKED_AT)).toString('latin1')
  const first = start.split('\n', 1)[0] ?? ''
  return FUNCTION_LINE.test(first) && /^00: [0-9a-f]{2} [0-9a-f]{2} /m.test(start)
}

function listedFunctions(text: string): readonly ListedFunction[] {
  const functions = new Map<string, ListedFunction>()
  let current: ListedFunction | undefined
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, LONGEST_LINE)
    const dump = DUMP_LINE.exec(line)
    if (dump) {
      if (!current) continue
      if (Number.parseInt(dump[1] ?? '', 16) !== current.bytes.length) current.damaged = true
      else for (const byte of (dump[2] ?? '').split(' ')) current.bytes.push(Number.parseInt(byte, 16))
      continue
    }
    const address = parsePciAddress(FUNCTION_LINE.exec(line)?.[1] ?? '')
    if (!address) continue
    const name = formatPciAddress(address)
    const before = functions.get(name)
    // Listed twice, nobody can tell which of the two it is.
    current = { address, name, bytes: [], damaged: before !== undefined }
    if (before || functions.size < MOST_FUNCTIONS) functions.set(name, current)
  }
  return [...functions.values()]
}

/** Names of the bridges above a function, nearest last, by their secondary bus numbers. */
function bridgesAbove(fn: ListedFunction, bySecondaryBus: ReadonlyMap<string, ListedFunction>): readonly string[] {
  const names: string[] = []
  const seen = new Set<ListedFunction>()
  for (
    let bridge = bySecondaryBus.get(`${fn.address.segment}:${fn.address.bus}`);
    bridge && !seen.has(bridge);
    bridge = bySecondaryBus.get(`${bridge.address.segment}:${bridge.address.bus}`)
  ) {
    seen.add(bridge)
    names.unshift(bridge.name)
  }
  return names
}

const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')

/** Files of one function below `sys`: its place, its configuration space, and what that says of its identity. */
function* entriesOf(
  fn: ListedFunction,
  bySecondaryBus: ReadonlyMap<string, ListedFunction>,
): Generator<readonly [string, MemoryEntry]> {
  const above = bridgesAbove(fn, bySecondaryBus)
  const root = parsePciAddress(above[0] ?? fn.name) ?? fn.address
  const path = [`devices/pci${hex(root.segment, 4)}:${hex(root.bus, 2)}`, ...above, fn.name].join('/')
  yield [`sys/bus/pci/devices/${fn.name}`, { kind: 'symlink', target: `../../../${path}` }]
  const bytes = Uint8Array.from(fn.bytes)
  if (fn.damaged || !SIZES.includes(bytes.length)) {
    yield [`sys/${path}/config`, { kind: 'file', content: 'malformed' }]
    return
  }
  yield [`sys/${path}/config`, { kind: 'file', content: bytes }]
  const view = new DataView(bytes.buffer)
  // A virtual function's own ids are all ones.
  if (view.getUint16(0, true) === 0xffff) return
  const text = (value: number, width: number): MemoryEntry => ({
    kind: 'file',
    content: new TextEncoder().encode(`0x${hex(value, width)}\n`),
  })
  yield [`sys/${path}/vendor`, text(view.getUint16(0, true), 4)]
  yield [`sys/${path}/device`, text(view.getUint16(2, true), 4)]
  yield [`sys/${path}/class`, text(view.getUint32(8, true) >>> 8, 6)]
}

/**
 * The machine that `lspci -vvvxxxx` shows: its PCI functions with their configuration spaces. Partial evidence:
 * everything else, the IOMMU groups among it, is unreadable, never absent, so that no verdict is made of its lack.
 * Returns undefined for text that is none.
 */
export function openLspciText(content: Uint8Array, origin: Origin): MemorySysroot | undefined {
  if (!isLspciText(content)) return undefined
  const functions = listedFunctions(Buffer.from(content).toString('latin1'))
  const bySecondaryBus = new Map<string, ListedFunction>()
  for (const fn of functions) {
    const isBridge = ((fn.bytes[0x0e] ?? 0) & 0x7f) === 1 && !fn.damaged
    if (isBridge) bySecondaryBus.set(`${fn.address.segment}:${fn.bytes[0x19] ?? 0}`, fn)
  }
  const entries = new Map<string, MemoryEntry>()
  for (const fn of functions) for (const [path, entry] of entriesOf(fn, bySecondaryBus)) entries.set(path, entry)
  const names = functions.map(({ name }) => name).sort()
  entries.set('sys/bus/pci/devices', { kind: 'directory', listing: names })
  return new MemorySysroot(origin, new MemoryTree(entries, 'not-collected'))
}
