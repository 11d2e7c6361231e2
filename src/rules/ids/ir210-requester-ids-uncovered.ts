import { commonRanges } from '../../kernel/ids/id-ranges.js'
import { findsNothing, type IdKind, type IdsTo } from '../../kernel/ids/id-way.js'
import type { RootComplexIds } from '../../kernel/ids/iort-ids.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import {
  iortRule,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  withoutSmmuWords,
  type IortCase,
} from '../acpi/iort-judgement.js'
import { itsOfMadt } from '../acpi/madt-its.js'
import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'
import { functionsWhere, isWay, type PresentId } from '../present-ids.js'
import { ofGap, SHARED } from './ids-uncovered.js'

const WITHOUT_ITS =
  'Linux gives such a function no MSI domain from the IORT and takes its RequesterID for the DeviceID.'

/** Linux finds none: because no mapping holds the id, or because the ITS group has no ITS. */
function findsNone(answer: PresentId['stream']): boolean {
  if (isWay(answer)) {
    const { target } = answer.space
    return 'itsIds' in target && target.itsIds.length === 0 && (target.itsCount ?? 0) === 0
  }
  return answer !== undefined && findsNothing(answer.why)
}

/** MCFG lets buses be numbered, and none above the root's own is mapped: whatever is plugged in has nothing. */
function mapsRootBusOnly(at: IortCase, { buses }: RootComplexIds, { reached }: IdsTo): boolean {
  const [root] = buses
  if (at.machine.acpi.mcfg.state !== 'known' || !root) return false
  const numbered = commonRanges(buses, [{ first: (root.first | 0xff) + 1, last: 0xffff }])
  return numbered.length > 0 && commonRanges(reached, numbered).length === 0
}

function gapOf(at: IortCase, host: RootComplexIds, kind: IdKind): readonly OutcomeItem[] {
  const { rootComplex } = host
  const to = kind === 'StreamID' ? host.toIommu : host.toMsi
  if (to.reached.length === 0) return []
  const linux = kind === 'StreamID' ? withoutSmmuWords(at) : WITHOUT_ITS
  const details = { node: nodeWords(rootComplex), target: kind === 'StreamID' ? 'SMMU' : 'ITS' }
  return ofGap(at, {
    host,
    kind,
    to,
    item: { subject: nodeSubject(rootComplex), details, linux, evidence: [nodeEvidence(at, rootComplex)] },
    severities: { present: 'high', later: mapsRootBusOnly(at, host, to) ? 'medium' : 'low' },
    isWithout: findsNone,
    buses: at.machine.functions.state === 'known' ? undefined : host.buses,
  })
}

/** What a root complex leaves without SMMU and without ITS alike is one fault. */
function asOne(at: IortCase, smmu: readonly OutcomeItem[], its: readonly OutcomeItem[]): readonly OutcomeItem[] {
  const keyOf = ({ message, devices, details: { ranges, device } }: OutcomeItem) =>
    JSON.stringify([message, devices, ranges, device])
  const byKey = new Map(its.map((item) => [keyOf(item), item]))
  const both = smmu.map((item): OutcomeItem => {
    if (!byKey.delete(keyOf(item))) return item
    const linux = `${withoutSmmuWords(at)} ${WITHOUT_ITS}`
    return { ...item, details: { ...item.details, target: 'SMMU or an ITS' }, linux }
  })
  return [...both, ...byKey.values()]
}

/** A root complex without any mapping is how firmware says that there is neither SMMU nor ITS. */
function nothingCovered(at: IortCase, host: RootComplexIds): OutcomeItem {
  const { rootComplex } = host
  const devices = functionsWhere(at, () => true, host)
  const { madt } = at.machine.acpi
  const meant = rootComplex.mappings.length === 0 && madt.state === 'known' && itsOfMadt(madt.value).length === 0
  const linux = `${withoutSmmuWords(at)} ${WITHOUT_ITS}`
  return {
    subject: nodeSubject(rootComplex),
    devices,
    message: rootComplex.mappings.length === 0 ? 'no-mappings' : 'nothing',
    details: { node: nodeWords(rootComplex) },
    linux,
    evidence: [nodeEvidence(at, rootComplex)],
    severity: meant ? 'info' : devices.length > 0 ? 'high' : 'medium',
  }
}

function ofRootComplex(at: IortCase, host: RootComplexIds): readonly OutcomeItem[] {
  const { rootComplex, toIommu, toMsi } = host
  if (toIommu.reached.length > 0 || toMsi.reached.length > 0)
    return asOne(at, gapOf(at, host, 'StreamID'), gapOf(at, host, 'DeviceID'))
  // References that lead nowhere are the findings of rules IR203 and IR204.
  const leads = rootComplex.mappings.every(({ outputReference }) => iortNodeAt(at.iort, outputReference))
  return leads ? [nothingCovered(at, host)] : []
}

export const requesterIdsUncovered = iortRule({
  ...SHARED,
  id: 'IR210',
  slug: 'requester-ids-uncovered',
  title: 'RequesterIDs have no mapping to an SMMU or an ITS',
  checks:
    'The mappings of every root complex, against the RequesterIDs of the functions that are there, of VFs that can still be made, and of the buses behind bridges; without functions against the buses of MCFG.',
  why: 'A function outside every mapping is behind no SMMU, or raises its MSIs past the ITS that checks them. Slots and VFs are covered by nobody until a device appears in them.',
  remedy: [{ actor: 'firmware', text: 'Let the mappings cover every bus that the root complex can number.' }],
  limits: 'Buses that the operating system numbers anew are not foreseen.',
  references: [
    iortClause('Root complex node: ID mappings'),
    bsaRule('ITS_DEV_5'),
    bsaRule('S_L7SM_01'),
    linuxIort('iort_pci_iommu_init, iort_msi_map_id'),
  ],
  messages: {
    present: 'The {node} has no mapping to an {target} for {devices}.',
    'device-id-guessed':
      'The {node} has no mapping to an ITS for {devices}. Linux gives them the ITS of the bridge above and takes their RequesterIDs for DeviceIDs: under which the hardware knows them is not described.',
    nothing: 'No mapping of the {node} holds a RequesterID (0x0 to 0xffff){affects}.',
    'no-mappings': 'The {node} has no mappings, to an SMMU or to an ITS{affects}.',
    buses: 'The {node} has no mapping to an {target} for the RequesterIDs {ranges}.',
    'hot-plug':
      'The {node} has no mapping to an {target} for the RequesterIDs {ranges}, which lie on buses behind its bridges.',
    'free-vfs': '{count} VFs that {device} can still make ({ranges}) have no mapping of the {node} to an {target}.',
  },
  judge: (at) => {
    const hosts = [...at.ids.bySegment.values()]
    if (hosts.length === 0) return { failed: [], applicable: false }
    if (!at.ids.complete) return { failed: [], unknown: [notFollowed(at)] }
    return { failed: hosts.flatMap((host) => ofRootComplex(at, host)) }
  },
})
