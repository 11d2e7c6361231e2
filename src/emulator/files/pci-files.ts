import { writeConfigurationSpace, type ConfigurationSpaceDescription } from './configuration-space-writer.js'
import { acsOf } from '../plan/groups.js'
import { iovaDoorbell } from '../plan/doorbells.js'
import type { MachinePlan, PlannedFunction } from '../plan/planned-machine.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')
const upper = (value: number, width: number): string => hex(value, width).toUpperCase()

/** BARs, ROM and VF BARs (a bridge also has four windows): no address is decoded by an emulated function. */
const NO_RESOURCE = `${`0x${'0'.repeat(16)} `.repeat(3).trimEnd()}\n`
const ENDPOINT_RESOURCES = NO_RESOURCE.repeat(13)
const BRIDGE_RESOURCES = NO_RESOURCE.repeat(17)

interface Identity {
  readonly vendor: number
  readonly device: number
  readonly subsystemVendor: number
  readonly subsystemDevice: number
  readonly classCode: number
  readonly revision: number
}

function pair(text: string): readonly [number, number] {
  const [left = '', right = ''] = text.split(':')
  return [Number.parseInt(left, 16) || 0, Number.parseInt(right, 16) || 0]
}

function identityOf({ description, secondaryBus }: PlannedFunction): Identity {
  const [vendor, device] = pair(description.id)
  const [subsystemVendor, subsystemDevice] = pair(description.subsystem ?? '0:0')
  const classCode = Number.parseInt(description.class ?? (secondaryBus === undefined ? '020000' : '060400'), 16)
  return { vendor, device, subsystemVendor, subsystemDevice, classCode, revision: description.revision ?? 0 }
}

/** Configuration space as the machine's reader sees it. */
function configurationOf(plan: MachinePlan, fn: PlannedFunction, identity: Identity): ConfigurationSpaceDescription {
  const { description, type, physicalFunction, secondaryBus, subordinateBus } = fn
  const { sriov } = description
  const virtual = physicalFunction !== undefined
  const acs = acsOf(fn)
  const size = plan.description.privilege === 'nobody' ? 64 : description.configSize
  const msi = description.msiCapable ?? description.msi ?? (fn.vectors[0]?.mode === 'msi' ? 1 : undefined)
  const msix = description.msixCapable ?? description.msix
  const mode = fn.vectors[0]?.mode
  const address = fn.vectors.length === 0 ? 0n : iovaDoorbell(plan, fn)
  return {
    ...identity,
    ...(virtual ? { vendor: 0xffff, device: 0xffff } : {}),
    ...(size === undefined ? {} : { size }),
    multifunction: fn.multifunction,
    busMaster: fn.driver !== undefined,
    ...(secondaryBus === undefined || subordinateBus === undefined
      ? {}
      : { bridge: { primaryBus: fn.address.bus, secondaryBus, subordinateBus } }),
    ...(msi === undefined ? {} : { msi: { vectors: msi, enabled: mode === 'msi', address } }),
    ...(msix === undefined ? {} : { msix: { vectors: Math.max(1, msix), enabled: mode === 'msix' } }),
    ...(type === 'conventional' ? {} : { pcie: type }),
    ...(acs ? { acs } : {}),
    ...(description.ari || sriov ? { ari: {} } : {}),
    ...(description.ats === undefined ? {} : { ats: { enabled: description.ats === 'enabled' } }),
    ...(description.pri === undefined ? {} : { pri: { enabled: description.pri === 'enabled' } }),
    ...(description.pasid === undefined ? {} : { pasid: { enabled: description.pasid === 'enabled' } }),
    ...(sriov
      ? {
          sriov: {
            totalVfs: sriov.total,
            numVfs: sriov.enabled ?? 0,
            firstVfOffset: sriov.firstOffset ?? 1,
            vfStride: sriov.stride ?? 1,
            vfDevice: Number.parseInt(sriov.device ?? '0', 16),
          },
        }
      : {}),
  }
}

/** Root buses, functions, their links and attributes: `/sys/bus/pci` and what it points at. */
export function writePciFiles(plan: MachinePlan, builder: SysfsBuilder): void {
  builder.directory('sys/bus/pci/devices').directory('sys/bus/pci/drivers')
  for (const complex of plan.complexes) builder.file(`${complex.path}/uevent`, '')
  for (const fn of plan.functions) writeFunction(plan, fn, builder)
}

