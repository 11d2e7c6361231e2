import { intersection, type IdRange } from '../../kernel/ids/id-ranges.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import { functionsBy } from './iort-functions.js'
import {
  IORT_MESSAGES,
  judgeIort,
  mappingEvidence,
  nodeSubject,
  nodeWords,
  rangeWords,
  type Found,
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import { clientMappings, isTranslating, type ClientMapping, type TranslatingNode } from './iort-client-mappings.js'
import type { OutcomeItem, Rule, Severity } from '../rule.js'

/** Two ranges that share only the last id of one and the first of the other: rule IR212 speaks of them. */
function touchOnly(left: ClientMapping, right: ClientMapping, common: IdRange): boolean {
  return common.first === common.last && left.last === right.first && left.mapping.idCount > 0
}

function kindOf(left: ClientMapping, right: ClientMapping): readonly [message: string, severity: Severity] {
  if (left.mapping.outputReference !== right.mapping.outputReference) return ['other-target', 'medium']
  const offset = ({ mapping }: ClientMapping) => mapping.outputBase - mapping.inputBase
  return offset(left) === offset(right) ? ['same', 'info'] : ['other-output', 'medium']
}

function item(
  at: IortCase,
  node: TranslatingNode,
  pair: readonly [ClientMapping, ClientMapping],
  common: IdRange,
): OutcomeItem {
  const [earlier, later] = pair.toSorted((left, right) => left.index - right.index)
  const [message, severity] = kindOf(...pair)
  const devices = message === 'same' ? [] : functionsBy(at, (earlier ?? pair[0]).mapping)
  const details = {
    node: nodeWords(node),
    ids: rangeWords(common),
    first: String(earlier?.index),
    second: String(later?.index),
    affects: affectsWords(devices),
    linux: 'Linux takes the mapping that stands first in the array.',
  }
  const evidence = pair.map(({ mapping }) => mappingEvidence(at, mapping))
  return { subject: nodeSubject(node), devices, message, details, evidence, severity }
}

/** Each mapping against the one before it that reaches furthest: enough to find every mapping that overlaps another. */
function ofNode(at: IortCase, node: TranslatingNode): readonly Found[] {
  const items: Found[] = []
  let furthest: ClientMapping | undefined
  for (const mapping of clientMappings(at, node)) {
    const common = furthest && intersection(furthest, mapping)
    if (furthest && common && !touchOnly(furthest, mapping, common)) {
      const pair = [furthest, mapping] as const
      items.push(() => item(at, node, pair, common))
    }
    if (!furthest || mapping.last > furthest.last) furthest = mapping
  }
  return items
}

function judge(at: IortCase): Judgement {
  const nodes = at.iort.nodes.filter(isTranslating).filter(({ mappings }) => mappings.length > 1)
  return { failed: nodes.flatMap((node) => ofNode(at, node)), applicable: nodes.length > 0 }
}

export const rangesOverlap: Rule = {
  id: 'IR211',
  slug: 'ranges-overlap',
  title: 'Two mappings of one IORT node hold the same ids',
  scope: 'firmware',
  severity: 'medium',
  effect: 'caveat',
  checks: 'The input ranges of every root complex and SMMU, against each other.',
  why: 'The table says two things about one device: which SMMU, StreamID or DeviceID it has depends on who reads it.',
  remedy: [{ actor: 'firmware', text: 'Let every id stand in one mapping.' }],
  limits: 'Single mappings are the subject of rule IR213. Which of the two is true of the hardware cannot be seen.',
  references: [iortClause('ID mapping format: input base and number of IDs'), linuxIort('iort_node_map_id')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...IORT_MESSAGES,
    'other-target':
      'Mappings {first} and {second} of the {node} both hold {ids} and lead to different nodes{affects}. {linux}',
    'other-output':
      'Mappings {first} and {second} of the {node} both hold {ids} and give different outputs{affects}. {linux}',
    same: 'Mappings {first} and {second} of the {node} both hold {ids} and say the same. {linux}',
  },
  check: (subject) => judgeIort(subject, true, judge),
}
