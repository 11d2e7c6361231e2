import { merged, type IdRange } from '../../kernel/ids/id-ranges.js'
import { REQUESTER_IDS } from '../../kernel/ids/id-way.js'
import type { RootComplexIds } from '../../kernel/ids/iort-ids.js'
import { ownMappingIndex } from '../../kernel/ids/translations.js'
import type { IdMapping, IortNode } from '../../machine/iort.js'
import { hex } from '../../machine/identifiers.js'
import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import { idRangesWords } from './id-words.js'
import { functionsBy } from '../present-ids.js'
import { iortRule, nodeItem, type IortCase } from '../acpi/iort-judgement.js'
import type { OutcomeItem, Severity } from '../rule.js'
import type { Found } from '../firmware-rule.js'

/** What one output stands for on a root complex: all ids that no earlier mapping takes. */
function collapses(at: IortCase, { rootComplex, toIommu, toMsi }: RootComplexIds): readonly Found[] {
  const taken = new Map<IdMapping, IdRange[]>()
  for (const { first, last, steps } of [toIommu, toMsi].flatMap(({ reached, stuck }) => [...reached, ...stuck])) {
    const [step] = steps
    if (!step || !('mapping' in step) || !step.mapping.singleMapping) continue
    const ranges = taken.get(step.mapping)
    if (ranges) ranges.push({ first, last })
    else taken.set(step.mapping, [{ first, last }])
  }
  return [...taken].map(([mapping, ranges]) => () => {
    const ids = merged(ranges)
    const isEvery = ids[0]?.first === REQUESTER_IDS.first && ids[0].last === REQUESTER_IDS.last
    const devices = functionsBy(at, mapping)
    const index = rootComplex.mappings.indexOf(mapping)
    const hidden = rootComplex.mappings.length - index - 1
    return nodeItem(at, rootComplex, [mapping], {
      devices,
      message: hidden > 0 ? 'hides' : 'collapses',
      details: {
        index: String(index),
        become: isEvery ? 'every RequesterID becomes' : `the RequesterIDs ${idRangesWords(ids)} become`,
        output: hex(mapping.outputBase),
        hidden: String(hidden),
      },
      linux: 'Linux takes the output base for every RequesterID that comes to it, and looks at no later mapping.',
      severity: devices.length > 1 ? 'high' : 'medium',
    })
  })
}

/** The mapping that the node's field names, whether or not the release asked about takes it. */
function namedIndex(at: IortCase, node: IortNode): number | undefined {
  const own = ownMappingIndex(node, at.release)
  return node.type === 'smmuv3' ? (node.deviceIdMappingIndex ?? own) : own
}

function ofNode(at: IortCase, node: IortNode): readonly Found[] {
  if (node.type === 'root-complex') {
    // A second one of its segment is never used: rule IR216.
    const host = at.ids.bySegment.get(node.segment)
    return host?.rootComplex === node ? collapses(at, host) : []
  }
  const named = namedIndex(at, node)
  const translates = node.type === 'smmu' || node.type === 'smmuv3'
  return node.mappings.flatMap((mapping, index): readonly Found[] => {
    if (!mapping.singleMapping) return []
    const details = { index: String(index), count: hex(mapping.idCount) }
    const item = (message: string, linux: string, severity: Severity): OutcomeItem =>
      nodeItem(at, node, [mapping], { message, details, linux, severity, effect: 'none' })
    if (translates && index !== named)
      return [item('not-allowed', 'Linux warns and passes the mapping over: its ids get nothing.', 'medium')]
    // A single mapping has one id, so the count field is 0.
    return mapping.idCount === 0 ? [] : [item('count', 'Linux ignores the count.', 'info')]
  })
}

export const singleMapping = iortRule({
  id: 'IR213',
  slug: 'single-mapping',
  title: 'A single mapping stands where many ids pass',
  severity: 'medium',
  effect: 'caveat',
  checks: 'The single mapping flag on root complexes, and on mappings of SMMUs other than the one for their own MSIs.',
  why: 'Every function below such a root complex has one StreamID or DeviceID: the owner of one can raise the interrupts of all, and reach their memory.',
  remedy: [{ actor: 'firmware', text: 'Clear the flag and map the range of ids; a mapping for one id has count 0.' }],
  limits: 'A root complex with a single function behind it loses nothing by it.',
  references: [
    iortClause('ID mapping format: flags, single mapping'),
    bsaRule('ITS_DEV_4'),
    bsaRule('ITS_DEV_2'),
    linuxIort('iort_id_map'),
  ],
  messages: {
    collapses: 'Mapping {index} of the {node} is a single mapping: {become} {output}{affects}.',
    hides:
      'Mapping {index} of the {node} is a single mapping: {become} {output}, and the {hidden} behind it never count{affects}.',
    'not-allowed': 'Mapping {index} of the {node} is a single mapping, which stands for its own MSIs only.',
    count: 'Mapping {index} of the {node} is a single mapping with the count field {count} instead of 0.',
  },
  judge: (at) => ({ failed: at.iort.nodes.flatMap((node) => ofNode(at, node)) }),
})