function writeFunction(plan: MachinePlan, fn: PlannedFunction, builder: SysfsBuilder): void {
  const { path, name, driver, group, iommu, description } = fn
  const identity = identityOf(fn)
  const modalias =
    `pci:v${upper(identity.vendor, 8)}d${upper(identity.device, 8)}sv${upper(identity.subsystemVendor, 8)}` +
    `sd${upper(identity.subsystemDevice, 8)}bc${upper(identity.classCode >> 16, 2)}` +
    `sc${upper((identity.classCode >> 8) & 0xff, 2)}i${upper(identity.classCode & 0xff, 2)}`
  builder.link(`sys/bus/pci/devices/${name}`, path)
  builder.link(`${path}/subsystem`, 'sys/bus/pci')
  builder.attributes(path, {
    vendor: `0x${hex(identity.vendor, 4)}`,
    device: `0x${hex(identity.device, 4)}`,
    subsystem_vendor: `0x${hex(identity.subsystemVendor, 4)}`,
    subsystem_device: `0x${hex(identity.subsystemDevice, 4)}`,
    class: `0x${hex(identity.classCode, 6)}`,
    revision: `0x${hex(identity.revision, 2)}`,
    modalias,
    irq: fn.vectors[0]?.mode === 'msi' ? fn.vectors[0].irq : 0,
    enable: driver === undefined ? 0 : 1,
    msi_bus: 1,
    numa_node: description.numaNode ?? -1,
    driver_override: '(null)',
    dma_mask_bits: 64,
    consistent_dma_mask_bits: 64,
    ari_enabled: 0,
  })
  builder.file(
    `${path}/uevent`,
    `${driver === undefined ? '' : `DRIVER=${driver}\n`}PCI_CLASS=${upper(identity.classCode, 0)}\n` +
      `PCI_ID=${upper(identity.vendor, 4)}:${upper(identity.device, 4)}\n` +
      `PCI_SUBSYS_ID=${upper(identity.subsystemVendor, 4)}:${upper(identity.subsystemDevice, 4)}\n` +
      `PCI_SLOT_NAME=${name}\nMODALIAS=${modalias}\n`,
  )
  builder.file(`${path}/resource`, fn.secondaryBus === undefined ? ENDPOINT_RESOURCES : BRIDGE_RESOURCES)
  builder.file(`${path}/config`, writeConfigurationSpace(configurationOf(plan, fn, identity)))
  if (fn.secondaryBus !== undefined) {
    builder.attributes(path, { secondary_bus_number: fn.secondaryBus, subordinate_bus_number: fn.subordinateBus ?? 0 })
  }
  if (driver !== undefined) {
    builder.link(`${path}/driver`, `sys/bus/pci/drivers/${driver}`)
    builder.link(`sys/bus/pci/drivers/${driver}/${name}`, path)
  }
  if (group !== undefined) builder.link(`${path}/iommu_group`, `sys/kernel/iommu_groups/${group}`)
  if (group !== undefined && iommu) builder.link(`${path}/iommu`, plan.iommuPlaces.get(iommu.name)?.instance ?? '')
  for (const { irq, mode } of fn.vectors) builder.file(`${path}/msi_irqs/${irq}`, `${mode}\n`)
  writeVirtualFunctions(fn, builder)
}

function writeVirtualFunctions(fn: PlannedFunction, builder: SysfsBuilder): void {
  const { path, physicalFunction, virtualFunctions } = fn
  const { sriov } = fn.description
  if (physicalFunction) builder.link(`${path}/physfn`, physicalFunction.path)
  if (!sriov) return
  builder.attributes(path, {
    sriov_totalvfs: sriov.total,
    sriov_numvfs: virtualFunctions.length,
    sriov_offset: sriov.firstOffset ?? 1,
    sriov_stride: sriov.stride ?? 1,
    sriov_vf_device: sriov.device ?? fn.description.id.split(':')[1] ?? '0',
    sriov_drivers_autoprobe: 1,
  })
  virtualFunctions.forEach((virtual, index) => builder.link(`${path}/virtfn${index}`, virtual.path))
}
