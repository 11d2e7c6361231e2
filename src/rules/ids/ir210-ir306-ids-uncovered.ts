import { commonRanges, merged, rangeOf, type IdRange } from '../../kernel/ids/id-ranges.js'
import {
  findsNothing,
  maskedRanges,
  type HostIds,
  type IdKind,
  type IdsTo,
  type StuckWhy,
} from '../../kernel/ids/id-way.js'
import type { RootComplexIds } from '../../kernel/ids/iort-ids.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { iortRule, nodeItem, notFollowed, withoutSmmuWords, type IortCase } from '../acpi/iort-judgement.js'
import { itsOfMadt } from '../acpi/madt-its.js'
import { hasGuessedDeviceId } from '../devices/its-users.js'
import { mapItem, treeRule, type TreeCase, type TreeMap } from '../devicetree/devicetree-judgement.js'
import { bsaRule, iortClause, linuxIort, linuxOf, MAP_BINDINGS } from '../firmware-references.js'
import { functionWords } from '../function-words.js'
import {
  functionsWhere,
  isWay,
  requesterIdsBehind,
  requesterIdsOfFreeVfs,
  type IdCase,
  type PresentId,
} from '../present-ids.js'
import type { Remark } from '../firmware-rule.js'
import type { Effect, OutcomeItem, Severity } from '../rule.js'
import { idRangesWords } from './id-words.js'

/**
 * What firmware leaves out. Last ids that an old release leaves to nobody are told by rule IR212, maps that cannot be
 * used by IR301 and IR303, what a damaged node may hold by IR201.
 */
const LEFT_OUT = new Set<StuckWhy>(['no-match', 'no-mappings', 'null-reference', 'dangling-reference', 'loop'])

/** One host towards one kind of controller: what is to be said where it leaves ids out. */
interface Gap {
  readonly host: HostIds
  readonly kind: IdKind
  readonly to: IdsTo
  readonly item: (remark: Remark) => OutcomeItem
  readonly severities: { readonly present: Severity; readonly later: Severity }
  /** Whether Linux finds nothing for a function that is there. */
  readonly isWithout: (answer: PresentId['stream']) => boolean
  /** RequesterIDs that may come where no function is to be seen; undefined where functions are listed. */
  readonly buses: readonly IdRange[] | undefined
}

/** Of functions still to come: nobody is without anything until they do. */
function ofLater(at: IdCase, { host, to, item, severities, buses }: Gap): readonly OutcomeItem[] {
  const lost = to.stuck.filter(({ why }) => LEFT_OUT.has(why))
  const of = (message: string, ranges: readonly IdRange[], more = {}): readonly OutcomeItem[] => {
    const uncovered = commonRanges(lost, ranges)
    const details = { ranges: idRangesWords(uncovered), ...more }
    return uncovered.length === 0 ? [] : [item({ message, details, severity: severities.later })]
  }
  const masked = (ids: IdRange) => maskedRanges(ids, to.mask)
  if (buses) return of('buses', buses.flatMap(masked))
  const present = at.present().below(host)
  const functions = [...new Set(present.map(({ route }) => route.fn))]
  // A bus below a bridge is also behind the bridges above that one.
  const behind = merged(functions.flatMap((fn) => requesterIdsBehind(fn) ?? []))
  const ascending = merged(lost)
  const vfs = functions.flatMap((fn) => {
    const ids = requesterIdsOfFreeVfs(fn)
    if (ids.length === 0) return []
    const without = ids
      .map((id) => id & to.mask)
      .flatMap((id) => (rangeOf(ascending, id) ? [{ first: id, last: id }] : []))
    return of('free-vfs', without, { count: String(without.length), device: fn.name })
  })
  return [...of('hot-plug', behind.flatMap(masked)), ...vfs]
}

