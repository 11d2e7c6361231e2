import { itsIdOf } from './generated-madt.js'
import type { MapEntry } from '../plan/id-map.js'
import { smmuGsiv } from '../plan/interrupts.js'
import type { IdMappingDescription, IortNodeDescription } from './iort-nodes.js'
import type { IortDescription } from './iort-writer.js'
import type { IommuDescription } from '../machine-description.js'
import type { MachinePlan, PlannedComplex } from '../plan/planned-machine.js'

/**
 * An IORT that says what the description's maps say: a group for every ITS, every SMMU with the ways from its StreamIDs
 * to DeviceIDs, and one root complex a segment (Linux uses no other).
 */
export function generatedIort(plan: MachinePlan): IortDescription {
  const groups = [...plan.msiControllers.values()].filter(({ type }) => type === 'its' || type === 'gicv5-its')
  const itsNames = new Set(groups.map(({ name }) => name))
  const smmus = [...plan.iommus.values()].filter(({ type }) => type === 'smmuv3' || type === 'smmuv2')
  const smmuNames = new Set(smmus.map(({ name }) => name))
  const segments = new Map<number, PlannedComplex[]>()
  for (const complex of plan.complexes) {
    const known = segments.get(complex.segment)
    if (known) known.push(complex)
    else segments.set(complex.segment, [complex])
  }
  const nodes: IortNodeDescription[] = [
    ...groups.map((its): IortNodeDescription => {
      return { type: 'its-group', name: its.name, revision: 1, itsIds: [itsIdOf(plan, its)] }
    }),
    ...smmus.map((smmu, index) => smmuNode(plan, smmu, index, itsNames)),
    ...[...segments].map(([segment, complexes]): IortNodeDescription => {
      const mappings = complexes.flatMap((complex) => complexMappings(complex, smmuNames, itsNames))
      const ats = complexes.some(({ description }) => description.atsSupported) ? 1 : 0
      return { type: 'root-complex', name: `segment ${segment}`, revision: 4, segment, atsAttribute: ats, mappings }
    }),
  ]
  return { revision: 5, nodes: nodes.map((node, index) => ({ ...node, identifier: index })) }
}

function smmuNode(
  plan: MachinePlan,
  smmu: IommuDescription,
  index: number,
  itsNames: ReadonlySet<string>,
): IortNodeDescription {
  const mappings = plan.complexes.flatMap((complex) =>
    complex.iommuMap.filter(({ to }) => to === smmu.name).flatMap((entry) => onward(entry, complex.msiMap, itsNames)),
  )
  const base = smmu.address ?? 0
  const gsiv = smmuGsiv(index)
  const coherent = smmu.coherent !== false
  if (smmu.type === 'smmuv2') {
    const flags = coherent ? 2 : 0
    return {
      type: 'smmu',
      name: smmu.name,
      revision: 3,
      base,
      flags,
      mappings,
      globalInterrupts: [gsiv, gsiv],
      contextInterrupts: [gsiv + 1],
    }
  }
  // All four interrupts are wired: with one of them zero, mapping 0 would be the SMMU's own.
  const interrupts = { eventGsiv: gsiv, priGsiv: gsiv + 1, syncGsiv: gsiv + 2, gerrorGsiv: gsiv + 3 }
  return { type: 'smmuv3', name: smmu.name, revision: 4, base, flags: coherent ? 1 : 0, ...interrupts, mappings }
}

/** The StreamIDs that an entry of the IOMMU map gives, sent on as the MSI map sends on their RequesterIDs. */
function onward(
  entry: MapEntry,
  msiMap: readonly MapEntry[],
  itsNames: ReadonlySet<string>,
): readonly IdMappingDescription[] {
  return msiMap.flatMap((msi): readonly IdMappingDescription[] => {
    const start = Math.max(entry.from, msi.from)
    const end = Math.min(entry.from + entry.count, msi.from + msi.count)
    if (!itsNames.has(msi.to) || start >= end) return []
    if (entry.single) return [{ inputBase: entry.outputBase, ids: 1, outputBase: msi.outputBase, output: msi.to }]
    return [
      {
        inputBase: entry.outputBase + start - entry.from,
        ids: end - start,
        outputBase: msi.single ? msi.outputBase : msi.outputBase + start - msi.from,
        output: msi.to,
      },
    ]
  })
}

function complexMappings(
  { iommuMap, msiMap }: PlannedComplex,
  smmuNames: ReadonlySet<string>,
  itsNames: ReadonlySet<string>,
): readonly IdMappingDescription[] {
  const toSmmu = iommuMap.filter(({ to }) => smmuNames.has(to))
  const mappings = toSmmu.map(mappingOf)
  for (const msi of msiMap) {
    if (!itsNames.has(msi.to)) continue
    for (const [start, end] of uncovered(msi.from, msi.from + msi.count, toSmmu)) {
      const outputBase = msi.single ? msi.outputBase : msi.outputBase + start - msi.from
      mappings.push({ inputBase: start, ids: end - start, outputBase, output: msi.to, singleMapping: msi.single })
    }
  }
  return mappings
}

function mappingOf({ from, count, outputBase, to, single }: MapEntry): IdMappingDescription {
  return { inputBase: from, ids: count, outputBase, output: to, singleMapping: single }
}

/** What of `start` to `end` (exclusive) no entry covers. */
function uncovered(start: number, end: number, entries: readonly MapEntry[]): readonly (readonly [number, number])[] {
  let gaps: (readonly [number, number])[] = [[start, end]]
  for (const { from, count } of entries) {
    gaps = gaps.flatMap(([low, high]) => {
      const parts: (readonly [number, number])[] = []
      if (low < Math.min(high, from)) parts.push([low, Math.min(high, from)])
      if (Math.max(low, from + count) < high) parts.push([Math.max(low, from + count), high])
      return parts
    })
  }
  return gaps
}
