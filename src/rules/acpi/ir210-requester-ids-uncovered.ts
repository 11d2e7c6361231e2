import type { IortNode, RootComplexNode } from '../../machine/iort.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { commonRanges, type IdRange } from '../../kernel/ids/id-ranges.js'
import type { StuckAtIort } from '../../kernel/ids/iort-first-matches.js'
import type { IdsTo, RootComplexIds } from '../../kernel/ids/iort-ids.js'
import type { PciFunction } from '../../machine/pci.js'
import { bsaRule, iortClause, linuxIort } from '../firmware-references.js'
import { affectsWords, functionWords } from '../function-words.js'
import { functionWalks } from './iort-functions.js'
import {
  IORT_MESSAGES,
  judgeIort,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  rangeWords,
  withoutSmmuWords,
  type Found,
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import { hasGuessedDeviceId } from '../devices/its-users.js'
import { itsOfMadt } from './madt-its.js'
import { requesterIdsBehind, requesterIdsOfFreeVfs } from '../future-requester-ids.js'
import { busesBySegment } from '../../kernel/ids/mcfg-buses.js'
import type { Effect, OutcomeItem, Rule } from '../rule.js'

type Target = 'SMMU' | 'ITS'

const WITHOUT_ITS =
  'Linux gives such a function no MSI domain from the IORT and takes its RequesterID for the DeviceID.'

/** Functions that a root complex leaves without, and all functions of its segment. */
interface Present {
  readonly without: ReadonlyMap<string, readonly string[]>
  readonly ofSegment: ReadonlyMap<number, readonly PciFunction[]>
  readonly buses: (segment: number) => readonly IdRange[]
}

function grouped<K, V>(pairs: Iterable<readonly [K, V]>): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>()
  for (const [key, value] of pairs) {
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(value)
  }
  return groups
}

const keyOf = (target: Target, rootComplex: IortNode) => `${target} ${rootComplex.offset}`

function presentOf(at: IortCase): Present {
  const without = functionWalks(at).flatMap(({ route, stream, msi }): [string, string][] => {
    const { rootComplex } = stream
    if (!rootComplex) return []
    return [
      ...(stream.kind === 'none' ? [[keyOf('SMMU', rootComplex), route.fn.name] as [string, string]] : []),
      ...(msi.kind === 'none' ? [[keyOf('ITS', rootComplex), route.fn.name] as [string, string]] : []),
    ]
  })
  return {
    without: grouped(without),
    ofSegment: grouped(at.routes.routes.map(({ fn }) => [fn.address.segment, fn] as const)),
    buses: busesBySegment(at.machine.acpi.mcfg),
  }
}

function words(ranges: readonly IdRange[]): string {
  const shown = ranges.slice(0, 4).map(rangeWords).join(', ')
  return ranges.length > 4 ? `${shown} and ${ranges.length - 4} more ranges` : shown
}

interface Way {
  readonly rootComplex: RootComplexNode
  readonly target: Target
  readonly lost: readonly IdRange[]
  /** MCFG lets buses be numbered, and none above the root's own is mapped: whatever is plugged in has nothing. */
  readonly rootOnly: boolean
}

/** What has no function yet: nobody is without anything until it has. */
function ofRanges(
  at: IortCase,
  way: Way,
  message: string,
  ranges: readonly IdRange[],
  more = {},
): readonly OutcomeItem[] {
  const uncovered = commonRanges(way.lost, ranges)
  if (uncovered.length === 0) return []
  const { rootComplex } = way
  return [
    {
      subject: nodeSubject(rootComplex),
      devices: [],
      message,
      details: { ...wayDetails(at, way), ranges: words(uncovered), ...more },
      evidence: [nodeEvidence(at, rootComplex)],
      severity: way.rootOnly ? 'medium' : 'low',
    },
  ]
}

const wayDetails = (at: IortCase, { rootComplex, target }: Way) => ({
  node: nodeWords(rootComplex),
  target,
  linux: target === 'ITS' ? WITHOUT_ITS : withoutSmmuWords(at),
})

function ofVfs(at: IortCase, way: Way, functions: readonly PciFunction[]): readonly OutcomeItem[] {
  const uncovered = new Uint8Array(0x10000)
  for (const { first, last } of way.lost) uncovered.fill(1, first, last + 1)
  return functions.flatMap((fn) => {
    const ids = requesterIdsOfFreeVfs(fn).filter((id) => uncovered[id] === 1)
    const ranges = ids.map((id) => ({ first: id, last: id }))
    return ofRanges(at, way, 'free-vfs', ranges, { count: String(ids.length), device: fn.name })
  })
}

function ofPresent(
  at: IortCase,
  way: Way,
  message: string,
  devices: readonly string[],
  effect?: Effect,
): readonly OutcomeItem[] {
  if (devices.length === 0) return []
  const { rootComplex } = way
  const details = { ...wayDetails(at, way), devices: functionWords(devices) }
  const evidence = [nodeEvidence(at, rootComplex)]
  return [{ subject: nodeSubject(rootComplex), devices, message, details, evidence, ...(effect ? { effect } : {}) }]
}

/** One root complex against what is there and what may come. */
function ofWay(at: IortCase, way: Way, present: Present): readonly OutcomeItem[] {
  const { rootComplex, target } = way
  const names = [...new Set(present.without.get(keyOf(target, rootComplex)) ?? [])]
  const guessed = target === 'ITS' ? names.filter((name) => hasGuessedDeviceId(at.routes.byName.get(name))) : []
  const without: readonly OutcomeItem[] = [
    ...ofPresent(
      at,
      way,
      'present',
      names.filter((name) => !guessed.includes(name)),
    ),
    ...ofPresent(at, way, 'device-id-guessed', guessed, 'caveat'),
  ]
  const { segment } = rootComplex
  if (at.machine.functions.state !== 'known') {
    return [...without, ...ofRanges(at, way, 'buses', present.buses(segment))]
  }
  const functions = present.ofSegment.get(segment) ?? []
  const buses = functions.flatMap((fn) => requesterIdsBehind(fn) ?? [])
  const behind = ofRanges(at, way, 'hot-plug', buses)
  return [...without, ...behind, ...ofVfs(at, way, functions)]
}

