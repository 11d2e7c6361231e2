import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import { hasProperty, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { treeRule, propertyEvidence, treeNodeEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import { linuxOf, MAP_BINDINGS } from '../firmware-references.js'
import { functionsBy } from '../present-ids.js'
import type { OutcomeItem } from '../rule.js'

const LINUX = {
  'iommu-map': {
    missing: 'Linux finds no IOMMU for such a function (ENODEV): it gets no IOMMU group.',
    other: 'Linux waits for an IOMMU driver of that node that never comes: no driver binds to such a function.',
  },
  'msi-map': {
    missing: 'Linux gives the entry up (ENODEV) and takes the default of the bus.',
    other: 'Linux finds no MSI domain of that node and takes the default of the bus.',
  },
} as const

/** Whether a node can be what the map needs; `undefined` where that cannot be read. */
function serves(node: DeviceTreeNode, name: OfMapName): boolean | undefined {
  if (name === 'iommu-map') {
    const kind = iommuKindOf(node)
    return kind.state === 'unreadable' ? undefined : kind.state === 'known' && kind.value !== 'none'
  }
  const provider = msiProviderOf(node)
  if (provider.state === 'unreadable') return undefined
  if (provider.state === 'known' && provider.value !== 'none') return provider.value.serves === 'pci'
  // An ITS without `msi-controller` is the subject of rule IR310.
  const its = hasProperty(node, '#msi-cells')
  return its.state === 'known' && its.value
}

function ofEntry(at: TreeCase, bridge: TreeBridge, name: OfMapName, entry: OfMapEntry): OutcomeItem | undefined {
  const { target, phandle, index } = entry
  if (target === 'tree-incomplete') return undefined
  const missing = target === 'missing'
  if (!missing && serves(target, name) !== false) return undefined
  const devices = functionsBy(at, entry)
  return {
    subject: bridge.node.path,
    devices,
    message: missing ? 'missing' : 'other',
    details: {
      bridge: bridge.node.path,
      map: name,
      index: String(index),
      phandle: hex(phandle),
      target: missing ? '' : target.path,
      wanted: name === 'iommu-map' ? 'IOMMU' : 'MSI controller for PCI',
    },
    linux: LINUX[name][missing ? 'missing' : 'other'],
    evidence: [propertyEvidence(bridge.node, name), ...(missing ? [] : [treeNodeEvidence(target)])],
  }
}

export const mapTargetNoController = treeRule({
  id: 'IR301',
  slug: 'map-target-no-controller',
  title: 'A map of a host bridge leads to what is no such controller',
  severity: 'medium',
  effect: 'none',
  checks: 'The target of every entry of iommu-map and msi-map of the host bridges that are enabled.',
  why: 'The functions that the entry holds are behind no IOMMU, or raise their MSIs past the controller that was meant to check them.',
  remedy: [{ actor: 'firmware', text: 'Let the entry name the node of the IOMMU or MSI controller.' }],
  limits:
    'A phandle of the wrong controller that is one cannot be told from a right one. Nodes with #iommu-cells or msi-controller and an unknown compatible are taken for controllers.',
  references: [...MAP_BINDINGS, linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    missing: 'Entry {index} of {map} on {bridge} names phandle {phandle}, which no node has{affects}.',
    other: 'Entry {index} of {map} on {bridge} leads to {target}, which is no {wanted}{affects}.',
  },
  judge: (at) => {
    const failed = at.maps.flatMap(({ bridge, name, map }) =>
      map.reading.faults.some(({ kind }) => kind === 'length' || kind === 'bytes')
        ? []
        : map.reading.entries.flatMap((entry) => ofEntry(at, bridge, name, entry) ?? []),
    )
    return { failed, applicable: at.maps.length > 0 }
  },
})
