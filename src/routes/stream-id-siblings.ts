import type { Decision } from '../kernel/decision.js'
import type { StreamIdSiblings } from '../kernel/iommu/iommu-attachment.js'
import type { DescribedIommu } from '../kernel/iommu/described-iommu.js'
import { once } from '../kernel/once.js'
import type { Answer } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'

/** Up to 6.14: a driver without a group shows that the IOMMU was asked for the function and would not have it. */
function isRefused({ iommuGroup, driver }: PciFunction): Answer {
  if (iommuGroup.state === 'known' || driver.state === 'absent') return 'no'
  return iommuGroup.state === 'absent' && driver.state === 'known' ? 'yes' : 'unknown'
}

/** The functions that an IOMMU knows under one id, or those of which nobody knows which id they have. */
interface Sharers {
  /** The first of them in a group, and its place in the order of the machine. */
  owner: { readonly name: string; readonly place: number } | undefined
  /** Some may be in a group: it cannot be read. */
  unsure: boolean
  /** How many were refused, and of how many that cannot be told. */
  refused: number
  perhapsRefused: number
}

const sharers = (): Sharers => ({ owner: undefined, unsure: false, refused: 0, perhapsRefused: 0 })

function count(into: Sharers, fn: PciFunction, place: number): void {
  if (fn.iommuGroup.state === 'known') into.owner ??= { name: fn.name, place }
  else if (fn.iommuGroup.state === 'unreadable') into.unsure = true
  const refused = isRefused(fn)
  if (refused === 'yes') into.refused += 1
  else if (refused === 'unknown') into.perhapsRefused += 1
}

/** A function with what firmware describes in front of it. */
interface Described {
  readonly fn: PciFunction
  readonly described: Decision<DescribedIommu | 'none'>
}

/** Who shares which id, of all functions of a machine. */
interface SharersOfIds {
  /** By IOMMU, as `iommuOf` names it, and id. */
  readonly byIommu: ReadonlyMap<string, ReadonlyMap<number, Sharers>>
  /** Functions whose ids cannot be told: each may have any at any IOMMU. */
  readonly untold: Sharers
}

/** Made at the first question: only a function without a group asks, and most machines have none that could be refused. */
export type StreamIdTable = () => SharersOfIds

const iommuOf = ({ kind, address, nodePath, ownFunction }: DescribedIommu): string =>
  [kind, address, nodePath, ownFunction].join('\n')

function sharersOf(parts: readonly Described[]): SharersOfIds {
  const byIommu = new Map<string, Map<number, Sharers>>()
  const untold = sharers()
  for (const [place, { fn, described }] of parts.entries()) {
    if (described.state === 'undecided') count(untold, fn, place)
    else if (described.value !== 'none') {
      const iommu = iommuOf(described.value)
      const byId = byIommu.get(iommu) ?? new Map<number, Sharers>()
      byIommu.set(iommu, byId)
      for (const id of new Set(described.value.streamIds)) {
        const known = byId.get(id) ?? sharers()
        byId.set(id, known)
        count(known, fn, place)
      }
    }
  }
  return { byIommu, untold }
}

/** The table of functions with what firmware describes in front of each, in the order of the machine. */
export function streamIdTable(parts: readonly Described[]): StreamIdTable {
  return once(() => sharersOf(parts))
}

/**
 * Functions that share one of a function's ids at its IOMMU. An SMMUv3 refuses the second owner of a StreamID
 * (K: arm_smmu_insert_master); a virtio-iommu refuses endpoints it does not know, which shows only in a sibling that has
 * a driver and no group: behind a PCIe-to-PCI bridge it knows neither (seen with 6.1 and 6.12). What cannot be told of
 * another function may be the same id at the same IOMMU.
 */
export function streamIdSiblings(
  fn: PciFunction,
  described: Decision<DescribedIommu | 'none'>,
  table: StreamIdTable,
): StreamIdSiblings {
  const free = { streamIdTaken: 'no', aliasRefused: 'no' } as const
  if (described.state === 'undecided' || described.value === 'none') return free
  // Only a function without a group is refused, or can be.
  if (fn.iommuGroup.state !== 'absent') return free
  const own = described.value
  if (own.kind !== 'smmuv3' && own.kind !== 'virtio-iommu') return free
  const { byIommu, untold } = table()
  const byId = byIommu.get(iommuOf(own))
  const same = [...new Set(own.streamIds)].flatMap((id) => byId?.get(id) ?? [])
  if (own.kind === 'smmuv3') {
    const [owner] = same.flatMap((one) => one.owner ?? []).sort((left, right) => left.place - right.place)
    if (owner !== undefined) return { ...free, streamIdTaken: 'yes', owner: owner.name }
    const maybe = untold.owner !== undefined || untold.unsure || same.some(({ unsure }) => unsure)
    return { ...free, streamIdTaken: maybe ? 'unknown' : 'no' }
  }
  // The function is among its sharers itself.
  const self = isRefused(fn)
  const others = (all: number, answer: Answer) => all - (self === answer ? 1 : 0)
  if (same.some(({ refused }) => others(refused, 'yes') > 0)) return { ...free, aliasRefused: 'yes' }
  const maybe =
    untold.refused + untold.perhapsRefused > 0 ||
    same.some(({ perhapsRefused }) => others(perhapsRefused, 'unknown') > 0)
  return { ...free, aliasRefused: maybe ? 'unknown' : 'no' }
}
