import { expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { isDenylisted } from '../../../src/kernel/vfio-pci-denylist.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { arm, card, sysrootOf } from '../rules/metal.js'

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
