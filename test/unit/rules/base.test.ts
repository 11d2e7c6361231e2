import { describe, expect, it } from 'vitest'
import { decided, undecided } from '../../../src/kernel/decision.js'
import type { Attachment, NeverReason } from '../../../src/kernel/iommu/iommu-attachment.js'
import type { DescribedMsi } from '../../../src/kernel/msi/described-msi.js'
import type { MsiInUse } from '../../../src/kernel/msi/chips-in-use.js'
import type { Answer, IommuKind, MsiControllerKind } from '../../../src/machine/kinds.js'
import type { IommuLink, MsiLink, Route } from '../../../src/routes/route.js'
import { baseGrounds } from '../../../src/rules/base.js'
import { arm, card, closed, judged, type TestCase } from './metal.js'

const CARD = '0000:01:00.0'
/** Whether the function has a group cannot be read, nor which IOMMUs are driven. */
const unreadGroups: TestCase['edit'] = (files) => {
  for (const path of files.keys()) if (path.endsWith('/iommu_group')) files.set(path, closed)
  files.set('sys/kernel/iommu_groups', closed)
  files.set('sys/class/iommu', closed)
}
const cardOf = (testCase: TestCase) => judged(testCase).report.devices.find(({ address }) => address === CARD)

describe('a function of which nobody can tell whether it has a group', () => {
  it('has no IOMMU where firmware describes none for it', () => {
    const machine = arm({ iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1, { group: null })] }] })
    expect(cardOf({ machine, edit: unreadGroups })).toMatchObject({ verdict: 'not-isolated', reason: 'no-iommu' })
  })

  it('may have one where firmware describes one', () => {
    expect(cardOf({ machine: arm(), edit: unreadGroups })).toMatchObject({ verdict: 'unknown', reason: 'unreadable' })
  })
})

/** A card behind an SMMUv3 and an ITS, in a group and with vectors of that ITS in use. */
function sound(): Route {
  const route = judged({ machine: arm() }).routes.byName.get(CARD)
  if (!route) throw new Error(`no route of ${CARD}`)
  return route
}
const SOUND = sound()
const words = (route: Route) => baseGrounds(route).map(({ verdict, reason }) => `${verdict} ${reason}`)
const behind = (iommu: Partial<IommuLink>) => words({ ...SOUND, iommu: { ...SOUND.iommu, ...iommu } })
const ISOLATED = ['isolated its-behind-smmu']

/**
 * The contract: no IOMMU in front of the device is not isolated, a refused StreamID among them; what nobody can read, and
 * what a hypervisor decides, is unknown.
 */
