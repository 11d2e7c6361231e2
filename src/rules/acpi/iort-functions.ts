import type { IdMapping, IortNode } from '../../machine/iort.js'
import { iortMsiTarget, type IortMsiTarget } from '../../kernel/iort/iort-msi.js'
import { iortStreamId, type IortStreamId } from '../../kernel/iort/iort-iommu.js'
import { requesterIdOf } from '../../machine/identifiers.js'
import type { Route } from '../../routes/route.js'
import type { IortCase } from './iort-judgement.js'

/** What the IORT gives one RequesterID of a present function. */
export interface FunctionWalk {
  readonly route: Route
  readonly requesterId: number
  readonly stream: IortStreamId
  readonly msi: IortMsiTarget
}

const walks = new WeakMap<IortCase['routes'], WeakMap<IortCase['iort'], readonly FunctionWalk[]>>()

/** The walks of every present function, each RequesterID on its own, as the release asked about takes them. */
export function functionWalks(at: IortCase): readonly FunctionWalk[] {
  const kept = walks.get(at.routes)?.get(at.iort)
  if (kept) return kept
  const found = at.routes.routes.flatMap((route) => {
    const { address } = route.fn
    const ids = route.requesterIds === 'unknown' ? [requesterIdOf(address)] : route.requesterIds
    return ids.map((requesterId): FunctionWalk => ({
      route,
      requesterId,
      stream: iortStreamId(at.iort, address.segment, requesterId, at.release),
      msi: iortMsiTarget(at.iort, address.segment, requesterId, at.release),
    }))
  })
  const byTable = walks.get(at.routes) ?? new WeakMap<IortCase['iort'], readonly FunctionWalk[]>()
  byTable.set(at.iort, found)
  walks.set(at.routes, byTable)
  return found
}

/** Names of the functions for which `test` holds in one of their walks, each once. */
export function functionsWhere(at: IortCase, test: (walk: FunctionWalk) => boolean): readonly string[] {
  return [...new Set(functionWalks(at).flatMap((walk) => (test(walk) ? [walk.route.fn.name] : [])))]
}

/** Functions whose way leads through or to a node. */
export function functionsThrough(at: IortCase, node: IortNode): readonly string[] {
  return functionsWhere(at, ({ stream, msi }) => {
    if (stream.rootComplex === node) return true
    if (stream.kind === 'stream' && stream.smmu === node) return true
    if (msi.kind === 'its' && msi.itsGroup === node) return true
    return [...stream.path, ...msi.path].some((step) => step.node === node)
  })
}

/** Functions whose way takes a mapping. */
export function functionsBy(at: IortCase, mapping: IdMapping): readonly string[] {
  return functionsWhere(at, ({ stream, msi }) => [...stream.path, ...msi.path].some((step) => step.mapping === mapping))
}

/** All functions of a segment. */
export function functionsOfSegment(at: IortCase, segment: number): readonly string[] {
  return at.routes.routes.flatMap((route) => (route.fn.address.segment === segment ? [route.fn.name] : []))
}
