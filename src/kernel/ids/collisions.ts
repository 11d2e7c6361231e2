import { intersection, type IdRange } from './id-ranges.js'
import { outputRangeOf, type IdOwner, type IdWay } from './id-way.js'

/** Ids in one space that two owners have, or one of them twice. */
export interface Collision {
  /** The same for all who speak of these two owners and this space. */
  readonly key: string
  readonly left: IdWay
  readonly right: IdWay
  /** In ascending order; from a limit on the last one grows to hold the rest, which takes in too many and never too few. */
  readonly shared: IdRange[]
  /** Their StreamIDs are the same already, so that one mapping of the SMMU takes both on. */
  readonly follows: boolean
}

/** Whether one owner has the ids twice. */
export const isWithinOwner = ({ left, right }: Collision): boolean => left.owner.key === right.owner.key

const SHARED_LIMIT = 64

interface Claim extends IdRange {
  readonly way: IdWay
}

/** Claims on one space that reach furthest, of those that begin before where the sweep is. */
class Furthest {
  /** Of each kind of owner: the furthest, and the furthest of another owner. */
  private readonly byKind = new Map<IdOwner['kind'], readonly Claim[]>()
  private readonly byOwner = new Map<string, Claim>()

  /** All that a claim may meet: whoever else has one of its ids lies nearer than one of these. */
  before(claim: Claim): readonly Claim[] {
    const { key } = claim.way.owner
    const own = this.byOwner.get(key)
    const others = [...this.byKind.values()].flat().filter(({ way }) => way.owner.key !== key)
    return own ? [own, ...others] : others
  }

  add(claim: Claim): void {
    const { key, kind } = claim.way.owner
    const own = this.byOwner.get(key)
    if (!own || claim.last > own.last) this.byOwner.set(key, claim)
    const two: Claim[] = []
    const kept = this.byKind.get(kind) ?? []
    for (const one of [...kept, claim].sort((left, right) => right.last - left.last))
      if (two.length < 2 && two[0]?.way.owner.key !== one.way.owner.key) two.push(one)
    this.byKind.set(kind, two)
  }
}

/** The last mapping of an IORT on a way. */
const lastMappingOf = (way: IdWay): unknown => {
  const step = way.steps.at(-1)
  return step && 'mapping' in step ? step.mapping : undefined
}

function share(shared: IdRange[], ids: IdRange): void {
  const last = shared.length < SHARED_LIMIT ? undefined : shared.at(-1)
  if (last === undefined) shared.push(ids)
  else shared[shared.length - 1] = { first: Math.min(last.first, ids.first), last: Math.max(last.last, ids.last) }
}

/**
 * Who shares ids with whom, in one sweep over the ends of all claims: every id with two owners is in the `shared` of one
 * pair at least. Devices outside PCI may share ids among themselves, as several names of one device do.
 */
export function collisionsOf(ways: readonly IdWay[]): readonly Collision[] {
  const bySpace = new Map<string, Claim[]>()
  for (const way of ways) {
    const key = `${way.space.kind} ${way.space.key}`
    const claims = bySpace.get(key)
    const claim = { way, ...outputRangeOf(way) }
    if (claims) claims.push(claim)
    else bySpace.set(key, [claim])
  }
  return [...bySpace].flatMap(([space, claims]) => inSpace(space, claims))
}

function inSpace(space: string, claims: readonly Claim[]): readonly Collision[] {
  const collisions = new Map<string, Collision>()
  const furthest = new Furthest()
  for (const right of claims.toSorted((one, two) => one.first - two.first || one.last - two.last)) {
    for (const left of furthest.before(right)) {
      const ids = intersection(left, right)
      const [one, two] = [left.way.owner, right.way.owner]
      if (!ids || (one.kind !== 'pci' && two.kind !== 'pci')) continue
      // One range of an owner seen twice, through two stretches of buses.
      if (one.key === two.key && left.way.steps === right.way.steps) continue
      const mapping = lastMappingOf(left.way)
      const follows = mapping !== undefined && mapping === lastMappingOf(right.way)
      const key = `${space}: ${[one.key, two.key].sort().join(' and ')}`
      const place = `${key} ${follows}`
      const collision = collisions.get(place) ?? { key, left: left.way, right: right.way, shared: [], follows }
      collisions.set(place, collision)
      share(collision.shared, ids)
    }
    furthest.add(right)
  }
  return [...collisions.values()]
}
