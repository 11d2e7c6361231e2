import type { KernelContext } from '../../kernel/context.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { deviceTableOf, type MsiController } from '../../kernel/msi/msi-controller.js'
import type { IdMapping, IortNode, IortTable } from '../../machine/iort.js'
import type { RouteMap } from '../../routes/route.js'
import type { DeviceIdRange, DeviceIdRanges } from './device-id-range.js'
import { treeDeviceIdRanges } from './device-id-ranges-devicetree.js'

const IORT = 'sys/firmware/acpi/tables/IORT'
const MOST_RANGES = 100_000

interface IdSpan {
  readonly first: number
  readonly last: number
}

/** What of `span` the mapping takes, as output ids. */
function through(mapping: IdMapping, span: IdSpan): IdSpan | undefined {
  if (mapping.singleMapping) return { first: mapping.outputBase, last: mapping.outputBase }
  const first = Math.max(span.first, mapping.inputBase)
  const last = Math.min(span.last, mapping.inputBase + mapping.idCount)
  if (first > last) return undefined
  return { first: first - mapping.inputBase + mapping.outputBase, last: last - mapping.inputBase + mapping.outputBase }
}

/** DeviceID ranges that a node's ids lead to: straight to an ITS group, or through one SMMU. */
function spansFrom(
  table: IortTable,
  node: IortNode,
  span: IdSpan,
): { readonly itsId: number; readonly ids: IdSpan; readonly mapping: IdMapping }[] {
  const found: { itsId: number; ids: IdSpan; mapping: IdMapping }[] = []
  for (const mapping of node.mappings) {
    const ids = through(mapping, span)
    const target = ids && iortNodeAt(table, mapping.outputReference)
    if (!ids || !target || found.length > MOST_RANGES) continue
    if (target.type === 'its-group') {
      const [itsId] = target.itsIds
      if (itsId !== undefined) found.push({ itsId, ids, mapping })
    } else if (target.type === 'smmu' || target.type === 'smmuv3') {
      for (const onward of target.mappings) {
        // On an SMMU a single mapping is for the SMMU's own interrupts.
        const out = onward.singleMapping ? undefined : through(onward, ids)
        const group = out && iortNodeAt(table, onward.outputReference)
        const [itsId] = group?.type === 'its-group' ? group.itsIds : []
        if (out && itsId !== undefined) found.push({ itsId, ids: out, mapping: onward })
      }
    }
  }
  return found
}

function acpiRanges(context: KernelContext, controllers: readonly MsiController[]): DeviceIdRange[] {
  const { iort, mcfg } = context.machine.acpi
  if (iort.state !== 'known') return []
  const table = iort.value
  const keys = new Map(
    controllers
      .filter(({ node }) => node === undefined)
      .map((controller) => [controller.id, deviceTableOf(controller)]),
  )
  const ranges: DeviceIdRange[] = []
  const add = (node: IortNode, span: IdSpan, owner: string, kind: DeviceIdRange['kind']) => {
    for (const { itsId, ids, mapping } of spansFrom(table, node, span)) {
      const its = keys.get(String(itsId))
      const from = { path: IORT, at: { offset: mapping.offset, length: 20 } }
      if (its !== undefined && ranges.length < MOST_RANGES) ranges.push({ its, ...ids, owner, kind, from })
    }
  }
  const segments = new Set<number>()
  for (const node of table.nodes) {
    if (node.type === 'root-complex') {
      // Linux uses the first node of a segment only.
      if (segments.has(node.segment)) continue
      segments.add(node.segment)
      const buses = mcfg.state === 'known' ? mcfg.value.allocations.filter((at) => at.segment === node.segment) : []
      const spans =
        buses.length > 0
          ? buses.map(({ startBus, endBus }) => ({ first: startBus << 8, last: (endBus << 8) | 0xff }))
          : [{ first: 0, last: 0xffff }]
      for (const span of spans) add(node, span, `PCI segment ${node.segment}`, 'root-complex')
    } else if (node.type === 'named-component') {
      add(node, { first: 0, last: 0xffffffff }, node.objectName, 'device')
    }
  }
  return ranges
}

/** All that firmware describes. */
export function deviceIdRanges(map: RouteMap): DeviceIdRanges {
  const byTree = treeDeviceIdRanges(map.context, map.controllers)
  return { ranges: [...byTree.ranges, ...acpiRanges(map.context, map.controllers)], unread: byTree.unread }
}

/** DeviceIDs of one ITS that belong to two owners. */
export interface Overlap {
  readonly its: string
  readonly first: number
  readonly last: number
  readonly ranges: readonly [DeviceIdRange, DeviceIdRange]
}

/**
 * Where ranges of different owners overlap. Each range is held against the range of another owner that reaches furthest
 * among those that begin before it: the overlaps found cover every DeviceID with two owners.
 */
export function overlapsOf(ranges: readonly DeviceIdRange[]): Overlap[] {
  const sorted = [...ranges].sort((left, right) =>
    left.its < right.its ? -1 : left.its > right.its ? 1 : left.first - right.first,
  )
  const overlaps: Overlap[] = []
  let furthest: DeviceIdRange | undefined
  let furthestOther: DeviceIdRange | undefined
  for (const range of sorted) {
    if (furthest?.its !== range.its) {
      furthest = undefined
      furthestOther = undefined
    }
    const rival = furthest?.owner === range.owner ? furthestOther : furthest
    if (rival && rival.last >= range.first)
      overlaps.push({
        its: range.its,
        first: range.first,
        last: Math.min(range.last, rival.last),
        ranges: [rival, range],
      })
    if (!furthest || range.last > furthest.last) {
      if (furthest && furthest.owner !== range.owner) furthestOther = furthest
      furthest = range
    } else if (range.owner !== furthest.owner && (!furthestOther || range.last > furthestOther.last)) {
      furthestOther = range
    }
  }
  return overlaps
}
