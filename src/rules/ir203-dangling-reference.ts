import type { IortNode } from '../machine/acpi.js'
import { hex } from '../machine/identifiers.js'
import { iortNodeAt } from '../kernel/iort-walk.js'
import { iortClause, linuxIort } from './firmware-references.js'
import { functionsBy, affectsWords } from './iort-functions.js'
import {
  IORT_MESSAGES,
  judgeIort,
  mappingEvidence,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  type IortCase,
} from './iort-judgement.js'
import type { OutcomeItem, Rule } from './rule.js'

/** Where the nearest node before an offset starts: a reference into its middle is a frequent slip. */
function placeWords(at: IortCase, reference: number): string {
  if (reference >= at.iort.header.length) return 'past the end of the table'
  const before = at.iort.nodes.findLast((node) => node.offset < reference)
  if (before && reference < before.offset + before.length) return `inside the ${nodeWords(before)}`
  return 'where no node starts'
}

function ofNode(at: IortCase, node: IortNode): readonly OutcomeItem[] {
  const linux = 'Linux does not check references: it takes the bytes at that offset for a node.'
  const items = node.mappings.flatMap((mapping, index): OutcomeItem[] => {
    const { outputReference } = mapping
    if (outputReference === 0 || iortNodeAt(at.iort, outputReference)) return []
    const devices = functionsBy(at, mapping)
    const details = { node: nodeWords(node), index: String(index), reference: hex(outputReference) }
    return [
      {
        subject: nodeSubject(node),
        devices,
        message: 'mapping',
        details: { ...details, place: placeWords(at, outputReference), affects: affectsWords(devices), linux },
        evidence: [mappingEvidence(at, mapping), nodeEvidence(at, node)],
      },
    ]
  })
  if (node.type !== 'pmcg' || iortNodeAt(at.iort, node.nodeReference)) return items
  const details = {
    node: nodeWords(node),
    reference: hex(node.nodeReference),
    linux: 'Linux names the counter after what it finds there.',
  }
  const { offset } = node
  const evidence = [{ from: { path: at.path, at: { offset: offset + 28, length: 4 } }, value: hex(node.nodeReference) }]
  return [...items, { subject: nodeSubject(node), devices: [], message: 'pmcg', details, evidence, severity: 'medium' }]
}

export const danglingReference: Rule = {
  id: 'IR203',
  slug: 'dangling-reference',
  title: 'A mapping of the IORT leads to what is no node',
  scope: 'firmware',
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
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...IORT_MESSAGES,
    mapping: 'Mapping {index} of the {node} has the output reference {reference}, {place}{affects}. {linux}',
    pmcg: 'The {node} refers to {reference}, where no node starts. {linux}',
  },
  check: (subject) =>
    judgeIort(subject, false, (at) => ({ failed: at.iort.nodes.flatMap((node) => ofNode(at, node)) })),
}
