import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import {
  functionsOfSegment,
  IORT_MESSAGES,
  judgeIort,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  withoutSmmuWords,
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import type { OutcomeItem, Rule } from '../rule.js'

function judge(at: IortCase): Judgement {
  const { bySegment, complete } = at.ids
  const rootComplexes = [...bySegment.values()]
  if (!complete) return { failed: [], unknown: [notFollowed(at, false)] }
  const unprotected = rootComplexes.filter(
    ({ toIommu, toMsi }) => toIommu.reached.length === 0 && toMsi.reached.length > 0,
  )
  const failed = unprotected.map(({ rootComplex }) => (): OutcomeItem => {
    const devices = functionsOfSegment(at, rootComplex.segment)
    const linux = withoutSmmuWords(at)
    const details = { node: nodeWords(rootComplex), affects: affectsWords(devices) }
    const evidence = [nodeEvidence(at, rootComplex)]
    return { subject: nodeSubject(rootComplex), devices, message: 'direct', details, linux, evidence }
  })
  return { failed, applicable: rootComplexes.length > 0 }
}

export const noSmmu: Rule = {
  id: 'IR223',
  slug: 'no-smmu',
  title: 'A root complex leads to an ITS without an SMMU',
  scope: 'firmware',
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
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...IORT_MESSAGES,
    direct: 'The {node} leads to an ITS group without an SMMU{affects}.',
  },
  check: (subject) => judgeIort(subject, false, judge),
}
