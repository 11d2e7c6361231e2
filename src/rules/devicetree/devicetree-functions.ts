import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { ofMapId, type OfMapResult } from '../../kernel/devicetree/of-map-id.js'
import { requesterIdOf } from '../../machine/identifiers.js'
import type { TreeBridge, TreeCase } from './devicetree-judgement.js'

const answers = new WeakMap<TreeBridge, Map<string, OfMapResult>>()

/** What a map answers for an id, asked once. */
export function mapAnswer(at: TreeCase, bridge: TreeBridge, name: OfMapName, requesterId: number): OfMapResult {
  const kept = answers.get(bridge) ?? new Map<string, OfMapResult>()
  answers.set(bridge, kept)
  const key = `${name} ${requesterId}`
  const answer = kept.get(key) ?? ofMapId(at.tree, bridge.node, requesterId, name, at.release)
  kept.set(key, answer)
  return answer
}

/** Present functions below a bridge for one of whose RequesterIDs the map answers so. */
export function functionsWhere(
  at: TreeCase,
  bridge: TreeBridge,
  name: OfMapName,
  test: (answer: OfMapResult, requesterId: number) => boolean,
): readonly string[] {
  return bridge.functions.filter((fn) => {
    const route = at.routes.byName.get(fn)
    if (!route) return false
    const ids = route.requesterIds === 'unknown' ? [requesterIdOf(route.fn.address)] : route.requesterIds
    return ids.some((id) => test(mapAnswer(at, bridge, name, id), id))
  })
}

/** Present functions that an entry of a map takes. */
export function functionsByEntry(at: TreeCase, bridge: TreeBridge, name: OfMapName, index: number): readonly string[] {
  return functionsWhere(at, bridge, name, (answer) => answer.kind === 'matched' && answer.entry === index)
}
