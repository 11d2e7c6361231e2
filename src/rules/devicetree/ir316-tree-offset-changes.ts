import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { within } from '../../kernel/ids/id-ranges.js'
import { lookupTableOf, mapsDeviceByDevice } from '../../kernel/ids/lookup-table.js'
import { isAvailable } from '../../kernel/ids/tree-bridges.js'
import type { MappedIds } from '../../kernel/ids/tree-ways.js'
import { msiProviderOf } from '../../machine/devicetree-bindings.js'
import type { DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { functionsWhere } from './devicetree-functions.js'
import {
  binding,
  idWords,
  isPlaceholder,
  judgeTree,
  propertyEvidence,
  TREE_MESSAGES,
  type TreeBridge,
  type TreeCase,
} from './devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import type { OutcomeItem, Rule } from '../rule.js'

interface Offset {
  readonly first: number
  readonly last: number
  readonly offset: number
}

function isIts(node: DeviceTreeNode): boolean {
  const provider = msiProviderOf(node)
  if (provider.state !== 'known' || provider.value === 'none') return false
  return provider.value.kind === 'its' || provider.value.kind === 'gicv5-its'
}

/** Offset in hexadecimal with its sign. */
const signed = (offset: number): string => (offset < 0 ? `-${hex(-offset)}` : `+${hex(offset)}`)

function changing(offsets: readonly Offset[]): string | undefined {
  const byOffset = new Map(offsets.map((at) => [at.offset, at]))
  if (byOffset.size < 2) return undefined
  const shown = [...byOffset].slice(0, 3).map(([offset, range]) => `${signed(offset)} for ${idWords(range)}`)
  return byOffset.size > 3 ? `${shown.join(', ')} and ${byOffset.size - 3} more` : shown.join(', ')
}

const fromRequester = ({ first, last, output }: MappedIds): Offset => ({ first, last, offset: output - first })

/** DeviceID minus StreamID where both maps hold an id. */
function fromStream(streams: readonly MappedIds[], devices: readonly MappedIds[]): readonly Offset[] {
  return devices.flatMap((device) =>
    [...within(streams, device)].map(([stream, { first, last }]): Offset => {
      const deviceId = device.output + (first - device.first)
      return { first, last, offset: deviceId - (stream.output + (first - stream.first)) }
    }),
  )
}

/** Ranges of a map in ascending order; from a target that is disabled nothing follows: rule IR302 speaks of it. */
function rangesTo(bridge: TreeBridge, name: OfMapName, target?: DeviceTreeNode): readonly MappedIds[] {
  const mapped = bridge.maps.flatMap((one) => (one.name === name ? one.routing.mapped : []))
  return mapped.filter((range) => (target === undefined || range.target === target) && isAvailable(range.target))
}

function hasLookupTable({ node, maps }: TreeBridge): boolean {
  return lookupTableOf(node) !== undefined || maps.every(({ map }) => mapsDeviceByDevice(map))
}

function ofBridge(at: TreeCase, bridge: TreeBridge): OutcomeItem[] {
  const { iommuMap, msiMap, node } = bridge
  const all = rangesTo(bridge, 'msi-map')
  const targets = new Set(all.map(({ entry }) => entry.target))
  return [...targets].flatMap((its): OutcomeItem[] => {
    if (typeof its === 'string' || !isIts(its)) return []
    const devices = rangesTo(bridge, 'msi-map', its)
    const streams = rangesTo(bridge, 'iommu-map').filter((range) => within(devices, range).next().done !== true)
    const behind = streams.length > 0
    // With different masks the two maps count differently: rule IR305.
    const comparable = iommuMap.state === 'known' && msiMap.state === 'known' && iommuMap.mask === msiMap.mask
    // A lookup table has the offset that each of its entries has; what it gives both controllers is one id.
    const looksUp = hasLookupTable(bridge)
    const stream = looksUp ? undefined : changing(streams.map(fromRequester))
    const device = behind
      ? comparable && !isPlaceholder(at, node)
        ? changing(fromStream(streams, devices))
        : undefined
      : looksUp
        ? undefined
        : changing(devices.map(fromRequester))
    const functions = functionsWhere(
      at,
      bridge,
      'msi-map',
      (answer) => answer.kind === 'matched' && answer.target === its,
    )
    const item = (message: string, offsets: string): OutcomeItem => ({
      subject: node.path,
      devices: functions,
      message,
      details: {
        bridge: node.path,
        its: its.path,
        offsets,
        devices: affectsWords(functions),
        linux: 'Linux takes each entry as it stands.',
      },
      evidence: [
        ...(behind ? [propertyEvidence(node, 'iommu-map')] : []),
        ...(message === 'stream' ? [] : [propertyEvidence(node, 'msi-map')]),
      ],
      severity: behind ? 'medium' : 'low',
    })
    return [
      ...(stream === undefined ? [] : [item('stream', stream)]),
      ...(device === undefined ? [] : [item(behind ? 'device-behind-iommu' : 'device', device)]),
    ]
  })
}

export const treeOffsetChanges: Rule = {
  id: 'IR316',
  slug: 'tree-offset-changes',
  title: 'The offset from RequesterID to StreamID or DeviceID is not constant in the tree',
  scope: 'firmware',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'For every enabled host bridge and ITS: StreamID minus RequesterID and DeviceID minus StreamID; without an IOMMU DeviceID minus RequesterID.',
  why: 'Isolation rests on the DeviceID that hardware sends along. Where the tree needs several offsets, it may be wrong about some devices.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Check the maps against the wiring or the lookup table of the host bridge, and use one offset where that is what the hardware does.',
    },
  ],
  limits:
    'What the hardware really sends cannot be seen. Host bridges with a lookup table have changing offsets by design: those that are known to have one, and those whose ids are given device by device, are held to one offset between StreamID and DeviceID alone.',
  references: [binding('pci/pci-msi.txt'), bsaRule('ITS_DEV_7'), bsaRule('ITS_DEV_8')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    stream:
      'From RequesterID to StreamID the maps of {bridge} to {its} have changing offsets: {offsets}{devices}. {linux}',
    'device-behind-iommu':
      'From StreamID to DeviceID the maps of {bridge} to {its} have changing offsets: {offsets}{devices}. {linux}',
    device:
      'From RequesterID to DeviceID the map of {bridge} to {its} has changing offsets: {offsets}{devices}. {linux}',
  },
  check: (subject) =>
    judgeTree(subject, true, (at) => ({
      failed: at.bridges.flatMap((bridge) => ofBridge(at, bridge)),
      applicable: at.bridges.some(({ msiMap }) => msiMap.state === 'known'),
    })),
}
