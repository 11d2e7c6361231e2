import { toInteger } from '../byte-record.js'
import { wideCells, type NodeSource, type PropertySource } from './devicetree-source.js'
import { gicAddress } from './generated-madt.js'
import { numberOf } from '../plan/id-map.js'
import { gicVersion } from '../plan/interrupts.js'
import type { MachineDescription, MsiControllerDescription } from '../machine-description.js'
import type { MachinePlan } from '../plan/planned-machine.js'

/** Node of the interrupt controller of an Arm machine. */
export function gicNodeName(machine: MachineDescription): string {
  return machine.gic?.node ?? `interrupt-controller@${gicAddress(machine).toString(16)}`
}

/** Label of that node: the name of the MBI controller where the distributor is one. */
export function gicLabel(machine: MachineDescription): string {
  return machine.msiControllers?.find(({ type }) => type === 'gicv3-mbi')?.name ?? 'gic'
}

/** Node of an MSI controller; those of the GIC stand below its node. */
export function controllerNodeName(controller: MsiControllerDescription): string {
  const kind = controller.type === 'gicv2m' ? 'v2m' : 'msi-controller'
  return controller.node ?? `${kind}@${toInteger(controller.address ?? 0).toString(16)}`
}

/** Interrupt and MSI controllers, as children of the root. */
export function controllerNodes(plan: MachinePlan): Readonly<Record<string, NodeSource>> {
  const controllers = [...plan.msiControllers.values()]
  const nodes: Record<string, NodeSource> = {}
  for (const controller of controllers) {
    if (controller.address === undefined || belongsToGic(controller)) continue
    nodes[controllerNodeName(controller)] = standaloneNode(controller)
  }
  if (plan.description.architecture === 'arm64') {
    nodes[gicNodeName(plan.description)] = gicNode(plan.description, controllers.filter(belongsToGic))
  }
  return nodes
}

function belongsToGic({ type }: MsiControllerDescription): boolean {
  return type === 'its' || type === 'gicv2m' || type === 'gicv5-its' || type === 'gicv3-mbi'
}

function gicNode(machine: MachineDescription, controllers: readonly MsiControllerDescription[]): NodeSource {
  const base = gicAddress(machine)
  const version = gicVersion(machine)
  const mbi = controllers.find(({ type }) => type === 'gicv3-mbi')
  const children = controllers
    .filter((controller) => controller !== mbi)
    .map((controller): [string, NodeSource] => [controllerNodeName(controller), gicChild(controller)])
  const properties: Record<string, PropertySource> = {
    compatible: version === 2 ? ['arm,gic-400'] : version === 5 ? ['arm,gic-v5'] : ['arm,gic-v3'],
    '#interrupt-cells': 3,
    'interrupt-controller': true,
    '#address-cells': 2,
    '#size-cells': 2,
    ranges: true,
  }
  if (version === 5) {
    const irs: NodeSource = {
      properties: {
        compatible: ['arm,gic-v5-irs'],
        reg: [...wideCells(base), 0, 0x10000],
        'reg-names': ['ns-config'],
        '#address-cells': 2,
        '#size-cells': 2,
        ranges: true,
      },
      children: Object.fromEntries(children),
    }
    return { label: 'gic', properties, children: { [`irs@${base.toString(16)}`]: irs } }
  }
  const second = version === 2 ? base + 0x10000n : base + 0xa0000n
  properties['reg'] = [...wideCells(base), 0, 0x10000, ...wideCells(second), 0, version === 2 ? 0x10000 : 0xf60000]
  if (mbi) {
    // The distributor itself is the MSI controller.
    properties['mbi-ranges'] = [mbi.spiBase ?? 0x2a0, mbi.spiCount ?? 0x80]
    if (mbi.msiControllerProperty !== false) properties['msi-controller'] = true
    if (mbi.msiCells !== undefined) properties['#msi-cells'] = mbi.msiCells
  }
  return { label: gicLabel(machine), properties, children: Object.fromEntries(children) }
}

function gicChild(controller: MsiControllerDescription): NodeSource {
  const base = toInteger(controller.address ?? 0)
  const properties: Record<string, PropertySource> = {
    compatible: [...(controller.compatible ?? [controller.type === 'gicv2m' ? 'arm,gic-v2m-frame' : 'arm,gic-v3-its'])],
    reg: [...wideCells(base), 0, controller.type === 'gicv2m' ? 0x1000 : 0x20000],
  }
  if (controller.msiControllerProperty !== false) properties['msi-controller'] = true
  if (controller.type === 'gicv2m') {
    if (controller.spiBase !== undefined) properties['arm,msi-base-spi'] = controller.spiBase
    if (controller.spiCount !== undefined) properties['arm,msi-num-spis'] = controller.spiCount
    if (controller.msiCells !== undefined) properties['#msi-cells'] = controller.msiCells
    return { label: controller.name, properties }
  }
  if (controller.type === 'gicv5-its') {
    const frame: NodeSource = {
      label: controller.name,
      properties: {
        reg: [...wideCells(base + 0x10000n), 0, 0x10000],
        'reg-names': ['ns-translate'],
        'msi-controller': true,
        '#msi-cells': controller.msiCells ?? 1,
      },
    }
    return {
      properties: {
        compatible: ['arm,gic-v5-its'],
        reg: [...wideCells(base), 0, 0x10000],
        'reg-names': ['ns-config'],
        '#address-cells': 2,
        '#size-cells': 2,
        ranges: true,
      },
      children: { [`msi-controller@${(base + 0x10000n).toString(16)}`]: frame },
    }
  }
  properties['#msi-cells'] = controller.msiCells ?? 1
  if (controller.preIts) {
    properties['socionext,synquacer-pre-its'] = [numberOf(controller.preIts.base), numberOf(controller.preIts.size)]
  }
  return { label: controller.name, properties }
}

function standaloneNode(controller: MsiControllerDescription): NodeSource {
  const properties: Record<string, PropertySource> = {
    compatible: [...(controller.compatible ?? [controller.type === 'imsic' ? 'riscv,imsics' : 'fsl,ls1046a-msi'])],
    reg: [...wideCells(toInteger(controller.address ?? 0)), 0, 0x10000],
  }
  if (controller.msiControllerProperty !== false) properties['msi-controller'] = true
  if (controller.msiCells !== undefined || controller.type === 'imsic') {
    properties['#msi-cells'] = controller.msiCells ?? 0
  }
  return { label: controller.name, properties }
}
