import { isWithinOwner, type Collision } from '../../kernel/ids/collisions.js'
import { outputOf } from '../../kernel/ids/id-way.js'
import { iortRule, notFollowed } from '../acpi/iort-judgement.js'
import { isPlaceholder, treeRule } from '../devicetree/devicetree-judgement.js'
import { binding, bsaRule, iortClause, linuxIts } from '../firmware-references.js'
import type { OutcomeItem, Severity } from '../rule.js'
import { sharesOf } from './device-id-collisions.js'
import { functionsWhere, isWay, type IdCase } from '../present-ids.js'
import { idNodeSubject, idNodeWords, idRangesWords, spaceWords, stepsEvidence } from './id-words.js'

/** Present functions with one of the shared ids. */
function functionsWith(at: IdCase, { left: { space }, shared }: Collision): readonly string[] {
  return functionsWhere(at, ({ requesterId, stream, device }) => {
    const way = space.kind === 'StreamID' ? stream : device
    if (!isWay(way) || way.space.key !== space.key) return false
    const id = outputOf(way, requesterId)
    return shared.some(({ first, last }) => first <= id && id <= last)
  })
}

function item(
  at: IdCase,
  collision: Collision,
  severityOf: (collision: Collision, here: readonly string[]) => Severity,
): OutcomeItem {
  const { left, right, shared } = collision
  const { kind } = left.space
  const own = left.owner.kind === 'own' || right.owner.kind === 'own'
  const devices = own ? [] : functionsWith(at, collision)
  return {
    subject: idNodeSubject(left.owner.node),
    devices,
    message: own ? 'own' : isWithinOwner(collision) ? 'within' : 'collide',
    details: {
      left: idNodeWords(left.owner.node),
      right: idNodeWords(right.owner.node),
      kind,
      ids: idRangesWords(shared),
      target: spaceWords(left.space),
    },
    linux: `Linux does not notice: two devices with one ${kind} share their ${kind === 'DeviceID' ? 'interrupts' : 'address space'}.`,
    evidence: stepsEvidence(at.machine, [...left.steps, ...right.steps]),
    severity: severityOf(collision, devices),
    ...(own ? { effect: 'none' } : {}),
    shares: sharesOf(collision),
  }
}

const ofPci = ({ left, right }: Collision): boolean => left.owner.kind === 'pci' && right.owner.kind === 'pci'

/** By the name of the owner, as somebody looks them up in a tree. */
function inOrder(collision: Collision): Collision {
  const { left, right } = collision
  return left.owner.name < right.owner.name ? collision : { ...collision, left: right, right: left }
}

const SHARED = {
  severity: 'high',
  why: 'An ITS and an SMMU tell devices apart by that id alone. The owner of one device can raise the interrupts of the other, or uses its translations.',
} as const

export const idsCollide = iortRule({
  ...SHARED,
  id: 'IR214',
  slug: 'ids-collide',
  title: 'Devices of different root complexes get one StreamID or DeviceID',
  effect: 'caveat',
  checks:
    'The DeviceIDs on each ITS and the StreamIDs at each SMMU that root complexes and components claim, on the buses that MCFG gives them.',
  remedy: [{ actor: 'firmware', text: 'Give each root complex a range of output ids of its own.' }],
  limits:
    'Ranges are compared, not devices: what two present functions or a present function and a device share is told by rule IR101. Named components may share ids among themselves.',
  references: [
    iortClause('ID mapping format: output base'),
    bsaRule('ITS_DEV_4'),
    bsaRule('ITS_DEV_2'),
    linuxIts('its_msi_prepare'),
  ],
  messages: {
    collide: 'The {left} and the {right} both give the {kind}s {ids} at {target}{affects}.',
    within: 'Two ranges of the {left} both give the {kind}s {ids} at {target}{affects}.',
    own: 'The {left} and the {right} both use the {kind}s {ids} at {target}, one of them for its own MSIs.',
  },
  judge: (at) => {
    if (!at.ids.complete) return { failed: [], unknown: [notFollowed(at)] }
    // Without MCFG nobody knows which buses there are.
    const known = at.machine.acpi.mcfg.state === 'known'
    const severityOf = (collision: Collision): Severity => {
      if (collision.left.owner.kind === 'own' || collision.right.owner.kind === 'own') return 'low'
      return ofPci(collision) && known ? 'high' : 'medium'
    }
    const failed = at.routes.ids
      .collisions()
      // One StreamID for two leads to one DeviceID for two, by one and the same mapping: that is told once.
      .filter(({ left, follows }) => !('path' in left.owner.node) && !follows)
      .map((collision) => () => item(at, collision, severityOf))
    return { failed, applicable: at.ids.claims.length > 0 }
  },
})

export const treeIdsCollide = treeRule({
  ...SHARED,
  id: 'IR313',
  slug: 'tree-ids-collide',
  title: 'Two host bridges of the tree get the same DeviceIDs or StreamIDs',
  effect: 'none',
  checks:
    'The DeviceIDs on each ITS and the StreamIDs at each Arm SMMU that the maps of enabled host bridges reach, against each other and against msi-parent and iommus of devices outside PCI.',
  remedy: [{ actor: 'firmware', text: 'Give each host bridge a range of output ids of its own.' }],
  limits:
    'Ranges are compared, not devices: what present functions share is held against them by rules IR101 and IR113. Ids with a mask cell are left out, and so are the maps of a blob that a boot loader is known to write anew.',
  references: [binding('pci/pci-msi.txt'), bsaRule('ITS_DEV_4'), bsaRule('ITS_DEV_2')],
  messages: {
    collide: '{left} and {right} both have the {kind}s {ids} at {target}{affects}.',
  },
  judge: (at) => {
    const severityOf = ({ left, right }: Collision, here: readonly string[]): Severity => {
      const has = ({ owner }: Collision['left']) =>
        owner.kind !== 'pci' ||
        here.some((name) => at.bridges.some((one) => one.owner === owner && one.functions.includes(name)))
      return here.length > 0 && has(left) && has(right) ? 'high' : 'medium'
    }
    const written = ({ owner: { node } }: Collision['left']) => 'path' in node && !isPlaceholder(at, node)
    const failed = at.routes.ids
      .collisions()
      .filter((one) => written(one.left) && written(one.right) && !isWithinOwner(one))
      .map((collision) => item(at, inOrder(collision), severityOf))
    return { failed, applicable: at.bridges.length > 0 }
  },
})
