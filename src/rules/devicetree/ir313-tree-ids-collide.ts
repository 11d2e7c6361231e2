import type { IdRange } from '../../kernel/ids/id-ranges.js'
import { treeClaims, type TreeClaim } from './devicetree-claims.js'
import { binding, judgeTree, rangesWords, TREE_MESSAGES, type TreeCase } from './devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import type { OutcomeItem, Rule } from '../rule.js'

interface Collision {
  readonly left: TreeClaim
  readonly right: TreeClaim
  readonly shared: IdRange[]
}

/** Functions below one of the two owners whose id at the target is a shared one. */
function functionsIn(at: TreeCase, { left, right, shared }: Collision): readonly string[] {
  const names = [left, right].flatMap(({ bridge }) => bridge?.functions ?? [])
  return names.filter((name) => {
    const route = at.routes.byName.get(name)
    const ids = left.kind === 'DeviceID' ? route?.msi.deviceIds : route?.iommu.streamIds
    if (ids === undefined || ids === 'unknown') return false
    return ids.some((id) => shared.some(({ first, last }) => id >= first && id <= last))
  })
}

function item(at: TreeCase, collision: Collision): OutcomeItem {
  const { left, right, shared } = collision
  const devices = functionsIn(at, collision)
  const both = [left, right].every(({ bridge }) => !bridge || bridge.functions.some((name) => devices.includes(name)))
  const what = left.kind === 'DeviceID' ? 'interrupt table' : 'address space'
  return {
    subject: left.owner.path,
    devices,
    message: 'collide',
    details: {
      left: left.owner.path,
      right: right.owner.path,
      kind: left.kind,
      ids: rangesWords(shared),
      target: left.target.path,
      devices: affectsWords(devices),
      linux: `Linux does not notice: two devices with one ${left.kind} share their ${what}.`,
    },
    evidence: [left.evidence, right.evidence],
    severity: devices.length > 0 && both ? 'high' : 'medium',
  }
}

/** Claims on one target in ascending order, each against the furthest two of other owners before it. */
function collisionsOf(claims: readonly TreeClaim[]): readonly Collision[] {
  const collisions = new Map<string, Collision>()
  let furthest: readonly TreeClaim[] = []
  for (const right of claims.toSorted((one, two) => one.first - two.first || one.last - two.last)) {
    for (const left of furthest) {
      // Devices outside PCI may well share ids: several nodes of one device.
      if (left.owner === right.owner || left.last < right.first || (!left.bridge && !right.bridge)) continue
      const pair = [left, right].toSorted((one, two) => (one.owner.path < two.owner.path ? -1 : 1))
      const [first = left, second = right] = pair
      const key = `${first.owner.path} ${second.owner.path}`
      const collision = collisions.get(key) ?? { left: first, right: second, shared: [] }
      collisions.set(key, collision)
      collision.shared.push({ first: right.first, last: Math.min(left.last, right.last) })
    }
    furthest = keep([...furthest, right])
  }
  return [...collisions.values()]
}

/** The furthest claim of each of at most two host bridges and two devices: all others that can be met lie nearer. */
function keep(claims: readonly TreeClaim[]): readonly TreeClaim[] {
  const owners = new Set<TreeClaim['owner']>()
  let bridges = 0
  let devices = 0
  return claims
    .toSorted((left, right) => right.last - left.last)
    .filter(({ owner, bridge }) => {
      if (owners.has(owner)) return false
      owners.add(owner)
      return bridge ? ++bridges <= 2 : ++devices <= 2
    })
}

function judge(at: TreeCase): readonly OutcomeItem[] {
  const byTarget = new Map<string, TreeClaim[]>()
  for (const claim of treeClaims(at)) {
    const key = `${claim.kind} ${claim.target.path}`
    const claims = byTarget.get(key)
    if (claims) claims.push(claim)
    else byTarget.set(key, [claim])
  }
  return [...byTarget.values()].flatMap(collisionsOf).map((collision) => item(at, collision))
}

export const treeIdsCollide: Rule = {
  id: 'IR313',
  slug: 'tree-ids-collide',
  title: 'Two host bridges of the tree get the same DeviceIDs or StreamIDs',
  scope: 'firmware',
  severity: 'high',
  effect: 'none',
  checks:
    'The DeviceIDs on each ITS and the StreamIDs at each Arm SMMU that the maps of enabled host bridges reach, against each other and against msi-parent and iommus of devices outside PCI.',
  why: 'An ITS and an SMMU tell devices apart by that id alone. The owner of one device can raise the interrupts of the other, or uses its translations.',
  remedy: [{ actor: 'firmware', text: 'Give each host bridge a range of output ids of its own.' }],
  limits:
    'Ranges are compared, not devices: what present functions share is held against them by rules IR101 and IR113. Ids with a mask cell are left out, and boot loaders may still write the maps of a blob.',
  references: [binding('pci/pci-msi.txt'), bsaRule('ITS_DEV_4'), bsaRule('ITS_DEV_2')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    collide: '{left} and {right} both have the {kind}s {ids} at {target}{devices}. {linux}',
  },
  check: (subject) => judgeTree(subject, false, (at) => ({ failed: judge(at), applicable: at.bridges.length > 0 })),
}
