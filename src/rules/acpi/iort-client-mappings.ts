import type { IdMapping, IortNode, RootComplexNode, SmmuNode, SmmuV3Node } from '../../machine/iort.js'
import { inputRangeOf } from '../../kernel/ids/iort-first-matches.js'
import type { Translation } from '../../kernel/ids/overlaps.js'
import { iortRulesOf } from '../../kernel/iort/iort-rules.js'
import { specialMappingIndex } from '../../kernel/iort/iort-walk.js'
import type { IortCase } from './iort-judgement.js'

/** Nodes that translate ranges of ids for clients: components list single ids, which may well overlap. */
export type TranslatingNode = RootComplexNode | SmmuNode | SmmuV3Node

/** Whether the node maps the ids of its clients. */
export function isTranslating(node: IortNode): node is TranslatingNode {
  return node.type === 'root-complex' || node.type === 'smmu' || node.type === 'smmuv3'
}

/** A mapping for clients with its input range. */
export type ClientMapping = Translation<IdMapping>

/** The index of the mapping that the release asked about takes for the node's own MSIs. */
export function ownMappingIndex(at: IortCase, node: IortNode): number | undefined {
  const rules = iortRulesOf(at.release).at(-1)
  const index = rules && specialMappingIndex(node, rules, () => undefined)
  return index === 'too-short' ? undefined : index
}

/** Mappings of ranges, by input base; single mappings, the node's own and those that leave 32 bits are left out. */
export function clientMappings(at: IortCase, node: TranslatingNode): readonly ClientMapping[] {
  const own = ownMappingIndex(at, node)
  return node.mappings
    .flatMap((mapping, index): ClientMapping[] => {
      const range = inputRangeOf(mapping)
      if (index === own || mapping.singleMapping || !range) return []
      return [{ of: mapping, index, ...range, output: mapping.outputBase, target: mapping.outputReference }]
    })
    .toSorted((left, right) => left.first - right.first || left.index - right.index)
}
