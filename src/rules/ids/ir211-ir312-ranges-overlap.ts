import type { IdMapping } from '../../machine/iort.js'
import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import {
  clientMappings,
  filledEntries,
  isTranslating,
  overlapsOf,
  type Overlap,
} from '../../kernel/ids/translations.js'
import { iortRule, nodeItem } from '../acpi/iort-judgement.js'
import { mapItem, treeRule } from '../devicetree/devicetree-judgement.js'
import { iortClause, linuxIort, linuxOf, MAP_BINDINGS } from '../firmware-references.js'
import type { Remark } from '../firmware-rule.js'
import { idWords } from './id-words.js'
import { functionsBy, type IdCase } from '../present-ids.js'

/** What is said of two translations that hold the same ids; Linux takes the one that stands first. */
function remark(at: IdCase, overlap: Overlap<IdMapping | OfMapEntry>, linux: string): Remark {
  const { earlier, later, ids, says } = overlap
  return {
    message: says,
    devices: says === 'same' ? [] : functionsBy(at, earlier.of),
    details: { first: String(earlier.index), second: String(later.index), ids: idWords(ids) },
    linux,
    severity: says === 'same' ? 'info' : 'medium',
  }
}

export const rangesOverlap = iortRule({
  id: 'IR211',
  slug: 'ranges-overlap',
  title: 'Two mappings of one IORT node hold the same ids',
  severity: 'medium',
  effect: 'caveat',
  checks: 'The input ranges of every root complex and SMMU, against each other.',
  why: 'The table says two things about one device: which SMMU, StreamID or DeviceID it has depends on who reads it.',
  remedy: [{ actor: 'firmware', text: 'Let every id stand in one mapping.' }],
  limits: 'Single mappings are the subject of rule IR213. Which of the two is true of the hardware cannot be seen.',
  references: [iortClause('ID mapping format: input base and number of IDs'), linuxIort('iort_node_map_id')],
  messages: {
    'other-target': 'Mappings {first} and {second} of the {node} both hold {ids} and lead to different nodes{affects}.',
    'other-output': 'Mappings {first} and {second} of the {node} both hold {ids} and give different outputs{affects}.',
    same: 'Mappings {first} and {second} of the {node} both hold {ids} and say the same.',
  },
  judge: (at) => {
    const nodes = at.iort.nodes.filter(isTranslating).filter(({ mappings }) => mappings.length > 1)
    const failed = nodes.flatMap((node) =>
      overlapsOf(clientMappings(node, at.release))
        // Two ranges that share only the last id of one and the first of the other: rule IR212 speaks of them.
        .filter(({ touching }) => !touching)
        .map((overlap) => () => {
          const said = remark(at, overlap, 'Linux takes the mapping that stands first in the array.')
          return nodeItem(at, node, [overlap.earlier.of, overlap.later.of], said)
        }),
    )
    return { failed, applicable: nodes.length > 0 }
  },
})

export const mapRangesOverlap = treeRule({
  id: 'IR312',
  slug: 'map-ranges-overlap',
  title: 'Two entries of one map hold the same ids',
  severity: 'medium',
  effect: 'none',
  checks: 'The id ranges of iommu-map and of msi-map of the enabled host bridges, each map for itself.',
  why: 'The tree says two things about one function: which controller, StreamID or DeviceID it has depends on who reads it.',
  remedy: [{ actor: 'firmware', text: 'Let every RequesterID stand in one entry of a map.' }],
  limits: 'Which of the two is true of the hardware cannot be seen.',
  references: [...MAP_BINDINGS, linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    'other-target':
      'Entries {first} and {second} of {map} on {bridge} both hold {ids} and lead to different controllers{affects}.',
    'other-output':
      'Entries {first} and {second} of {map} on {bridge} both hold {ids} and give different ids{affects}.',
    same: 'Entries {first} and {second} of {map} on {bridge} both hold {ids} and say the same.',
  },
  judge: (at) => {
    const failed = at.maps.flatMap((one) =>
      overlapsOf(filledEntries(one.map.reading)).map((overlap) =>
        mapItem(one, remark(at, overlap, 'Linux takes the entry that stands first.')),
      ),
    )
    return { failed, applicable: at.maps.some(({ map }) => map.reading.entries.length > 1) }
  },
})
