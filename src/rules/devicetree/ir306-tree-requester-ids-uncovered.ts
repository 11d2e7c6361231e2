import { commonRanges, within, type IdRange } from '../../kernel/ids/id-ranges.js'
import { maskedRanges, unmapped, type KnownMap } from '../../kernel/ids/tree-ways.js'
import type { BridgeMap } from '../../kernel/ids/tree-ids.js'
import type { PciFunction } from '../../machine/pci.js'
import { functionsWhere } from './devicetree-functions.js'
import {
  binding,
  idWords,
  judgeTree,
  linuxOf,
  propertyEvidence,
  rangesWords,
  TREE_MESSAGES,
  type TreeBridge,
  type TreeCase,
} from './devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import { requesterIdsBehind, requesterIdsOfFreeVfs } from '../future-requester-ids.js'
import { functionWords } from '../function-words.js'
import { hasGuessedDeviceId } from '../devices/its-users.js'
import type { OutcomeItem, Rule } from '../rule.js'

const REQUESTER_IDS: IdRange = { first: 0, last: 0xffff }

const WITHOUT = {
  'iommu-map': 'Linux gives such a function no IOMMU (ENODEV): it reaches all of memory and never gets an IOMMU group.',
  'msi-map':
    'Linux takes the map for passed and looks at msi-parent and at the host bridge itself for another controller.',
} as const

function functionsOf(at: TreeCase, bridge: TreeBridge): readonly PciFunction[] {
  return bridge.functions.flatMap((name) => at.routes.byName.get(name)?.fn ?? [])
}

function later(at: TreeCase, bridge: TreeBridge, map: KnownMap, base: Omit<OutcomeItem, 'message'>): OutcomeItem[] {
  const functions = functionsOf(at, bridge)
  const behind = functions.flatMap((fn) => requesterIdsBehind(fn) ?? [])
  // A bus below a bridge is also behind the bridges above that one.
  const buses = behind.filter(
    (range) =>
      !behind.some(
        (other) =>
          other !== range &&
          other.first <= range.first &&
          other.last >= range.last &&
          (other.first !== range.first || other.last !== range.last),
      ),
  )
  const uncovered = unmapped(map, REQUESTER_IDS)
  const hotPlug = commonRanges(
    buses.flatMap((range) => maskedRanges(range, map.mask)),
    uncovered,
  )
  const items: OutcomeItem[] = []
  if (hotPlug.length > 0)
    items.push({ ...base, message: 'hot-plug', details: { ...base.details, ranges: rangesWords(hotPlug) } })
  for (const fn of functions) {
    const ids = requesterIdsOfFreeVfs(fn).filter((id) => {
      const masked = (id & map.mask) >>> 0
      return !within(uncovered, { first: masked, last: masked }).next().done
    })
    const [first] = ids
    if (first === undefined) continue
    const ranges = idWords({ first, last: ids.at(-1) ?? first })
    const details = { ...base.details, count: String(ids.length), ranges, device: fn.name }
    items.push({ ...base, message: 'free-vfs', details })
  }
  return items
}

function ofMap(at: TreeCase, bridge: TreeBridge, { name, map, routing }: BridgeMap): OutcomeItem[] {
  const lost = routing.stuck.filter(({ why }) => why === 'no-match')
  // A map that cannot be used as a whole is the subject of rule IR303.
  if (map.reading.entries.length === 0 || map.reading.faults.length > 0 || lost.length === 0) return []
  const present = functionsWhere(at, bridge, name, (answer) => answer.kind === 'no-match')
  const details = { bridge: bridge.node.path, map: name, linux: WITHOUT[name] }
  const base = { subject: bridge.node.path, evidence: [propertyEvidence(bridge.node, name)] }
  const free: Omit<OutcomeItem, 'message'> = { ...base, devices: [], details, severity: 'low' }
  const items: OutcomeItem[] = []
  const isGuessed = (fn: string) => name === 'msi-map' && hasGuessedDeviceId(at.routes.byName.get(fn))
  const item = (devices: readonly string[]) => ({
    ...base,
    devices,
    details: { ...details, devices: functionWords(devices) },
    severity: name === 'iommu-map' ? ('high' as const) : ('medium' as const),
  })
  const guessed = present.filter(isGuessed)
  const others = present.filter((fn) => !isGuessed(fn))
  if (others.length > 0) items.push({ ...item(others), message: 'present' })
  if (guessed.length > 0) items.push({ ...item(guessed), message: 'device-id-guessed', effect: 'caveat' })
  if (bridge.functions.length > 0) return [...items, ...later(at, bridge, map, free)]
  return [...items, { ...free, message: 'buses', details: { ...details, ranges: rangesWords(lost) } }]
}

export const treeRequesterIdsUncovered: Rule = {
  id: 'IR306',
  slug: 'tree-requester-ids-uncovered',
  title: 'A map of a host bridge does not hold all of its RequesterIDs',
  scope: 'firmware',
  severity: 'high',
  effect: 'none',
  checks:
    'iommu-map and msi-map of the enabled host bridges, against the RequesterIDs of the functions that are there, of the buses behind bridges and of VFs that can still be made; without functions against bus-range.',
  why: 'A function outside the map is behind no IOMMU, or raises its MSIs past the controller that checks them. Slots and VFs are covered by nobody until a device appears in them.',
  remedy: [{ actor: 'firmware', text: 'Let the map hold every bus that the host bridge can number.' }],
  limits:
    'Hardware with a lookup table of few entries cannot be described otherwise. Buses that are numbered anew are not foreseen.',
  references: [
    binding('pci/pci-iommu.txt'),
    binding('pci/pci-msi.txt'),
    bsaRule('ITS_DEV_5'),
    linuxOf('drivers/of/base.c: of_map_id'),
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    present: '{map} of {bridge} has no entry for {devices}. {linux}',
    'device-id-guessed':
      'msi-map of {bridge} has no entry for {devices}. Linux sends their MSIs to an ITS all the same and takes their RequesterIDs for DeviceIDs: under which the hardware knows them is not described.',
    buses: '{map} of {bridge} has no entry for the RequesterIDs {ranges} (after the mask). {linux}',
    'hot-plug':
      '{map} of {bridge} has no entry for the RequesterIDs {ranges} (after the mask), which lie on buses behind its bridges. {linux}',
    'free-vfs': '{count} VFs that {device} can still make ({ranges}) have no entry in {map} of {bridge}. {linux}',
  },
  check: (subject) =>
    judgeTree(subject, false, (at) => {
      const maps = at.bridges.flatMap((bridge) => bridge.maps.map((one) => ({ bridge, one })))
      return { failed: maps.flatMap(({ bridge, one }) => ofMap(at, bridge, one)), applicable: maps.length > 0 }
    }),
}
