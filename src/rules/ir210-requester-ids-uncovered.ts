import { iortNodeAt } from '../kernel/iort-walk.js'
import {
  intersection,
  iortRouting,
  type IdRange,
  type RangeRouting,
  type RootComplexRouting,
} from '../kernel/iort-ranges.js'
import type { Fact } from '../machine/fact.js'
import type { McfgTable } from '../machine/acpi.js'
import { requesterIdOf } from '../machine/identifiers.js'
import type { PciFunction } from '../machine/pci.js'
import { bsaRule, iortClause, linuxIort } from './firmware-references.js'
import { functionsOfSegment, functionsWhere, functionWords, affectsWords } from './iort-functions.js'
import {
  IORT_MESSAGES,
  judgeIort,
  nodeEvidence,
  nodeSubject,
  nodeWords,
  rangeWords,
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import type { OutcomeItem, Rule } from './rule.js'

const WITHOUT = {
  SMMU: 'Linux gives such a function no StreamID: it has no IOMMU group and cannot be assigned.',
  ITS: 'Linux gives such a function no MSI domain from the IORT and takes its RequesterID for the DeviceID.',
} as const
type Target = keyof typeof WITHOUT

/** RequesterIDs of the buses that MCFG gives a segment; all of them where it says nothing. */
function busesOf(mcfg: Fact<McfgTable>, segment: number): readonly IdRange[] {
  const ranges = (mcfg.state === 'known' ? mcfg.value.allocations : [])
    .filter((allocation) => allocation.segment === segment && allocation.endBus >= allocation.startBus)
    .map(({ startBus, endBus }) => ({ first: startBus << 8, last: (endBus << 8) | 0xff }))
  return ranges.length > 0 ? ranges : [{ first: 0, last: 0xffff }]
}

/** Buses that a bridge forwards: a device plugged in below gets one of them. */
function busesBehindBridges(functions: readonly PciFunction[]): readonly IdRange[] {
  return functions.flatMap(({ configuration }) => {
    const bridge = configuration.state === 'known' ? configuration.value.bridge : undefined
    if (!bridge || bridge.secondaryBus === 0 || bridge.subordinateBus < bridge.secondaryBus) return []
    return [{ first: bridge.secondaryBus << 8, last: (bridge.subordinateBus << 8) | 0xff }]
  })
}

/** RequesterIDs of the VFs that a physical function can still make. */
function freeVfs(fn: PciFunction): readonly number[] {
  const sriov = fn.configuration.state === 'known' ? fn.configuration.value.sriov : undefined
  if (sriov?.state !== 'known') return []
  const { totalVfs, firstVfOffset, vfStride, vfEnabled, numVfs } = sriov.value
  const made = vfEnabled ? numVfs : 0
  const own = requesterIdOf(fn.address)
  return Array.from(
    { length: Math.max(0, totalVfs - made) },
    (_, index) => own + firstVfOffset + (made + index) * vfStride,
  ).filter((id) => id !== own && id <= 0xffff)
}

function overlaps(ranges: readonly IdRange[], within: readonly IdRange[]): readonly IdRange[] {
  const found = new Map<string, IdRange>()
  for (const range of ranges) {
    for (const window of within) {
      const common = intersection(range, window)
      if (common) found.set(`${common.first} ${common.last}`, common)
    }
  }
  return [...found.values()].toSorted((left, right) => left.first - right.first)
}

function words(ranges: readonly IdRange[]): string {
  const shown = ranges.slice(0, 4).map(rangeWords).join(', ')
  return ranges.length > 4 ? `${shown} and ${ranges.length - 4} more ranges` : shown
}

/** One root complex against what is there and what may come. */
function ofTarget(at: IortCase, routing: RootComplexRouting, target: Target, ways: RangeRouting): OutcomeItem[] {
  const { rootComplex } = routing
  const base = { subject: nodeSubject(rootComplex), evidence: [nodeEvidence(at, rootComplex)] }
  const details = { node: nodeWords(rootComplex), target, linux: WITHOUT[target] }
  const items: OutcomeItem[] = []
  const present = functionsWhere(at, ({ stream, msi }) => {
    if (stream.rootComplex !== rootComplex) return false
    return (target === 'SMMU' ? stream.kind : msi.kind) === 'none'
  })
  if (present.length > 0) {
    const devices = functionWords(present)
    items.push({ ...base, devices: present, message: 'present', details: { ...details, devices } })
  }
  if (at.machine.functions.state !== 'known') {
    const uncovered = overlaps(ways.lost, busesOf(at.machine.acpi.mcfg, rootComplex.segment))
    const free = { ...base, devices: [], message: 'buses', severity: 'low', effect: 'none' } as const
    if (uncovered.length > 0) items.push({ ...free, details: { ...details, ranges: words(uncovered) } })
    return items
  }
  const functions = at.machine.functions.value.filter((fn) => fn.address.segment === rootComplex.segment)
  const behind = overlaps(ways.lost, busesBehindBridges(functions))
  const later = { ...base, devices: [], severity: 'low', effect: 'none' } as const
  if (behind.length > 0) {
    items.push({ ...later, message: 'hot-plug', details: { ...details, ranges: words(behind) } })
  }
  for (const fn of functions) {
    const ids = freeVfs(fn).filter((id) => ways.lost.some((range) => id >= range.first && id <= range.last))
    const [first] = ids
    if (first === undefined) continue
    const ranges = rangeWords({ first, last: ids.at(-1) ?? first })
    const vfs = { ...details, count: String(ids.length), ranges, device: fn.name }
    items.push({ ...later, message: 'free-vfs', details: vfs })
  }
  return items
}

function ofRootComplex(at: IortCase, routing: RootComplexRouting): OutcomeItem[] {
  const { rootComplex, toSmmu, toIts } = routing
  const items: OutcomeItem[] = []
  if (toSmmu.reached.length > 0) items.push(...ofTarget(at, routing, 'SMMU', toSmmu))
  if (toIts.reached.length > 0) items.push(...ofTarget(at, routing, 'ITS', toIts))
  if (toSmmu.reached.length > 0 || toIts.reached.length > 0) return items
  // References that lead nowhere are the findings of rules IR203 and IR204.
  if (rootComplex.mappings.some(({ outputReference }) => iortNodeAt(at.iort, outputReference) === undefined))
    return items
  const devices = functionsOfSegment(at, rootComplex.segment)
  const details = {
    node: nodeWords(rootComplex),
    affects: affectsWords(devices),
    linux: `${WITHOUT.SMMU} ${WITHOUT.ITS}`,
  }
  return [
    {
      subject: nodeSubject(rootComplex),
      devices,
      message: 'nothing',
      details,
      evidence: [nodeEvidence(at, rootComplex)],
      severity: devices.length > 0 ? 'high' : 'medium',
    },
  ]
}

function judge(at: IortCase): Judgement {
  const { rootComplexes } = iortRouting(at.iort, at.release)
  if (rootComplexes.length === 0) return { failed: [], applicable: false }
  return { failed: rootComplexes.flatMap((routing) => ofRootComplex(at, routing)) }
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
    nothing: 'No mapping of the {node} holds a RequesterID (0x0 to 0xffff){affects}. {linux}',
    buses: 'The {node} has no mapping to an {target} for the RequesterIDs {ranges}. {linux}',
    'hot-plug':
      'The {node} has no mapping to an {target} for the RequesterIDs {ranges}, which lie on buses behind its bridges. {linux}',
    'free-vfs':
      '{count} VFs that {device} can still make ({ranges}) have no mapping of the {node} to an {target}. {linux}',
  },
  check: (subject) => judgeIort(subject, false, judge),
}