/** Last ids that an old release leaves to nobody are told by rule IR212, what a damaged node may hold by rule IR201. */
const TOLD_ELSEWHERE = new Set<StuckAtIort>(['range-end', 'mappings-incomplete', 'node-too-short'])

const lostOf = ({ stuck }: IdsTo): readonly IdRange[] => stuck.filter(({ why }) => !TOLD_ELSEWHERE.has(why))

function mapsRootBusOnly(at: IortCase, { reached }: IdsTo, buses: readonly IdRange[]): boolean {
  const [root] = buses
  if (at.machine.acpi.mcfg.state !== 'known' || !root) return false
  const above = { first: (root.first | 0xff) + 1, last: 0xffff }
  const numbered = commonRanges(buses, [above])
  return numbered.length > 0 && commonRanges(reached, numbered).length === 0
}

/** What a root complex leaves without SMMU and without ITS alike is one fault. */
function asOne(at: IortCase, smmu: readonly OutcomeItem[], its: readonly OutcomeItem[]): readonly OutcomeItem[] {
  const keyOfItem = ({ message, devices, details: { ranges, device } }: OutcomeItem) =>
    JSON.stringify([message, devices, ranges, device])
  const byKey = new Map(its.map((item) => [keyOfItem(item), item]))
  const both = smmu.map((item): OutcomeItem => {
    if (!byKey.delete(keyOfItem(item))) return item
    const linux = `${withoutSmmuWords(at)} ${WITHOUT_ITS}`
    return { ...item, details: { ...item.details, target: 'SMMU or an ITS', linux } }
  })
  return [...both, ...byKey.values()]
}

function ofRootComplex(at: IortCase, routing: RootComplexIds, present: Present): readonly Found[] {
  const { rootComplex, toSmmu, toIts } = routing
  if (toSmmu.reached.length > 0 || toIts.reached.length > 0) {
    const wayTo = (target: Target, to: IdsTo): readonly OutcomeItem[] => {
      if (to.reached.length === 0) return []
      const rootOnly = mapsRootBusOnly(at, to, present.buses(rootComplex.segment))
      return ofWay(at, { rootComplex, target, lost: lostOf(to), rootOnly }, present)
    }
    return asOne(at, wayTo('SMMU', toSmmu), wayTo('ITS', toIts))
  }
  // References that lead nowhere are the findings of rules IR203 and IR204.
  const leads = rootComplex.mappings.every(({ outputReference }) => iortNodeAt(at.iort, outputReference))
  return leads ? [nothingCovered(at, rootComplex, present)] : []
}

/** A root complex without any mapping is how firmware says that there is neither SMMU nor ITS. */
function nothingCovered(at: IortCase, rootComplex: RootComplexNode, present: Present): OutcomeItem {
  const devices = (present.ofSegment.get(rootComplex.segment) ?? []).map((fn) => fn.name)
  const { madt } = at.machine.acpi
  const meant = rootComplex.mappings.length === 0 && madt.state === 'known' && itsOfMadt(madt.value).length === 0
  return {
    subject: nodeSubject(rootComplex),
    devices,
    message: rootComplex.mappings.length === 0 ? 'no-mappings' : 'nothing',
    details: {
      node: nodeWords(rootComplex),
      affects: affectsWords(devices),
      linux: `${withoutSmmuWords(at)} ${WITHOUT_ITS}`,
    },
    evidence: [nodeEvidence(at, rootComplex)],
    severity: meant ? 'info' : devices.length > 0 ? 'high' : 'medium',
  }
}

function judge(at: IortCase): Judgement {
  const { bySegment, complete } = at.ids
  const rootComplexes = [...bySegment.values()]
  if (rootComplexes.length === 0) return { failed: [], applicable: false }
  if (!complete) return { failed: [], unknown: [notFollowed(at, false)] }
  const present = presentOf(at)
  return { failed: rootComplexes.flatMap((routing) => ofRootComplex(at, routing, present)) }
}

export const requesterIdsUncovered: Rule = {
  id: 'IR210',
  slug: 'requester-ids-uncovered',
  title: 'RequesterIDs have no mapping to an SMMU or an ITS',
  scope: 'firmware',
  severity: 'high',
  effect: 'none',
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
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...IORT_MESSAGES,
    present: 'The {node} has no mapping to an {target} for {devices}. {linux}',
    'device-id-guessed':
      'The {node} has no mapping to an ITS for {devices}. Linux gives them the ITS of the bridge above and takes their RequesterIDs for DeviceIDs: under which the hardware knows them is not described.',
    nothing: 'No mapping of the {node} holds a RequesterID (0x0 to 0xffff){affects}. {linux}',
    'no-mappings': 'The {node} has no mappings, to an SMMU or to an ITS{affects}. {linux}',
    buses: 'The {node} has no mapping to an {target} for the RequesterIDs {ranges}. {linux}',
    'hot-plug':
      'The {node} has no mapping to an {target} for the RequesterIDs {ranges}, which lie on buses behind its bridges. {linux}',
    'free-vfs':
      '{count} VFs that {device} can still make ({ranges}) have no mapping of the {node} to an {target}. {linux}',
  },
  check: (subject) => judgeIort(subject, false, judge),
}
