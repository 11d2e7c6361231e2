import { describe, expect, it } from 'vitest'
import type { IortTable } from '../../../src/machine/iort.js'
import { absent, known, unreadable } from '../../../src/machine/fact.js'
import type { IommuGroup, ReservedRegion } from '../../../src/machine/iommu.js'
import type { IommuKind } from '../../../src/machine/kinds.js'
import { decided, undecided } from '../../../src/kernel/decision.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { msiWindowOf, regionsOf } from '../../../src/routes/regions.js'
import { smmu, tableOf } from '../kernel/iort/iort-nodes.js'
import { arm, card, closed, IDLE, judged } from '../rules/metal.js'
import { changed, routeOf } from './one-route.js'

describe('reserved regions of a group', () => {
  it('that cannot be read say nothing, and no window is told', () => {
    const { routes, report } = judged({
      machine: arm(),
      edit: (files) => {
        for (const path of files.keys()) if (path.endsWith('/reserved_regions')) files.set(path, closed)
      },
    })
    const card = routes.byName.get('0000:01:00.0')
    expect(card && regionsOf(routes.context, card)).toMatchObject({
      softwareMsiWindow: 'unknown',
      direct: 'unknown',
      directErrno: 'unknown',
      mixedMsi: 'unknown',
    })
    expect(report.devices.find(({ address }) => address === '0000:01:00.0')?.chain.msiWindow.kind).toBe('unknown')
  })
})

const CARD_ROUTE = routeOf({ machine: arm() })
const { context } = CARD_ROUTE.map
const under = (release: string) => ({ ...context, release: parseRelease(release) })
const grouped = (regions: readonly ReservedRegion[], kind: IommuKind = 'smmuv3') => {
  const { group } = CARD_ROUTE.route.iommu
  if (!group) throw new Error('the card is in a group')
  const own: IommuGroup = { ...group, reservedRegions: known(regions) }
  return changed(CARD_ROUTE, { group: own, kind }).route
}
/** MSI_IOVA_BASE 0x8000000, MSI_IOVA_LENGTH 0x100000: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c. */
const SOFTWARE: ReservedRegion = { start: 0x8000000n, end: 0x80fffffn, type: 'msi' }
const HARDWARE: ReservedRegion = { start: 0xfee00000n, end: 0xfeefffffn, type: 'msi' }
const DIRECT: ReservedRegion = { start: 0x8000000n, end: 0x80fffffn, type: 'direct' }

describe('what the regions of a group mean', () => {
  it.each<[string, readonly ReservedRegion[], IommuKind, readonly string[], string]>([
    ['the window of the driver', [SOFTWARE], 'smmuv3', ['yes', 'no', 'no'], 'software 8000000'],
    ['doorbells of the hardware', [HARDWARE], 'smmuv3', ['no', 'no', 'no'], 'hardware fee00000'],
    ['both', [SOFTWARE, HARDWARE], 'smmuv3', ['yes', 'no', 'yes'], 'hardware fee00000'],
    [
      'a range of the same length elsewhere',
      [{ ...SOFTWARE, start: 0x8100000n, end: 0x81fffffn }],
      'smmuv3',
      ['no', 'no', 'no'],
      'hardware 8100000',
    ],
    [
      'a shorter range at that place',
      [{ ...SOFTWARE, end: 0x80effffn }],
      'smmuv3',
      ['no', 'no', 'no'],
      'hardware 8000000',
    ],
    [
      'a longer range with that end',
      [{ ...SOFTWARE, start: 0x7000000n }],
      'smmuv3',
      ['no', 'no', 'no'],
      'hardware 7000000',
    ],
    [
      'the window, and a range of another type',
      [SOFTWARE, { ...HARDWARE, type: 'reserved' }],
      'smmuv3',
      ['yes', 'no', 'no'],
      'software 8000000',
    ],
    ['a direct range there is no window', [DIRECT], 'smmuv3', ['no', 'yes', 'no'], 'none'],
    ['a range that may be remapped', [{ ...DIRECT, type: 'direct-relaxable' }], 'smmuv3', ['no', 'no', 'no'], 'none'],
    // iommu-sysfs prints what the drivers reserve: those of these kinds reserve an MSI range always.
    ['none at all, behind an SMMUv3', [], 'smmuv3', ['unknown', 'unknown', 'unknown'], 'none'],
    ['none at all, behind an SMMUv2', [], 'smmuv2', ['unknown', 'unknown', 'unknown'], 'none'],
    ['none at all, behind a virtio-iommu', [], 'virtio-iommu', ['unknown', 'unknown', 'unknown'], 'none'],
    ['none at all, behind VT-d', [], 'vt-d', ['unknown', 'unknown', 'unknown'], 'none'],
    ['none at all, behind AMD-Vi', [], 'amd-vi', ['unknown', 'unknown', 'unknown'], 'none'],
    ['none at all, on RISC-V', [], 'riscv', ['no', 'no', 'no'], 'none'],
  ])('%s', (_, regions, kind, expected, window) => {
    const route = grouped(regions, kind)
    const { softwareMsiWindow, direct, mixedMsi } = regionsOf(context, route)
    expect([softwareMsiWindow, direct, mixedMsi]).toEqual(expected)
    const { kind: of, start } = msiWindowOf(context, route)
    expect([of, ...(start === undefined ? [] : [start.toString(16)])].join(' ')).toBe(window)
  })

  it('the window ends where its range does', () => {
    expect(msiWindowOf(context, grouped([SOFTWARE]))).toEqual({ kind: 'software', start: 0x8000000n, end: 0x80fffffn })
    expect(msiWindowOf(context, grouped([HARDWARE]))).toEqual({
      kind: 'hardware',
      start: 0xfee00000n,
      end: 0xfeefffffn,
    })
  })
})

