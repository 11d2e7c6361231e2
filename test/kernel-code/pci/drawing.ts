import type { Draw } from '../draw.js'

/** What a device may be called: ids that quirks name, and numbers near them. */
export interface IdSource {
  /** Lists of one vendor each; device 0xffff stands for all of the vendor. */
  readonly ids: readonly (readonly Ids[])[]
  readonly numbers: readonly number[]
}

type Ids = readonly [vendor: number, device: number]

export interface DrawnBus {
  readonly number: number
  readonly segment: number
  /** Index of the bus above; undefined for a root bus. */
  readonly parent: number | undefined
  /** Names of the bridges above, nearest last. */
  readonly below: readonly string[]
  /** Bus of virtual functions: without a bridge of its own. */
  readonly virtual: boolean
  /** Name of the VMD whose domain it is in. */
  readonly vmd: string | undefined
}

export interface DrawnFunction {
  readonly name: string
  readonly bus: number
  readonly slot: number
  readonly number: number
  readonly ids: Ids
  readonly subsystem: Ids
  readonly classCode: number
  readonly headerType: 0 | 1 | 2
  readonly multifunctionBit: boolean
  /** Device/port type as the register says it, 0 to 15; undefined without a PCI Express capability. */
  readonly express: number | undefined
  /** Index of the bus below. */
  readonly secondary: number | undefined
  readonly acs: readonly [number, number] | undefined
  /** What registers say that nobody else sees. */
  readonly registers: number
  readonly physicalFunction: string | undefined
  readonly group: number
  /** What cannot be read of it. */
  readonly hidden: 'nothing' | 'ids' | 'acs' | 'capabilities' | 'configuration' | 'way'
}
const ROOT_PORT = 4
const UPSTREAM = 5
const DOWNSTREAM = 6
const PCIE_TO_PCI = 7
const PCI_TO_PCIE = 8

const SLOTS = [0, 0, 1, 2, 0x10, 0x11, 0x12, 0x1c, 0x1f] as const
const FUNCTIONS = [0, 1, 2, 3, 4, 7] as const
const SUBSYSTEMS: readonly [Ids, ...Ids[]] = [
  [0x9005, 0x02bb],
  [0x9005, 0x02bc],
  [0x9005, 0x0285],
  [0x1af4, 0x1100],
]
const CLASSES = [0x020000, 0x020000, 0x060400, 0x068000, 0x068001, 0x088000] as const
const ACS = [0, 0x1d, 0x1c, 0x5f, 0x7f, 0x01, 0x04, 0x11] as const
const MOST = 24
const HIDDEN = ['ids', 'acs', 'capabilities', 'configuration', 'way'] as const

/** One machine: a tree of buses with what stands on them, drawn from kinds that exist and some that should not. */
export class Drawing {
  readonly buses: DrawnBus[] = []
  readonly functions: DrawnFunction[] = []
  private nextBus = 0
  private readonly draw: Draw
  private readonly source: IdSource
  private readonly damage: boolean

  constructor(draw: Draw, source: IdSource, damage: boolean) {
    this.draw = draw
    this.source = source
    this.damage = damage
  }

  /** Makes a bus; its index. */
  bus(
    segment: number,
    parent: number | undefined,
    below: readonly string[],
    vmd: string | undefined,
    virtual: boolean,
  ): number {
    const index = this.buses.length
    this.buses.push({ number: this.nextBus++, segment, parent, below, vmd, virtual })
    return index
  }

  private ids(): Ids {
    const { draw, source } = this
    const near = draw.pick([0, 0, 0, 0, 1, -1])
    // Vendor first: some tables name one of them a hundred times.
    const ofVendor = draw.chance(45) ? [] : (source.ids[draw.below(source.ids.length)] ?? [])
    const [vendor = 0x1b36, device = 0x10] = ofVendor[draw.below(ofVendor.length)] ?? []
    if (device !== 0xffff) return [vendor, device + near]
    return [vendor, (source.numbers[draw.below(source.numbers.length)] ?? 0) + near]
  }

