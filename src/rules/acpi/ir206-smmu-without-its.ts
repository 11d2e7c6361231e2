import type { SmmuNode, SmmuV3Node } from '../../machine/iort.js'
import type { IdNode } from '../../kernel/ids/id-way.js'
import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import {
  iortRule,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  unreadableTable,
  type IortCase,
} from './iort-judgement.js'
import { itsOfMadt } from './madt-its.js'
import type { OutcomeItem, Severity } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

type Smmu = SmmuNode | SmmuV3Node
const isSmmu = (node: IdNode): node is Smmu => 'type' in node && (node.type === 'smmu' || node.type === 'smmuv3')

interface Words {
  readonly message: string
  readonly severity: Severity
  readonly linux: string
}

function wordsFor(at: IortCase): Words {
  const { madt } = at.machine.acpi
  if (madt.state !== 'known') {
    const linux = 'Linux finds no ITS for the functions behind it, and so no MSI domain that checks the payload.'
    return { message: 'no-way', severity: 'medium', linux }
  }
  const linux = 'Linux gives the functions behind it no MSI domain'
  if (itsOfMadt(madt.value).length > 0)
    return { message: 'no-way', severity: 'high', linux: `${linux}, although there is an ITS.` }
  const frame = madt.value.entries.some((entry) => entry.type === 'gic-msi-frame')
  return frame
    ? {
        message: 'no-its',
        severity: 'low',
        linux: 'Linux sends the MSIs to the GICv2m frame, which checks no payload.',
      }
    : { message: 'no-its', severity: 'low', linux: `${linux}: there is no MSI controller.` }
}

function judge(at: IortCase): Judgement {
  const { bySegment, complete } = at.ids
  if (!complete) return { failed: [], unknown: [notFollowed(at)] }
  const clients = new Set<Smmu>()
  const served = new Set<IdNode>()
  for (const { toIommu, toMsi } of bySegment.values()) {
    for (const { space } of toIommu.reached) if (isSmmu(space.target)) clients.add(space.target)
    for (const { steps } of toMsi.reached) for (const step of steps) served.add(step.node)
  }
  if (clients.size === 0) return { failed: [], applicable: false }
  const { message, severity, linux } = wordsFor(at)
  const failed = [...clients]
    .filter((smmu) => !served.has(smmu))
    .map((smmu) => (): OutcomeItem => {
      const devices = functionsThrough(at, smmu)
      const details = { node: nodeWords(smmu) }
      return {
        subject: nodeSubject(smmu),
        devices,
        message,
        details,
        linux,
        evidence: [nodeEvidence(at, smmu)],
        severity,
      }
    })
  const { madt } = at.machine.acpi
  const unknown = madt.state === 'unreadable' && failed.length > 0 ? [unreadableTable(madt, 'MADT', [])] : []
  return { failed, unknown }
}

export const smmuWithoutIts = iortRule({
  id: 'IR206',
  slug: 'smmu-without-its',
  title: 'PCI functions behind an SMMU have no way to an ITS',
  severity: 'high',
  effect: 'none',
  checks: 'For every SMMU that a root complex leads to: whether any of its StreamIDs reaches an ITS group.',
  why: 'The SMMU decides where a device may write, the ITS which interrupts it may raise. Without the second the payload of an MSI is checked by nobody, or there are no MSIs at all.',
  remedy: [
    {
      actor: 'firmware',
      messages: ['no-its'],
      text: 'If the hardware has an ITS, list it in the MADT and map the StreamIDs of the SMMU to it; without one nothing helps.',
    },
    { actor: 'firmware', text: 'Add ID mappings from the StreamIDs of the SMMU to the ITS group.' },
  ],
  limits: 'Named components are not looked at: many raise no MSIs.',
  references: [
    iortClause('SMMU nodes: ID mappings'),
    bsaRule('ITS_03'),
    bsaRule('ITS_DEV_5'),
    linuxIort('iort_get_device_domain'),
  ],
  messages: {
    'no-way': 'The {node} has no mapping to an ITS group{affects}.',
    'no-its': 'The {node} has no mapping to an ITS group, and the MADT has no ITS{affects}.',
  },
  judge: judge,
})
