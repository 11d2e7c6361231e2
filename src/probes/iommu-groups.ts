import { known, unreadable, type Fact } from '../machine/fact.js'
import type { IommuGroup, ReservedRegion } from '../machine/iommu.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { parsed, readAttribute, readLines, readMatching, readNames, readNamesIn, required } from './attribute.js'

import { membersOf } from './membership.js'

const DIRECTORY = 'sys/kernel/iommu_groups'
const REGION = /^0x([0-9a-f]{16}) 0x([0-9a-f]{16}) ([a-z-]+)$/

function regionType(word: string): ReservedRegion['type'] {
  return word === 'direct' || word === 'direct-relaxable' || word === 'reserved' || word === 'msi' ? word : 'other'
}

function parseRegion(line: string): ReservedRegion | undefined {
  const match = REGION.exec(line)
  if (!match) return undefined
  const [, first = '', last = '', word = ''] = match
  const start = BigInt(`0x${first}`)
  const end = BigInt(`0x${last}`)
  return end < start ? undefined : { start, end, type: regionType(word) }
}

/** Lines `first last type`, addresses inclusive (K: iommu_group_show_resv_regions). Undefined when a line differs. */
export function parseReservedRegions(lines: readonly string[]): readonly ReservedRegion[] | undefined {
  const regions: ReservedRegion[] = []
  for (const line of lines) {
    const region = parseRegion(line)
    if (!region) return undefined
    regions.push(region)
  }
  return regions
}

/** The same regions by what was read: nearly all groups have those of another. */
type SeenRegions = Map<string, readonly ReservedRegion[] | undefined>

function regionsIn(lines: readonly string[], seen: SeenRegions): readonly ReservedRegion[] | undefined {
  const text = lines.join('\n')
  if (!seen.has(text)) seen.set(text, parseReservedRegions(lines))
  return seen.get(text)
}

function readGroup(sysroot: Sysroot, id: string, seen: SeenRegions): IommuGroup {
  const directory = `${DIRECTORY}/${id}`
  const type = readMatching(sysroot, directory, 'type', /^[A-Za-z-]+$/, (word) => word)
  // A group that no IOMMU driver manages has an empty file (no-IOMMU mode, powerpc).
  const regions = parsed(readLines(sysroot, directory, 'reserved_regions', true), (lines) => regionsIn(lines, seen))
  const listed = readNamesIn(sysroot, directory, 'devices')
  const isUntold = listed.state === 'unreadable' && listed.reason === 'not-collected'
  const shown = isUntold ? readLines(sysroot, directory, 'lspci') : listed
  const isPartial = isUntold && shown.state === 'known'
  return {
    id,
    type,
    name: readAttribute(sysroot, directory, 'name'),
    devices: membersOf(required(isPartial ? shown : listed), sysroot.budget),
    ...(isPartial ? { isPartial } : {}),
    // `type` came later (5.0) than the regions (4.11).
    reservedRegions: type.state === 'absent' ? regions : required(regions),
  }
}

/** Groups in numeric order; absent on a kernel without the directory. Names that are no numbers are passed over. */
export function probeIommuGroups(sysroot: Sysroot): Fact<readonly IommuGroup[]> {
  const names = readNames(sysroot, DIRECTORY)
  if (names.state !== 'known') return names
  if (!sysroot.budget.take('groups', names.value.length)) return unreadable('too-large', ...names.from)
  const ids = names.value.filter((name) => /^(?:0|[1-9]\d{0,8})$/.test(name))
  ids.sort((left, right) => Number(left) - Number(right))
  const seen: SeenRegions = new Map()
  return known(
    ids.map((id) => readGroup(sysroot, id, seen)),
    ...names.from,
  )
}
