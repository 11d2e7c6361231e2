import { describe, expect, it } from 'vitest'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { IommuGroup } from '../../../src/machine/iommu.js'
import { probeMachine } from '../../../src/probes/machine.js'
import {
  groupMembers,
  groupsByFunction,
  isFunction,
  membersAfterBinding,
  membersThatStay,
} from '../../../src/routes/group-members.js'
import { arm, card, judged, sysrootOf, tree } from '../rules/metal.js'
import { amd } from '../rules/x86-machines.js'
import { changed, routeIn, routeOf } from './one-route.js'

type Member = ReturnType<typeof membersAfterBinding>[number]
const nameOf = (one: Member) => (typeof one === 'object' && isFunction(one) ? one.fn.name : one)

/** Two functions of one device; the first has a group, the second joins one when it is bound. */
function machineOf(id: string) {
  return tree({
    rootComplexes: [
      {
        iommu: 'smmu',
        msi: 'its',
        functions: [
          { address: '00:14.0', id, type: 'conventional', driver: 'piix4_smbus', group: 9 },
          { address: '00:14.2', id, type: 'conventional', msiCapable: 1, group: null },
        ],
      },
    ],
  })
}

function membersOf(id: string) {
  const { routes } = judged({ machine: machineOf(id) })
  const route = routes.byName.get('0000:00:14.2')
  expect(route?.iommu.attachment.state).toBe('later')
  return route && membersAfterBinding(routes, route).map(nameOf)
}

describe('who shares the group that a function joins', () => {
  // K: drivers/pci/quirks.c, pci_quirk_amd_sb_acs takes the functions for separated only where there is an IVRS.
  it.each(['1002:4385', '1b36:000b'])('is the other function of the device, without ACS and IVRS: %s', (id) => {
    expect(membersOf(id)?.toSorted()).toEqual(['0000:00:14.0', '0000:00:14.2'])
  })

  it('is nobody where a quirk takes the functions for separated', () => {
    // pci_quirk_mf_endpoint_acs, Solarflare.
    expect(membersOf('1924:0903')).toEqual(['0000:00:14.2'])
  })

  it('is nobody where there is one, as the ports of that bridge are separated', () => {
    const machine = probeMachine(sysrootOf({ machine: machineOf('1002:4385') }))
    const { ivrs } = probeMachine(sysrootOf({ machine: amd() })).acpi
    const { map, route } = routeIn({ ...machine, acpi: { ...machine.acpi, ivrs } }, '0000:00:14.2')
    expect(ivrs.state).toBe('known')
    expect(membersAfterBinding(map, route).map(nameOf)).toEqual(['0000:00:14.2'])
  })

  it('cannot be told where nobody can tell whether there is an IVRS', () => {
    const machine = probeMachine(sysrootOf({ machine: machineOf('1002:4385') }))
    const { map, route } = routeIn(
      { ...machine, acpi: { ...machine.acpi, ivrs: unreadable('not-collected') } },
      '0000:00:14.2',
    )
    expect(membersAfterBinding(map, route).map(nameOf)).toEqual(['0000:00:14.2', 'unknown'])
  })

  it('cannot be told where the group of the other function cannot be, or is not among the groups', () => {
    const machine = probeMachine(sysrootOf({ machine: machineOf('1002:4385') }))
    const functions = machine.functions.state === 'known' ? machine.functions.value : []
    for (const iommuGroup of [unreadable('io'), known('77')] as const) {
      const changed_ = functions.map((fn) => (fn.name === '0000:00:14.0' ? { ...fn, iommuGroup } : fn))
      const { map, route } = routeIn({ ...machine, functions: known(changed_) }, '0000:00:14.2')
      const later = changed({ map, route }, { attachment: { state: 'later', from: [] } })
      expect(membersAfterBinding(map, later.route).map(nameOf)).toEqual(['0000:00:14.2', 'unknown'])
    }
  })

  it('is nobody where the function gets none', () => {
    const card = routeOf({ machine: arm() })
    const { map, route } = changed(card, { group: undefined, attachment: { state: 'never', why: 'refused', from: [] } })
    expect(membersAfterBinding(map, route)).toEqual([route])
  })
})

describe('the members of a group', () => {
  const { map, route } = routeOf({ machine: arm() })
  const group = (devices: Fact<readonly string[]>, more: Partial<IommuGroup> = {}): IommuGroup => ({
    id: '7',
    type: known('DMA'),
    name: absent(),
    devices,
    reservedRegions: known([]),
    ...more,
  })
  // The law: what is left out of a list, or cannot be read, makes no group sounder.
  it.each<[string, IommuGroup, readonly unknown[]]>([
    ['that are listed', group(known(['0000:01:00.0'])), [route]],
    ['that are platform devices', group(known(['9060000.dma', '0000:01:00.0'])), [{ platform: '9060000.dma' }, route]],
    ['that are no function here', group(known(['0000:0a:00.0'])), ['unknown']],
    ['that were not all listed', group(known(['0000:01:00.0']), { isPartial: true }), [route, 'unknown']],
    ['that cannot be read', group(unreadable('permission')), ['unknown']],
    ['that the kernel does not show', group(absent()), ['unknown']],
    ['of which it shows none', group(known([])), ['unknown']],
  ])('%s', (_, one, expected) => {
    expect(groupMembers(map, one)).toEqual(expected)
  })

  it('are those of the group that a function has already', () => {
    const { group: own } = route.iommu
    expect(own && membersAfterBinding(map, route)).toEqual(own && groupMembers(map, own))
    const both = group(known(['9060000.dma', '0000:01:00.0']))
    const inBoth = changed({ map, route }, { group: both })
    expect(membersAfterBinding(map, inBoth.route).map(nameOf)).toEqual([{ platform: '9060000.dma' }, '0000:01:00.0'])
  })

  // K: drivers/pci/controller/vmd.c, vmd_remove: what stands behind a VMD goes with it.
  it('that stay are all but those behind the function, where it is a VMD', () => {
    const two = routeOf({
      machine: arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1), card(2)] }] }),
    })
    const vmd = { ...two.map, behind: new Map([['0000:01:00.0', new Set(['0000:02:00.0'])]]) }
    const all = group(known(['0000:01:00.0', '0000:02:00.0', '9060000.dma', '0000:0a:00.0']))
    const platform = { platform: '9060000.dma' }
    expect(membersThatStay(vmd, all, two.route).map(nameOf)).toEqual(['0000:01:00.0', platform, 'unknown'])
    expect(membersThatStay(two.map, all, two.route)).toHaveLength(4)
  })

  it('are marked where the group of a function cannot be read', () => {
    const [fn] = map.context.functions
    if (!fn) throw new Error('the machine has functions')
    const of = (iommuGroup: Fact<string>) => [
      ...groupsByFunction({ ...map.context, functions: [{ ...fn, iommuGroup }] }).values(),
    ]
    expect(of(known('3'))).toEqual(['3'])
    expect(of(unreadable('io'))).toEqual(['unknown'])
    expect(of(absent())).toEqual([])
  })
})
