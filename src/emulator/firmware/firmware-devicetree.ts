import { toInteger } from '../byte-record.js'
import { writeDeviceTreeDirectory } from './devicetree-directory.js'
import { encodeDeviceTree, wideCells, type NodeSource, type PropertySource } from './devicetree-source.js'
import { writeFdt } from './fdt-writer.js'
import { controllerNodes, gicLabel } from './generated-interrupt-nodes.js'
import { numberOf, type MapEntry } from '../plan/id-map.js'
import { smmuGsiv } from '../plan/interrupts.js'
import { iommuCompatible, iommuNode } from '../plan/iommu-places.js'
import type { DeviceTreeOverrides, IommuDescription, Integer } from '../machine-description.js'
import { writePlatformDevice } from '../platform-files.js'
import {
  ecamOf,
  hostBridgeName,
  hostBridgeNode,
  longName,
  ridOf,
  type MachinePlan,
  type PlannedComplex,
} from '../plan/planned-machine.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

/** Device tree as sysfs directory and as blob, and the host bridges' platform devices. */
export function writeDeviceTree(plan: MachinePlan, builder: SysfsBuilder): void {
  const root = encodeDeviceTree(deviceTreeSource(plan))
  const base = 'sys/firmware/devicetree/base'
  writeDeviceTreeDirectory(root, builder, base)
  builder.link('proc/device-tree', base)
  if (plan.description.privilege === 'nobody') builder.forbidden('sys/firmware/fdt')
  else builder.file('sys/firmware/fdt', writeFdt(root))
  for (const { description } of plan.complexes) {
    if (description.parentPath !== undefined) continue
    const compatible = description.compatible ?? ['pci-host-ecam-generic']
    const node = { name: hostBridgeNode(description), compatible, type: 'pci' }
    const path = `sys/devices/platform/${hostBridgeName(description)}`
    writePlatformDevice({ path, driver: description.driver ?? 'pci-host-generic', node }, builder)
  }
}

/** The tree that the description stands for, with its overrides applied. */
export function deviceTreeSource(plan: MachinePlan): NodeSource {
  const { deviceTree = {}, kernel, cpus = 2, architecture } = plan.description
  const children: Record<string, NodeSource> = {
    chosen: { properties: { bootargs: kernel.commandLine ?? '' } },
    cpus: {
      properties: { '#address-cells': 1, '#size-cells': 0 },
      children: Object.fromEntries(
        Array.from({ length: cpus }, (_, cpu) => [
          `cpu@${cpu.toString(16)}`,
          {
            properties: { device_type: 'cpu', compatible: architecture === 'arm64' ? 'arm,armv8' : 'riscv', reg: cpu },
          },
        ]),
      ),
    },
    'memory@40000000': { properties: { device_type: 'memory', reg: [0, 0x40000000, 0, 0x40000000] } },
    ...controllerNodes(plan),
  }
  let smmus = 0
  for (const iommu of plan.iommus.values()) {
    if (iommu.function === undefined) children[iommuNode(iommu)] = iommuSource(iommu, smmus++)
  }
  for (const complex of plan.complexes) children[hostBridgeNode(complex.description)] = complexSource(plan, complex)
  const root: NodeSource = {
    properties: {
      '#address-cells': 2,
      '#size-cells': 2,
      compatible: [...(deviceTree.compatible ?? ['emulated,board'])],
      model: deviceTree.model ?? plan.description.title ?? plan.description.name,
      ...(architecture === 'arm64' ? { 'interrupt-parent': [`&${gicLabel(plan.description)}`] } : {}),
    },
    children: { ...children, ...deviceTree.nodes },
  }
  return applyOverrides(root, '/', deviceTree)
}

const cells64 = (value: Integer | bigint): readonly [number, number] => wideCells(toInteger(value))