/** What is to be said of a gap: of functions that are there, and of those still to come. */
function ofGap(at: IdCase, gap: Gap): readonly OutcomeItem[] {
  const { host, kind, item, severities } = gap
  const names = functionsWhere(at, (id) => gap.isWithout(kind === 'StreamID' ? id.stream : id.device), host)
  const isGuessed = (name: string) => kind === 'DeviceID' && hasGuessedDeviceId(at.routes.byName.get(name))
  const of = (message: string, effect: Effect, devices: readonly string[]): readonly OutcomeItem[] => {
    const details = { devices: functionWords(devices) }
    return devices.length === 0 ? [] : [item({ message, effect, devices, details, severity: severities.present })]
  }
  return [
    ...of(
      'present',
      'none',
      names.filter((name) => !isGuessed(name)),
    ),
    ...of('device-id-guessed', 'caveat', names.filter(isGuessed)),
    ...ofLater(at, gap),
  ]
}

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
  const target = kind === 'StreamID' ? 'SMMU' : 'ITS'
  return ofGap(at, {
    host,
    kind,
    to,
    item: (remark) => nodeItem(at, rootComplex, [], { linux, ...remark, details: { target, ...remark.details } }),
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
  return nodeItem(at, rootComplex, [], {
    devices,
    message: rootComplex.mappings.length === 0 ? 'no-mappings' : 'nothing',
    linux: `${withoutSmmuWords(at)} ${WITHOUT_ITS}`,
    severity: meant ? 'info' : devices.length > 0 ? 'high' : 'medium',
  })
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
  severity: 'high',
  effect: 'none',
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

const WITHOUT_ENTRY = {
  'iommu-map': 'Linux gives such a function no IOMMU (ENODEV): it reaches all of memory and never gets an IOMMU group.',
  'msi-map':
    'Linux takes the map for passed and looks at msi-parent and at the host bridge itself for another controller.',
} as const

function ofMap(at: TreeCase, one: TreeMap): readonly OutcomeItem[] {
  const { bridge, name, map, to } = one
  // A map that cannot be used as a whole is the subject of rule IR303.
  if (map.reading.entries.length === 0 || map.reading.faults.length > 0) return []
  const isIommu = name === 'iommu-map'
  return ofGap(at, {
    host: bridge,
    kind: isIommu ? 'StreamID' : 'DeviceID',
    to,
    item: (remark) => mapItem(one, { linux: WITHOUT_ENTRY[name], ...remark }),
    severities: { present: isIommu ? 'high' : 'medium', later: 'low' },
    isWithout: (answer) => answer !== undefined && !isWay(answer) && answer.why === 'no-match',
    buses: bridge.functions.length > 0 ? undefined : bridge.buses,
  })
}

export const treeRequesterIdsUncovered = treeRule({
  severity: 'high',
  effect: 'none',
  id: 'IR306',
  slug: 'tree-requester-ids-uncovered',
  title: 'A map of a host bridge does not hold all of its RequesterIDs',
  checks:
    'iommu-map and msi-map of the enabled host bridges, against the RequesterIDs of the functions that are there, of the buses behind bridges and of VFs that can still be made; without functions against bus-range.',
  why: 'A function outside the map is behind no IOMMU, or raises its MSIs past the controller that checks them. Slots and VFs are covered by nobody until a device appears in them.',
  remedy: [{ actor: 'firmware', text: 'Let the map hold every bus that the host bridge can number.' }],
  limits:
    'Hardware with a lookup table of few entries cannot be described otherwise. Buses that are numbered anew are not foreseen.',
  references: [...MAP_BINDINGS, bsaRule('ITS_DEV_5'), linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    present: '{map} of {bridge} has no entry for {devices}.',
    'device-id-guessed':
      'msi-map of {bridge} has no entry for {devices}. Linux sends their MSIs to an ITS all the same and takes their RequesterIDs for DeviceIDs: under which the hardware knows them is not described.',
    buses: '{map} of {bridge} has no entry for the RequesterIDs {ranges} (after the mask).',
    'hot-plug':
      '{map} of {bridge} has no entry for the RequesterIDs {ranges} (after the mask), which lie on buses behind its bridges.',
    'free-vfs': '{count} VFs that {device} can still make ({ranges}) have no entry in {map} of {bridge}.',
  },
  judge: (at) => ({ failed: at.maps.flatMap((one) => ofMap(at, one)), applicable: at.maps.length > 0 }),
})