describe('an IOMMU', () => {
  const never = (why: NeverReason): Attachment => ({ state: 'never', why, from: [] })
  const { described } = SOUND.iommu
  const noIommu = decided('none' as const)
  it.each<[string, Partial<IommuLink>, string]>([
    ['that firmware does not describe', { attachment: never('not-described') }, 'not-isolated no-iommu'],
    ['that nobody drives on x86', { attachment: never('not-driven') }, 'not-isolated no-iommu'],
    ['that VFIO does without', { attachment: never('no-iommu-mode') }, 'not-isolated no-iommu'],
    ['that refused the function', { attachment: never('refused') }, 'not-isolated stream-id-refused'],
    ['that has given its StreamID away', { attachment: never('stream-id-taken') }, 'not-isolated stream-id-refused'],
    [
      'that is awaited',
      { attachment: { state: 'deferred', why: 'not-driven', from: [] } },
      'not-isolated iommu-not-probed',
    ],
    [
      'that is awaited no longer',
      { attachment: { state: 'not-awaited', why: 'not-driven', from: [] } },
      'not-isolated iommu-not-probed',
    ],
    [
      'that is awaited or not',
      { attachment: { state: 'never-or-deferred', from: [] } },
      'not-isolated iommu-not-probed',
    ],
    ['of a group that nobody can read', { attachment: undecided('unreadable') }, 'unknown unreadable'],
    [
      'of such a group and of tables that nobody can read',
      { attachment: undecided('unreadable'), described: undecided('unreadable') },
      'unknown unreadable',
    ],
    [
      'of such a group where none is described',
      { attachment: undecided('unreadable'), described: noIommu },
      'not-isolated no-iommu',
    ],
    [
      'of a kernel that nobody knows',
      { attachment: undecided('kernel-unknown'), described: noIommu },
      'unknown kernel-unknown',
    ],
    ['of which the tables cannot be read', { described: undecided('unreadable') }, 'unknown unreadable'],
    ['of the platform', { described: undecided('hypervisor-decides') }, 'unknown hypervisor-decides'],
    ['of a group that no table knows of', { described: noIommu }, 'not-isolated no-iommu'],
    ['of a kind that nobody knows', { kind: 'unknown' }, 'unknown controller-unknown'],
    ['that is not among the driven ones', { instance: undefined }, 'unknown witnesses-disagree'],
  ])('%s', (_, iommu, expected) => {
    expect(behind(iommu)).toEqual([expected])
  })
  it('that only the log shows at work is one', () => {
    expect(behind({ instance: undefined, drivenByLog: true })).toEqual(ISOLATED)
  })
  it('that the architecture gives needs no instance to show for it', () => {
    const given = described.state === 'decided' && described.value !== 'none' ? described.value : undefined
    expect(given).toBeDefined()
    if (given)
      expect(behind({ instance: undefined, described: decided({ ...given, source: 'architecture' }) })).toEqual(
        ISOLATED,
      )
  })
  it('of a group still to come need not be driven by anything seen', () => {
    expect(behind({ attachment: { state: 'later', from: [] }, group: undefined, instance: undefined })).toEqual(
      ISOLATED,
    )
  })
})

const given = SOUND.msi.described.state === 'decided' ? SOUND.msi.described.value : undefined
const its = given?.controller
/** A described controller; without a kind the function has no MSI domain. */
function domain(payloadChecked: Answer, kind?: MsiControllerKind, preIts: Answer = 'no'): DescribedMsi {
  if (!given || !its) throw new Error('the sound machine has an ITS')
  return { ...given, payloadChecked, controller: kind && { ...its, kind, payloadChecked, preIts } }
}
const used = (isolated: Answer, kind: MsiControllerKind, doubt?: 'hypervisor-decides'): MsiInUse => ({
  state: 'known',
  kind,
  isolated,
  chipNames: [],
  from: [],
  ...(doubt && { doubt }),
})
const NONE_IN_USE: MsiInUse = { state: 'none' }

const through = (msi: Partial<MsiLink>, iommu: Partial<IommuLink> = {}) =>
  words({ ...SOUND, iommu: { ...SOUND.iommu, ...iommu }, msi: { ...SOUND.msi, ...msi } })

/** The contract names each controller that takes any payload by a reason of its own; the rest do not check the payload. */
const UNCHECKED: readonly (readonly [MsiControllerKind, string])[] = [
  ['none', 'no-msi-controller'],
  ['gicv2m', 'gicv2m'],
  ['gicv3-mbi', 'gicv3-mbi'],
  ['host-bridge', 'host-bridge-msi'],
  ['x86-vector', 'x86-not-remapped'],
  ['x86-remapped', 'x86-not-remapped'],
  ['imsic', 'payload-not-checked'],
  ['its', 'payload-not-checked'],
  ['gicv5-its', 'payload-not-checked'],
  ['other', 'payload-not-checked'],
  // Chips of several kinds, one of which takes any.
  ['unknown', 'payload-not-checked'],
]

