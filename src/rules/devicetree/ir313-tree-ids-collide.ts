import { collisionsOf, type Collision } from '../../kernel/ids/collisions.js'
import type { TreeWay } from '../../kernel/ids/id-way.js'
import { sharesOf } from '../devices/device-id-collisions.js'
import {
  binding,
  isPlaceholder,
  judgeTree,
  propertyEvidence,
  rangesWords,
  TREE_MESSAGES,
  type TreeCase,
} from './devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import type { Evidence, OutcomeItem, Rule } from '../rule.js'

type TreeCollision = Collision<TreeWay>

/** Functions below one of the two owners whose id at the target is a shared one. */
function functionsIn(at: TreeCase, { left, right, shared }: TreeCollision): readonly string[] {
  const names = [left, right].flatMap(({ owner }) => at.functionsOf(owner.node))
  return names.filter((name) => {
    const route = at.routes.byName.get(name)
    const ids = left.space.kind === 'DeviceID' ? route?.msi.deviceIds : route?.iommu.streamIds
    if (ids === undefined || ids === 'unknown') return false
    return ids.some((id) => shared.some(({ first, last }) => id >= first && id <= last))
  })
}

const evidenceOf = ({ steps }: TreeWay): readonly Evidence[] =>
  steps.map(({ node, property }) => propertyEvidence(node, property))

function item(at: TreeCase, collision: TreeCollision): OutcomeItem {
  const [left, right] =
    collision.left.owner.name < collision.right.owner.name
      ? [collision.left, collision.right]
      : [collision.right, collision.left]
  const devices = functionsIn(at, collision)
  const both = [left, right].every(
    ({ owner }) => owner.kind !== 'pci' || at.functionsOf(owner.node).some((name) => devices.includes(name)),
  )
  const { kind, target } = left.space
  const what = kind === 'DeviceID' ? 'interrupt table' : 'address space'
  return {
    subject: left.owner.name,
    devices,
    message: 'collide',
    details: {
      left: left.owner.name,
      right: right.owner.name,
      kind,
      ids: rangesWords(collision.shared),
      target: target.path,
      devices: affectsWords(devices),
      linux: `Linux does not notice: two devices with one ${kind} share their ${what}.`,
    },
    evidence: [...evidenceOf(left), ...evidenceOf(right)],
    severity: devices.length > 0 && both ? 'high' : 'medium',
    shares: sharesOf(collision),
  }
}

function judge(at: TreeCase): readonly OutcomeItem[] {
  const claims = at.ids.claims.filter(({ owner }) => !isPlaceholder(at, owner.node))
  return collisionsOf(claims, false).map((collision) => item(at, collision))
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
    'Ranges are compared, not devices: what present functions share is held against them by rules IR101 and IR113. Ids with a mask cell are left out, and so are the maps of a blob that a boot loader is known to write anew.',
  references: [binding('pci/pci-msi.txt'), bsaRule('ITS_DEV_4'), bsaRule('ITS_DEV_2')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    collide: '{left} and {right} both have the {kind}s {ids} at {target}{devices}. {linux}',
  },
  check: (subject) => judgeTree(subject, false, (at) => ({ failed: judge(at), applicable: at.bridges.length > 0 })),
}
