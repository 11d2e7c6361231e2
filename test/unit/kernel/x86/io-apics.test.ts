import { expect, it } from 'vitest'
import type { MadtEntryDescription } from '../../../../src/emulator/firmware/madt-writer.js'
import { viewOf } from '../../../../src/kernel/context.js'
import { ioApicsOfMachine } from '../../../../src/kernel/x86/table-witnesses.js'
import { absent, known } from '../../../../src/machine/fact.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'

const at = (ioApicId: number, address: number, gsiBase = 0): MadtEntryDescription => ({
  type: 'io-apic',
  ioApicId,
  address,
  gsiBase,
})
const SECOND = 0xfec01000

/** K: arch/x86/kernel/apic/io_apic.c, mp_register_ioapic, bad_ioapic_register, io_apic_unique_id. */
it.each<[string, readonly MadtEntryDescription[], readonly string[], readonly (readonly [number, number])[]]>([
  [
    'all of them',
    [at(1, 0xfec00000), at(2, SECOND, 24)],
    [],
    [
      [1, 0],
      [2, 24],
    ],
  ],
  ['none at address 0', [at(1, 0), at(2, SECOND, 24)], [], [[2, 24]]],
  ['no second at one address', [at(1, SECOND), at(2, SECOND, 24)], [], [[1, 0]]],
  // Linux gives the second an id of its own, which no table names.
  [
    'no second of one id',
    [at(1, 0xfec00000), at(1, SECOND, 24), at(3, 0xfec02000, 48)],
    [],
    [
      [1, 0],
      [3, 48],
    ],
  ],
  [
    'none that nobody answered for',
    [at(1, 0xfec00000), at(2, SECOND, 24)],
    ['I/O APIC 0xfec01000 registers return all ones, skipping!'],
    [[1, 0]],
  ],
  ['no other entry', [{ type: 'local-apic', processorUid: 0, apicId: 0 }, at(1, 0xfec00000)], [], [[1, 0]]],
])('the IO-APICs of a MADT are %s', (_, entries, log, expected) => {
  const machine = probeMachine(sysrootOf({ machine: intel({ acpi: { madt: { entries } } }) }))
  const found = ioApicsOfMachine(viewOf({ ...machine, kernel: { ...machine.kernel, log: known(log) } }))
  expect(found?.map(({ id, gsiBase }) => [id, gsiBase])).toEqual(expected)
})

it('the IO-APICs without a MADT are not known', () => {
  const machine = probeMachine(sysrootOf({ machine: intel() }))
  expect(ioApicsOfMachine(viewOf({ ...machine, acpi: { ...machine.acpi, madt: absent() } }))).toBeUndefined()
})