/**
 * K: commit a48ce36e2786 (6.6) refuses every group with a direct range, EINVAL. Before, VT-d alone did, EPERM
 * (device_is_rmrr_locked); the other drivers attached it.
 */
describe('a direct range', () => {
  const EL = '4.18.0-553.el8_10.x86_64'
  it.each<[string, IommuKind, string, string]>([
    ['6.6.0', 'smmuv3', 'yes', 'EINVAL'],
    ['6.6.0', 'vt-d', 'yes', 'EINVAL'],
    ['6.5.0', 'vt-d', 'yes', 'EPERM'],
    ['6.5.0', 'smmuv3', 'no', 'EINVAL'],
    ['6.5.0', 'smmuv2', 'no', 'EINVAL'],
    ['6.5.0', 'virtio-iommu', 'no', 'EINVAL'],
    ['6.5.0', 'amd-vi', 'no', 'EINVAL'],
    // Nobody looked at what the others did.
    ['6.5.0', 'riscv', 'unknown', 'EINVAL'],
    // An enterprise kernel may carry the check of 6.6.
    [EL, 'vt-d', 'yes', 'unknown'],
    [EL, 'smmuv3', 'unknown', 'EINVAL'],
  ])('on %s behind %s: %s, %s', (release, kind, direct, directErrno) => {
    expect(regionsOf(under(release), grouped([SOFTWARE, DIRECT], kind))).toMatchObject({ direct, directErrno })
  })
  it('that is not there stops nothing on any of them', () => {
    for (const release of ['6.5.0', '6.6.0', EL])
      for (const kind of ['vt-d', 'smmuv3', 'riscv'] as const)
        expect(regionsOf(under(release), grouped([SOFTWARE], kind))).toMatchObject({ direct: 'no', mixedMsi: 'no' })
  })
  it('counts where the release cannot be read', () => {
    expect(regionsOf({ ...context, release: undefined }, grouped([SOFTWARE, DIRECT]))).toMatchObject({ direct: 'yes' })
  })
})

