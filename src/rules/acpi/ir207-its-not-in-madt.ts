import { isWhole } from './table-diagnostics.js'
import type { ItsGroupNode } from '../../machine/iort.js'
import { bsaRule, acpiClause, iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import { iortRule, nodeEvidence, nodeSubject, nodeWords, unreadableTable, type IortCase } from './iort-judgement.js'
import { itsOfMadt } from './madt-its.js'
import type { OutcomeItem } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

function ofGroup(at: IortCase, there: ReadonlySet<number>, group: ItsGroupNode): OutcomeItem {
  const missing = group.itsIds.filter((id) => !there.has(id))
  const [first] = group.itsIds
  const used = first !== undefined && !there.has(first)
  const devices = used ? functionsThrough(at, group) : []
  const ids = missing.slice(0, 8).join(', ')
  const linux = used
    ? 'Linux uses the first identifier of a group and finds no ITS under it: the functions get no MSI domain from the IORT.'
    : 'Linux never looks at it: it uses the first identifier of a group only.'
  const details = { node: nodeWords(group), ids }
  const evidence = [nodeEvidence(at, group)]
  return {
    subject: nodeSubject(group),
    devices,
    message: 'missing',
    details,
    linux,
    evidence,
    severity: used ? 'high' : 'low',
  }
}

function judge(at: IortCase): Judgement {
  const groups = at.iort.nodes.filter((node) => node.type === 'its-group')
  if (groups.length === 0) return { failed: [], applicable: false }
  const { madt } = at.machine.acpi
  if (madt.state !== 'known' || !isWhole(madt.value))
    return { failed: [], unknown: [unreadableTable(madt, 'MADT', [])] }
  const described = itsOfMadt(madt.value)
  // A MADT with a GICv2m frame and no ITS at all is rule IR209.
  if (described.length === 0 && madt.value.entries.some((entry) => entry.type === 'gic-msi-frame'))
    return { failed: [] }
  const there = new Set(described.map(({ itsId }) => itsId))
  const wanting = groups.filter(({ itsIds }) => itsIds.some((id) => !there.has(id)))
  return { failed: wanting.map((group) => () => ofGroup(at, there, group)) }
}

export const itsNotInMadt = iortRule({
  id: 'IR207',
  slug: 'its-not-in-madt',
  title: 'The IORT names an ITS that the MADT does not have',
  severity: 'high',
  effect: 'none',
  checks: 'The ITS identifiers of every ITS group, against the ITS structures of the MADT.',
  why: 'Devices of that group have no ITS, so nothing checks the payload of their MSIs, or they have no MSIs.',
  remedy: [
    { actor: 'firmware', text: 'Use the GIC ITS ID of the MADT in the ITS group, or add the missing ITS structure.' },
  ],
  limits: 'Whether the ITS exists in hardware cannot be seen.',
  references: [
    iortClause('ITS group node: GIC ITS identifier array'),
    acpiClause('section 5.2.12.18, GIC Interrupt Translation Service structure'),
    bsaRule('ITS_01'),
    bsaRule('ITS_03'),
    linuxIort('iort_get_device_domain'),
  ],
  messages: {
    missing: 'The {node} names ITS {ids}, which the MADT does not have{affects}.',
  },
  judge: judge,
})
