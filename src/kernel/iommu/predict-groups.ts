import type { PciFunction } from '../../machine/pci.js'
import type { AcsContext } from '../pci/acs.js'
import { pciDeviceGroup, UNKNOWN_GROUP, type GroupsByFunction } from './iommu-group.js'
import type { PciTopology } from '../pci/pci-topology.js'

/** StreamIDs of a function at its SMMUv3, its PCI aliases' included. */
export interface StreamOwnership {
  /** Names the SMMU: StreamIDs are compared within one. */
  readonly iommu: string
  readonly streamIds: readonly number[]
}

export interface GroupPredictionInput {
  /** Groups that exist, by function name; `UNKNOWN_GROUP` where a function may have one that cannot be read. */
  readonly groups: GroupsByFunction
  /** Names of the functions that have no group yet and would get one when a driver binds. */
  readonly joining: readonly string[]
  /** `none` for a function behind another IOMMU: only the SMMUv3 driver refuses a StreamID that is taken. */
  readonly streamsOf: (fn: PciFunction) => StreamOwnership | 'none' | 'unknown'
  readonly context: AcsContext
}

/** What binding a driver to a function will do. `members` are all functions that are then in its group, itself included. */
export type GroupPrediction =
  | { readonly kind: 'joins'; readonly group: string; readonly members: readonly string[] }
  | { readonly kind: 'new'; readonly members: readonly string[] }
  /** The SMMUv3 driver refuses it, because `owner` has one of its StreamIDs: it never gets a group. */
  | { readonly kind: 'refused'; readonly owner: string; readonly streamId: number }
  | { readonly kind: 'unknown' }

/** StreamIDs in use, and by whom; `unknown` where the owner may or may not have them. */
class StreamTable {
  private readonly owners = new Map<string, { readonly name: string; readonly certain: boolean }>()
  /** Some function with a group has StreamIDs that cannot be told. */
  private hidden = false

  add(name: string, streams: StreamOwnership | 'none' | 'unknown', certain: boolean): void {
    if (streams === 'none') return
    if (streams === 'unknown') {
      this.hidden = true
      return
    }
    for (const streamId of streams.streamIds) {
      const key = `${streams.iommu} ${streamId}`
      if (!this.owners.get(key)?.certain) this.owners.set(key, { name, certain })
    }
  }

  refusal(
    streams: StreamOwnership | 'none' | 'unknown',
  ): { readonly owner: string; readonly streamId: number } | 'none' | 'unknown' {
    if (streams === 'none') return 'none'
    if (streams === 'unknown') return 'unknown'
    let doubtful = this.hidden
    for (const streamId of streams.streamIds) {
      const owner = this.owners.get(`${streams.iommu} ${streamId}`)
      if (owner?.certain) return { owner: owner.name, streamId }
      if (owner) doubtful = true
    }
    return doubtful ? 'unknown' : 'none'
  }
}

/**
 * Which group each joining function will be in, if drivers bind to them in address order: where two of them compete for
 * a StreamID the first gets it. A doubt about one spreads to those that depend on it.
 * Source: K: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, `arm_smmu_insert_master`, which comes before `pci_device_group`
 * of drivers/iommu/iommu.c; pci-config.md section 6; sysfs-procfs.md section 1a.
 */
export function predictGroups(
  topology: PciTopology,
  input: GroupPredictionInput,
): ReadonlyMap<string, GroupPrediction> {
  const groups = new Map(input.groups)
  const streams = new StreamTable()
  for (const [name, group] of input.groups) {
    const fn = topology.byName.get(name)
    if (fn) streams.add(name, input.streamsOf(fn), group !== UNKNOWN_GROUP)
  }
  const joining = new Set(input.joining)
  const decided = new Map<string, GroupPrediction | { readonly kind: 'member'; readonly group: string }>()
  for (const fn of topology.functions) {
    if (!joining.has(fn.name) || groups.has(fn.name)) continue
    const own = input.streamsOf(fn)
    const refusal = streams.refusal(own)
    if (refusal !== 'none' && refusal !== 'unknown') {
      decided.set(fn.name, { kind: 'refused', ...refusal })
      continue
    }
    const choice =
      refusal === 'unknown' ? { kind: 'unknown' as const } : pciDeviceGroup(topology, fn, groups, input.context)
    const group = choice.kind === 'existing' ? choice.group : choice.kind === 'new' ? `new ${fn.name}` : UNKNOWN_GROUP
    groups.set(fn.name, group)
    streams.add(fn.name, own, group !== UNKNOWN_GROUP)
    decided.set(fn.name, choice.kind === 'unknown' ? { kind: 'unknown' } : { kind: 'member', group })
  }
  const existing = new Set(input.groups.values())
  const members = new Map<string, string[]>()
  for (const [name, group] of groups) {
    const list = members.get(group)
    if (list) list.push(name)
    else members.set(group, [name])
  }
  for (const list of members.values()) list.sort()
  const result = new Map<string, GroupPrediction>()
  for (const [name, at] of decided) {
    if (at.kind !== 'member') {
      result.set(name, at)
      continue
    }
    const list = members.get(at.group) ?? []
    result.set(
      name,
      existing.has(at.group) ? { kind: 'joins', group: at.group, members: list } : { kind: 'new', members: list },
    )
  }
  return result
}
