import { expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { ControllerList } from '../../../../src/kernel/msi/controller-list.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { describedMsi } from '../../../../src/kernel/msi/msi-domain.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'
import { amd } from '../../rules/x86-machines.js'
import { pciFunction, type FunctionLiteral } from '../pci/pci-functions.js'

const INTEL = probeMachine(sysrootOf({ machine: intel() }))
const AMD = probeMachine(sysrootOf({ machine: amd() }))
const OFF = probeMachine(sysrootOf({ machine: intel({ kernel: { commandLine: 'intremap=off' } }) }))
const VMD_OLD = 0x201d
const VMD = 0x28c0

interface Situation {
  readonly machine?: Machine
  readonly at?: string
  readonly classCode?: Fact<number>
  /** Device id of the VMD above it; its vendor is Intel's where nothing else is said. */
  readonly vmd?: number
  readonly vmdIds?: FunctionLiteral['ids']
  readonly chip?: string
}

function domain(situation: Situation): string {
  const { machine = INTEL, at = '01:00.0', classCode, vmd, vmdIds, chip } = situation
  const above = { ...pciFunction({ at: '00:0e.0', ids: vmdIds ?? [0x8086, vmd ?? 0] }) }
  const literal = pciFunction({ at, ...(vmd !== undefined && { parentPath: 'devices/pci0000:00/0000:00:0e.0' }) })
  const msiVectors = chip === undefined ? absent() : known([{ irq: 40, mode: known('msix' as const) }])
  const fn = { ...literal, msiVectors, ...(classCode && { classCode }) }
  const byNumber = new Map(chip === undefined ? [] : [[40, { irq: 40, chipName: known(chip) }]])
  const interrupts = { ...machine.interrupts, byNumber }
  const context = contextOf({ ...machine, interrupts, functions: known([above, fn]) })
  const found = describedMsi(context, fn, msiControllersOf(context))
  if (found.state === 'undecided') return found.doubt
  return `${found.value.controller?.kind ?? 'none'} ${found.value.payloadChecked}`
}

const closedInterrupts: Machine = { ...INTEL, interrupts: { ...INTEL.interrupts, procInterrupts: unreadable('io') } }
const hyperV: Machine = { ...INTEL, virtualization: { ...INTEL.virtualization, hypervisor: 'hyper-v' } }

/**
 * K: drivers/iommu/intel/irq_remapping.c, intel_irq_remap_add_device: what has a unit gets the remapping domain, and none at
 * all without one. The function of an AMD IOMMU keeps the vector domain, and so do all where remapping is off. VMD domains
 * begin at 0x10000: drivers/pci/controller/vmd.c, vmd_find_free_domain; VMD_FEAT_CAN_BYPASS_MSI_REMAP is 8086:28c0's.
 */
it.each<[string, Situation, string]>([
  ['a function of a unit', {}, 'x86-remapped yes'],
  ['a function where remapping is off', { machine: OFF }, 'x86-vector no'],
  ['one whose class cannot be read, where it is off', { machine: OFF, classCode: unreadable('io') }, 'x86-vector no'],
  ['one whose class cannot be read', { classCode: unreadable('io') }, 'unreadable'],
  ['one without a class', { classCode: absent() }, 'x86-remapped yes'],
  ['the function of an IOMMU', { classCode: known(0x080600) }, 'x86-vector no'],
  ['another system peripheral', { classCode: known(0x080700) }, 'x86-remapped yes'],
  ['one where nobody can tell whether remapping is on', { machine: closedInterrupts }, 'unreadable'],
  [
    'the function of an IOMMU where nobody can',
    { machine: closedInterrupts, classCode: known(0x080600) },
    'x86-vector no',
  ],
  ['one of a segment that no unit is for', { at: 'ffff:01:00.0' }, 'none no'],
  ['one below Hyper-V', { machine: hyperV }, 'hypervisor-decides'],
  ['one behind a VMD', { at: '10000:01:00.0', vmd: VMD_OLD, chip: 'VMD-MSI' }, 'behind-vmd'],
  ['one behind a VMD that passes MSIs on', { at: '10000:01:00.0', vmd: VMD, chip: 'IR-PCI-MSI' }, 'x86-remapped yes'],
  ['one behind a VMD that may pass MSIs on', { at: '10000:01:00.0', vmd: VMD }, 'behind-vmd'],
  [
    'one behind what is no VMD of Intel',
    { at: '10000:01:00.0', vmd: VMD, vmdIds: [0x1234, VMD], chip: 'IR-PCI-MSI' },
    'behind-vmd',
  ],
  [
    'one behind a VMD that nobody can name',
    { at: '10000:01:00.0', vmd: VMD, vmdIds: 'UNREADABLE', chip: 'IR-PCI-MSI' },
    'behind-vmd',
  ],
  ['one of AMD', { machine: AMD }, 'x86-remapped yes'],
  ['one behind a VMD that does not', { at: '10000:01:00.0', vmd: VMD, chip: 'VMD-MSI' }, 'behind-vmd'],
  [
    'one with remapped chips behind a VMD that cannot',
    { at: '10000:01:00.0', vmd: VMD_OLD, chip: 'IR-PCI-MSI' },
    'behind-vmd',
  ],
])('the MSI domain of %s', (_, at, expected) => {
  expect(domain(at)).toBe(expected)
})

it('the remapping domain is one controller, and without vectors nobody knows any', () => {
  const fn = pciFunction({ at: '01:00.0' })
  const context = contextOf({ ...INTEL, functions: known([fn]) })
  const remapped = { key: 'x86-remapped', kind: 'x86-remapped', payloadChecked: 'yes' }
  expect(describedMsi(context, fn, msiControllersOf(context))).toMatchObject({ value: { controller: remapped } })
  expect(describedMsi(context, fn, new ControllerList([]))).toMatchObject({
    state: 'undecided',
    doubt: 'controller-unknown',
  })
})
