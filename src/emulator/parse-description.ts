import { LIMITS, SINGLE } from '../budget/limits.js'
import { formatPciAddress, parsePciAddress } from '../machine/identifiers.js'
import { encodeDeviceTree } from './firmware/devicetree-source.js'
import { emulateMachine } from './emulate.js'
import { acpiTables } from './firmware/firmware-acpi.js'
import { deviceTreeSource } from './firmware/firmware-devicetree.js'
import type { FunctionDescription, MachineDescription, RootComplexDescription } from './machine-description.js'
import { planMachine } from './plan/plan.js'
import { longName, type MachinePlan } from './plan/planned-machine.js'
import type { JsonSchema } from '../shapes/json-schema.js'
import { Mistakes, shown, shownNames, type Mistake } from '../shapes/mistakes.js'
import { checkSchema } from '../shapes/schema-check.js'

export type ParsedDescription =
  | { readonly ok: true; readonly value: MachineDescription }
  | { readonly ok: false; readonly errors: readonly Mistake[] }

/**
 * Takes parsed JSON for a machine description, or says where it is wrong: first its shape, then names that nothing has,
 * addresses used twice, and parts that do not go together. What it accepts, `emulateMachine` builds without throwing.
 *
 * @param schema the published schema of descriptions; a test holds that what it takes is a `MachineDescription`
 */
export function parseMachineDescription(json: unknown, schema: JsonSchema): ParsedDescription {
  const mistakes = new Mistakes('description')
  if (conforms(json, schema, mistakes)) {
    checkNames(json, mistakes)
    checkFunctions(json, mistakes)
    checkParts(json, mistakes)
    if (mistakes.isEmpty) checkSize(json, mistakes)
    if (mistakes.isEmpty) checkBuild(json, mistakes)
    if (mistakes.isEmpty) return { ok: true, value: json }
  }
  return { ok: false, errors: mistakes.list }
}

function conforms(json: unknown, schema: JsonSchema, mistakes: Mistakes): json is MachineDescription {
  checkSchema(schema, json, mistakes)
  return mistakes.isEmpty
}

function checkNames(machine: MachineDescription, mistakes: Mistakes): void {
  const iommus = new Set<string>()
  const controllers = new Set<string>()
  const collect = (list: readonly { readonly name: string }[], names: Set<string>, path: string): void =>
    list.forEach(({ name }, index) => {
      if (iommus.has(name) || controllers.has(name) || name === 'gic') {
        mistakes.add(`${path}[${index}].name`, `"${shown(name)}" is taken`)
      }
      names.add(name)
    })
  collect(machine.iommus ?? [], iommus, 'iommus')
  collect(machine.msiControllers ?? [], controllers, 'msiControllers')
  const refer = (names: ReadonlySet<string>, kind: string, name: string | undefined, path: string): void => {
    if (name === undefined || names.has(name) || mistakes.isFull) return
    const known = names.size === 0 ? 'there is none' : `there are ${shownNames([...names])}`
    mistakes.add(path, `expected the name of ${kind} (${known}), found "${shown(name)}"`)
  }
  machine.rootComplexes.forEach((complex: RootComplexDescription, index) => {
    const path = `rootComplexes[${index}]`
    refer(iommus, 'an IOMMU', complex.iommu, `${path}.iommu`)
    refer(controllers, 'an MSI controller', complex.msi, `${path}.msi`)
    refer(controllers, 'an MSI controller', complex.msiParent?.to, `${path}.msiParent.to`)
    complex.iommuMap?.forEach(({ to }, at) => refer(iommus, 'an IOMMU', to, `${path}.iommuMap[${at}].to`))
    complex.msiMap?.forEach(({ to }, at) => refer(controllers, 'an MSI controller', to, `${path}.msiMap[${at}].to`))
  })
}

