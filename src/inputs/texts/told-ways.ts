import { formatPciAddress, parsePciAddress } from '../../machine/identifiers.js'
import type { FunctionWord, ToldFunction } from './told-machine.js'

const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')

function numberOf(fn: ToldFunction, word: FunctionWord): number | undefined {
  const value = fn.words.get(word)?.value
  return value === undefined || value === 'contradicted' ? undefined : Number.parseInt(value, 16)
}

/** The bridges of a listing, and what they are known to lead to. */
interface Bridges {
  /** By `segment:bus`; two bridges that claim one bus are none. */
  readonly bySecondary: ReadonlyMap<string, ToldFunction | 'contradicted'>
  /** Segments whose root bus was listed and of whose bridges all buses are known. */
  readonly whole: ReadonlySet<number>
  /** By segment: buses that some bridge leads to, 1 at the place of each. */
  readonly inside: ReadonlyMap<number, Uint8Array>
}

function bridgesOf(functions: readonly ToldFunction[]): Bridges {
  const bySecondary = new Map<string, ToldFunction | 'contradicted'>()
  const inside = new Map<number, Uint8Array>()
  const rooted = new Set<number>()
  const open = new Set<number>()
  for (const fn of functions) {
    const { segment, bus } = fn.address
    if (bus === 0) rooted.add(segment)
    const secondary = numberOf(fn, 'secondaryBus')
    const classCode = fn.words.get('classCode')?.value
    const mayBeBridge = classCode === undefined || classCode === 'contradicted' || classCode.startsWith('0604')
    if (secondary === undefined) {
      if (mayBeBridge) open.add(segment)
      continue
    }
    const buses = inside.get(segment) ?? new Uint8Array(256)
    inside.set(segment, buses)
    buses.fill(1, secondary, (numberOf(fn, 'subordinateBus') ?? 0xff) + 1)
    // Bus 0 behind a bridge: firmware left it unused.
    if (secondary === 0) continue
    const key = `${segment}:${secondary}`
    bySecondary.set(key, bySecondary.has(key) ? 'contradicted' : fn)
  }
  const whole = new Set([...rooted].filter((segment) => !open.has(segment)))
  return { bySecondary, whole, inside }
}

/** The bridge above, that there is none, or undefined where the texts do not tell. */
function above(fn: ToldFunction, bridges: Bridges): ToldFunction | 'none' | undefined {
  const { segment, bus } = fn.address
  const bridge = bridges.bySecondary.get(`${segment}:${bus}`)
  if (bridge === 'contradicted') return undefined
  if (bridge) return bridge
  const said = fn.words.get('bridgeAbove')?.value
  if (said === 'none') return 'none'
  if (bus === 0) return 'none'
  // A bus of its own only where all bridges were listed and none leads there; a VF may be on one between.
  const inside = bridges.inside.get(segment)?.[bus] === 1
  return bridges.whole.has(segment) && !inside ? 'none' : undefined
}

/**
 * The path of each function below `/sys`, `devices/pci0000:00/0000:00:01.0/0000:01:00.0`, from the bus numbers of the
 * bridges or the tree that lspci drew; functions whose way is not told are left out. Bounded by the depth of the buses.
 */
export function waysOfFunctions(functions: readonly ToldFunction[]): ReadonlyMap<string, string> {
  const bridges = bridgesOf(functions)
  const ways = new Map<string, string>()
  for (const fn of functions) {
    const names = [fn.name]
    let at: ToldFunction | undefined = fn
    for (const seen = new Set<ToldFunction>(); at && !seen.has(at);) {
      seen.add(at)
      const up: ToldFunction | 'none' | undefined = above(at, bridges)
      if (up === 'none') {
        const root = parsePciAddress(names[0] ?? '') ?? at.address
        const path = [`devices/pci${hex(root.segment, 4)}:${hex(root.bus, 2)}`, ...names].join('/')
        ways.set(formatPciAddress(fn.address), path)
        break
      }
      if (up) names.unshift(up.name)
      at = up
    }
  }
  return ways
}
