import { hex } from '../../machine/identifiers.js'
import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import { iortRule, madtEvidence, unreadableTable, type IortCase } from './iort-judgement.js'
import { itsOfMadt } from './madt-its.js'
import { isWhole } from './table-diagnostics.js'
import type { Judgement } from '../firmware-rule.js'

function judge(at: IortCase): Judgement {
  const { madt } = at.machine.acpi
  if (madt.state === 'absent') return { failed: [], applicable: false }
  if (!isWhole(at.iort)) return { failed: [], unknown: [unreadableTable(at.machine.acpi.iort, 'IORT', [])] }
  if (madt.state === 'unreadable') return { failed: [], unknown: [unreadableTable(madt, 'MADT', [])] }
  const described = itsOfMadt(madt.value)
  if (described.length === 0) return { failed: [], applicable: false }
  const named = new Set(at.iort.nodes.flatMap((node) => (node.type === 'its-group' ? node.itsIds : [])))
  const failed = described
    .filter(({ itsId }) => !named.has(itsId))
    .map(({ itsId, entry }) => ({
      subject: `APIC ${hex(entry.offset)}`,
      devices: [],
      message: 'unnamed',
      details: { id: String(itsId) },
      linux: 'Linux brings it up, but gives no device to it.',
      evidence: [madtEvidence(at, entry, `ITS ${itsId}`)],
    }))
  return { failed }
}

export const itsNotInIort = iortRule({
  id: 'IR208',
  slug: 'its-not-in-iort',
  title: 'The MADT has an ITS that no ITS group of the IORT names',
  severity: 'low',
  effect: 'none',
  checks: 'The ITS structures of the MADT, against the identifiers of all ITS groups.',
  why: 'No device reaches it. That is in order for an ITS that serves nothing on this board, and a fault where devices lack theirs.',
  remedy: [
    { actor: 'firmware', text: 'Add the ITS to the group of the devices it serves, or leave it out of the MADT.' },
  ],
  limits: 'Which ITS a device is wired to cannot be seen.',
  references: [
    iortClause('ITS group node: GIC ITS identifier array'),
    bsaRule('ITS_02'),
    linuxIort('iort_find_domain_token'),
  ],
  messages: { unnamed: 'ITS {id} of the MADT is in no ITS group of the IORT.' },
  judge: judge,
})
