import type { RootComplexNode } from '../../machine/iort.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { functionsOfSegment, iortRule, nodeEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Found, Judgement } from '../firmware-rule.js'

function second(at: IortCase, node: RootComplexNode, first: RootComplexNode): OutcomeItem {
  const devices = functionsOfSegment(at, node.segment)
  return {
    subject: nodeSubject(node),
    devices,
    message: 'second',
    details: {
      node: nodeWords(node),
      first: nodeWords(first),
    },
    linux: 'Linux uses the first node of a segment and never looks at a later one.',
    evidence: [nodeEvidence(at, node), nodeEvidence(at, first)],
  }
}

function judge(at: IortCase): Judgement {
  const firsts = new Map<number, RootComplexNode>()
  const failed: Found[] = []
  for (const node of at.iort.nodes) {
    if (node.type !== 'root-complex') continue
    const first = firsts.get(node.segment)
    if (!first) {
      firsts.set(node.segment, node)
      continue
    }
    failed.push(() => second(at, node, first))
  }
  return { failed, applicable: firsts.size > 0 }
}

export const secondRootComplex = iortRule({
  id: 'IR216',
  slug: 'second-root-complex',
  title: 'A second root complex node has the same PCI segment',
  severity: 'medium',
  effect: 'caveat',
  checks: 'The PCI segment numbers of all root complex nodes.',
  why: 'What the second node says about its devices is lost: they get no SMMU and no ITS, or those of the first.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Put all mappings of a segment into one root complex node, or give each root complex a segment of its own.',
    },
  ],
  limits: 'Other operating systems may use both nodes.',
  references: [iortClause('Root complex node: PCI segment number'), linuxIort('iort_match_node_callback')],
  messages: {
    second: 'The {node} comes after the {first}; both are of one segment{affects}.',
  },
  judge: judge,
})
