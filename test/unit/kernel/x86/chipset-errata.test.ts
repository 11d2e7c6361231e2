import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { chipsetWitnesses } from '../../../../src/kernel/x86/chipset-errata.js'
import { known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { card, intel, sysrootOf } from '../../rules/metal.js'
import { amd } from '../../rules/x86-machines.js'
import { pciFunction } from '../pci/pci-functions.js'

const found = (machine: MachineDescription) => chipsetWitnesses(contextOf(probeMachine(sysrootOf({ machine }))))

/** K: drivers/iommu/amd/init.c, detect_ivrs; `amd_iommu=force_enable` from 5.14 on. */
describe('the graphics of Stoney Ridge', () => {
  const at = (address: string, id = '1002:98e4', release = '5.10.0', commandLine = 'quiet') => {
    const graphics = { address, id, class: '030000', type: 'conventional', group: null } as const
    const functions = address.startsWith('00') ? [graphics, card(2)] : [{ ...card(1), functions: [graphics] }]
    const machine = amd({ kernel: { release, commandLine }, rootComplexes: [{ iommu: 'ivhd0', functions }] })
    return found(machine).map((one) => [one.says === 'off' && one.obstacle, one.from.path, one.from.excerpt])
  }
  const FOUND = (name: string) => [
    ['stoney-ridge', `sys/bus/pci/devices/${name}/device`, 'Stoney Ridge graphics 1002:98e4'],
  ]
  it('leave the AMD IOMMU off', () => {
    expect(at('00:01.0')).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.7.0')).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.6.0')).toEqual([])
    expect(at('00:01.0', '1002:98e4', 'custom')).toEqual([])
  })
  it('only as function 0 of bus 0, and of that id', () => {
    expect([at('00:01.1'), at('01:00.0'), at('00:01.0', '1002:98e5'), at('00:01.0', '1022:98e4')]).toEqual([
      [],
      [],
      [],
      [],
    ])
  })
  it('unless the command line forces it, from 5.14 on', () => {
    const forced = 'amd_iommu=force_enable'
    expect(at('00:01.0', '1002:98e4', '5.14.0', forced)).toEqual([])
    expect(at('00:01.0', '1002:98e4', '5.14.0', 'amd_iommu=pgtbl_v2,force_enable')).toEqual([])
    expect(at('00:01.0', '1002:98e4', '5.13.0', forced)).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.14.0', 'amd_iommu=fullflush')).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.14.0', 'iommu=force_enable')).toEqual(FOUND('0000:00:01.0'))
  })
  it('only on segment 0, and with ids that can be read', () => {
    const view = contextOf(probeMachine(sysrootOf({ machine: amd() })))
    const of = (fn: PciFunction) => chipsetWitnesses({ ...view, functions: [fn] }).length
    const graphics = pciFunction({ at: '00:01.0', ids: [0x1002, 0x98e4] })
    const elsewhere = pciFunction({ at: '0001:00:01.0', ids: [0x1002, 0x98e4] })
    const unread = pciFunction({ at: '00:01.0', ids: 'UNREADABLE' })
    expect([of(graphics), of(elsewhere), of(unread)]).toEqual([1, 0, 0])
  })
  it('are nothing without an IVRS', () => {
    const graphics = { address: '00:01.0', id: '1002:98e4', type: 'conventional' } as const
    const functions = [graphics]
    expect(found(intel({ kernel: { release: '5.10.0' }, rootComplexes: [{ iommu: 'dmar0', functions }] }))).toEqual([])
  })
})

/** K: arch/x86/kernel/early-quirks.c, intel_remapping_check, which looks at bus 0 of segment 0. */
describe('the erratum of Intel 5500, 5520 and X58', () => {
  const view = contextOf(probeMachine(sysrootOf({ machine: intel() })))
  const of = (fn: PciFunction) => chipsetWitnesses({ ...view, functions: [fn] }).map(({ from }) => from)
  const bridge = (
    at: string,
    ids: readonly [number, number] = [0x8086, 0x3405],
    revision: Fact<number> = known(0x13),
  ) => ({ ...pciFunction({ at, ids }), revision })
  it('is that of functions of bus 0 alone', () => {
    const path = 'sys/bus/pci/devices/0000:00:00.0/revision'
    expect(of(bridge('00:00.0'))).toEqual([{ path, excerpt: 'Intel 3405 revision 0x13' }])
    expect([of(bridge('01:00.0')), of(bridge('0001:00:00.0'))]).toEqual([[], []])
  })
  // Revisions up to 0x13 of the three, and 0x22 of one.
  it.each([
    [0x3402, 0x13, 0],
    [0x3403, 0x13, 1],
    [0x3404, 0x13, 0],
    [0x3403, 0x14, 0],
    [0x3403, 0x22, 0],
    [0x3405, 0x14, 0],
    [0x3405, 0x22, 1],
    [0x3406, 0x00, 1],
    [0x3406, 0x22, 0],
    [0x3407, 0x13, 0],
  ])('is that of device %i, revision %i: %i', (device, revision, count) => {
    expect(of(bridge('00:00.0', [0x8086, device], known(revision)))).toHaveLength(count)
  })
  it('is not that of another vendor, or of what cannot be read', () => {
    expect([
      of(bridge('00:00.0', [0x1022, 0x3405])),
      of(bridge('00:00.0', [0x8086, 0x3405], unreadable('io'))),
    ]).toEqual([[], []])
    expect(of({ ...bridge('00:00.0'), vendor: unreadable('io') })).toEqual([])
    expect(of({ ...bridge('00:00.0'), device: unreadable('io') })).toEqual([])
  })
})
