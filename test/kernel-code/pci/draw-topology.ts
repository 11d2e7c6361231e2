import type { PciePortType, PciFunction } from '../../../src/machine/pci.js'
import { pciFunction } from '../../unit/kernel/pci/pci-functions.js'
import type { Draw } from '../draw.js'
import { words } from '../oracle.js'
import { Drawing, type DrawnFunction, type IdSource } from './drawing.js'

export interface DrawnTopology {
  readonly functions: readonly PciFunction[]
  /** Names of the functions with a group, and which. */
  readonly groups: ReadonlyMap<string, string>
  readonly hasIvrs: boolean
  /** Something that exists cannot be read. */
  readonly damaged: boolean
  /** For the oracle, without the question. */
  readonly encoded: Uint8Array
}

const TYPES: readonly PciePortType[] = [
  'endpoint',
  'legacy-endpoint',
  'reserved',
  'reserved',
  'root-port',
  'upstream-port',
  'downstream-port',
  'pcie-to-pci-bridge',
  'pci-to-pcie-bridge',
  'rc-integrated-endpoint',
  'rc-event-collector',
]
function factsOf(drawing: Drawing, fn: DrawnFunction): PciFunction {
  const at = drawing.buses[fn.bus]
  if (!at) throw new Error('no bus')
  const { hidden, express } = fn
  const type = express === undefined ? 'conventional' : (TYPES[express] ?? 'reserved')
  const secondary = fn.secondary === undefined ? undefined : drawing.buses[fn.secondary]
  return pciFunction({
    at: fn.name,
    below: hidden === 'way' ? 'UNREADABLE' : at.below,
    ids: hidden === 'ids' ? 'UNREADABLE' : fn.ids,
    subsystem: fn.subsystem,
    classCode: fn.classCode,
    type: hidden === 'configuration' ? 'none' : hidden === 'capabilities' ? 'header' : type,
    headerType: fn.headerType,
    multifunctionBit: fn.multifunctionBit,
    ...(secondary ? { secondaryBus: secondary.number } : {}),
    ...(hidden === 'acs' ? { acs: 'UNREADABLE' as const } : fn.acs ? { acs: fn.acs } : {}),
    ...(fn.physicalFunction === undefined ? {} : { physicalFunction: fn.physicalFunction }),
    ...(at.vmd === undefined ? {} : { parentPath: `devices/pci0000:00/${at.vmd}` }),
  })
}

function encode(drawing: Drawing, functions: readonly DrawnFunction[], hasIvrs: boolean): Uint8Array {
  const indexOf = (name: string | undefined) =>
    name === undefined ? 0 : functions.findIndex((fn) => fn.name === name) + 1
  const flag = (is: boolean) => (is ? 1 : 0)
  const plusOne = (index: number | undefined) => (index === undefined ? 0 : index + 1)
  return words(
    functions.length,
    flag(hasIvrs),
    drawing.buses.length,
    ...drawing.buses.flatMap((bus) => [
      plusOne(bus.parent),
      bus.virtual ? 0 : indexOf(bus.below.at(-1)),
      bus.number,
      bus.segment,
      indexOf(bus.vmd),
    ]),
    ...functions.flatMap((fn) => [
      fn.bus,
      (fn.slot << 3) | fn.number,
      ...fn.ids,
      ...fn.subsystem,
      fn.classCode,
      fn.headerType,
      flag(fn.multifunctionBit),
      flag(fn.express !== undefined),
      fn.express ?? 0,
      plusOne(fn.secondary),
      flag(fn.acs !== undefined),
      ...(fn.acs ?? [0, 0]),
      fn.registers,
      indexOf(fn.physicalFunction),
      fn.group,
    ]),
  )
}

/** @param damage whether some of it cannot be read by us, though the kernel knows it */
export function drawTopology(draw: Draw, source: IdSource, damage: boolean): DrawnTopology {
  const drawing = new Drawing(draw, source, damage)
  drawing.fill(drawing.bus(0, undefined, [], undefined, false), 0)
  const order = (fn: DrawnFunction) => {
    const bus = drawing.buses[fn.bus]
    return ((bus?.segment ?? 0) * 256 + (bus?.number ?? 0)) * 256 + fn.slot * 8 + fn.number
  }
  const functions = drawing.functions.toSorted((left, right) => order(left) - order(right))
  const hasIvrs = draw.chance(30)
  return {
    functions: functions.map((fn) => factsOf(drawing, fn)),
    groups: new Map(functions.flatMap((fn) => (fn.group > 0 ? [[fn.name, String(fn.group)] as const] : []))),
    hasIvrs,
    damaged: functions.some((fn) => fn.hidden !== 'nothing'),
    encoded: encode(drawing, functions, hasIvrs),
  }
}
