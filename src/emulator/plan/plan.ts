import { formatPciAddress, parsePciAddress, requesterIdOf, type PciAddress } from '../../machine/identifiers.js'
import type { PciePortType } from '../../machine/pci.js'
import { assignGroups } from './groups.js'
import { iommuMapOf, lookUp, msiMapOf } from './id-map.js'
import { assignVectors } from './interrupts.js'
import { iommuPlace } from './iommu-places.js'
import type {
  FunctionDescription,
  IommuDescription,
  MachineDescription,
  MsiControllerDescription,
  RootComplexDescription,
} from '../machine-description.js'
import {
  aliasesOf,
  hostBridgeName,
  longName,
  ridOf,
  type MachinePlan,
  type PlannedComplex,
  type PlannedFunction,
} from './planned-machine.js'

/** Whether the machine's x86 interrupt remapping runs: an IOMMU that has it, and a command line that lets it. */
function remappingRuns(machine: MachineDescription): boolean {
  const words = (machine.kernel.commandLine ?? '').split(/\s+/)
  if (words.some((word) => word === 'nointremap' || /^intremap=(?:.*,)?off(?:,|$)/.test(word))) return false
  const units = (machine.iommus ?? []).filter(({ type }) => type === 'vt-d' || type === 'amd-vi')
  return units.length > 0 && units.every(({ interruptRemapping }) => interruptRemapping !== false)
}

/** Directory of the device above a root bus. */
function parentPathOf(machine: MachineDescription, complex: RootComplexDescription): string {
  if (complex.parentPath !== undefined) return complex.parentPath
  return machine.firmware === 'devicetree' ? `sys/devices/platform/${hostBridgeName(complex)}` : 'sys/devices'
}

/** Works out what the kernel makes of the machine: ids, groups, interrupts. Throws RangeError for a bad address or name. */
export function planMachine(machine: MachineDescription): MachinePlan {
  const iommus = new Map((machine.iommus ?? []).map((iommu) => [iommu.name, iommu]))
  const msiControllers = new Map((machine.msiControllers ?? []).map((controller) => [controller.name, controller]))
  const remapping = remappingRuns(machine)
  const functions: PlannedFunction[] = []
  const complexes = machine.rootComplexes.map((description): PlannedComplex => {
    const segment = description.segment ?? 0
    const rootBus = description.rootBus ?? 0
    const bus = `pci${segment.toString(16).padStart(4, '0')}:${rootBus.toString(16).padStart(2, '0')}`
    return {
      description,
      segment,
      rootBus,
      path: `${parentPathOf(machine, description)}/${bus}`,
      iommuMap: iommuMapOf(description),
      msiMap: msiMapOf(description),
    }
  })
  const context: Context = { machine, iommus, msiControllers, remapping, functions }
  for (const complex of complexes) {
    for (const description of complex.description.functions) planFunction(context, complex, undefined, description)
  }
  functions.sort((left, right) => left.address.segment - right.address.segment || ridOf(left) - ridOf(right))
  markMultifunction(functions)
  assignGroups(machine, functions)
  const wiredInterrupts = assignVectors(machine, functions, remapping)
  const byName = new Map<string, PlannedFunction>()
  for (const fn of functions) {
    if (byName.has(fn.name)) throw new RangeError(`${fn.name} is described twice`)
    byName.set(fn.name, fn)
  }
  return {
    description: machine,
    complexes,
    functions,
    byName,
    iommus,
    iommuPlaces: placesOf(machine, byName),
    msiControllers,
    wiredInterrupts,
    remapping,
  }
}

function placesOf(machine: MachineDescription, byName: MachinePlan['byName']): MachinePlan['iommuPlaces'] {
  const counts = new Map<string, number>()
  return new Map(
    (machine.iommus ?? []).map((iommu) => {
      const index = counts.get(iommu.type) ?? 0
      counts.set(iommu.type, index + 1)
      const fn = iommu.function === undefined ? undefined : byName.get(longName(iommu.function))
      return [iommu.name, iommuPlace(machine, iommu, index, fn?.path)]
    }),
  )
}

interface Context {
  readonly machine: MachineDescription
  readonly iommus: ReadonlyMap<string, IommuDescription>
  readonly msiControllers: ReadonlyMap<string, MsiControllerDescription>
  readonly remapping: boolean
  readonly functions: PlannedFunction[]
}

function lastBus(description: FunctionDescription): number {
  const own = parsePciAddress(description.address)?.bus ?? 0
  const least = Math.max(own, description.subordinateBus ?? 0)
  return (description.functions ?? []).reduce((last, fn) => Math.max(last, lastBus(fn)), least)
}

