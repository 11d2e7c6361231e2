import { describe, expect, it } from 'vitest'
import { parseRelease } from '../../../src/kernel/release.js'
import type { Attachment } from '../../../src/kernel/iommu/iommu-attachment.js'
import { undecided } from '../../../src/kernel/decision.js'
import { absent, known, unreadable } from '../../../src/machine/fact.js'
import type { IommuGroup } from '../../../src/machine/iommu.js'
import type { Answer } from '../../../src/machine/kinds.js'
import { bindOutcome, kernelAnswers } from '../../../src/routes/kernel-answers.js'
import type { Route, RouteMap } from '../../../src/routes/route.js'
import { arm, card, tree } from '../rules/metal.js'
import { smmu } from '../rules/vector.js'
import { CARD, changed, routeOf } from './one-route.js'

const FOUND = routeOf({
  machine: arm({
    rootComplexes: [
      { iommu: 'smmu', msi: 'its', functions: [card(1, { group: 7 }, 'vfio-pci'), card(2, { group: 7 }, 'vfio-pci')] },
    ],
  }),
})
const { map, route } = FOUND

// kernel-decision.md section 2: EINVAL without a group, EAGAIN where the driver of the IOMMU is awaited.
describe('whether vfio-pci binds', () => {
  it.each<[Attachment, string]>([
    [{ state: 'grouped', group: '7', from: [] }, 'bound'],
    [{ state: 'later', from: [] }, 'bound'],
    [{ state: 'never', why: 'refused', from: [] }, 'no-group'],
    [{ state: 'not-awaited', why: 'not-driven', from: [] }, 'no-group'],
    [{ state: 'deferred', why: 'not-driven', from: [] }, 'deferred'],
    [{ state: 'never-or-deferred', from: [] }, 'no-group-or-deferred'],
    [undecided('unreadable'), 'unknown'],
    [undecided('hypervisor-owns-iommu'), 'unknown'],
  ])('%j: %s', (attachment, expected) => {
    expect(bindOutcome(changed(FOUND, { attachment }).route)).toBe(expected)
  })
  it('never in the control domain of Xen, where nothing has a group', () => {
    const attachment = undecided('hypervisor-owns-iommu')
    const at = changed(FOUND, { attachment, group: undefined }).route
    expect(bindOutcome({ ...at, fn: { ...at.fn, iommuGroup: absent() } })).toBe('no-group')
    expect(bindOutcome({ ...at, fn: { ...at.fn, iommuGroup: unreadable('io') } })).toBe('unknown')
    const other = changed(FOUND, { attachment: undecided('unreadable') }).route
    expect(bindOutcome({ ...other, fn: { ...other.fn, iommuGroup: absent() } })).toBe('unknown')
  })
})

/** kernel-decision.md section 1: AND over all devices of the group; a platform device has a domain only by its node. */
describe('the predicate of a group', () => {
  const group = (devices: IommuGroup['devices']): IommuGroup => ({
    id: '7',
    type: known('DMA'),
    name: absent(),
    devices,
    reservedRegions: known([]),
  })
  const SECOND = '0000:02:00.0'
  const withSecond = (isolated: Answer): RouteMap => {
    const other = map.byName.get(SECOND)
    if (!other) throw new Error('there are two cards')
    const changed_ = { ...other, msi: { ...other.msi, isolated } }
    return { ...map, byName: new Map([...map.byName, [SECOND, changed_]]) }
  }
  it.each<[Answer, string]>([
    ['yes', 'yes'],
    ['no', 'no'],
    ['unknown', 'unknown'],
  ])('of two of which one is isolated and the other %s: %s', (isolated, expected) => {
    const answers = kernelAnswers(withSecond(isolated))
    expect(answers.isolatedMsi(route)).toBe('yes')
    expect(answers.groupIsolatedMsi(group(known([CARD, SECOND])))).toBe(expected)
    // Asked again, the same.
    expect(answers.groupIsolatedMsi(group(known([CARD, SECOND])))).toBe(expected)
    expect(answers.isolatedWithGroup(route)).toBe(expected)
  })
  it.each<[string, IommuGroup, Answer]>([
    ['of one that is isolated', group(known([CARD])), 'yes'],
    ['with a platform device', group(known([CARD, '9060000.dma'])), 'unknown'],
    ['with a function that is not here', group(known([CARD, '0000:0a:00.0'])), 'unknown'],
    ['that cannot be read', group(unreadable('io')), 'unknown'],
  ])('%s', (_, one, expected) => {
    expect(kernelAnswers(map).groupIsolatedMsi(one)).toBe(expected)
  })
  it('of groups by themselves', () => {
    const answers = kernelAnswers(withSecond('no'))
    expect(answers.groupIsolatedMsi(group(known([CARD])))).toBe('yes')
    expect(answers.groupIsolatedMsi({ ...group(known([SECOND])), id: '8' })).toBe('no')
  })
  it('of a platform device without a domain is no', () => {
    const machine = {
      ...map.context.machine,
      platformDevices: [{ name: '9060000.dma', driver: absent(), iommuGroup: known('7'), deviceTreeNode: absent() }],
    }
    const at = { ...map, context: { ...map.context, machine } }
    expect(kernelAnswers(at).groupIsolatedMsi(group(known([CARD, '9060000.dma'])))).toBe('no')
  })
})

