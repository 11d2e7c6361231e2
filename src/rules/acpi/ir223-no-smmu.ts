import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import {
  functionsOfSegment,
  iortRule,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  withoutSmmuWords,
  type IortCase,
} from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

function judge(at: IortCase): Judgement {
  const { bySegment, complete } = at.ids
  const rootComplexes = [...bySegment.values()]
  if (!complete) return { failed: [], unknown: [notFollowed(at)] }
  const unprotected = rootComplexes.filter(
    ({ toIommu, toMsi }) => toIommu.reached.length === 0 && toMsi.reached.length > 0,
  )
  const failed = unprotected.map(({ rootComplex }) => (): OutcomeItem => {
    const devices = functionsOfSegment(at, rootComplex.segment)
    const linux = withoutSmmuWords(at)
    const details = { node: nodeWords(rootComplex) }
    const evidence = [nodeEvidence(at, rootComplex)]
    return { subject: nodeSubject(rootComplex), devices, message: 'direct', details, linux, evidence }
  })
  return { failed, applicable: rootComplexes.length > 0 }
}

export const noSmmu = iortRule({
  id: 'IR223',
  slug: 'no-smmu',
  title: 'A root complex leads to an ITS without an SMMU',
  severity: 'info',
  effect: 'none',
  checks: 'Whether any RequesterID of a root complex that leads to an ITS group passes an SMMU.',
  why: 'The table is in order, but the ITS alone isolates nothing: a device that can write anywhere can write the tables of the ITS.',
  remedy: [
    { actor: 'hardware', text: 'Use a board with an SMMU before the root complex, or keep its devices on the host.' },
  ],
  limits: 'An SMMU that the table leaves out cannot be told from one that is not there.',
  references: [
    iortClause('Root complex node: ID mappings'),
    bsaRule('S_L7SM_01'),
    linuxIort('iort_iommu_configure_id'),
  ],
  messages: {
    direct: 'The {node} leads to an ITS group without an SMMU{affects}.',
  },
  judge: judge,
})
