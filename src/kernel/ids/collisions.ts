import { intersection, type IdRange } from './id-ranges.js'
import { outputRangeOf, type IdOwner, type IdSpace, type IdWay } from './id-way.js'

/** Ids in one space that two owners have, or one of them twice. */
export interface Collision<W> {
  /** The same for all who speak of these two owners and this space. */
  readonly key: string
  readonly left: W
  readonly right: W
  /** In ascending order; from a limit on the last one grows to hold the rest, which takes in too many and never too few. */
  readonly shared: IdRange[]
  /** Their StreamIDs are the same already, so that one mapping of the SMMU takes both on. */
  readonly follows: boolean
}

const SHARED_LIMIT = 64

interface Claim<W> extends IdRange {
  readonly way: W
}

type Way = Pick<IdWay<object, unknown>, 'first' | 'last' | 'output' | 'collapsed' | 'steps'> & {
  readonly owner: IdOwner<object>
  readonly space: IdSpace<object>
}

/** Claims on one space that reach furthest, of those that begin before where the sweep is. */
class Furthest<W extends Way> {
  /** Of PCI, and of anything else: the furthest, and the furthest of another owner. */
  private readonly byKind = new Map<boolean, readonly Claim<W>[]>()
  private readonly byOwner = new Map<string, Claim<W>>()

  /** All that a claim may meet: whoever else has one of its ids lies nearer than one of these. */
  before(claim: Claim<W>): readonly Claim<W>[] {
    const { key } = claim.way.owner
    const own = this.byOwner.get(key)
    const others = [...this.byKind.values()].flat().filter(({ way }) => way.owner.key !== key)
    return own ? [own, ...others] : others
  }

  add(claim: Claim<W>): void {
    const { key, kind } = claim.way.owner
    const own = this.byOwner.get(key)
    if (!own || claim.last > own.last) this.byOwner.set(key, claim)
    const two: Claim<W>[] = []
    const kept = this.byKind.get(kind === 'pci') ?? []
    for (const one of [...kept, claim].sort((left, right) => right.last - left.last))
      if (two.length < 2 && two[0]?.way.owner.key !== one.way.owner.key) two.push(one)
    this.byKind.set(kind === 'pci', two)
  }
}

const lastStepOf = (way: Way): unknown => {
  const step = way.steps.at(-1)
  return typeof step === 'object' && step !== null && 'mapping' in step ? step.mapping : undefined
}

/** One range seen twice, through two stretches of buses. */
function sameWay(left: Way, right: Way): boolean {
  return left.owner.key === right.owner.key && lastStepOf(left) !== undefined && left.steps === right.steps
}

function share(shared: IdRange[], ids: IdRange): void {
  const last = shared.at(-1)
  if (last === undefined || shared.length < SHARED_LIMIT) shared.push(ids)
  else shared[shared.length - 1] = { first: Math.min(last.first, ids.first), last: Math.max(last.last, ids.last) }
}

/**
 * Who shares ids with whom, in one sweep over the ends of all claims: every id with two owners is in the `shared` of one
 * pair at least. Devices outside PCI may share ids among themselves, as several names of one device do.
 *
 * @param twice whether one owner that gives an id twice counts
 */
export function collisionsOf<W extends Way>(ways: readonly W[], twice: boolean): readonly Collision<W>[] {
  const bySpace = new Map<string, Claim<W>[]>()
  for (const way of ways) {
    const key = `${way.space.kind} ${way.space.key}`
    const claims = bySpace.get(key)
    const claim = { way, ...outputRangeOf(way) }
    if (claims) claims.push(claim)
    else bySpace.set(key, [claim])
  }
  return [...bySpace].flatMap(([space, claims]) => inSpace(space, claims, twice))
}

function inSpace<W extends Way>(space: string, claims: readonly Claim<W>[], twice: boolean): readonly Collision<W>[] {
  const collisions = new Map<string, Collision<W>>()
  const furthest = new Furthest<W>()
  for (const right of claims.toSorted((one, two) => one.first - two.first || one.last - two.last)) {
    for (const left of furthest.before(right)) {
      const ids = intersection(left, right)
      const [one, two] = [left.way.owner, right.way.owner]
      if (!ids || (one.kind !== 'pci' && two.kind !== 'pci')) continue
      if (one.key === two.key && (!twice || sameWay(left.way, right.way))) continue
      const follows = lastStepOf(left.way) !== undefined && lastStepOf(left.way) === lastStepOf(right.way)
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
