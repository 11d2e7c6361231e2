import type { IortNode } from '../../machine/iort.js'
import type { IdRange } from '../../kernel/ids/id-ranges.js'
import { inputRangeOf, iortRouting, narrowed, outputRangeOf, type RoutedRange } from '../../kernel/iort/iort-ranges.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { ownMappingIndex } from './iort-client-mappings.js'
import { busesBySegment } from '../../kernel/ids/mcfg-buses.js'
import type { IortCase } from './iort-judgement.js'

/** Ids of one SMMU or ITS that a node of the table lays claim to. */
export interface Claim extends IdRange {
  /** The root complex or component whose ids they are, or the SMMU or counter that uses one for its own MSIs. */
  readonly owner: IortNode
  /** For its own MSIs. */
  readonly own: boolean
  /** The mapping that ends at the target. */
  readonly evidence: RoutedRange['steps']
}

export interface ClaimedTarget {
  /** `ITS 0`, `SMMUv3 at 0x48`. */
  readonly name: string
  readonly node: IortNode
  readonly kind: 'DeviceID' | 'StreamID'
  readonly claims: readonly Claim[]
}

/** One ITS has one space of DeviceIDs, whichever group names it; Linux uses the first of a group. */
function keyOf(node: IortNode): string {
  if (node.type === 'its-group' && node.itsIds[0] !== undefined) return `ITS ${node.itsIds[0]}`
  return `node ${node.offset}`
}

/** Ids that a node uses itself: components by each of their mappings, SMMUs and counters by that for their own MSIs. */
function* ownClaims(at: IortCase, node: IortNode): Generator<readonly [target: IortNode, claim: Claim]> {
  const own = ownMappingIndex(at, node)
  for (const [index, mapping] of node.mappings.entries()) {
    if (node.type !== 'named-component' && index !== own) continue
    const target = iortNodeAt(at.iort, mapping.outputReference)
    const input = mapping.singleMapping ? { first: 0, last: 0 } : inputRangeOf(mapping)
    if (!target || !input) continue
    const last = Math.min(mapping.outputBase + (input.last - input.first), 0xffffffff)
    const evidence = [{ node, mapping, input: mapping.inputBase }]
    yield [target, { first: mapping.outputBase, last, owner: node, own: node.type !== 'named-component', evidence }]
  }
}

/** Every claim on every SMMU and ITS, as the root complexes that Linux uses and the other nodes make them. */
export function claimsOf(at: IortCase): readonly ClaimedTarget[] {
  const targets = new Map<string, { name: string; node: IortNode; kind: ClaimedTarget['kind']; claims: Claim[] }>()
  const add = (node: IortNode, claim: Claim): void => {
    if (node.type !== 'its-group' && node.type !== 'smmu' && node.type !== 'smmuv3') return
    const key = keyOf(node)
    const kind = node.type === 'its-group' ? 'DeviceID' : 'StreamID'
    const target = targets.get(key) ?? { name: key, node, kind, claims: [] }
    targets.set(key, target)
    target.claims.push(claim)
  }
  const busesOf = busesBySegment(at.machine.acpi.mcfg)
  for (const { rootComplex, toSmmu, toIts } of iortRouting(at.iort, at.release).rootComplexes) {
    const buses = busesOf(rootComplex.segment)
    for (const range of [...toSmmu.reached, ...toIts.reached]) {
      for (const bus of buses) {
        const present = narrowed(range, bus)
        if (!present) continue
        const claim = { ...outputRangeOf(present), owner: rootComplex, own: false, evidence: present.steps }
        add(range.node, claim)
      }
    }
  }
  for (const node of at.iort.nodes) for (const [target, claim] of ownClaims(at, node)) add(target, claim)
  return [...targets.values()]
}
