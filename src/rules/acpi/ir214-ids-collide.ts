import { collisionsOf, type Collision } from '../../kernel/ids/collisions.js'
import type { IortWay } from '../../kernel/ids/id-way.js'
import { sharesOf } from '../devices/device-id-collisions.js'
import { bsaRule, iortClause } from '../firmware-references.js'
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
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import type { OutcomeItem, Rule, Severity } from '../rule.js'

type IortCollision = Collision<IortWay>

const isRootComplex = ({ owner }: IortWay): boolean => owner.kind === 'pci'

/** `ITS 0`: the one that Linux uses of a group. */
const targetWords = ({ space: { target } }: IortWay): string =>
  target.type === 'its-group' ? `ITS ${target.itsIds[0] ?? ''}` : nodeWords(target)

/** Functions whose id at the target is one of the shared ones. */
function functionsIn(at: IortCase, { left: { space }, shared }: IortCollision): readonly string[] {
  const within = (id: number) => shared.some(({ first, last }) => id >= first && id <= last)
  const { target } = space
  return functionsWhere(at, ({ stream, msi }) => {
    if (space.kind === 'StreamID') return stream.kind === 'stream' && stream.smmu === target && within(stream.streamId)
    return msi.kind === 'its' && target.type === 'its-group' && msi.itsId === target.itsIds[0] && within(msi.deviceId)
  })
}

function severityOf(at: IortCase, { left, right }: IortCollision): Severity {
  if (left.owner.kind === 'own' || right.owner.kind === 'own') return 'low'
  if (!isRootComplex(left) || !isRootComplex(right)) return 'medium'
  // Without MCFG nobody knows which buses there are.
  return at.machine.acpi.mcfg.state === 'known' ? 'high' : 'medium'
}

function item(at: IortCase, collision: IortCollision): OutcomeItem {
  const { left, right, shared } = collision
  const own = left.owner.kind === 'own' || right.owner.kind === 'own'
  const devices = own ? [] : functionsIn(at, collision)
  const within = left.owner.key === right.owner.key
  const { kind } = left.space
  const ids = shared.slice(0, 3).map(rangeWords).join(', ')
  return {
    subject: nodeSubject(left.owner.node),
    devices,
    message: own ? 'own' : within ? 'within' : 'collide',
    details: {
      left: nodeWords(left.owner.node),
      right: nodeWords(right.owner.node),
      kind,
      ids: shared.length > 3 ? `${ids} and ${shared.length - 3} more ranges` : ids,
      target: targetWords(left),
      affects: affectsWords(devices),
      linux: `Linux does not notice: two devices with one ${kind} share their ${kind === 'DeviceID' ? 'interrupts' : 'address space'}.`,
    },
    evidence: [...left.steps, ...right.steps].map(({ mapping }) => mappingEvidence(at, mapping)),
    severity: severityOf(at, collision),
    ...(own ? { effect: 'none' } : {}),
    shares: sharesOf(collision),
  }
}

function judge(at: IortCase): Judgement {
  const { claims, complete } = at.ids
  if (!complete) return { failed: [], unknown: [notFollowed(at, true)] }
  // One StreamID for two leads to one DeviceID for two, by one and the same mapping: that is told once.
  const collisions = collisionsOf(claims, true).filter(({ follows }) => !follows)
  return { failed: collisions.map((collision) => () => item(at, collision)), applicable: claims.length > 0 }
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
    'Ranges are compared, not devices: what two present functions or a present function and a device share is told by rule IR101. Named components may share ids among themselves.',
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
