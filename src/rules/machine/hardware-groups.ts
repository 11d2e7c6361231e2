import { predictGroups } from '../../kernel/iommu/predict-groups.js'
import type { Answer } from '../../machine/kinds.js'
import type { RouteMap } from '../../routes/route.js'

/** Two functions in groups of their own that the kernel's own rule puts into one. */
export interface SeparatedPair {
  readonly one: string
  readonly other: string
}

export interface GroupComparison {
  /** The first pair that the groups separate and the hardware does not. */
  readonly finer: SeparatedPair | undefined
  /** Functions whose group the hardware's facts do not tell. */
  readonly undecided: readonly string[]
}

/**
 * The groups of sysfs beside those that Linux makes from what the hardware separates. Coarser ones are no matter: drivers
 * join what has one StreamID.
 */
export function compareWithHardware({ context, routes }: RouteMap): GroupComparison {
  const { ivrs } = context.machine.acpi
  const hasIvrs: Answer = ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown'
  const groups = new Map<string, string>()
  const undecided: string[] = []
  for (const { fn } of routes) {
    if (fn.iommuGroup.state === 'known') groups.set(fn.name, fn.iommuGroup.value)
    else if (fn.iommuGroup.state === 'unreadable') undecided.push(fn.name)
  }
  const predicted = predictGroups(context.topology, {
    groups: new Map(),
    joining: [...groups.keys()],
    // A function that has a group was not refused.
    streamsOf: () => 'none',
    context: { hasIvrs },
  })
  let finer: SeparatedPair | undefined
  // Members that are all in one group: each of them has the same list.
  const together = new Set<readonly string[]>()
  for (const [one, own] of groups) {
    const prediction = predicted.get(one)
    if (prediction?.kind !== 'new') {
      undecided.push(one)
      continue
    }
    if (finer || together.has(prediction.members)) continue
    const other = prediction.members.find((member) => groups.get(member) !== own)
    if (other === undefined) together.add(prediction.members)
    else finer = { one, other }
  }
  return { finer, undecided }
}
