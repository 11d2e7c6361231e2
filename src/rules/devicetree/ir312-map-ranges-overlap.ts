import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { functionsByEntry } from './devicetree-functions.js'
import {
  binding,
  idWords,
  judgeTree,
  linuxOf,
  propertyEvidence,
  TREE_MESSAGES,
  type TreeBridge,
  type TreeCase,
} from './devicetree-judgement.js'
import { affectsWords } from '../function-words.js'
import type { OutcomeItem, Rule, Severity } from '../rule.js'

const lastOf = (entry: OfMapEntry) => entry.idBase + entry.length - 1

function kindOf(left: OfMapEntry, right: OfMapEntry): readonly [message: string, severity: Severity] {
  if (left.target !== right.target || left.phandle !== right.phandle) return ['other-target', 'medium']
  const same = left.outBase - left.idBase === right.outBase - right.idBase
  return same ? ['same', 'info'] : ['other-output', 'medium']
}

function item(at: TreeCase, bridge: TreeBridge, name: OfMapName, left: OfMapEntry, right: OfMapEntry): OutcomeItem {
  const [message, severity] = kindOf(left, right)
  const [earlier, later] = left.index < right.index ? [left, right] : [right, left]
  const devices = message === 'same' ? [] : functionsByEntry(at, bridge, name, earlier.index)
  const ids = { first: Math.max(left.idBase, right.idBase), last: Math.min(lastOf(left), lastOf(right)) }
  return {
    subject: bridge.node.path,
    devices,
    message,
    details: {
      bridge: bridge.node.path,
      map: name,
      first: String(earlier.index),
      second: String(later.index),
      ids: idWords(ids),
      devices: affectsWords(devices),
      linux: 'Linux takes the entry that stands first.',
    },
    evidence: [propertyEvidence(bridge.node, name)],
    severity,
  }
}

/** Each entry against the one before it that reaches furthest: enough to find every entry that overlaps another. */
function ofMap(at: TreeCase, bridge: TreeBridge, name: OfMapName, entries: readonly OfMapEntry[]): OutcomeItem[] {
  const items: OutcomeItem[] = []
  let furthest: OfMapEntry | undefined
  const filled = entries.filter(({ length }) => length > 0)
  for (const entry of filled.toSorted((left, right) => left.idBase - right.idBase)) {
    if (furthest && lastOf(furthest) >= entry.idBase) items.push(item(at, bridge, name, furthest, entry))
    if (!furthest || lastOf(entry) > lastOf(furthest)) furthest = entry
  }
  return items
}

export const mapRangesOverlap: Rule = {
  id: 'IR312',
  slug: 'map-ranges-overlap',
  title: 'Two entries of one map hold the same ids',
  scope: 'firmware',
  severity: 'medium',
  effect: 'none',
  checks: 'The id ranges of iommu-map and of msi-map of the enabled host bridges, each map for itself.',
  why: 'The tree says two things about one function: which controller, StreamID or DeviceID it has depends on who reads it.',
  remedy: [{ actor: 'firmware', text: 'Let every RequesterID stand in one entry of a map.' }],
  limits: 'Which of the two is true of the hardware cannot be seen.',
  references: [binding('pci/pci-iommu.txt'), binding('pci/pci-msi.txt'), linuxOf('drivers/of/base.c: of_map_id')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    'other-target':
      'Entries {first} and {second} of {map} on {bridge} both hold {ids} and lead to different controllers{devices}. {linux}',
    'other-output':
      'Entries {first} and {second} of {map} on {bridge} both hold {ids} and give different ids{devices}. {linux}',
    same: 'Entries {first} and {second} of {map} on {bridge} both hold {ids} and say the same. {linux}',
  },
  check: (subject) =>
    judgeTree(subject, false, (at) => {
      const maps = at.bridges.flatMap((bridge) => bridge.maps.map((one) => ({ bridge, ...one })))
      const failed = maps.flatMap(({ bridge, name, map }) => ofMap(at, bridge, name, map.reading.entries))
      return { failed, applicable: maps.some(({ map }) => map.reading.entries.length > 1) }
    }),
}
