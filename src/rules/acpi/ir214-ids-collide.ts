import { intersection, type IdRange } from '../../kernel/ids/id-ranges.js'
import { iortRouting } from '../../kernel/iort/iort-ranges.js'
import { bsaRule, iortClause } from '../firmware-references.js'
import { claimsOf, type Claim, type ClaimedTarget } from './iort-claims.js'
import { affectsWords } from '../function-words.js'
import { functionsWhere } from './iort-functions.js'
import {
  IORT_MESSAGES,
  judgeIort,
  mappingEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  rangeWords,
  type Found,
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import type { OutcomeItem, Rule, Severity } from '../rule.js'

const SHARED_LIMIT = 64

const isRootComplex = (claim: Claim): boolean => claim.owner.type === 'root-complex'

/** Functions whose id at the target is one of the shared ones. */
function functionsIn(at: IortCase, target: ClaimedTarget, ids: readonly IdRange[]): readonly string[] {
  return functionsWhere(at, ({ stream, msi }) => {
    const within = (id: number) => ids.some(({ first, last }) => id >= first && id <= last)
    if (target.kind === 'StreamID')
      return stream.kind === 'stream' && stream.smmu === target.node && within(stream.streamId)
    return msi.kind === 'its' && `ITS ${msi.itsId}` === target.name && within(msi.deviceId)
  })
}

function severityOf(at: IortCase, left: Claim, right: Claim): Severity {
  if (left.own || right.own) return 'low'
  if (!isRootComplex(left) || !isRootComplex(right)) return 'medium'
  // Without MCFG nobody knows which buses there are.
  return at.machine.acpi.mcfg.state === 'known' ? 'high' : 'medium'
}

/** Two nodes that claim the same ids, with every range they share. */
interface Collision {
  readonly left: Claim
  readonly right: Claim
  readonly shared: IdRange[]
}

function item(at: IortCase, target: ClaimedTarget, { left, right, shared }: Collision): OutcomeItem {
  const own = left.own || right.own
  const devices = own ? [] : functionsIn(at, target, shared)
  const within = left.owner === right.owner
  const what = target.kind === 'DeviceID' ? 'interrupts' : 'address space'
  const ids = shared.slice(0, 3).map(rangeWords).join(', ')
  return {
    subject: nodeSubject(left.owner),
    devices,
    message: own ? 'own' : within ? 'within' : 'collide',
    details: {
      left: nodeWords(left.owner),
      right: nodeWords(right.owner),
      kind: target.kind,
      ids: shared.length > 3 ? `${ids} and ${shared.length - 3} more ranges` : ids,
      target: target.kind === 'DeviceID' ? target.name : nodeWords(target.node),
      affects: affectsWords(devices),
      linux: `Linux does not notice: two devices with one ${target.kind} share their ${what}.`,
    },
    evidence: [...left.evidence, ...right.evidence].map(({ mapping }) => mappingEvidence(at, mapping)),
    severity: severityOf(at, left, right),
    ...(own ? { effect: 'none' } : {}),
  }
}

/** One range seen twice, through two allocations of MCFG. */
const sameWay = (left: Claim, right: Claim): boolean =>
  left.evidence.length === right.evidence.length &&
  left.evidence.every(({ mapping }, index) => mapping === right.evidence[index]?.mapping)

/** Adds a range; from the limit on the last one grows to hold it, which takes in too many ids and never too few. */
function share(shared: IdRange[], ids: IdRange): void {
  const last = shared.at(-1)
  if (last === undefined || shared.length < SHARED_LIMIT) shared.push(ids)
  else shared[shared.length - 1] = { first: Math.min(last.first, ids.first), last: Math.max(last.last, ids.last) }
}

/** Each claim against the furthest before it, of root complexes and of other nodes: all others it can meet lie nearer. */
function collisionsOf(at: IortCase, target: ClaimedTarget): readonly Found[] {
  const collisions = new Map<string, Collision>()
  const furthest: Claim[] = []
  for (const right of target.claims.toSorted((one, two) => one.first - two.first || one.last - two.last)) {
    for (const left of furthest) {
      const ids = intersection(left, right)
      // Components may well share ids among themselves: several names of one device.
      if (!ids || sameWay(left, right) || (!isRootComplex(left) && !isRootComplex(right))) continue
      const key = [left.owner.offset, right.owner.offset].toSorted((one, two) => one - two).join(' ')
      const collision = collisions.get(key) ?? { left, right, shared: [] }
      collisions.set(key, collision)
      share(collision.shared, ids)
    }
    keep(furthest, right)
  }
  return [...collisions.values()].map((collision) => () => item(at, target, collision))
}

/** Keeps the furthest claim of a root complex, and that of anything else, by owner, at most two of each. */
function keep(furthest: Claim[], claim: Claim): void {
  furthest.push(claim)
  furthest.sort((left, right) => right.last - left.last)
  const seen = new Map<string, number>()
  for (let index = 0; index < furthest.length; index++) {
    const kind = furthest[index]?.owner.type === 'root-complex' ? 'root complex' : 'other'
    const count = (seen.get(kind) ?? 0) + 1
    seen.set(kind, count)
    if (count > 2) furthest.splice(index--, 1)
  }
}

function judge(at: IortCase): Judgement {
  if (!iortRouting(at.iort, at.release).complete) return { failed: [], unknown: [notFollowed(at, true)] }
  const targets = claimsOf(at)
  return { failed: targets.flatMap((target) => collisionsOf(at, target)), applicable: targets.length > 0 }
}

export const idsCollide: Rule = {
  id: 'IR214',
  slug: 'ids-collide',
  title: 'Devices of different root complexes get one StreamID or DeviceID',
  scope: 'firmware',
  severity: 'high',
  effect: 'caveat',
  checks:
    'The DeviceIDs on each ITS and the StreamIDs at each SMMU that root complexes and components claim, on the buses that MCFG gives them.',
  why: 'An ITS and an SMMU tell devices apart by that id alone. The owner of one device can raise the interrupts of the other, or uses its translations.',
  remedy: [{ actor: 'firmware', text: 'Give each root complex a range of output ids of its own.' }],
  limits:
    'Ranges are compared, not devices: whether two present functions share an id is the subject of rule IR101. Named components may share ids among themselves.',
  references: [
    iortClause('ID mapping format: output base'),
    bsaRule('ITS_DEV_4'),
    bsaRule('ITS_DEV_2'),
    { title: 'Linux, GICv3 ITS', locator: 'drivers/irqchip/irq-gic-v3-its.c: its_msi_prepare' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...IORT_MESSAGES,
    collide: 'The {left} and the {right} both give the {kind}s {ids} at {target}{affects}. {linux}',
    within: 'Two ranges of the {left} both give the {kind}s {ids} at {target}{affects}. {linux}',
    own: 'The {left} and the {right} both use the {kind}s {ids} at {target}, one of them for its own MSIs. {linux}',
  },
  check: (subject) => judgeIort(subject, true, judge),
}