  /** The register's type for a bridge: mostly what belongs there. */
  private bridgeType(above: DrawnFunction | undefined, isRoot: boolean): number | undefined {
    const { draw } = this
    if (draw.chance(10)) return draw.chance(30) ? undefined : draw.below(11)
    if (isRoot) return draw.pick([ROOT_PORT, ROOT_PORT, ROOT_PORT, PCIE_TO_PCI, undefined])
    const type = above?.express
    if (type === ROOT_PORT) return draw.pick([UPSTREAM, UPSTREAM, PCIE_TO_PCI, undefined, DOWNSTREAM])
    if (type === UPSTREAM) return draw.pick([DOWNSTREAM, DOWNSTREAM, DOWNSTREAM, UPSTREAM])
    if (type === DOWNSTREAM) return draw.pick([UPSTREAM, PCIE_TO_PCI, undefined])
    return draw.pick([undefined, undefined, PCI_TO_PCIE, PCIE_TO_PCI])
  }

  fill(bus: number, depth: number): void {
    const { draw } = this
    const at = this.buses[bus]
    if (!at) throw new Error('no bus')
    const above = this.functions.find((fn) => fn.name === at.below.at(-1))
    const taken = new Set<number>()
    for (let device = 1 + draw.below(3); device > 0; device--) {
      const slot = draw.pick(SLOTS)
      const several = draw.chance(45)
      for (const number of several ? FUNCTIONS : ([0] as const)) {
        if (this.functions.length >= MOST || taken.has(slot * 8 + number)) continue
        if (number > 0 && draw.chance(50)) continue
        taken.add(slot * 8 + number)
        this.place(bus, at, above, slot, number, draw.chance(several ? 85 : 3), depth)
      }
    }
  }

  private place(
    bus: number,
    at: DrawnBus,
    above: DrawnFunction | undefined,
    slot: number,
    number: number,
    multifunctionBit: boolean,
    depth: number,
  ): void {
    const { draw } = this
    const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
    const name = `${hex(at.segment, 4)}:${hex(at.number, 2)}:${hex(slot, 2)}.${number}`
    const isBridge = depth < 5 && draw.chance(depth < 2 ? 55 : 40)
    const express = isBridge
      ? this.bridgeType(above, at.parent === undefined)
      : draw.chance(15)
        ? undefined
        : draw.pick(at.parent === undefined ? [9, 9, 0, 10, 1] : [0, 0, 0, 1, 9, 2, draw.below(16)])
    const hidden = !this.damage || draw.chance(80) ? 'nothing' : draw.pick(HIDDEN)
    const index = this.functions.length
    const fn: DrawnFunction = {
      name,
      bus,
      slot,
      number,
      ids: this.ids(),
      subsystem: draw.pick(SUBSYSTEMS),
      classCode: draw.pick(CLASSES),
      headerType: isBridge ? (draw.chance(95) ? 1 : 2) : 0,
      multifunctionBit,
      express,
      secondary: undefined,
      acs: express !== undefined && draw.chance(55) ? [draw.pick(ACS), draw.pick(ACS)] : undefined,
      registers: draw.below(0x10000),
      physicalFunction: undefined,
      group: draw.chance(30) ? 1 + draw.below(4) : 0,
      hidden,
    }
    this.functions.push(fn)
    if (isBridge) {
      const secondary = this.bus(at.segment, bus, [...at.below, name], at.vmd, false)
      this.functions[index] = { ...fn, secondary }
      this.fill(secondary, depth + 1)
    } else if (express !== undefined && draw.chance(6)) this.virtualFunctions(bus, at, fn)
    else if (at.parent === undefined && at.segment === 0 && draw.chance(4)) this.vmdDomain(name)
  }

  private virtualFunctions(bus: number, at: DrawnBus, fn: DrawnFunction): void {
    const { draw } = this
    const own = draw.chance(50) || fn.slot >= 0x1d ? this.bus(at.segment, bus, at.below, at.vmd, true) : bus
    const on = this.buses[own]
    if (!on) return
    for (let number = 1; number < 4; number++) {
      const slot = own === bus ? 0x1d : 0
      const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
      const name = `${hex(on.segment, 4)}:${hex(on.number, 2)}:${hex(slot, 2)}.${number}`
      if (this.functions.some((other) => other.name === name)) continue
      this.functions.push({
        ...fn,
        name,
        bus: own,
        slot,
        number,
        multifunctionBit: false,
        physicalFunction: fn.name,
        group: draw.chance(30) ? 1 + draw.below(4) : 0,
      })
    }
  }

  /** A domain of its own behind a function of the root bus (Intel VMD). */
  private vmdDomain(name: string): void {
    const segment = 0x10000
    if (this.buses.some((bus) => bus.segment === segment)) return
    this.fill(this.bus(segment, undefined, [], name, false), 2)
  }
}
