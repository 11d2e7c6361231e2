import { isWhole } from './table-diagnostics.js'
import type { ItsGroupNode } from '../../machine/iort.js'
import { bsaRule, acpiClause, iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import {
  iortRule,
  madtEvidence,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  unreadableTable,
  type IortCase,
} from './iort-judgement.js'
import { itsOfMadt } from './madt-its.js'
import type { OutcomeItem } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

function judge(at: IortCase): Judgement {
  const groups = at.iort.nodes.filter((node): node is ItsGroupNode => node.type === 'its-group')
  if (groups.length === 0) return { failed: [], applicable: false }
  const { madt } = at.machine.acpi
  if (madt.state !== 'known' || !isWhole(madt.value))
    return { failed: [], unknown: [unreadableTable(madt, 'MADT', [])] }
  const frame = madt.value.entries.find((entry) => entry.type === 'gic-msi-frame')
  if (frame === undefined || itsOfMadt(madt.value).length > 0) return { failed: [] }
  const linux =
    'Linux finds no ITS and sends the MSIs of PCI functions to the GICv2m frame: any of them can raise any interrupt of the frame.'
  const failed = groups.map((group) => (): OutcomeItem => {
    const devices = functionsThrough(at, group)
    const details = { node: nodeWords(group), ids: group.itsIds.join(', ') }
    const evidence = [nodeEvidence(at, group), madtEvidence(at, frame, 'GIC MSI frame')]
    return { subject: nodeSubject(group), devices, message: 'frame-only', details, linux, evidence }
  })
  return { failed }
}

export const gicv2mUnderIts = iortRule({
  id: 'IR209',
  slug: 'gicv2m-under-its',
  title: 'The IORT names an ITS, the MADT has only a GICv2m frame',
  severity: 'high',
  effect: 'none',
  checks: 'A MADT with GIC MSI frames and without an ITS, under an IORT with an ITS group.',
  why: 'The IORT promises isolation that the machine does not have: a GICv2m frame takes any payload from any device.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Describe the ITS in the MADT, or drop the ITS group from the IORT of this configuration.',
    },
  ],
  limits: 'Which of the two tables is wrong cannot be told.',
  references: [
    iortClause('ITS group node'),
    acpiClause('section 5.2.12.16, GIC MSI Frame structure'),
    bsaRule('B_GIC_03'),
    linuxIort('iort_get_device_domain'),
  ],
  messages: {
    'frame-only': 'The {node} names ITS {ids}, but the MADT has only a GIC MSI frame{affects}.',
  },
  judge: judge,
})
