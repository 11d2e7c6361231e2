import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { atLeast } from '../../kernel/release.js'
import { hex } from '../../machine/identifiers.js'
import {
  binding,
  treeRule,
  linuxOf,
  propertyEvidence,
  type TreeBridge,
  type TreeCase,
} from '../devicetree/devicetree-judgement.js'
import { functionsWhere, isWay, type PresentId } from '../present-ids.js'
import type { OutcomeItem, Severity } from '../rule.js'

/** One less than a whole number of buses: the habit of IORT, whose field counts so. */
const isOneShort = (length: number) => length > 0xff && (length & 0xff) === 0xff

function faultOf(
  at: TreeCase,
  entry: OfMapEntry,
): readonly [message: string, severity: Severity, linux: string] | undefined {
  const { idBase, length } = entry
  if (length === 0) return ['zero', 'medium', 'Linux matches no id with it.']
  // Up to 7.1 an end of exactly 2^32 is 0 in 32 bits.
  if (idBase + length >= 0x1_0000_0000) {
    const old = at.release !== undefined && !atLeast(at.release, 7, 2)
    const linux = 'Up to 7.1 the end wraps around and Linux matches no id with it.'
    return old || !at.release ? ['wraps', 'medium', linux] : undefined
  }
  return isOneShort(length)
    ? ['one-short', 'low', 'Linux takes the length for the number of ids: the last one is outside.']
    : undefined
}

function ofEntry(at: TreeCase, bridge: TreeBridge, name: OfMapName, entry: OfMapEntry): OutcomeItem[] {
  const fault = faultOf(at, entry)
  if (!fault) return []
  const [message, severity, linux] = fault
  const { idBase, length, index } = entry
  const last = idBase + length
  const isPast = ({ requesterId, stream, device }: PresentId) => {
    const answer = name === 'iommu-map' ? stream : device
    return requesterId === last && answer !== undefined && !isWay(answer) && answer.why === 'no-match'
  }
  const devices = functionsWhere(at, isPast, bridge)
  return [
    {
      subject: bridge.node.path,
      devices,
      message,
      details: {
        bridge: bridge.node.path,
        map: name,
        index: String(index),
        idBase: hex(idBase),
        length: hex(length),
        last: hex(last),
      },
      linux,
      evidence: [propertyEvidence(bridge.node, name)],
      severity,
    },
  ]
}

export const mapLength = treeRule({
  id: 'IR314',
  slug: 'map-length',
  title: 'The length of a map entry is not a number of ids',
  severity: 'medium',
  effect: 'none',
  checks:
    'The length of every entry of iommu-map and msi-map of the enabled host bridges: zero, one less than whole buses, or past 32 bits.',
  why: 'Ids that the author thought covered are outside the map: such a function is behind no IOMMU or raises its MSIs past the ITS.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Write the number of ids, as 0x10000 for all RequesterIDs; IORT has one less, the tree has not.',
    },
  ],
  limits: 'A length that is wrong by more than one cannot be told from a right one.',
  references: [binding('pci/pci-iommu.txt'), binding('pci/pci-msi.txt'), linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    zero: 'Entry {index} of {map} on {bridge} has the length 0.',
    wraps:
      'Entry {index} of {map} on {bridge} begins at {idBase} and has the length {length}, which ends past 32 bits.',
    'one-short':
      'Entry {index} of {map} on {bridge} has the length {length}, one less than whole buses: id {last} is outside{affects}.',
  },
  judge: (at) => {
    const failed = at.maps.flatMap(({ bridge, name, map }) =>
      map.reading.entries.flatMap((entry) => ofEntry(at, bridge, name, entry)),
    )
    return { failed, applicable: at.maps.length > 0 }
  },
})