describe('an MSI controller', () => {
  const constant: DescribedMsi = { ...domain('yes'), isConstant: true }
  it.each(UNCHECKED)('of the kind %s that takes any payload: %s', (kind, reason) => {
    const described = decided(domain('no', kind === 'none' ? undefined : kind))
    expect(through({ kind, described, inUse: NONE_IN_USE })).toEqual([`not-isolated ${reason}`])
    // In use, it says so itself.
    expect(through({ kind, inUse: used('no', kind), described: decided(domain('yes')) })).toEqual([
      `not-isolated ${reason}`,
    ])
  })

  it.each<[string, Partial<MsiLink>, readonly string[]]>([
    ['of which the chips in use cannot be read', { inUse: { state: 'unreadable', from: [] } }, ['unknown unreadable']],
    [
      'that a hypervisor stands for',
      { inUse: used('unknown', 'other', 'hypervisor-decides') },
      ['unknown hypervisor-decides'],
    ],
    // What a hypervisor decides is no worse for what its tables say to the guest.
    [
      'that a hypervisor stands for, whatever is described',
      { inUse: used('no', 'other', 'hypervisor-decides'), described: decided(domain('no', 'gicv2m')) },
      ['unknown hypervisor-decides'],
    ],
    [
      'in use that nobody knows',
      { inUse: used('unknown', 'other'), described: decided(domain('yes')) },
      ['unknown controller-unknown'],
    ],
    [
      'of which nobody can tell which it is',
      { inUse: NONE_IN_USE, described: undecided('kernel-unknown') },
      ['unknown kernel-unknown'],
    ],
    // s390x: the architecture checks every MSI, whatever the chips in use are called.
    ['of an architecture that checks all', { inUse: used('no', 'other'), described: decided(constant) }, ISOLATED],
    [
      'behind a pre-ITS',
      { inUse: NONE_IN_USE, described: decided(domain('no', 'its', 'yes')) },
      ['not-isolated pre-its'],
    ],
    [
      'that may be behind a pre-ITS',
      { inUse: NONE_IN_USE, described: decided(domain('unknown', 'its', 'unknown')) },
      ['unknown unreadable'],
    ],
    [
      'in use that is not the one described',
      { inUse: used('yes', 'its'), described: decided(domain('yes', 'gicv5-its')) },
      ['unknown witnesses-disagree'],
    ],
    [
      'that checks nothing, as described, with the chips of another',
      { inUse: used('yes', 'its'), described: decided(domain('no', 'gicv2m')) },
      ['not-isolated gicv2m'],
    ],
    [
      'that checks nothing, neither as described nor as in use',
      { kind: 'gicv2m', inUse: used('no', 'gicv2m'), described: decided(domain('no', 'gicv2m')) },
      ['not-isolated gicv2m', 'not-isolated gicv2m'],
    ],
    [
      'that checks nothing in use, and cannot be told from firmware',
      { kind: 'gicv2m', inUse: used('no', 'gicv2m'), described: undecided('unreadable') },
      ['not-isolated gicv2m', 'unknown unreadable'],
    ],
  ])('%s', (_, msi, expected) => {
    expect(through(msi)).toEqual(expected)
  })

  // s390: the architecture gives the domain, and no controller is described that the chip could differ from.
  it('that no description has, in use and checking, is that of the architecture', () => {
    expect(through({ kind: 'other', inUse: used('yes', 'other'), described: decided(domain('yes')) })).toEqual([
      'isolated architecture-constant',
    ])
  })

  it('is one of two things that hold the verdict down', () => {
    expect(
      through(
        { inUse: NONE_IN_USE, described: decided(domain('no')) },
        { attachment: { state: 'never', why: 'not-described', from: [] } },
      ),
    ).toEqual(['not-isolated no-iommu', 'not-isolated no-msi-controller'])
  })
})

describe('what isolates', () => {
  it.each<[MsiControllerKind, IommuKind, string]>([
    ['its', 'smmuv3', 'its-behind-smmu'],
    ['its', 'smmuv2', 'its-behind-smmu'],
    ['its', 'virtio-iommu', 'its-behind-iommu'],
    ['gicv5-its', 'smmuv3', 'gicv5-its-behind-smmu'],
    ['gicv5-its', 'virtio-iommu', 'its-behind-iommu'],
    ['x86-remapped', 'vt-d', 'x86-remapped'],
    ['x86-remapped', 'amd-vi', 'x86-remapped'],
    ['other', 'other', 'architecture-constant'],
  ])('%s behind %s: %s', (kind, iommu, reason) => {
    const described = decided(domain('yes', kind))
    expect(through({ kind, described, inUse: used('yes', kind) }, { kind: iommu })).toEqual([`isolated ${reason}`])
  })
})
