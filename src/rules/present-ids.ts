import type { IdMapping, IortNode } from '../machine/iort.js'
import type { PciFunction } from '../machine/pci.js'
import { requesterIdOf } from '../machine/identifiers.js'
import type { IdRange } from '../kernel/ids/id-ranges.js'
import type { OfMapEntry } from '../kernel/devicetree/of-map-entries.js'
import { once } from '../kernel/once.js'
import {
  wayOf,
  type HostIds,
  type IdKind,
  type IdNode,
  type IdOwner,
  type IdStep,
  type IdWay,
  type StuckIds,
} from '../kernel/ids/id-way.js'
import type { Route } from '../routes/route.js'
import type { Subject } from './rule.js'

/** What becomes of an id: its way, or why it has none; undefined where no map says. */
type Answer = IdWay | StuckIds | undefined

/** One RequesterID of a present function, and where it goes. */
export interface PresentId {
  readonly route: Route
  readonly host: HostIds
  readonly requesterId: number
  readonly stream: Answer
  readonly device: Answer
}

/** The RequesterIDs of all functions that are there. */
export interface PresentIds {
  readonly all: readonly PresentId[]
  readonly below: (host: Pick<HostIds, 'owner'>) => readonly PresentId[]
}

/** A description of ids as its rules see it; who is there is looked up when first asked for. */
export interface IdCase extends Subject {
  readonly present: () => PresentIds
}

/** By the map; without one by the first `msi-parent`. */
function wayOfMsi({ toMsi, toParents }: HostIds, requesterId: number): Answer {
  const to = toMsi ?? toParents[0]
  return to && wayOf(to, requesterId)
}

function presentOf(route: Route, host: HostIds): readonly PresentId[] {
  const ids = route.requesterIds === 'unknown' ? [requesterIdOf(route.fn.address)] : route.requesterIds
  return ids.map((requesterId) => ({
    route,
    host,
    requesterId,
    stream: host.toIommu && wayOf(host.toIommu, requesterId),
    device: wayOfMsi(host, requesterId),
  }))
}

/** @param hostOf what gives a function its ids, in the description at hand */
export function presentIdsOf({ routes }: Subject, hostOf: (fn: PciFunction) => HostIds | undefined): IdCase['present'] {
  return once((): PresentIds => {
    const all: PresentId[] = []
    const byOwner = new Map<IdOwner, PresentId[]>()
    for (const route of routes.routes) {
      const host = hostOf(route.fn)
      if (!host) continue
      const ids = byOwner.get(host.owner) ?? []
      byOwner.set(host.owner, ids)
      for (const id of presentOf(route, host)) {
        all.push(id)
        ids.push(id)
      }
    }
    return { all, below: ({ owner }) => byOwner.get(owner) ?? [] }
  })
}

/** Whether an id arrives somewhere. */
export const isWay = (answer: Answer): answer is IdWay => answer !== undefined && 'space' in answer

/** Names of the functions, of all or those below a host, for which `test` holds of one of their RequesterIDs. */
export function functionsWhere(at: IdCase, test: (id: PresentId) => boolean, host?: HostIds): readonly string[] {
  const ids = host ? at.present().below(host) : at.present().all
  return [...new Set(ids.flatMap((id) => (test(id) ? [id.route.fn.name] : [])))]
}

const stepsOf = ({ stream, device }: PresentId): readonly IdStep[] => [
  ...(stream?.steps ?? []),
  ...(device?.steps ?? []),
]

/** Functions whose way takes a mapping of an IORT or an entry of a map. */
export function functionsBy(at: IdCase, translation: IdMapping | OfMapEntry): readonly string[] {
  return functionsWhere(at, (id) =>
    stepsOf(id).some((step) => ('mapping' in step ? step.mapping : step.entry) === translation),
  )
}

/** Functions, below a host or any, whose StreamID or DeviceID is counted at a node. */
export function functionsTo(at: IdCase, kind: IdKind, target: IdNode, below?: HostIds): readonly string[] {
  const isTo = ({ stream, device }: PresentId) => {
    const answer = kind === 'StreamID' ? stream : device
    return isWay(answer) && answer.space.target === target
  }
  return functionsWhere(at, isTo, below)
}

/** Functions whose way leads through or to a node of an IORT. */
export function functionsThrough(at: IdCase, node: IortNode): readonly string[] {
  return functionsWhere(
    at,
    (id) =>
      id.host.owner.node === node ||
      [id.stream, id.device].some((answer) => isWay(answer) && answer.space.target === node) ||
      stepsOf(id).some((step) => step.node === node),
  )
}

/** RequesterIDs of the buses behind a bridge: a device plugged in there gets one of them. */
export function requesterIdsBehind(fn: PciFunction): IdRange | undefined {
  const bridge = fn.configuration.state === 'known' ? fn.configuration.value.bridge : undefined
  if (!bridge || bridge.secondaryBus === 0 || bridge.subordinateBus < bridge.secondaryBus) return undefined
  return { first: bridge.secondaryBus << 8, last: (bridge.subordinateBus << 8) | 0xff }
}

/**
 * RequesterIDs of the virtual functions that a physical function can still make, as its SR-IOV capability numbers them
 * now; at most 65535, ascending where the stride is.
 * Source: PCI Express base specification, SR-IOV chapter: First VF Offset, VF Stride.
 */
export function requesterIdsOfFreeVfs(fn: PciFunction): readonly number[] {
  const sriov = fn.configuration.state === 'known' ? fn.configuration.value.sriov : undefined
  if (sriov?.state !== 'known') return []
  const { totalVfs, firstVfOffset, vfStride, vfEnabled, numVfs } = sriov.value
  const made = vfEnabled ? numVfs : 0
  const own = requesterIdOf(fn.address)
  const ids: number[] = []
  for (let index = made; index < Math.min(totalVfs, 0xffff); index++) {
    const id = own + firstVfOffset + index * vfStride
    if (id > 0xffff) break
    if (id !== own) ids.push(id)
  }
  return ids
}
