import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { decided, undecided, type Decision } from '../../../src/kernel/decision.js'
import type { DescribedIommu } from '../../../src/kernel/iommu/described-iommu.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { IommuInstance } from '../../../src/machine/iommu.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { iommuLink } from '../../../src/routes/iommu-link.js'
import { streamIdTable } from '../../../src/routes/stream-id-siblings.js'
import { arm, sysrootOf } from '../rules/metal.js'
import { CARD } from './one-route.js'

const MACHINE = probeMachine(sysrootOf({ machine: arm() }))
const instance = (name: string, kind: IommuInstance['kind'], address: Fact<bigint> = absent()): IommuInstance => ({
  name,
  kind,
  address,
  devices: known([]),
  capability: absent(),
  extendedCapability: absent(),
  devicePath: absent(),
  deviceTreeNode: absent(),
})
const smmu = instance('smmu3.0x0000000009050000', 'smmuv3', known(0x9050000n))
const other = instance('smmu3.0x0000000009070000', 'smmuv3', known(0x9070000n))
const dmar = instance('dmar0', 'vt-d')
const ofSmmu: DescribedIommu = { kind: 'smmuv3', source: 'iort', address: 0x9050000n, streamIds: [0x100], from: [] }
const ofDmar: DescribedIommu = { kind: 'vt-d', source: 'dmar', streamIds: [0x100], from: [] }

interface Situation {
  readonly described: Decision<DescribedIommu | 'none'>
  readonly iommus?: Fact<readonly IommuInstance[]>
  /** Of the function's `iommu` link. */
  readonly link?: Fact<string>
  readonly group?: Fact<string>
  /** Of the group's default domain. */
  readonly type?: Fact<string>
}

function linked({ described, iommus = known([smmu, other]), link = absent(), group, type }: Situation) {
  const functions = MACHINE.functions.state === 'known' ? MACHINE.functions.value : []
  const groups = MACHINE.groups.state === 'known' ? MACHINE.groups.value : []
  const all = functions.map((fn) =>
    fn.name === CARD ? { ...fn, iommu: link, ...(group && { iommuGroup: group }) } : fn,
  )
  const context = contextOf({
    ...MACHINE,
    iommus,
    functions: known(all),
    groups: known(groups.map((one) => ({ ...one, ...(type && { type }) }))),
  })
  const fn = context.byName.get(CARD)
  if (!fn) throw new Error('the machine has a card')
  return iommuLink(context, fn, described, streamIdTable([{ fn, described }]))
}

describe('the IOMMU in front of a function', () => {
  it.each<[string, Situation, string, string, readonly number[] | 'unknown']>([
    [
      'that tables and link name',
      { described: decided(ofSmmu), link: known(smmu.name) },
      'smmuv3 smmu3.0x0000000009050000',
      smmu.name,
      [0x100],
    ],
    ['that the tables name', { described: decided(ofSmmu) }, 'smmuv3 smmu3.0x0000000009050000', smmu.name, [0x100]],
    // Of two witnesses that disagree neither is believed.
    [
      'where the link names another',
      { described: decided(ofSmmu), link: known(other.name) },
      'smmuv3 smmu3.0x0000000009070000',
      'none',
      [0x100],
    ],
    ['that nobody drives', { described: decided(ofSmmu), iommus: known([]) }, 'smmuv3 iort', 'none', [0x100]],
    [
      'that nobody drives, by its node',
      { described: decided({ ...ofSmmu, nodePath: '/smmu@9050000' }), iommus: known([]) },
      'smmuv3 /smmu@9050000',
      'none',
      [0x100],
    ],
    [
      'that nobody drives, by its own function',
      { described: decided({ ...ofSmmu, ownFunction: '0000:00:02.0' }), iommus: absent() },
      'smmuv3 0000:00:02.0',
      'none',
      [0x100],
    ],
    [
      'where the link leads nowhere',
      { described: decided(ofSmmu), link: known('smmu3.0x1') },
      'smmuv3 smmu3.0x0000000009050000',
      smmu.name,
      [0x100],
    ],
    // Units of x86 are told by the link alone.
    [
      'of x86 by the link',
      { described: decided(ofDmar), iommus: known([dmar]), link: known('dmar0') },
      'vt-d dmar0',
      'dmar0',
      [0x100],
    ],
    ['of x86 without a link', { described: decided(ofDmar), iommus: known([dmar]) }, 'vt-d dmar', 'none', [0x100]],
    [
      'of x86 with the link of another kind',
      { described: decided(ofDmar), iommus: known([smmu]), link: known(smmu.name) },
      'smmuv3 smmu3.0x0000000009050000',
      'none',
      [0x100],
    ],
    [
      'of AMD by the link',
      {
        described: decided({ ...ofDmar, kind: 'amd-vi', source: 'ivrs' }),
        iommus: known([instance('ivhd0', 'amd-vi')]),
        link: known('ivhd0'),
      },
      'amd-vi ivhd0',
      'ivhd0',
      [0x100],
    ],
    [
      'that no table can tell of, by the link',
      { described: undecided('unreadable'), link: known(other.name) },
      'smmuv3 smmu3.0x0000000009070000',
      other.name,
      'unknown',
    ],
    ['that nobody can tell of', { described: undecided('unreadable') }, 'unknown unknown', 'none', 'unknown'],
    ['that is not there', { described: decided('none') }, 'none none', 'none', []],
    [
      'that no table has and the link names',
      { described: decided('none'), link: known(smmu.name) },
      'smmuv3 smmu3.0x0000000009050000',
      'none',
      [],
    ],
    [
      'of which the driven ones cannot be read',
      { described: decided(ofSmmu), iommus: unreadable('io'), link: known(smmu.name) },
      'smmuv3 iort',
      'none',
      [0x100],
    ],
  ])('%s', (_, at, seen, instanceName, streamIds) => {
    const { kind, name, instance: own, streamIds: ids } = linked(at)
    expect([`${kind} ${name}`, own?.name ?? 'none', ids]).toEqual([seen, instanceName, streamIds])
  })

  // The group's default domain, which the host uses: `none` without a group.
  it.each<[string, Situation, string]>([
    ['of its group', { described: decided(ofSmmu), type: known('DMA-FQ') }, 'DMA-FQ'],
    ['of its group that cannot be read', { described: decided(ofSmmu), type: unreadable('io') }, 'unknown'],
    ['of its group that the kernel does not tell', { described: decided(ofSmmu), type: absent() }, 'unknown'],
    ['of no group', { described: decided('none'), group: absent() }, 'none'],
    ['of a group that cannot be read', { described: decided(ofSmmu), group: unreadable('io') }, 'unknown'],
  ])('and the domain %s', (_, at, expected) => {
    const { group, hostDomain, drivenByLog } = linked(at)
    expect(hostDomain).toBe(expected)
    expect(group !== undefined).toBe(at.group === undefined)
    expect(drivenByLog).toBe(false)
  })

  // Nobody collected the driven ones: the log shows the one that firmware describes, and none where it describes none.
  it.each<[string, Decision<DescribedIommu | 'none'>, boolean]>([
    ['the described one', decided(ofDmar), true],
    ['none', decided('none'), false],
    ['what cannot be told', undecided('unreadable'), false],
  ])('is seen at work in the log: %s', (_, described, expected) => {
    const link = linked({ described, iommus: unreadable('not-collected') })
    expect(link.drivenByLog).toBe(expected)
  })
})
