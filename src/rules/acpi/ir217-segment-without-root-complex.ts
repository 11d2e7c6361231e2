import { isWhole } from './table-diagnostics.js'
import type { McfgAllocation } from '../../machine/mcfg.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { iortRule, unreadableTable, type IortCase } from './iort-judgement.js'
import type { Evidence, OutcomeItem } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

function allocationEvidence(at: IortCase, allocation: McfgAllocation): Evidence {
  const path = at.machine.acpi.mcfg.from[0]?.path ?? 'sys/firmware/acpi/tables/MCFG'
  const value = `segment ${allocation.segment}, buses ${allocation.startBus} to ${allocation.endBus}`
  return { from: { path, at: { offset: allocation.offset, length: 16 } }, value }
}

/** The allocations of a segment; where there is none, the table that has no root complex of it. */
function placesOf({ path }: IortCase, segment: number, allocations: readonly Evidence[]): readonly Evidence[] {
  return allocations.length > 0 ? allocations : [{ from: { path }, value: `no root complex of segment ${segment}` }]
}

/** MCFG has 16-bit segments; what Linux makes up (VMD) lies above and is in no table. */
const DESCRIBED_SEGMENTS = 0x10000

function judge(at: IortCase): Judgement {
  const { iort, mcfg } = at.machine.acpi
  // A node that was not read may be the one.
  if (!isWhole(at.iort)) return { failed: [], unknown: [unreadableTable(iort, 'IORT', [])] }
  const covered = new Set(at.iort.nodes.flatMap((node) => (node.type === 'root-complex' ? [node.segment] : [])))
  const evidence = new Map<number, Evidence[]>()
  if (mcfg.state === 'known') {
    for (const allocation of mcfg.value.allocations) {
      const list = evidence.get(allocation.segment) ?? []
      evidence.set(allocation.segment, list)
      list.push(allocationEvidence(at, allocation))
    }
  }
  for (const { fn } of at.routes.routes) {
    const { segment } = fn.address
    if (segment < DESCRIBED_SEGMENTS && !evidence.has(segment)) evidence.set(segment, [])
  }
  const missing = [...evidence.keys()].filter((segment) => !covered.has(segment)).sort((left, right) => left - right)
  const unknown = mcfg.state === 'unreadable' ? [unreadableTable(mcfg, 'MCFG', [])] : []
  const uncovered = new Set(missing)
  const devices = at.routes.routes.flatMap(({ fn }) => (uncovered.has(fn.address.segment) ? [fn.name] : []))
  if (missing.length === 0) return { failed: [], unknown, applicable: evidence.size > 0 || unknown.length > 0 }
  const shown = missing.slice(0, 8).join(', ')
  const item: OutcomeItem = {
    subject: `IORT segment ${shown}`,
    devices,
    message: missing.length === 1 ? 'one' : 'several',
    details: {
      segments: missing.length > 8 ? `${shown} and ${missing.length - 8} more` : shown,
    },
    linux: 'Linux finds no SMMU and no ITS for functions there: they have no IOMMU group and cannot be assigned.',
    evidence: missing.slice(0, 8).flatMap((segment) => placesOf(at, segment, evidence.get(segment) ?? [])),
    severity: devices.length > 0 ? 'high' : 'medium',
  }
  return { failed: [item], unknown }
}

export const segmentWithoutRootComplex = iortRule({
  id: 'IR217',
  slug: 'segment-without-root-complex',
  title: 'A PCI segment has no root complex node in the IORT',
  severity: 'medium',
  effect: 'none',
  checks: 'The segments of MCFG and of the present functions, against the root complex nodes of the IORT.',
  why: 'Functions of that segment are behind no SMMU that the kernel knows, and their MSIs go to no ITS.',
  remedy: [{ actor: 'firmware', text: 'Add a root complex node for the segment.' }],
  limits: 'Segments that neither MCFG nor a present function shows go unseen.',
  references: [
    iortClause('Root complex node: PCI segment number'),
    { kind: 'specification', title: 'PCI Firmware specification 3.3', locator: 'section 4.1.2, MCFG' },
    linuxIort('iort_find_dev_node'),
  ],
  messages: {
    one: 'PCI segment {segments} has no root complex node{affects}.',
    several: 'The PCI segments {segments} have no root complex node{affects}.',
  },
  judge: judge,
})