// history.md section 2: VFIO asks for cache coherency from 5.19 on; an enterprise kernel may ask before.
describe('what a release asks of a function', () => {
  const incoherent = routeOf({
    machine: tree({
      iommus: [{ ...smmu, coherent: false }],
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, 'vfio-pci')] }],
    }),
  })
  const under = (release: string | undefined): RouteMap => ({
    ...incoherent.map,
    context: { ...incoherent.map.context, release: release === undefined ? undefined : parseRelease(release) },
  })
  it.each<[string | undefined, string]>([
    ['5.18.0', 'not-asked'],
    ['5.19.0', 'yes'],
    ['6.1.0', 'no'],
    ['5.14.0-503.el9.aarch64', 'unknown'],
    [undefined, 'no'],
  ])('cache coherency, %s: %s', (release, expected) => {
    expect(kernelAnswers(under(release)).cacheCoherency(incoherent.route)).toBe(expected)
  })

  const gate = (at: Route, of: RouteMap = map) => {
    const answers = kernelAnswers(of)
    return (['vfioType1', 'iommufd'] as const).map((which) => Object.values(answers.gates(at)[which]).join(' '))
  }
  it('nothing of bridges and IOMMUs; of an endpoint, and of a part of the chipset, whether it is isolated', () => {
    for (const role of ['bridge', 'iommu'] as const)
      expect(gate({ ...route, role })).toEqual(['not-applicable none', 'not-applicable none'])
    for (const role of ['endpoint', 'chipset'] as const)
      expect(gate({ ...route, role })).toEqual(['accepts none', 'accepts none'])
  })
  it('nothing before 3.6, which has no VFIO', () => {
    expect(gate(route, { ...map, context: { ...map.context, release: parseRelease('3.5.0') } })).toEqual([
      'absent none',
      'absent none',
    ])
  })
  it('of its regions: a direct range stops both, two kinds of MSI range stop iommufd', () => {
    const { group } = route.iommu
    if (!group) throw new Error('the card is in a group')
    const software = { start: 0x8000000n, end: 0x80fffffn, type: 'msi' } as const
    const withRegion = (type: 'direct' | 'msi') =>
      changed(FOUND, {
        group: { ...group, reservedRegions: known([software, { start: 0x9000000n, end: 0x90fffffn, type }]) },
      }).route
    expect(gate(withRegion('direct'))).toEqual(['refuses EINVAL', 'refuses EINVAL'])
    expect(gate(withRegion('msi'))).toEqual(['accepts none', 'refuses EINVAL'])
    // Before 6.6 VT-d alone refused it, EPERM; iommufd then does so for the MSI ranges.
    const older = { ...map, context: { ...map.context, release: parseRelease('6.5.0') } }
    const [vfio] = gate({ ...withRegion('direct'), iommu: { ...withRegion('direct').iommu, kind: 'vt-d' } }, older)
    expect(vfio).toBe('refuses EPERM')
    const [, iommufd] = gate({ ...withRegion('msi'), iommu: { ...withRegion('msi').iommu, kind: 'vt-d' } }, older)
    expect(iommufd).toBe('refuses EINVAL')
  })
})
