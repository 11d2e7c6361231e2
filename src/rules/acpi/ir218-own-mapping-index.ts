import type { IdMapping, SmmuV3Node } from '../../machine/iort.js'
import { iortRulesOf } from '../../kernel/iort/iort-rules.js'
import { specialMappingIndex } from '../../kernel/iort/iort-walk.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import { iortRule, linuxName, mappingEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Found, Judgement } from '../firmware-rule.js'

const INDEX_OFFSET = 64

function outOfRange(at: IortCase, node: SmmuV3Node): OutcomeItem {
  const index = String(node.deviceIdMappingIndex)
  const from = { path: at.path, at: { offset: node.offset + INDEX_OFFSET, length: 4 } }
  return {
    subject: nodeSubject(node),
    devices: [],
    message: 'out-of-range',
    details: {
      node: nodeWords(node),
      index,
      count: String(node.mappingCount),
    },
    linux: `${linuxName(at.release)} logs it, and the SMMU's own interrupts get no MSI domain.`,
    evidence: [{ from, value: `DeviceID mapping index ${index}` }],
    effect: 'none',
  }
}

/** The kernel leaves the mapping out for clients: one that is a range of theirs is lost to them. */
function takesClients(at: IortCase, node: SmmuV3Node, mapping: IdMapping, index: number): OutcomeItem {
  const devices = functionsThrough(at, node)
  const rule =
    node.revision >= 5
      ? 'flags bit 4 says that the index is valid'
      : 'at least one of its four interrupts is 0, which makes the index valid up to node revision 4'
  const linux = `${linuxName(at.release)} keeps that mapping for the MSIs of the SMMU itself: the StreamIDs in it reach no ITS by it.`
  const details = { node: nodeWords(node), index: String(index), rule }
  const evidence = [mappingEvidence(at, mapping)]
  return { subject: nodeSubject(node), devices, message: 'takes-clients', details, linux, evidence }
}

function ofNode(at: IortCase, node: SmmuV3Node): readonly Found[] {
  const items: Found[] = []
  const indexes = new Set<number>()
  const warnings: unknown[] = []
  for (const rules of iortRulesOf(at.release)) {
    const index = specialMappingIndex(node, rules, (code) => warnings.push(code))
    if (typeof index === 'number') indexes.add(index)
  }
  // A node without mappings has nothing to be indexed, whatever the field holds.
  if (warnings.length > 0 && node.mappingCount > 0) items.push(() => outOfRange(at, node))
  for (const index of indexes) {
    const mapping = node.mappings[index]
    if (mapping && !mapping.singleMapping) items.push(() => takesClients(at, node, mapping, index))
  }
  return items
}

function judge(at: IortCase): Judgement {
  const nodes = at.iort.nodes.filter((node): node is SmmuV3Node => node.type === 'smmuv3')
  return { failed: nodes.flatMap((node) => ofNode(at, node)), applicable: nodes.length > 0 }
}

export const ownMappingIndexRule = iortRule({
  id: 'IR218',
  slug: 'own-mapping-index',
  title: 'The DeviceID mapping index of an SMMUv3 is not that of its own mapping',
  severity: 'medium',
  effect: 'none',
  checks:
    'The DeviceID mapping index of every SMMUv3 node for which it is valid, against the number and the kind of its mappings.',
  why: 'The index names the mapping for the MSIs of the SMMU itself. Past the array these have no way; on a range of devices it takes that range from them.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Let the index name a single mapping of its own, or wire all four interrupts and mark the index invalid.',
    },
  ],
  limits: 'Linux changed in 6.2 when the index counts: without a release all rules are tried.',
  references: [iortClause('SMMUv3 node: DeviceID mapping index'), linuxIort('iort_get_id_mapping_index')],
  messages: {
    'out-of-range': 'The {node} has the DeviceID mapping index {index}, but only {count} mappings.',
    'takes-clients':
      'The {node} names mapping {index}, a range of StreamIDs, as the one for its own MSIs: {rule}{affects}.',
  },
  judge: judge,
})
