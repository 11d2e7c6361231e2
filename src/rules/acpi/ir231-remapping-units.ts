import type { DmarStructure, DmarTable } from '../../machine/dmar.js'
import { hex } from '../../machine/identifiers.js'
import type { OutcomeItem } from '../rule.js'
import {
  dmarRule,
  linuxDmar,
  placeEvidence,
  structuresOf,
  structureSubject,
  structureWords,
  vtdClause,
  type TableCase,
} from './x86-judgement.js'

type Drhd = Extract<DmarStructure, { readonly type: 'drhd' }>

const INCLUDE_ALL = 1
const PAGE = 0x1000n

const includesAll = ({ flags }: Drhd) => (flags & INCLUDE_ALL) !== 0

function itemOf(
  { path }: TableCase<DmarTable>,
  unit: Drhd,
  message: string,
  linux: string,
  more: Readonly<Record<string, string>> = {},
): OutcomeItem {
  return {
    subject: structureSubject(unit),
    devices: [],
    message,
    details: { unit: structureWords(unit), base: hex(unit.registerBase), ...more },
    linux,
    evidence: [placeEvidence(path, unit.offset, unit.length, `registers at ${hex(unit.registerBase)}`)],
  }
}

/** The units that others are compared with. */
interface Compared {
  /** The first unit with each register base. */
  readonly byBase: ReadonlyMap<bigint, Drhd>
  /** The first unit of each segment that includes all. */
  readonly includingAll: ReadonlyMap<number, Drhd>
  /** The first unit of each segment that does not and stands behind that one. */
  readonly behindAll: ReadonlyMap<number, Drhd>
}

function compared(units: readonly Drhd[]): Compared {
  const byBase = new Map<bigint, Drhd>()
  const includingAll = new Map<number, Drhd>()
  const behindAll = new Map<number, Drhd>()
  for (const unit of units) {
    const { registerBase, segment } = unit
    if (!byBase.has(registerBase)) byBase.set(registerBase, unit)
    if (includesAll(unit)) {
      if (!includingAll.has(segment)) includingAll.set(segment, unit)
    } else if (includingAll.has(segment) && !behindAll.has(segment)) behindAll.set(segment, unit)
  }
  return { byBase, includingAll, behindAll }
}

/** What is wrong with one unit beside the others. */
function ofUnit(at: TableCase<DmarTable>, unit: Drhd, others: Compared): readonly OutcomeItem[] {
  const items: OutcomeItem[] = []
  const same = others.byBase.get(unit.registerBase) ?? unit
  if (unit.registerBase === 0n) {
    const linux = 'Linux refuses the whole table for it and leaves VT-d off.'
    items.push({ ...itemOf(at, unit, 'no-registers', linux), severity: 'high' })
  } else if (unit.registerBase % PAGE !== 0n) {
    const linux = 'Linux uses the address as it stands.'
    items.push({ ...itemOf(at, unit, 'unaligned', linux), severity: 'low' })
  } else if (same !== unit) {
    const linux = 'Linux sets the same registers up twice: the second tables take the place of the first.'
    items.push(itemOf(at, unit, 'same-registers', linux, { other: structureWords(same) }))
  }
  if (!includesAll(unit)) return items
  const all = others.includingAll.get(unit.segment) ?? unit
  if (all !== unit) {
    const linux = 'Linux takes the first one for what no scope names, so that this one is for nothing.'
    items.push(itemOf(at, unit, 'second-include-all', linux, { other: structureWords(all) }))
    return items
  }
  const late = others.behindAll.get(unit.segment)
  if (late) {
    const linux = 'Linux puts such a unit behind the others itself; other systems may not.'
    items.push({ ...itemOf(at, unit, 'include-all-not-last', linux, { other: structureWords(late) }), severity: 'low' })
  }
  return items
}

const functionsOf = ({ routes }: TableCase<DmarTable>, segment: number): readonly string[] =>
  routes.routes.flatMap(({ fn }) => (fn.address.segment === segment ? [fn.name] : []))

/** Segments that the MCFG has and no unit is for. */
function leftOut(at: TableCase<DmarTable>, units: readonly Drhd[]): readonly OutcomeItem[] {
  const { mcfg } = at.machine.acpi
  if (mcfg.state !== 'known' || units.length === 0) return []
  const covered = new Set(units.map(({ segment }) => segment))
  const segments = [...new Set(mcfg.value.allocations.map(({ segment }) => segment))]
  return segments
    .filter((segment) => !covered.has(segment))
    .map((segment) => ({ segment, devices: functionsOf(at, segment) }))
    .map(({ segment, devices }) => ({
      subject: `DMAR segment ${segment}`,
      devices,
      ...(devices.length > 0 ? {} : { severity: 'low' as const }),
      message: 'segment-left-out',
      details: {
        segment: String(segment),
      },
      linux: 'Linux gives the functions of that segment no IOMMU group and no MSI domain once remapping is on.',
      evidence: [
        placeEvidence(
          at.path,
          units[0]?.offset ?? 0,
          units[0]?.length ?? 0,
          `units of segment ${[...covered].join(', ')}`,
        ),
      ],
    }))
}

export const remappingUnits = dmarRule({
  id: 'IR231',
  slug: 'remapping-units',
  title: 'Units of the DMAR overlap, or leave a segment out',
  severity: 'medium',
  effect: 'none',
  checks:
    'Register bases, INCLUDE_PCI_ALL and the order of the DRHD structures of each segment, and the segments of the MCFG.',
  why: 'A function that has the wrong unit, or none, is translated by nobody, and the kernel then refuses or loses it.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Give every segment its units, each with registers of its own, and the one with INCLUDE_PCI_ALL last in its segment.',
    },
  ],
  limits: 'Which unit stands before a function in hardware cannot be seen.',
  references: [
    vtdClause('section 8.3, DMA Remapping Hardware Unit Definition Structure'),
    linuxDmar('dmar.c: dmar_parse_one_drhd, dmar_find_matched_drhd_unit'),
  ],
  messages: {
    'no-units': 'The DMAR has no unit.',
    'no-registers': 'The {unit} has its registers at address 0.',
    unaligned: 'The {unit} has its registers at {base}, which is no page address.',
    'same-registers': 'The {unit} has the registers of the {other} ({base}).',
    'second-include-all': 'The {unit} includes all functions of its segment, as the {other} does.',
    'include-all-not-last': 'The {unit} includes all functions of its segment and stands before the {other}.',
    'segment-left-out': 'PCI segment {segment} of the MCFG has no unit in the DMAR.',
  },
  judge: (at) => {
    const units = structuresOf(at, 'drhd')
    if (units.length === 0) {
      const linux = 'Linux refuses the table and leaves VT-d off.'
      const evidence = [placeEvidence(at.path, 0, 48, 'no DRHD')]
      return { failed: [{ subject: 'DMAR', devices: [], message: 'no-units', details: {}, linux, evidence }] }
    }
    const others = compared(units)
    const failed = units.flatMap((unit) => ofUnit(at, unit, others))
    return { failed: [...failed, ...leftOut(at, units)] }
  },
})