function planFunction(
  context: Context,
  complex: PlannedComplex,
  parent: PlannedFunction | undefined,
  description: FunctionDescription,
): void {
  const parsed = parsePciAddress(description.address)
  if (!parsed) throw new RangeError(`"${description.address}" is no PCI address`)
  const fn = makeFunction(context, complex, parent, undefined, description, { ...parsed, segment: complex.segment })
  const { enabled = 0, firstOffset = 1, stride = 1, ...sriov } = description.sriov ?? { total: 0 }
  for (let index = 0; index < enabled; index++) {
    const rid = (ridOf(fn) + firstOffset + index * stride) & 0xffff
    const address = { segment: complex.segment, bus: rid >> 8, device: (rid >> 3) & 31, function: rid & 7 }
    const virtual: FunctionDescription = {
      address: formatPciAddress(address),
      id: `${description.id.split(':')[0] ?? ''}:${sriov.device ?? description.id.split(':')[1] ?? ''}`,
      ...(description.subsystem === undefined ? {} : { subsystem: description.subsystem }),
      ...(description.class === undefined ? {} : { class: description.class }),
      ...(sriov.driver === undefined ? {} : { driver: sriov.driver }),
      ...(sriov.msix === undefined ? {} : { msix: sriov.msix }),
    }
    fn.virtualFunctions.push(makeFunction(context, complex, parent, fn, virtual, address))
  }
  for (const child of description.functions ?? []) planFunction(context, complex, fn, child)
}

function makeFunction(
  context: Context,
  complex: PlannedComplex,
  parent: PlannedFunction | undefined,
  physicalFunction: PlannedFunction | undefined,
  description: FunctionDescription,
  address: PciAddress,
): PlannedFunction {
  const { machine } = context
  const name = formatPciAddress(address)
  const type = description.type ?? (description.functions ? 'root-port' : 'endpoint')
  const isBridge = description.functions !== undefined || description.secondaryBus !== undefined || isPort(type)
  const first = description.functions?.[0]
  const rids = [requesterIdOf(address), ...aliasesOf(parent).map(({ rid }) => rid)]
  const targets = rids.map((rid) => lookUp(complex.iommuMap, complex.description.iommuMapMask, rid))
  const found = targets.every((target) => target !== undefined) ? context.iommus.get(targets[0]?.to ?? '') : undefined
  const isIommu = [...context.iommus.values()].some(
    (iommu) => iommu.function !== undefined && name === longName(iommu.function),
  )
  const iommu = found && found.enabled !== false && !isIommu ? found : undefined
  const deferred = iommu?.driver === false
  const msiRid = aliasesOf(parent).findLast(({ rid }) => rid >> 8 !== address.bus)?.rid ?? requesterIdOf(address)
  const msiTarget = lookUp(complex.msiMap, complex.description.msiMapMask, msiRid)
  const controller = msiTarget && context.msiControllers.get(msiTarget.to)
  const fn: PlannedFunction = {
    description,
    address,
    name,
    complex,
    parent,
    path: `${parent?.path ?? complex.path}/${name}`,
    type,
    secondaryBus: isBridge
      ? (description.secondaryBus ?? (first && parsePciAddress(first.address)?.bus) ?? 0)
      : undefined,
    subordinateBus: isBridge ? lastBus(description) : undefined,
    multifunction: false,
    physicalFunction,
    virtualFunctions: [],
    iommu,
    streamIds: iommu ? [...new Set(targets.flatMap((target) => (target ? [target.output] : [])))] : [],
    driver: deferred ? undefined : description.driver,
    msi: controller ?? x86Msi(machine, context.remapping && iommu !== undefined),
    deviceId: controller ? msiTarget.output : undefined,
    group: undefined,
    vectors: [],
  }
  context.functions.push(fn)
  return fn
}

function x86Msi(machine: MachineDescription, remapped: boolean): 'vector' | 'remapped' | undefined {
  if (machine.architecture !== 'x86_64' && machine.architecture !== 's390x') return undefined
  return remapped ? 'remapped' : 'vector'
}

function isPort(type: PciePortType | 'conventional'): boolean {
  return type === 'root-port' || type === 'upstream-port' || type === 'downstream-port' || type === 'pcie-to-pci-bridge'
}

function markMultifunction(functions: readonly PlannedFunction[]): void {
  const slots = new Map<string, PlannedFunction[]>()
  for (const fn of functions) {
    if (fn.physicalFunction) continue
    const slot = fn.name.slice(0, -2)
    const known = slots.get(slot)
    if (known) known.push(fn)
    else slots.set(slot, [fn])
  }
  for (const slot of slots.values()) {
    const several = slot.length > 1
    for (const fn of slot) fn.multifunction = several || fn.address.function !== 0
  }
}
