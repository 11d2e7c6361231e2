import type { KnownMap, OfMapFault, OfMapReading } from '../../kernel/devicetree/of-map-entries.js'
import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { firstCell } from '../../kernel/devicetree/of-property.js'
import { atLeast, type KernelRelease } from '../../kernel/release.js'
import { hex } from '../../machine/identifiers.js'
import { treeRule, propertyEvidence, type TreeBridge } from './devicetree-judgement.js'
import { linuxOf, MAP_BINDINGS } from '../firmware-references.js'
import type { OutcomeItem, Severity } from '../rule.js'

const WITHOUT = {
  'iommu-map': 'no function behind the bridge gets an IOMMU from it',
  'msi-map': 'no function behind the bridge gets an MSI controller from it',
} as const

/** Which kernels say so: the one asked about, or those that read the map in this form. */
function kernels(reading: OfMapReading, release: KernelRelease | undefined): string {
  if (release) return `Linux ${release.text}`
  return reading.form === 'four-cells' ? 'Linux up to 7.1' : 'Linux from 7.2 on'
}

function words(fault: OfMapFault): readonly [message: string, details: Readonly<Record<string, string>>] {
  switch (fault.kind) {
    case 'bytes':
    case 'empty':
    case 'length':
      return [fault.kind, { size: String(fault.size) }]
    case 'masked-base':
      return [fault.kind, { index: String(fault.entry.index), idBase: hex(fault.entry.idBase) }]
    case 'wide-range':
      return [fault.kind, { index: String(fault.entry.index), cells: String(fault.entry.outCount) }]
  }
}

/** What such a kernel does with the map. */
function answerTo({ kind }: OfMapFault): string {
  switch (kind) {
    case 'empty':
      return 'takes nothing from it'
    case 'masked-base':
      return 'gives up at that entry (EFAULT), unless an earlier one holds the id'
    case 'wide-range':
      return 'refuses the ids of that entry (EINVAL)'
    case 'bytes':
    case 'length':
      return 'refuses it (EINVAL)'
  }
}

function ofReading(
  bridge: TreeBridge,
  name: OfMapName,
  map: KnownMap,
  reading: OfMapReading,
  release: KernelRelease | undefined,
  severity: Severity,
): OutcomeItem[] {
  return reading.faults.map((fault) => {
    const [message, details] = words(fault)
    return {
      subject: bridge.node.path,
      devices: bridge.functions,
      message,
      details: {
        ...details,
        bridge: bridge.node.path,
        map: name,
        mask: hex(map.mask),
        entry: reading.form === 'four-cells' ? 'four cells' : 'three cells and as many as the target says',
      },
      linux: `${kernels(reading, release)} ${answerTo(fault)}: ${WITHOUT[name]}.`,
      evidence: [propertyEvidence(bridge.node, name), propertyEvidence(bridge.node, `${name}-mask`)].slice(
        0,
        message === 'masked-base' ? 2 : 1,
      ),
      severity,
    }
  })
}

/** A target that declares more or fewer cells than an entry of the old form holds. */
function ofWidths(
  bridge: TreeBridge,
  name: OfMapName,
  map: KnownMap,
  release: KernelRelease | undefined,
): OutcomeItem[] {
  if (map.reading.form !== 'four-cells' || map.reading.faults.length > 0) return []
  if (release && atLeast(release, 7, 2)) return []
  const cellsName = name === 'iommu-map' ? '#iommu-cells' : '#msi-cells'
  const seen = new Set<string>()
  return map.reading.entries.flatMap(({ target, index }): OutcomeItem[] => {
    if (typeof target === 'string' || seen.has(target.path)) return []
    seen.add(target.path)
    const width = firstCell(target, cellsName)
    if (width.state !== 'known' || width.value === 1) return []
    const linux = 'Linux up to 7.1 passes the one cell on; from 7.2 on it wants as many as the target says.'
    const details = {
      bridge: bridge.node.path,
      map: name,
      index: String(index),
      target: target.path,
      cellsName,
      cells: String(width.value),
    }
    return [
      {
        subject: bridge.node.path,
        devices: [],
        message: 'width',
        details,
        linux,
        evidence: [propertyEvidence(bridge.node, name), propertyEvidence(target, cellsName)],
        severity: 'info',
      },
    ]
  })
}

function ofMap(bridge: TreeBridge, name: OfMapName, map: KnownMap, release: KernelRelease | undefined): OutcomeItem[] {
  const items = ofReading(bridge, name, map, map.reading, release, 'medium')
  if (!release) {
    // What both forms have against the map was said.
    const known = new Set(map.reading.faults.map(({ kind }) => kind))
    const faults = map.other.faults.filter(({ kind }) => !known.has(kind))
    if (items.length === 0 || faults.length > 0)
      for (const one of ofReading(bridge, name, map, { ...map.other, faults }, release, 'low')) items.push(one)
  }
  return [...items, ...ofWidths(bridge, name, map, release)]
}

export const mapMalformed = treeRule({
  id: 'IR303',
  slug: 'map-malformed',
  title: 'Linux cannot read a map of a host bridge',
  severity: 'medium',
  effect: 'none',
  checks:
    'Length and entries of iommu-map and msi-map of the enabled host bridges: four cells an entry up to 7.1, from 7.2 on as many output cells as #iommu-cells or #msi-cells of the target say; and id bases against the mask.',
  why: 'A map that the kernel refuses protects nothing: functions are behind no IOMMU or fall back to another MSI controller.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Write the entries in the form that the kernel in use reads, with id bases that the mask keeps.',
    },
  ],
  limits: 'Without a release both forms are tried, and what only one of them refuses is of low severity.',
  references: [...MAP_BINDINGS, linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    bytes: '{map} of {bridge} has {size} bytes, no multiple of four{affects}.',
    empty: '{map} of {bridge} is empty{affects}.',
    length: '{map} of {bridge} has {size} bytes and ends inside an entry of {entry}{affects}.',
    'masked-base':
      'Entry {index} of {map} on {bridge} begins at {idBase}, which the mask {mask} does not keep{affects}.',
    'wide-range': 'Entry {index} of {map} on {bridge} gives {cells} output cells for more than one id{affects}.',
    width: 'Entry {index} of {map} on {bridge} has one output cell, {target} says {cellsName} = {cells}.',
  },
  judge: (at) => {
    const failed = at.maps.flatMap(({ bridge, name, map }) => ofMap(bridge, name, map, at.release))
    return { failed, applicable: at.maps.length > 0 }
  },
})
