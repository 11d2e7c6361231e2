import { formatPciAddress, parsePciAddress } from '../machine/identifiers.js'
import { DESCRIPTION_SCHEMA } from './schema/description-schema.js'
import { encodeDeviceTree } from './firmware/devicetree-source.js'
import { emulateMachine } from './emulate.js'
import { acpiTables } from './firmware/firmware-acpi.js'
import { deviceTreeSource } from './firmware/firmware-devicetree.js'
import type { FunctionDescription, MachineDescription, RootComplexDescription } from './machine-description.js'
import { planMachine } from './plan/plan.js'
import { longName } from './plan/planned-machine.js'
import { checkSchema, type DescriptionError } from './schema/schema-check.js'

export type ParsedDescription =
  | { readonly ok: true; readonly value: MachineDescription }
  | { readonly ok: false; readonly errors: readonly DescriptionError[] }

/**
 * Takes parsed JSON for a machine description, or says where it is wrong: first its shape (the published schema), then
 * names that nothing has, addresses used twice, and parts that do not go together. What it accepts, `emulateMachine`
 * builds without throwing.
 */
export function parseMachineDescription(json: unknown): ParsedDescription {
  const errors: DescriptionError[] = []
  if (!conforms(json, errors)) return { ok: false, errors }
  for (const one of [...nameErrors(json), ...functionErrors(json), ...partErrors(json)]) errors.push(one)
  if (errors.length === 0) for (const one of buildErrors(json)) errors.push(one)
  return errors.length === 0 ? { ok: true, value: json } : { ok: false, errors: errors.slice(0, 20) }
}

function conforms(json: unknown, errors: DescriptionError[]): json is MachineDescription {
  for (const one of checkSchema(DESCRIPTION_SCHEMA, json)) errors.push(one)
  return errors.length === 0
}

function nameErrors(machine: MachineDescription): readonly DescriptionError[] {
  const errors: DescriptionError[] = []
  const iommus = new Set<string>()
  const controllers = new Set<string>()
  const collect = (list: readonly { readonly name: string }[], names: Set<string>, path: string): void =>
    list.forEach(({ name }, index) => {
      if (iommus.has(name) || controllers.has(name) || name === 'gic') {
        errors.push({ path: `${path}[${index}].name`, message: `"${name}" is taken` })
      }
      names.add(name)
    })
  collect(machine.iommus ?? [], iommus, 'iommus')
  collect(machine.msiControllers ?? [], controllers, 'msiControllers')
  const refer = (names: ReadonlySet<string>, kind: string, name: string | undefined, path: string): void => {
    if (name === undefined || names.has(name)) return
    const known = names.size === 0 ? 'there is none' : `there are ${[...names].join(', ')}`
    errors.push({ path, message: `expected the name of ${kind} (${known}), found "${name}"` })
  }
  machine.rootComplexes.forEach((complex: RootComplexDescription, index) => {
    const path = `rootComplexes[${index}]`
    refer(iommus, 'an IOMMU', complex.iommu, `${path}.iommu`)
    refer(controllers, 'an MSI controller', complex.msi, `${path}.msi`)
    refer(controllers, 'an MSI controller', complex.msiParent?.to, `${path}.msiParent.to`)
    complex.iommuMap?.forEach(({ to }, at) => refer(iommus, 'an IOMMU', to, `${path}.iommuMap[${at}].to`))
    complex.msiMap?.forEach(({ to }, at) => refer(controllers, 'an MSI controller', to, `${path}.msiMap[${at}].to`))
  })
  return errors
}

function functionErrors(machine: MachineDescription): readonly DescriptionError[] {
  const errors: DescriptionError[] = []
  const taken = new Set<string>()
  const visit = (description: FunctionDescription, segment: number, path: string): void => {
    const parsed = parsePciAddress(description.address)
    const name = parsed ? formatPciAddress({ ...parsed, segment }) : description.address
    if (taken.has(name)) errors.push({ path: `${path}.address`, message: `${name} is described already` })
    taken.add(name)
    if (description.address.length > 7 && parsed?.segment !== segment) {
      errors.push({
        path: `${path}.address`,
        message: `expected segment ${segment} or none, found ${description.address}`,
      })
    }
    const { total = 0, enabled = 0 } = description.sriov ?? {}
    if (enabled > total) {
      errors.push({
        path: `${path}.sriov.enabled`,
        message: `expected at most the total of ${total}, found ${enabled}`,
      })
    }
    description.functions?.forEach((child, index) => visit(child, segment, `${path}.functions[${index}]`))
  }
  machine.rootComplexes.forEach(({ functions, segment = 0 }, index) => {
    functions.forEach((fn, at) => visit(fn, segment, `rootComplexes[${index}].functions[${at}]`))
  })
  machine.iommus?.forEach(({ function: own, type, address }, index) => {
    const path = `iommus[${index}]`
    if (own !== undefined && !taken.has(longName(own))) {
      errors.push({ path: `${path}.function`, message: `expected a function that is described, found ${own}` })
    }
    if (own === undefined && type === 'amd-vi')
      errors.push({
        path: `${path}.function`,
        message: 'expected the PCI function that an AMD-Vi unit is, found nothing',
      })
    if (address === undefined && own === undefined) {
      errors.push({ path: `${path}.address`, message: 'expected a register base, found nothing' })
    }
  })
  return errors
}

function partErrors(machine: MachineDescription): readonly DescriptionError[] {
  const errors: DescriptionError[] = []
  const { architecture, firmware } = machine
  if (architecture === 'riscv64' && firmware === 'acpi') {
    errors.push({ path: 'firmware', message: 'expected devicetree for riscv64, found "acpi"' })
  }
  if (architecture === 'x86_64' && firmware === 'devicetree') {
    errors.push({ path: 'firmware', message: 'expected acpi for x86_64, found "devicetree"' })
  }
  if (machine.acpi && firmware !== 'acpi') errors.push({ path: 'acpi', message: `the firmware is ${firmware}` })
  if (machine.deviceTree && firmware !== 'devicetree') {
    errors.push({ path: 'deviceTree', message: `the firmware is ${firmware}` })
  }
  return errors
}

/** Errors that show only when names inside tables, labels of the tree and paths of faults are looked up. */
function buildErrors(machine: MachineDescription): readonly DescriptionError[] {
  const attempts: readonly (readonly [path: string, attempt: () => unknown])[] = [
    ['rootComplexes', () => planMachine(machine)],
    ['acpi', () => (machine.firmware === 'acpi' ? acpiTables(planMachine(machine)) : undefined)],
    ['deviceTree', () => machine.firmware === 'devicetree' && encodeDeviceTree(deviceTreeSource(planMachine(machine)))],
    ['faults', () => (machine.faults ?? []).length > 0 && emulateMachine(machine)],
  ]
  for (const [path, attempt] of attempts) {
    try {
      attempt()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return [{ path, message: error.message }]
    }
  }
  return []
}
