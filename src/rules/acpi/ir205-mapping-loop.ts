import type { IortNode } from '../../machine/iort.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import { iortRule, mappingEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'

const targetsOf = (at: IortCase, node: IortNode): readonly IortNode[] => [
  ...new Set(node.mappings.flatMap((mapping) => iortNodeAt(at.iort, mapping.outputReference) ?? [])),
]

/** Nodes that close a loop, each with the node whose mapping leads back to it. Depth first, without recursion. */
function loopsOf(at: IortCase): readonly (readonly [back: IortNode, to: IortNode])[] {
  const loops: (readonly [IortNode, IortNode])[] = []
  const done = new Set<IortNode>()
  // From where ids come in: the reference that turns back is then the odd one.
  const sources = at.iort.nodes.filter(({ type }) => type === 'root-complex' || type === 'named-component')
  for (const start of [...sources, ...at.iort.nodes]) {
    if (done.has(start)) continue
    const open = new Set([start])
    const stack = [{ node: start, left: [...targetsOf(at, start)] }]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.left.pop()
      if (next === undefined) {
        done.add(top.node)
        open.delete(top.node)
        stack.pop()
      } else if (open.has(next)) {
        loops.push([top.node, next])
      } else if (!done.has(next)) {
        open.add(next)
        stack.push({ node: next, left: [...targetsOf(at, next)] })
      }
    }
  }
  return loops
}

function item(at: IortCase, back: IortNode, to: IortNode): OutcomeItem {
  const devices = functionsThrough(at, back)
  const linux = 'Linux follows references without looking for loops: an id that keeps matching never comes to an end.'
  const mapping = back.mappings.find(({ outputReference }) => outputReference === to.offset)
  return {
    subject: nodeSubject(back),
    devices,
    message: back === to ? 'itself' : 'loop',
    details: { node: nodeWords(back), target: nodeWords(to) },
    linux,
    evidence: mapping ? [mappingEvidence(at, mapping)] : [],
  }
}

export const mappingLoop = iortRule({
  id: 'IR205',
  slug: 'mapping-loop',
  title: 'Mappings of the IORT run in a circle',
  severity: 'high',
  effect: 'none',
  checks: 'Whether the output references of the IORT lead from a node back to itself.',
  why: 'The way of the ids has no end: neither SMMU nor ITS can be told, and a kernel may hang at boot.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Let root complexes and components lead to SMMUs or ITS groups, and SMMUs to ITS groups.',
    },
  ],
  limits: 'Whether any id really runs round is not looked at: no correct table has such a reference.',
  references: [iortClause('IORT node types: which nodes a mapping may lead to'), linuxIort('iort_node_map_id')],
  messages: {
    itself: 'The {node} maps ids to itself{affects}.',
    loop: 'The {node} leads back to the {target}, from which it is reached{affects}.',
  },
  judge: (at) => ({
    failed: loopsOf(at).map(
      ([back, to]) =>
        () =>
          item(at, back, to),
    ),
  }),
})
