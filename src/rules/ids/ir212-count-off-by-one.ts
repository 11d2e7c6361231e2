import { hasHisiIdCountBug, iortRulesOf } from '../../kernel/iort/iort-rules.js'
import { inputRangeOf } from '../../kernel/ids/iort-first-matches.js'
import type { IdWay, IortStep, StuckIds } from '../../kernel/ids/id-way.js'
import { overlapsOf, type Overlap } from '../../kernel/ids/overlaps.js'
import type { IdMapping } from '../../machine/iort.js'
import { hex } from '../../machine/identifiers.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsWhere } from '../present-ids.js'
import { clientMappings, isTranslating, type TranslatingNode } from '../acpi/iort-client-mappings.js'
import { iortRule, linuxName, mappingEvidence, nodeSubject, nodeWords, type IortCase } from '../acpi/iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Found, Judgement } from '../firmware-rule.js'

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

function collision(
  at: IortCase,
  node: TranslatingNode,
  { earlier, later, ids, says }: Overlap<IdMapping>,
): OutcomeItem {
  const same = says === 'same'
  const [left, right] = earlier.last === ids.last && later.first === ids.first ? [earlier, later] : [later, earlier]
  const devices = same ? [] : functionsWith(at, node, ids.first)
  return {
    subject: nodeSubject(node),
    devices,
    message: 'collides',
    details: {
      node: nodeWords(node),
      left: String(left.index),
      right: String(right.index),
      id: hex(ids.first),
      count: hex(left.of.idCount),
    },
    linux: rangeEndWords(at),
    evidence: [mappingEvidence(at, left.of), mappingEvidence(at, right.of)],
    severity: same ? 'low' : 'medium',
  }
}

function single(at: IortCase, node: TranslatingNode, mapping: IdMapping, message: string): OutcomeItem {
  const linux = rangeEndWords(at)
  const details = {
    node: nodeWords(node),
    count: hex(mapping.idCount),
    base: hex(mapping.inputBase),
  }
  const severity = message === 'wraps' ? 'medium' : message === 'past-requester-ids' ? 'low' : 'info'
  const evidence = [mappingEvidence(at, mapping)]
  return { subject: nodeSubject(node), devices: [], message, details, linux, evidence, severity, effect: 'none' }
}

function ofNode(at: IortCase, node: TranslatingNode): readonly Found[] {
  const mappings = clientMappings(at, node)
  const found = overlapsOf(mappings)
    .filter(({ touching }) => touching)
    .map((overlap) => () => collision(at, node, overlap))
  const wraps = node.mappings.filter((mapping) => !mapping.singleMapping && inputRangeOf(mapping) === undefined)
  const items = [...found, ...wraps.map((mapping) => single(at, node, mapping, 'wraps'))]
  if (found.length > 0) return items
  for (const { of: mapping, first, last } of mappings) {
    if (node.type === 'root-complex' && first <= 0xffff && last > 0xffff) {
      items.push(single(at, node, mapping, 'past-requester-ids'))
    } else if (mapping.idCount >= 0x100 && mapping.idCount % 0x100 === 0 && first % 0x100 === 0) {
      items.push(single(at, node, mapping, 'round'))
    }
  }
  return items
}

/** A sound table on a release that loses the last ID of every range. */
function lostLastIds(at: IortCase): readonly OutcomeItem[] {
  const eras = iortRulesOf(at.release)
  if (eras.some(({ upperBound }) => upperBound !== 'exclusive')) return []
  const all = at.iort.nodes.filter(isTranslating).flatMap((node) => clientMappings(at, node))
  const alone = all.filter(({ of }) => of.idCount === 0)
  const [first] = alone.length > 0 ? alone : all
  if (!first) return []
  const linux = rangeEndWords(at)
  const details = { ranges: String(all.length), alone: String(alone.length) }
  const evidence = [mappingEvidence(at, first.of)]
  const severity = alone.length > 0 ? 'medium' : 'low'
  return [
    {
      subject: 'IORT',
      devices: [],
      message: 'loses-last',
      details,
      linux,
      evidence,
      severity,
      effect: 'none',
      actor: 'kernel',
    },
  ]
}

function judge(at: IortCase): Judgement {
  const nodes = at.iort.nodes.filter(isTranslating).filter(({ mappings }) => mappings.length > 0)
  const failed = nodes.flatMap((node) => ofNode(at, node))
  return { failed: failed.length > 0 ? failed : lostLastIds(at), applicable: nodes.length > 0 }
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
  judge: judge,
})
