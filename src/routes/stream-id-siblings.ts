import type { Decision } from '../kernel/decision.js'
import type { StreamIdSiblings } from '../kernel/iommu/iommu-attachment.js'
import type { DescribedIommu } from '../kernel/iommu/described-iommu.js'
import type { Answer } from '../machine/kinds.js'
import type { PciFunction } from '../machine/pci.js'

/** Up to 6.14: a driver without a group shows that the IOMMU was asked for the function and would not have it. */
function isRefused({ iommuGroup, driver }: PciFunction): Answer {
  if (iommuGroup.state === 'known' || driver.state === 'absent') return 'no'
  return iommuGroup.state === 'absent' && driver.state === 'known' ? 'yes' : 'unknown'
}

/** The functions that an IOMMU knows under one id, or those of which nobody knows which id they have. */
interface Sharers {
  /** The first of them in a group. */
  owner: string | undefined
  /** Some may be in a group: it cannot be read. */
  unsure: boolean
  /** How many were refused, and of how many that cannot be told. */
  refused: number
  perhapsRefused: number
}

const sharers = (): Sharers => ({ owner: undefined, unsure: false, refused: 0, perhapsRefused: 0 })

function count(into: Sharers, fn: PciFunction): void {
  if (fn.iommuGroup.state === 'known') into.owner ??= fn.name
  else if (fn.iommuGroup.state === 'unreadable') into.unsure = true
  const refused = isRefused(fn)
  if (refused === 'yes') into.refused += 1
  else if (refused === 'unknown') into.perhapsRefused += 1
}

/** Who shares which id, of all functions of a machine. */
export interface StreamIdTable {
  readonly byId: ReadonlyMap<string, Sharers>
  /** Functions whose ids cannot be told: each may have any at any IOMMU. */
  readonly untold: Sharers
  /** Places of the functions in the order of the machine. */
  readonly order: ReadonlyMap<string, number>
}

/** The ids of a function, each with its IOMMU. */
const keysOf = ({ kind, address, nodePath, ownFunction, streamIds }: DescribedIommu): readonly string[] =>
  [...new Set(streamIds)].map((id) => [kind, address, nodePath, ownFunction, id].join('\n'))

/** The table of functions with what firmware describes in front of each, in the order of the machine. */
export function streamIdTable(
  parts: readonly { readonly fn: PciFunction; readonly described: Decision<DescribedIommu | 'none'> }[],
): StreamIdTable {
  const byId = new Map<string, Sharers>()
  const untold = sharers()
  for (const { fn, described } of parts) {
    if (described.state === 'undecided') count(untold, fn)
    else if (described.value !== 'none') {
      for (const key of keysOf(described.value)) {
        const known = byId.get(key) ?? sharers()
        byId.set(key, known)
        count(known, fn)
      }
    }
  }
  return { byId, untold, order: new Map(parts.map(({ fn }, index) => [fn.name, index])) }
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
  { byId, untold, order }: StreamIdTable,
): StreamIdSiblings {
  const free = { streamIdTaken: 'no', aliasRefused: 'no' } as const
  if (described.state === 'undecided' || described.value === 'none') return free
  // Only a function without a group is refused, or can be.
  if (fn.iommuGroup.state !== 'absent') return free
  const own = described.value
  if (own.kind !== 'smmuv3' && own.kind !== 'virtio-iommu') return free
  const same = keysOf(own).flatMap((key) => byId.get(key) ?? [])
  if (own.kind === 'smmuv3') {
    const [owner] = same
      .flatMap(({ owner: name }) => name ?? [])
      .sort((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0))
    if (owner !== undefined) return { ...free, streamIdTaken: 'yes', owner }
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
