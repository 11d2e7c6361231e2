import type { IdMapping, IortNode, PmcgNode } from '../../machine/iort.js'
import { hex } from '../../machine/identifiers.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsBy } from '../present-ids.js'
import { iortRule, mappingEvidence, nodeEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Found } from '../firmware-rule.js'

/** The last node that starts before an offset; nodes stand in the order of theirs. */
function nodeBefore(nodes: readonly IortNode[], offset: number): IortNode | undefined {
  let [low, high] = [0, nodes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((nodes[middle]?.offset ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return nodes[low - 1]
}

/** Where the nearest node before an offset starts: a reference into its middle is a frequent slip. */
function placeWords(at: IortCase, reference: number): string {
  if (reference >= at.iort.header.length) return 'past the end of the table'
  const before = nodeBefore(at.iort.nodes, reference)
  if (before && reference < before.offset + before.length) return `inside the ${nodeWords(before)}`
  return 'where no node starts'
}

function ofMapping(at: IortCase, node: IortNode, mapping: IdMapping, index: number): OutcomeItem {
  const devices = functionsBy(at, mapping)
  return {
    subject: nodeSubject(node),
    devices,
    message: 'mapping',
    details: {
      node: nodeWords(node),
      index: String(index),
      reference: hex(mapping.outputReference),
      place: placeWords(at, mapping.outputReference),
    },
    linux: 'Linux does not check references: it takes the bytes at that offset for a node.',
    evidence: [mappingEvidence(at, mapping), nodeEvidence(at, node)],
  }
}

function ofCounter(at: IortCase, node: PmcgNode): OutcomeItem {
  const reference = hex(node.nodeReference)
  const linux = 'Linux names the counter after what it finds there.'
  const from = { path: at.path, at: { offset: node.offset + 28, length: 4 } }
  return {
    subject: nodeSubject(node),
    devices: [],
    message: 'pmcg',
    details: { node: nodeWords(node), reference },
    linux,
    evidence: [{ from, value: reference }],
    severity: 'medium',
  }
}

function ofNode(at: IortCase, node: IortNode): readonly Found[] {
  const found = node.mappings.flatMap((mapping, index): Found[] => {
    const { outputReference } = mapping
    if (outputReference === 0 || iortNodeAt(at.iort, outputReference)) return []
    return [() => ofMapping(at, node, mapping, index)]
  })
  if (node.type !== 'pmcg' || iortNodeAt(at.iort, node.nodeReference)) return found
  return [...found, () => ofCounter(at, node)]
}

export const danglingReference = iortRule({
  id: 'IR203',
  slug: 'dangling-reference',
  title: 'A mapping of the IORT leads to what is no node',
  severity: 'high',
  effect: 'none',
  checks: 'Every output reference and every PMCG node reference of the IORT, against the offsets at which nodes start.',
  why: 'Nobody can tell which SMMU or ITS the ids of that mapping reach; the kernel reads whatever lies there.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Set the output reference to the offset of the target node from the start of the table.',
    },
  ],
  limits: 'A reference to the wrong node that is a node cannot be told from a right one.',
  references: [iortClause('ID mapping format: output reference'), linuxIort('iort_node_map_id')],
  messages: {
    mapping: 'Mapping {index} of the {node} has the output reference {reference}, {place}{affects}.',
    pmcg: 'The {node} refers to {reference}, where no node starts.',
  },
  judge: (at) => ({ failed: at.iort.nodes.flatMap((node) => ofNode(at, node)) }),
})
