import type { IortNode } from '../../machine/iort.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import { iortRule, mappingEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'

function ofNode(at: IortCase, node: IortNode): OutcomeItem {
  const nulls = node.mappings.filter(({ outputReference }) => outputReference === 0)
  const leading = node.mappings[0]?.outputReference === 0
  const devices = functionsThrough(at, node)
  const linux = leading
    ? 'Linux looks at the first mapping: it logs "has NULL parent reference" and gives the whole node up, its other mappings included.'
    : 'Linux checks the first mapping only: through this one it takes the header of the table for a node.'
  const details = { node: nodeWords(node), count: String(nulls.length) }
  const evidence = nulls.slice(0, 4).map((mapping) => mappingEvidence(at, mapping))
  return { subject: nodeSubject(node), devices, message: leading ? 'first' : 'later', details, linux, evidence }
}

export const nullReference = iortRule({
  id: 'IR204',
  slug: 'null-reference',
  title: 'A mapping of the IORT has output reference 0',
  severity: 'high',
  effect: 'none',
  checks: 'Every output reference of the IORT.',
  why: 'The ids of the node reach neither SMMU nor ITS, whatever stands in front of the device.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Set the output reference to the offset of the target node from the start of the table.',
    },
  ],
  limits: 'None.',
  references: [iortClause('ID mapping format: output reference'), linuxIort('iort_node_map_id')],
  messages: {
    first: '{count} of the mappings of the {node}, the first among them, have output reference 0{affects}.',
    later: '{count} of the mappings of the {node} have output reference 0{affects}.',
  },
  judge: (at) => {
    const nodes = at.iort.nodes.filter(({ mappings }) => mappings.some(({ outputReference }) => outputReference === 0))
    return { failed: nodes.map((node) => () => ofNode(at, node)) }
  },
})
