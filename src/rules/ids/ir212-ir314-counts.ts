import { hasHisiIdCountBug, iortRulesOf } from '../../kernel/iort/iort-rules.js'
import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import type { IdWay, IortStep, StuckIds } from '../../kernel/ids/id-way.js'
import {
  clientMappings,
  heldBy,
  inputRangeOf,
  isTranslating,
  overlapsOf,
  type Overlap,
  type TranslatingNode,
} from '../../kernel/ids/translations.js'
import { atLeast } from '../../kernel/release.js'
import type { IdMapping } from '../../machine/iort.js'
import { hex } from '../../machine/identifiers.js'
import { iortRule, linuxName, mappingEvidence, nodeItem, type IortCase } from '../acpi/iort-judgement.js'
import { mapItem, treeRule, type TreeCase, type TreeMap } from '../devicetree/devicetree-judgement.js'
import { iortClause, linuxIort, linuxOf, MAP_BINDINGS } from '../firmware-references.js'
import type { Found } from '../firmware-rule.js'
import { functionsWhere, isWay } from '../present-ids.js'
import type { OutcomeItem, Severity } from '../rule.js'

const EXCLUSIVE = 'takes the last ID of every range for the first one behind it'
const HISI = 'takes every ID of a range, but one less in the tables of HiSilicon HIP07 and HIP08 with OEM revision 0'
const LAST = 'takes every ID of a range, and where the next range starts with its last ID, that next range'

/** How the release asked about ends a range; all eras where it is not known. */
function rangeEndWords(at: IortCase): string {
  const [first, ...others] = [...new Set(iortRulesOf(at.release).map(({ upperBound }) => upperBound))]
  if (first === undefined || others.length > 0) {
    return `Linux up to 5.4 ${EXCLUSIVE}; 5.6 and 5.7 each ${HISI}; from 5.8 on it ${LAST}.`
  }
  const name = linuxName(at.release)
  switch (first) {
    case 'exclusive':
      return `${name} ${EXCLUSIVE}.`
    case 'inclusive-hisi':
      return `${name} ${HISI}${hasHisiIdCountBug(at.iort) ? ', of which this is one' : ', of which this is none'}.`
    case 'inclusive-last':
      return `${name} ${LAST}.`
  }
}

/** Functions whose RequesterID, or StreamID behind an SMMU, is the shared one. */
function functionsWith(at: IortCase, node: TranslatingNode, id: number): readonly string[] {
  const inputOf = (way: IdWay | StuckIds, step: IortStep, requesterId: number) =>
    'collapsed' in way && way.collapsed ? step.input : step.input + (requesterId - way.first)
  return functionsWhere(at, ({ requesterId, stream, device }) =>
    [stream, device].some((way) =>
      way?.steps.some((step) => step.node === node && 'mapping' in step && inputOf(way, step, requesterId) === id),
    ),
  )
}

function collision(at: IortCase, node: TranslatingNode, overlap: Overlap<IdMapping>): OutcomeItem {
  const { earlier, later, ids, says } = overlap
  const [left, right] = earlier.last === ids.last && later.first === ids.first ? [earlier, later] : [later, earlier]
  return nodeItem(at, node, [left.of, right.of], {
    devices: says === 'same' ? [] : functionsWith(at, node, ids.first),
    message: 'collides',
    details: {
      left: String(left.index),
      right: String(right.index),
      id: hex(ids.first),
      count: hex(left.of.idCount),
    },
    linux: rangeEndWords(at),
    severity: says === 'same' ? 'low' : 'medium',
  })
}

function ofNode(at: IortCase, node: TranslatingNode): readonly Found[] {
  const single = (mapping: IdMapping, message: string, severity: Severity): OutcomeItem => {
    const details = { count: hex(mapping.idCount), base: hex(mapping.inputBase) }
    return nodeItem(at, node, [mapping], { message, details, linux: rangeEndWords(at), severity, effect: 'none' })
  }
  const mappings = clientMappings(node, at.release)
  const found = overlapsOf(mappings)
    .filter(({ touching }) => touching)
    .map((overlap) => () => collision(at, node, overlap))
  const wrapping = node.mappings.filter((mapping) => !mapping.singleMapping && inputRangeOf(mapping) === undefined)
  const items = [...found, ...wrapping.map((mapping) => single(mapping, 'wraps', 'medium'))]
  if (found.length > 0) return items
  for (const { of, first, last } of mappings) {
    if (node.type === 'root-complex' && first <= 0xffff && last > 0xffff)
      items.push(single(of, 'past-requester-ids', 'low'))
    else if (of.idCount >= 0x100 && of.idCount % 0x100 === 0 && first % 0x100 === 0)
      items.push(single(of, 'round', 'info'))
  }
  return items
}