function iommuSource(iommu: IommuDescription, index: number): NodeSource {
  const gsiv = smmuGsiv(index)
  const size = iommu.type === 'smmuv3' ? 0x20000 : iommu.type === 'smmuv2' ? 0x800000 : 0x1000
  const interrupts =
    iommu.type === 'smmuv3'
      ? { interrupts: [0, gsiv - 32, 1, 0, gsiv - 29, 1], 'interrupt-names': ['eventq', 'gerror'] }
      : iommu.type === 'smmuv2'
        ? { interrupts: [0, gsiv - 32, 4], '#global-interrupts': 1 }
        : {}
  return {
    label: iommu.name,
    properties: {
      compatible: [...iommuCompatible(iommu)],
      reg: [...cells64(iommu.address ?? 0), 0, size],
      '#iommu-cells': iommu.iommuCells ?? 1,
      ...interrupts,
      ...(iommu.coherent === false ? {} : { 'dma-coherent': true }),
      ...(iommu.enabled === false ? { status: 'disabled' } : {}),
    },
  }
}

function complexSource(plan: MachinePlan, complex: PlannedComplex): NodeSource {
  const { description, segment, rootBus } = complex
  const properties: Record<string, PropertySource> = {
    compatible: [...(description.compatible ?? ['pci-host-ecam-generic'])],
    device_type: 'pci',
    reg: [...cells64(ecamOf(description)), 0, 0x10000000],
    'bus-range': [rootBus, description.endBus ?? 255],
    'linux,pci-domain': segment,
    '#address-cells': 3,
    '#size-cells': 2,
    ranges: [0x03000000, 0x80, 0, 0x80, 0, 0x10, 0],
    'dma-coherent': true,
  }
  const iommuMap = complex.iommuMap.filter(({ to }) => plan.iommus.has(to))
  const msiMap = complex.msiMap.filter(({ to }) => describesMap(plan, to))
  if (iommuMap.length > 0) properties['iommu-map'] = mapCells(iommuMap)
  if (description.iommuMapMask !== undefined) properties['iommu-map-mask'] = numberOf(description.iommuMapMask)
  if (description.msiParent) {
    properties['msi-parent'] = [`&${description.msiParent.to}`, ...(description.msiParent.cells ?? [])]
  } else if (msiMap.length > 0) properties['msi-map'] = mapCells(msiMap)
  if (description.msiMapMask !== undefined) properties['msi-map-mask'] = numberOf(description.msiMapMask)
  if (description.atsSupported) properties['ats-supported'] = true
  return { properties, children: Object.fromEntries(virtioNodes(plan, complex)) }
}

/** A private receiver of the host bridge is in no map: the bridge's own node provides it. */
function describesMap(plan: MachinePlan, name: string): boolean {
  const controller = plan.msiControllers.get(name)
  return (
    controller !== undefined &&
    ((controller.type !== 'dwc' && controller.type !== 'private') || controller.address !== undefined)
  )
}

function mapCells(map: readonly MapEntry[]): PropertySource {
  return map.flatMap(({ from, to, outputBase, count }) => [from, `&${to}`, outputBase, count])
}

/** A virtio-iommu that is a PCI function has a node below its host bridge. */
function virtioNodes(plan: MachinePlan, complex: PlannedComplex): readonly (readonly [string, NodeSource])[] {
  return [...plan.iommus.values()].flatMap((iommu): readonly (readonly [string, NodeSource])[] => {
    const fn = iommu.function === undefined ? undefined : plan.byName.get(longName(iommu.function))
    if (!fn || fn.complex !== complex) return []
    const { device, function: number } = fn.address
    const properties = {
      compatible: [...iommuCompatible(iommu)],
      reg: [ridOf(fn) << 8, 0, 0, 0, 0],
      '#iommu-cells': iommu.iommuCells ?? 1,
    }
    return [[`iommu@${device.toString(16)},${number}`, { label: iommu.name, properties }]]
  })
}

function applyOverrides(node: NodeSource, path: string, overrides: DeviceTreeOverrides): NodeSource {
  const own = overrides.properties?.[path]
  const properties: Record<string, PropertySource> = { ...node.properties }
  for (const [name, value] of Object.entries(own ?? {})) {
    if (value === null) delete properties[name]
    else properties[name] = value
  }
  const children = Object.entries(node.children ?? {}).map(([name, child]): [string, NodeSource] => [
    name,
    applyOverrides(child, `${path === '/' ? '' : path}/${name}`, overrides),
  ])
  return { ...node, properties, children: Object.fromEntries(children) }
}
