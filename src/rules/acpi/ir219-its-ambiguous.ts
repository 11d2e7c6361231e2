import type { ItsGroupNode } from '../../machine/iort.js'
import { hex } from '../../machine/identifiers.js'
import { acpiClause, bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import { iortRule, madtEvidence, nodeEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import { itsOfMadt } from './madt-its.js'
import type { OutcomeItem } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

function emptyGroup(at: IortCase, group: ItsGroupNode): OutcomeItem {
  const devices = functionsThrough(at, group)
  const linux = 'Linux logs that the group has no ITS and gives its devices no MSI domain from the IORT.'
  const details = { node: nodeWords(group) }
  return { subject: nodeSubject(group), devices, message: 'empty', details, linux, evidence: [nodeEvidence(at, group)] }
}

/** ITSs that stand in more than one group. */
function sharedIts(at: IortCase, groups: readonly ItsGroupNode[]): readonly OutcomeItem[] {
  const first = new Map<number, ItsGroupNode>()
  return groups.flatMap((group) =>
    [...new Set(group.itsIds)].flatMap((id): OutcomeItem[] => {
      const before = first.get(id)
      if (!before) first.set(id, group)
      if (!before || before === group) return []
      const linux = 'Linux does not mind: it uses the first ITS of a group.'
      const details = { node: nodeWords(group), other: nodeWords(before), id: String(id) }
      const evidence = [nodeEvidence(at, before), nodeEvidence(at, group)]
      return [
        { subject: nodeSubject(group), devices: [], message: 'several', details, linux, evidence, severity: 'low' },
      ]
    }),
  )
}

function duplicateIds(at: IortCase): readonly OutcomeItem[] {
  const { madt } = at.machine.acpi
  if (madt.state !== 'known') return []
  const seen = new Set<number>()
  return itsOfMadt(madt.value).flatMap(({ itsId, entry }): OutcomeItem[] => {
    const again = seen.has(itsId)
    seen.add(itsId)
    if (!again) return []
    const linux = 'Linux finds one of them under that identifier; which one depends on the order in which they come up.'
    const details = { id: String(itsId) }
    const evidence = [madtEvidence(at, entry, `ITS ${itsId}`)]
    return [{ subject: `APIC ${hex(entry.offset)}`, devices: [], message: 'duplicate', details, linux, evidence }]
  })
}

function judge(at: IortCase): Judgement {
  const groups = at.iort.nodes.filter((node): node is ItsGroupNode => node.type === 'its-group')
  const empty = groups.filter(({ itsIds }) => itsIds.length === 0).map((group) => () => emptyGroup(at, group))
  return { failed: [...empty, ...sharedIts(at, groups), ...duplicateIds(at)], applicable: groups.length > 0 }
}

export const itsAmbiguous = iortRule({
  id: 'IR219',
  slug: 'its-ambiguous',
  title: 'An ITS group is empty, or an ITS has more than one place',
  severity: 'medium',
  effect: 'none',
  checks:
    'The number of identifiers in every ITS group, ITSs in several groups, and ITS identifiers that the MADT uses twice.',
  why: 'Which ITS checks the MSIs of a device has to be certain: a DeviceID means one device on one ITS and another one on the next.',
  remedy: [{ actor: 'firmware', text: 'Give every ITS its own identifier, and put it into one group.' }],
  limits: 'Whether the ITSs of a group see the same DeviceIDs, as they have to, no table tells.',
  references: [
    iortClause('ITS group node'),
    acpiClause('section 5.2.12.18, GIC Interrupt Translation Service structure'),
    bsaRule('ITS_01'),
    bsaRule('ITS_02'),
    linuxIort('iort_get_device_domain'),
  ],
  messages: {
    empty: 'The {node} names no ITS{affects}.',
    several: 'ITS {id} is in the {node} and in the {other}.',
    duplicate: 'The MADT has more than one ITS with the identifier {id}.',
  },
  judge: judge,
})
