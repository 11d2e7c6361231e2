import type { IdMapping, IortNode } from '../../machine/iort.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsBy } from '../present-ids.js'
import { iortRule, mappingEvidence, nodeEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Found } from '../firmware-rule.js'

const ITS: readonly IortNode['type'][] = ['its-group']
const SMMU_OR_ITS: readonly IortNode['type'][] = ['smmu', 'smmuv3', 'its-group']

/** Where the specification lets a node's mappings lead; undefined where it says nothing, or rule IR220 does. */
function allowedTargets(node: IortNode): readonly IortNode['type'][] | undefined {
  switch (node.type) {
    case 'named-component':
    case 'root-complex':
      return SMMU_OR_ITS
    case 'smmu':
    case 'smmuv3':
    case 'pmcg':
    case 'iwb':
      return ITS
    case 'its-group':
    case 'rmr':
    case 'unknown':
      return undefined
  }
}

function ofMapping(at: IortCase, node: IortNode, mapping: IdMapping, index: number, target: IortNode): OutcomeItem {
  const devices = functionsBy(at, mapping)
  const linux =
    'Linux follows the reference all the same and translates the id by the mappings of that node, if it has any.'
  const details = { node: nodeWords(node), index: String(index), target: nodeWords(target) }
  return {
    subject: nodeSubject(node),
    devices,
    message: 'target',
    details: { ...details },
    linux,
    evidence: [mappingEvidence(at, mapping)],
  }
}

function ofNode(at: IortCase, node: IortNode): readonly Found[] {
  if (node.type === 'its-group' && node.mappings.length > 0) {
    const linux = 'Linux never looks at them.'
    const details = { node: nodeWords(node) }
    const evidence = [nodeEvidence(at, node)]
    return [{ subject: nodeSubject(node), devices: [], message: 'end', details, linux, evidence, severity: 'low' }]
  }
  const allowed = allowedTargets(node)
  return node.mappings.flatMap((mapping, index): Found[] => {
    const target = iortNodeAt(at.iort, mapping.outputReference)
    // A node that leads to itself is a loop: rule IR205.
    if (!allowed || !target || target === node || allowed.includes(target.type)) return []
    return [() => ofMapping(at, node, mapping, index, target)]
  })
}

export const wrongTarget = iortRule({
  id: 'IR221',
  slug: 'wrong-target',
  title: 'A mapping of the IORT leads to a node of the wrong type',
  severity: 'medium',
  effect: 'none',
  checks: 'The types of the nodes at both ends of every mapping.',
  why: 'Ids have to pass SMMUs and end at an ITS group. Another order describes no hardware.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Let root complexes and components lead to SMMUs or ITS groups, and SMMUs to ITS groups.',
    },
  ],
  limits: 'Node types of newer specifications are not judged.',
  references: [iortClause('IORT node types: which nodes a mapping may lead to'), linuxIort('iort_node_map_id')],
  messages: {
    target: 'Mapping {index} of the {node} leads to the {target}{affects}.',
    end: 'The {node} has mappings, though ids end there.',
  },
  judge: (at) => ({ failed: at.iort.nodes.flatMap((node) => ofNode(at, node)) }),
})