/** A sound table on a release that loses the last ID of every range. */
function lostLastIds(at: IortCase): readonly OutcomeItem[] {
  if (iortRulesOf(at.release).some(({ upperBound }) => upperBound !== 'exclusive')) return []
  const all = at.iort.nodes.filter(isTranslating).flatMap((node) => clientMappings(node, at.release))
  const alone = all.filter(({ of }) => of.idCount === 0)
  const [first] = alone.length > 0 ? alone : all
  if (!first) return []
  return [
    {
      subject: 'IORT',
      devices: [],
      message: 'loses-last',
      details: { ranges: String(all.length), alone: String(alone.length) },
      linux: rangeEndWords(at),
      evidence: [mappingEvidence(at, first.of)],
      severity: alone.length > 0 ? 'medium' : 'low',
      effect: 'none',
      actor: 'kernel',
    },
  ]
}

export const countOffByOne = iortRule({
  id: 'IR212',
  slug: 'count-off-by-one',
  title: 'A mapping of the IORT holds one id too many or too few',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'Whether the last ID of one range is the first of another, leaves 16 or 32 bits, or is a round number: signs that the count was written instead of the count minus one. On releases up to 5.4 the reverse: that a sound table loses the last ID of each range.',
  why: 'One device gets the StreamID or DeviceID of its neighbour, or none, and which of them depends on the kernel.',
  remedy: [
    { actor: 'firmware', text: 'Write the number of IDs minus one.' },
    { actor: 'kernel', text: 'Use Linux 5.8 or later, which takes the count as the specification has it.' },
  ],
  limits: 'A table that has every count one too high and no adjacent ranges cannot be told from one that means it.',
  references: [iortClause('ID mapping format: number of IDs'), linuxIort('iort_id_map')],
  messages: {
    collides:
      'Mapping {left} of the {node} has the count field {count}, so that it ends with {id}, with which mapping {right} starts{affects}.',
    wraps: 'A mapping of the {node} from {base} on has the count field {count}, which leaves 32 bits.',
    'past-requester-ids':
      'A mapping of the {node} from {base} on has the count field {count}, which leaves the 16 bits of a RequesterID.',
    round: 'A mapping of the {node} from {base} on has the round count field {count}, which means one more ID.',
    'loses-last':
      'The table is as specified, but each of its {ranges} ranges loses its last ID, and {alone} of them hold only one.',
  },
  judge: (at) => {
    const nodes = at.iort.nodes.filter(isTranslating).filter(({ mappings }) => mappings.length > 0)
    const failed = nodes.flatMap((node) => ofNode(at, node))
    return { failed: failed.length > 0 ? failed : lostLastIds(at), applicable: nodes.length > 0 }
  },
})

type Fault = Pick<OutcomeItem, 'message' | 'severity' | 'linux'>

function faultOf({ release }: TreeCase, entry: OfMapEntry): Fault | undefined {
  if (entry.length === 0) return { message: 'zero', severity: 'medium', linux: 'Linux matches no id with it.' }
  if (heldBy(entry, 'four-cells') === undefined) {
    const linux = 'Up to 7.1 the end wraps around and Linux matches no id with it.'
    return release && atLeast(release, 7, 2) ? undefined : { message: 'wraps', severity: 'medium', linux }
  }
  // One less than a whole number of buses: the habit of IORT, whose field counts so.
  const isOneShort = entry.length > 0xff && (entry.length & 0xff) === 0xff
  const linux = 'Linux takes the length for the number of ids: the last one is outside.'
  return isOneShort ? { message: 'one-short', severity: 'low', linux } : undefined
}

function ofEntry(at: TreeCase, map: TreeMap, entry: OfMapEntry): readonly OutcomeItem[] {
  const fault = faultOf(at, entry)
  if (!fault) return []
  const { idBase, length, index } = entry
  const past = idBase + length
  const devices = functionsWhere(
    at,
    ({ requesterId, stream, device }) => {
      const answer = map.name === 'iommu-map' ? stream : device
      return requesterId === past && answer !== undefined && !isWay(answer) && answer.why === 'no-match'
    },
    map.bridge,
  )
  const details = { index: String(index), idBase: hex(idBase), length: hex(length), last: hex(past) }
  return [mapItem(map, { ...fault, devices, details })]
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
  references: [...MAP_BINDINGS, linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    zero: 'Entry {index} of {map} on {bridge} has the length 0.',
    wraps:
      'Entry {index} of {map} on {bridge} begins at {idBase} and has the length {length}, which ends past 32 bits.',
    'one-short':
      'Entry {index} of {map} on {bridge} has the length {length}, one less than whole buses: id {last} is outside{affects}.',
  },
  judge: (at) => ({
    failed: at.maps.flatMap((one) => one.map.reading.entries.flatMap((entry) => ofEntry(at, one, entry))),
    applicable: at.maps.length > 0,
  }),
})