function checkFunctions(machine: MachineDescription, mistakes: Mistakes): void {
  const taken = new Set<string>()
  const visit = (description: FunctionDescription, segment: number, path: string): void => {
    const parsed = parsePciAddress(description.address)
    const name = parsed ? formatPciAddress({ ...parsed, segment }) : description.address
    if (taken.has(name)) mistakes.add(`${path}.address`, `${name} is described already`)
    taken.add(name)
    if (description.address.length > 7 && parsed?.segment !== segment) {
      mistakes.add(`${path}.address`, `expected segment ${segment} or none, found ${description.address}`)
    }
    const { total = 0, enabled = 0 } = description.sriov ?? {}
    if (enabled > total) {
      mistakes.add(`${path}.sriov.enabled`, `expected at most the total of ${total}, found ${enabled}`)
    }
    description.functions?.forEach((child, index) => visit(child, segment, `${path}.functions[${index}]`))
  }
  machine.rootComplexes.forEach(({ functions, segment = 0 }, index) => {
    functions.forEach((fn, at) => visit(fn, segment, `rootComplexes[${index}].functions[${at}]`))
  })
  machine.iommus?.forEach(({ function: own, type, address }, index) => {
    const path = `iommus[${index}]`
    if (own !== undefined && !taken.has(longName(own))) {
      mistakes.add(`${path}.function`, `expected a function that is described, found ${own}`)
    }
    if (own === undefined && type === 'amd-vi') {
      mistakes.add(`${path}.function`, 'expected the PCI function that an AMD-Vi unit is, found nothing')
    }
    if (address === undefined && own === undefined) {
      mistakes.add(`${path}.address`, 'expected a register base, found nothing')
    }
  })
}

function checkParts(machine: MachineDescription, mistakes: Mistakes): void {
  const { architecture, firmware } = machine
  if (architecture === 'riscv64' && firmware === 'acpi') {
    mistakes.add('firmware', 'expected devicetree for riscv64, found "acpi"')
  }
  if (architecture === 'x86_64' && firmware === 'devicetree') {
    mistakes.add('firmware', 'expected acpi for x86_64, found "devicetree"')
  }
  if (machine.acpi && firmware !== 'acpi') mistakes.add('acpi', `the firmware is ${firmware}`)
  if (machine.deviceTree && firmware !== 'devicetree') mistakes.add('deviceTree', `the firmware is ${firmware}`)
}

/** Bytes of a line of /proc/interrupts beside the counts, and of the count of a processor. */
const LINE_BYTES = 80
const COUNT_BYTES = 11

/** What it amounts to, of which a few words can make thousands: no more than is read of a machine. */
function checkSize(machine: MachineDescription, mistakes: Mistakes): void {
  let [functions, vectors] = [0, 0]
  const visit = ({ sriov, msix, msi, functions: behind = [] }: FunctionDescription): void => {
    functions += 1 + (sriov?.enabled ?? 0)
    vectors += (msix ?? msi ?? 0) + (sriov?.enabled ?? 0) * (sriov?.msix ?? 0)
    for (const fn of behind) visit(fn)
  }
  for (const complex of machine.rootComplexes) for (const fn of complex.functions) visit(fn)
  if (functions > LIMITS.functions) {
    mistakes.add('rootComplexes', `expected at most ${LIMITS.functions} PCI functions, found ${functions}`)
  }
  if (vectors > LIMITS.vectors) {
    mistakes.add('rootComplexes', `expected at most ${LIMITS.vectors} vectors in use, found ${vectors}`)
  }
  const table = vectors * (LINE_BYTES + COUNT_BYTES * (machine.cpus ?? 2))
  if (table > SINGLE.fileBytes) {
    mistakes.add('cpus', `with ${vectors} vectors /proc/interrupts has ${table} bytes, more than ${SINGLE.fileBytes}`)
  }
}

/** What shows only when names inside tables, labels of the tree and paths of faults are looked up. */
function checkBuild(machine: MachineDescription, mistakes: Mistakes): void {
  let plan: MachinePlan | undefined
  const planned = (): MachinePlan => (plan ??= planMachine(machine))
  const attempts: readonly (readonly [path: string, attempt: () => unknown])[] = [
    ['rootComplexes', planned],
    ['acpi', () => (machine.firmware === 'acpi' ? acpiTables(planned()) : undefined)],
    ['deviceTree', () => machine.firmware === 'devicetree' && encodeDeviceTree(deviceTreeSource(planned()))],
    ['faults', () => (machine.faults ?? []).length > 0 && emulateMachine(machine)],
  ]
  for (const [path, attempt] of attempts) {
    try {
      attempt()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      mistakes.add(path, error.message)
      return
    }
  }
}
