import { expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { isDenylisted } from '../../../src/kernel/vfio-pci-denylist.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { arm, card, sysrootOf } from '../rules/metal.js'
import { pciFunction, type FunctionLiteral } from './pci/pci-functions.js'

/** Whether `id` is refused by `release` on a machine whose vfio_pci has `parameters`. */
function answer(id: string, release: string, parameters: Readonly<Record<string, string>> = {}) {
  const machine = arm({
    kernel: { release, parameters },
    rootComplexes: [{ functions: [card(1, { id })] }],
  })
  const context = contextOf(probeMachine(sysrootOf({ machine })))
  const fn = context.byName.get('0000:01:00.0')
  if (!fn) throw new Error('no card')
  return isDenylisted(context, fn)
}

// drivers/vfio/pci/vfio_pci.c of 5.9 and 6.10; "vfio/pci: Add Intel DSA and IAA to the denylist" in 6.1.91, 6.6.31, 6.8.10, 6.9.1.
it.each([
  ['8086:37c9', '5.8.0', 'no'],
  ['8086:37c9', '5.9.0', 'yes'],
  ['8086:0443', '6.12.95', 'yes'],
  ['8086:0b25', '5.9.5', 'unknown'],
  ['8086:0b25', '6.12.95', 'yes'],
  ['8086:0cfe', '6.1.91', 'yes'],
  ['8086:0b25', '6.1.90', 'unknown'],
  ['8086:0b25', '6.6.31', 'yes'],
  ['8086:0b25', '6.6.30', 'unknown'],
  ['8086:0b25', '6.8.10', 'yes'],
  ['8086:0b25', '6.8.9', 'unknown'],
  ['8086:0b25', '6.9.1', 'yes'],
  ['8086:0b25', '6.9.0', 'unknown'],
  ['8086:0b25', '6.10.0', 'yes'],
  ['8086:0b25', '6.7.12', 'unknown'],
  ['8086:37c9', 'custom', 'unknown'],
  ['8086:4941', '6.12.95', 'no'],
  ['15b3:37c9', '6.12.95', 'no'],
  ['8086:37c9', '4.18.0-553.el8.x86_64', 'unknown'],
])('%s under %s: %s', (id, release, expected) => {
  expect(answer(id, release)).toBe(expected)
})

it('disable_denylist lifts it', () => {
  expect(answer('8086:37c9', '6.12.95', { 'vfio_pci.disable_denylist': 'Y' })).toBe('no')
  expect(answer('8086:37c9', '6.12.95', { 'vfio_pci.disable_denylist': 'N' })).toBe('yes')
})

const BASE = probeMachine(sysrootOf({ machine: arm({ kernel: { release: '6.12.95' } }) }))
const DISABLE = 'vfio_pci.disable_denylist'

function refused(
  ids: NonNullable<FunctionLiteral['ids']>,
  parameter?: Fact<string>,
  commandLine: Fact<readonly string[]> = known([]),
  loadedModules: Fact<ReadonlySet<string>> = known(new Set()),
) {
  const parameters = new Map(
    parameter === undefined ? [] : [[DISABLE, { module: 'vfio_pci', name: 'disable_denylist', value: parameter }]],
  )
  const kernel = { ...BASE.kernel, parameters, commandLine, loadedModules }
  return isDenylisted(contextOf({ ...BASE, kernel }), pciFunction({ at: '01:00.0', ids }))
}

// vfio_pci_dev_in_denylist: PCI_DEVICE_ID_INTEL_QAT_ C3XXX, C62X and DH895XCC, each with its VF.
it.each([0x19e2, 0x19e3, 0x37c8, 0x37c9, 0x0435, 0x0443, 0x0b25, 0x0cfe])('device %i is on the list', (device) => {
  expect(refused([0x8086, device])).toBe('yes')
  expect(refused([0x8086, device + 0x100])).toBe('no')
})

it('what is not known of ids or parameter leaves the answer open, of devices that are on the list', () => {
  expect(refused('UNREADABLE')).toBe('unknown')
  expect(refused([0x8086, 0x37c9], unreadable('permission'))).toBe('unknown')
  expect(refused([0x8086, 0x4941], unreadable('permission'))).toBe('no')
})

it('a word of the command line lifts it, unless the loaded module does not show that it has the parameter', () => {
  const word = known(['vfio_pci.disable_denylist=1'])
  const loaded = known(new Set(['vfio_pci']))
  expect(refused([0x8086, 0x37c9], absent(), word)).toBe('no')
  expect(refused([0x8086, 0x37c9], absent(), word, known(new Set(['vfio'])))).toBe('no')
  expect(refused([0x8086, 0x37c9], absent(), word, unreadable('io'))).toBe('no')
  expect(refused([0x8086, 0x37c9], absent(), word, loaded)).toBe('unknown')
  expect(refused([0x8086, 0x37c9], known('Y'), word, loaded)).toBe('no')
  expect(refused([0x8086, 0x37c9], absent(), known([]), loaded)).toBe('yes')
})