// What is still to come cannot be read, and only an IORT brings regions before the group is there.
describe('a group still to come', () => {
  const later = { group: undefined, attachment: { state: 'later', from: [] } } as const
  const NOTHING = { softwareMsiWindow: 'unknown', direct: 'no', directErrno: 'EINVAL', mixedMsi: 'no' }
  const iort = (table: IortTable) => ({
    ...context,
    machine: { ...context.machine, acpi: { ...context.machine.acpi, iort: known(table) } },
  })
  const at = (iortOffset: number | undefined) => {
    const { described } = CARD_ROUTE.route.iommu
    if (described.state !== 'decided' || described.value === 'none') throw new Error('an SMMU is described')
    const { iortOffset: _, ...rest } = described.value
    return changed(CARD_ROUTE, {
      ...later,
      described: decided({ ...rest, ...(iortOffset === undefined ? {} : { iortOffset }) }),
    })
  }
  const hisilicon = tableOf(smmu(200, { model: 1 }))

  it('behind an SMMU with hardware MSI ranges may have both kinds', () => {
    expect(regionsOf(iort(hisilicon), at(200).route)).toEqual({ ...NOTHING, mixedMsi: 'unknown' })
    expect(regionsOf(iort(tableOf(smmu(200, { model: 2 }))), at(200).route)).toEqual(NOTHING)
  })
  // iort-walk.md section 8: a memory range of an IORT is direct for the StreamIDs of its mappings, behind either SMMU.
  it.each([
    ['smmu', 0, 0x100, 'unknown'],
    ['smmu', 1, 0x100, 'no'],
    ['smmu', 0, 0x108, 'no'],
    ['smmuv3', 0, 0x100, 'unknown'],
  ] as const)('behind an %s with a memory range of flags %i for %i: direct %s', (type, flags, outputBase, direct) => {
    const all = { inputBase: 0, idCount: 0xffff, outputBase: 0 }
    const base = '0x9050000'
    const node =
      type === 'smmu'
        ? { type, name: 'smmu', base, model: 1, flags: 2, mappings: [{ ...all, output: 'its' }] }
        : {
            type,
            name: 'smmu',
            base,
            flags: 1,
            revision: 4,
            eventGsiv: 74,
            priGsiv: 75,
            gerrorGsiv: 77,
            syncGsiv: 76,
            mappings: [{ ...all, output: 'its' }],
          }
    const machine = arm({
      iommus: [{ name: 'smmu', type: type === 'smmu' ? 'smmuv2' : type, address: base }],
      acpi: {
        iort: {
          revision: 5,
          nodes: [
            { type: 'its-group', name: 'its', itsIds: [0] },
            node,
            { type: 'root-complex', cacheCoherency: 1, mappings: [{ ...all, output: 'smmu' }] },
            {
              type: 'rmr',
              flags,
              regions: [{ base: '0x80000000', length: '0x10000' }],
              mappings: [{ inputBase: 0, idCount: 0, outputBase, output: 'smmu' }],
            },
          ],
        },
      },
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, IDLE)] }],
    })
    const { map, route } = routeOf({ machine })
    // Model 1 is HiSilicon's among the SMMUv3 alone.
    expect(regionsOf(map.context, route)).toMatchObject({ direct, mixedMsi: 'no' })
    // One of several StreamIDs is enough.
    const { described } = route.iommu
    if (described.state !== 'decided' || described.value === 'none') throw new Error('an SMMU is described')
    const several = decided({ ...described.value, streamIds: [0xffff, ...described.value.streamIds] })
    const aliased = { ...route, iommu: { ...route.iommu, described: several } }
    expect(regionsOf(map.context, aliased)).toMatchObject({ direct })
  })
  it('has nothing to say where no node of an IORT is in front', () => {
    expect(regionsOf(iort(hisilicon), at(undefined).route)).toEqual(NOTHING)
    expect(regionsOf(iort(hisilicon), at(100).route)).toEqual(NOTHING)
    for (const fact of [absent(), unreadable('io')]) {
      const { acpi } = context.machine
      const without = { ...context, machine: { ...context.machine, acpi: { ...acpi, iort: fact } } }
      expect(regionsOf(without, at(200).route)).toEqual(NOTHING)
    }
    for (const described of [undecided('unreadable'), decided('none' as const)])
      expect(regionsOf(iort(hisilicon), changed(CARD_ROUTE, { ...later, described }).route)).toEqual(NOTHING)
  })
  it('is none where the function gets none', () => {
    const never = changed(at(200), { attachment: { state: 'never', why: 'refused', from: [] } }).route
    expect(regionsOf(iort(hisilicon), never)).toEqual(NOTHING)
    expect(msiWindowOf(iort(hisilicon), never)).toEqual({ kind: 'none' })
  })
  it('may have a window', () => {
    expect(msiWindowOf(iort(hisilicon), changed(CARD_ROUTE, later).route)).toEqual({ kind: 'unknown' })
  })
})
