import { describe, expect, it } from 'vitest'
import { decided, undecided } from '../../../src/kernel/decision.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { coherencyOf } from '../../../src/routes/coherency.js'
import type { IommuKind } from '../../../src/machine/kinds.js'
import { known } from '../../../src/machine/fact.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { rc, smmu as iortSmmu, tableOf } from '../kernel/iort/iort-nodes.js'
import { arm, card, judged, sysrootOf, tree } from '../rules/metal.js'
import { s390 } from '../rules/vector-platforms.js'
import { changed, routeIn, routeOf, type OneRoute } from './one-route.js'

/** An SMMUv2 with `flags` in an IORT, behind it a root complex whose accesses are coherent or not. */
const smmuV2 = (flags: number, cacheCoherency: number) =>
  arm({
    iommus: [{ name: 'smmu', type: 'smmuv2', address: '0x9050000' }],
    acpi: {
      iort: {
        nodes: [
          { type: 'its-group', name: 'its', itsIds: [0] },
          { type: 'smmu', name: 'smmu', base: 0x9050000, flags, mappings: [{ output: 'its' }] },
          { type: 'root-complex', segment: 0, cacheCoherency, mappings: [{ output: 'smmu' }] },
        ],
      },
    },
  })

describe('cache coherency', () => {
  // K: drivers/iommu/s390-iommu.c, s390_iommu_capable answers yes to IOMMU_CAP_CACHE_COHERENCY.
  it('is there on s390, whose IOMMU nothing describes', () => {
    const { routes } = judged(s390('6.8.0'))
    expect(routes.routes.map((route) => coherencyOf(routes, route))).toEqual(['yes'])
  })

  // Either the walks of the SMMU or the accesses of the root complex have to be coherent: iort-walk.md section 6.
  it.each([
    [0, 0, 'no'],
    [0, 1, 'yes'],
    [2, 0, 'yes'],
  ])('of an SMMUv2 with flags %i behind a root complex with attribute %i: %s', (flags, cacheCoherency, expected) => {
    const { map, route } = routeOf({ machine: smmuV2(flags, cacheCoherency) })
    expect(coherencyOf(map, route)).toBe(expected)
  })

  /** K: drivers/of/address.c, of_dma_is_coherent, of the SMMU's node and of the host bridge's; arm_smmu_capable. */
  it.each([
    ['smmuv2', false, false, 'no'],
    ['smmuv2', false, true, 'yes'],
    ['smmuv2', true, false, 'yes'],
    ['smmuv3', false, false, 'no'],
    // Of an SMMUv3 its own node alone decides.
    ['smmuv3', false, true, 'no'],
    ['smmuv3', true, false, 'yes'],
  ] as const)(
    'of an %s in a tree, coherent %s, with a host bridge that is coherent %s: %s',
    (type, coherent, ofBridge, expected) => {
      const machine = tree({
        iommus: [{ name: 'smmu', type, address: '0x9050000', coherent }],
        rootComplexes: [{ iommu: 'smmu', msi: 'its', node: 'pcie@10000000', functions: [card(1)] }],
        deviceTree: { properties: { '/pcie@10000000': { 'dma-coherent': ofBridge ? [] : null } } },
      })
      const { map, route } = routeOf({ machine })
      expect(coherencyOf(map, route)).toBe(expected)
    },
  )
})

/** K: arm_smmu_capable of 5.19 and 6.0 says yes of every SMMU; from 6.1 on what firmware says (commit df198b37e72c). */
describe('cache coherency of an SMMU that firmware does not mark as coherent', () => {
  const EL = '5.14.0-503.el9.aarch64'
  const under = ({ map, route }: OneRoute, release: string | undefined) =>
    coherencyOf(
      { ...map, context: { ...map.context, release: release === undefined ? undefined : parseRelease(release) } },
      route,
    )
  const v2 = routeOf({ machine: smmuV2(0, 0) })
  const v3 = routeOf({
    machine: tree({ iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000', coherent: false }] }),
  })
  it.each([
    ['6.0.0', 'yes'],
    ['6.1.0', 'no'],
    [EL, 'unknown'],
    [undefined, 'no'],
  ])('%s: %s', (release, expected) => {
    expect(under(v2, release)).toBe(expected)
    expect(under(v3, release)).toBe(expected)
  })
  it('is no matter of the release where firmware does, or for other IOMMUs', () => {
    expect(under(routeOf({ machine: smmuV2(2, 0) }), EL)).toBe('yes')
    const described = undecided('unreadable')
    const riscv = changed(v3, { kind: 'riscv', described })
    expect(under(riscv, '6.0.0')).toBe('no')
  })

  // Drivers that always, or never, report it need no description; for the SMMUs it decides.
  it.each<[IommuKind, string]>([
    ['vt-d', 'yes'],
    ['amd-vi', 'yes'],
    ['virtio-iommu', 'yes'],
    ['riscv', 'no'],
    ['smmuv3', 'unknown'],
    ['smmuv2', 'unknown'],
  ])('%s without a description: %s', (kind, expected) => {
    expect(under(changed(v3, { kind, described: undecided('unreadable') }), '6.12.0')).toBe(expected)
  })
  // Of both descriptions the one that the SMMU was found in counts.
  it('is told by the tree where an IORT is there too, with or without a root complex', () => {
    const machine = probeMachine(sysrootOf({ machine: tree() }))
    for (const table of [tableOf(iortSmmu(200, {})), tableOf(iortSmmu(200, {}), rc([]))]) {
      const { map, route } = routeIn({ ...machine, acpi: { ...machine.acpi, iort: known(table) } })
      expect(coherencyOf(map, route)).toBe('yes')
    }
  })
  it('cannot be told of an SMMU that firmware does not describe at all', () => {
    expect(under(changed(v3, { described: decided('none') }), '6.12.0')).toBe('unknown')
  })
})
