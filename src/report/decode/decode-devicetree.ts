import { Budget } from '../../budget/budget.js'
import { SINGLE } from '../../budget/limits.js'
import {
  hostBridgeBindingOf,
  interruptControllerOf,
  iommuKindOf,
  msiProviderOf,
} from '../../machine/devicetree-bindings.js'
import type { DeviceTreeBlob } from '../../machine/devicetree-blob.js'
import { isEnabled, walkNodes, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import {
  byForm,
  cellValue,
  emptyValue,
  mapValue,
  rangesValue,
  referenceValue,
  regValue,
  stringValue,
  type TypedValue,
} from './decode-devicetree-value.js'
import type { DecodedDeviceTree, DecodedNode, DecodedProperty, DecodedValue } from './decoded-devicetree.js'

type Reader = (owner: { tree: DeviceTree; node: DeviceTreeNode }, bytes: Uint8Array) => TypedValue

const withCells =
  (name: '#iommu-cells' | '#msi-cells' | undefined): Reader =>
  (owner, bytes) =>
    referenceValue(owner, bytes, name)

const named = (reader: Reader, ...names: readonly string[]): (readonly [string, Reader])[] =>
  names.map((name) => [name, reader])

/** Properties whose type their binding fixes (devicetree specification 0.4, devicetree.md). */
const READERS: ReadonlyMap<string, Reader> = new Map([
  ...named(stringValue, 'compatible', 'model', 'status', 'device_type', 'label', 'bootargs', 'stdout-path'),
  ...named(stringValue, 'enable-method', 'method'),
  ...named(cellValue, 'phandle', 'linux,phandle', 'bus-range', 'linux,pci-domain', 'stream-match-mask'),
  ...named(cellValue, 'iommu-map-mask', 'msi-map-mask', 'mbi-ranges', 'mbi-alias', 'interrupts'),
  ...named(cellValue, 'arm,msi-base-spi', 'arm,msi-num-spis', 'socionext,synquacer-pre-its', 'iommu-addresses'),
  ...named(emptyValue, 'dma-coherent', 'dma-noncoherent', 'msi-controller', 'ats-supported', 'external-facing'),
  ...named(regValue, 'reg'),
  ...named(rangesValue, 'ranges', 'dma-ranges'),
  ...named(withCells(undefined), 'interrupt-parent', 'memory-region'),
  ...named(withCells('#msi-cells'), 'msi-parent'),
  ...named(withCells('#iommu-cells'), 'iommus'),
  ...named((owner, bytes) => mapValue(owner, bytes, 'iommu-map'), 'iommu-map'),
  ...named((owner, bytes) => mapValue(owner, bytes, 'msi-map'), 'msi-map'),
])

function readerOf(name: string): Reader | undefined {
  const reader = READERS.get(name)
  if (reader) return reader
  if (name.endsWith('-names')) return stringValue
  return /^#.*-cells$/.test(name) ? cellValue : undefined
}

function decodeProperty(tree: DeviceTree, node: DeviceTreeNode, name: string, fact: Fact<Uint8Array>): DecodedProperty {
  const at = fact.from[0]?.at
  const place = at ? { offset: hex(at.offset) } : {}
  const base = { name, ...place, length: at?.length ?? ('unknown' as const) }
  if (fact.state !== 'known') {
    const reason = fact.state === 'unreadable' ? fact.reason : 'not read'
    return { ...base, typedBy: 'form', value: { type: 'unreadable', reason } }
  }
  const { length } = fact.value
  if (length > SINGLE.shownBytes) {
    const leftOut = length - SINGLE.shownBytes
    return { ...base, length, typedBy: 'form', value: byForm(fact.value.subarray(0, SINGLE.shownBytes)), leftOut }
  }
  const bytes = fact.value
  const typed = readerOf(name)?.({ tree, node }, bytes)
  if (typed === undefined) return { ...base, length, typedBy: 'form', value: byForm(bytes) }
  if (typeof typed !== 'string') return { ...base, length, typedBy: 'binding', value: typed }
  return { ...base, length, typedBy: 'form', value: byForm(bytes), fault: typed }
}

function rolesOf(node: DeviceTreeNode): readonly string[] {
  const iommu = iommuKindOf(node)
  const msi = msiProviderOf(node)
  const bridge = hostBridgeBindingOf(node)
  const interrupts = interruptControllerOf(node)
  const roles: string[] = []
  if (iommu.state === 'known' && iommu.value !== 'none') roles.push(`iommu ${iommu.value}`)
  if (msi.state === 'known' && msi.value !== 'none') roles.push(`msi ${msi.value.kind}`)
  if (bridge.state === 'known' && bridge.value !== 'none') roles.push(`host-bridge ${bridge.value.family}`)
  if (interrupts.state === 'known' && interrupts.value !== 'none')
    roles.push(`interrupt-controller ${interrupts.value}`)
  return roles
}

function statusOf(node: DeviceTreeNode): DecodedNode['status'] {
  const enabled = isEnabled(node)
  return enabled.state === 'known' ? (enabled.value ? 'enabled' : 'disabled') : 'unknown'
}

/** Values that a line of `decode`, or of its JSON, has each. */
function rowsOf(value: DecodedValue): number {
  switch (value.type) {
    case 'empty':
    case 'unreadable':
      return 1
    case 'strings':
      return value.strings.length
    case 'cells':
      return value.cells.length
    case 'bytes':
      return Math.ceil(value.hex.length / 32)
    case 'reg':
    case 'ranges':
    case 'references':
      return 3 * value.entries.length
    case 'id-map':
      return 4 * value.entries.length
  }
}

/** Properties as many as `budget` has rows for; those whose names alone are known are as good as a value. */
function decodeProperties(
  tree: DeviceTree,
  node: DeviceTreeNode,
  budget: Budget,
): Pick<DecodedNode, 'properties' | 'propertiesLeftOut'> {
  const properties: DecodedProperty[] = []
  const take = (property: DecodedProperty): boolean => {
    const fits = budget.takeInOrder('rows', 1 + rowsOf(property.value))
    if (fits) properties.push(property)
    return fits
  }
  const unread = [...(node.unread ?? [])]
  const isWhole =
    [...node.properties].every(([name, fact]) => take(decodeProperty(tree, node, name, fact))) &&
    unread.every((name) =>
      take({ name, length: 'unknown', typedBy: 'form', value: { type: 'unreadable', reason: 'not read' } }),
    )
  const propertiesLeftOut = node.properties.size + unread.length - properties.length
  return isWhole ? { properties } : { properties, propertiesLeftOut }
}

function decodeNode(tree: DeviceTree, node: DeviceTreeNode, budget: Budget): DecodedNode {
  return {
    path: node.path,
    ...(node.offset === undefined ? {} : { offset: hex(node.offset) }),
    status: statusOf(node),
    roles: rolesOf(node),
    incomplete: node.incomplete ?? 'none',
    ...decodeProperties(tree, node, budget),
  }
}

/** Nodes as many as `budget` has rows for, and how many more there are. */
function decodeNodes(tree: DeviceTree | undefined, budget: Budget): Pick<DecodedDeviceTree, 'nodes' | 'nodesLeftOut'> {
  const nodes: DecodedNode[] = []
  if (!tree) return { nodes }
  let nodesLeftOut = 0
  for (const node of walkNodes(tree.root)) {
    // A path is as long as its nodes' names together.
    const rows = 1 + Math.ceil(node.path.length / SINGLE.shownPath)
    if (nodesLeftOut === 0 && budget.takeInOrder('rows', rows)) nodes.push(decodeNode(tree, node, budget))
    else nodesLeftOut += 1
  }
  return { nodes, ...(nodesLeftOut > 0 && { nodesLeftOut }) }
}

/** Reservations as many as `budget` has rows for. */
function decodeReservations(
  { reservations }: DeviceTreeBlob,
  budget: Budget,
): Pick<DecodedDeviceTree, 'reservations' | 'reservationsLeftOut'> {
  const shown = reservations.filter(() => budget.takeInOrder('rows'))
  const leftOut = reservations.length - shown.length
  const entries = shown.map(({ offset, address, size }) => ({
    offset: hex(offset),
    address: hex(address),
    size: hex(size),
  }))
  return { reservations: entries, ...(leftOut > 0 && { reservationsLeftOut: leftOut }) }
}

/**
 * A blob as plain data: every node and property that could be read, typed where the binding is known, phandles resolved.
 *
 * @param name of the file, as the user gave it
 * @param budget whose rows the values are charged to
 */
export function decodeDeviceTreeBlob(name: string, blob: DeviceTreeBlob, budget = new Budget()): DecodedDeviceTree {
  const { header, tree } = blob
  const head = header && {
    version: header.version,
    lastCompatibleVersion: header.lastCompatibleVersion,
    totalSize: header.totalSize,
    bootProcessor: hex(header.bootProcessor),
  }
  return {
    kind: 'devicetree',
    form: 'blob',
    name,
    ...(head ? { header: head } : {}),
    ...decodeReservations(blob, budget),
    damaged: blob.damaged,
    complete: tree?.complete ?? false,
    ...decodeNodes(tree, budget),
    diagnostics: blob.diagnostics.map(({ path, offset, message }) => ({ path, offset: hex(offset), message })),
  }
}

/** A tree that the kernel shows as files, as plain data. What its boot blob contradicts is among the diagnostics. */
export function decodeDeviceTreeDirectory(name: string, tree: DeviceTree, budget = new Budget()): DecodedDeviceTree {
  const contradictions = (tree.disagreements ?? []).map(({ path, property, kind }) => {
    const what = property === undefined ? `node ${path}` : `property ${property} of ${path}`
    const verb = kind === 'missing' ? 'is in the boot blob but not here' : 'has other bytes in the boot blob'
    return { path: name, offset: '0x0', message: `Device tree: the ${what} ${verb}.` }
  })
  return {
    kind: 'devicetree',
    form: 'directory',
    name,
    reservations: [],
    damaged: false,
    complete: tree.complete,
    ...decodeNodes(tree, budget),
    diagnostics: contradictions,
  }
}
