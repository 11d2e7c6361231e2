import { describe, expect, it } from 'vitest'
import type { MadtEntryDescription } from '../../../../src/emulator/firmware/madt-writer.js'
import { writeIvrs } from '../../../../src/emulator/firmware/ivrs-writer.js'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { tableWitnesses } from '../../../../src/kernel/x86/table-witnesses.js'
import { known, unreadable } from '../../../../src/machine/fact.js'
import { parseIvrs } from '../../../../src/probes/acpi/ivrs.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { card, intel, sysrootOf } from '../../rules/metal.js'
import { amd, ioApicEntry } from '../../rules/x86-machines.js'

/** Intel VT-d specification sections 8.1 and 8.3, AMD I/O virtualization specification 5.2: where in a table it stands. */
describe('a witness in a table', () => {
  const DMAR = 'sys/firmware/acpi/tables/DMAR'
  const IVRS = 'sys/firmware/acpi/tables/IVRS'
  const MADT = 'sys/firmware/acpi/tables/APIC'
  const unit = (base: number, more: object = {}) => ({ type: 'drhd', flags: 1, base, ...more }) as const
  const sound = { flags: 1, structures: [unit(0xfed90000)] } as const
  const places = (description: MachineDescription) =>
    tableWitnesses(contextOf(probeMachine(sysrootOf({ machine: description })))).map((one) => {
      const { path, at, excerpt } = one.from
      return [one.says === 'off' ? one.obstacle : 'on', path, at?.offset, at?.length, excerpt]
    })
  const ofDmar = (
    table: NonNullable<NonNullable<MachineDescription['acpi']>['dmar']>,
    entries: readonly MadtEntryDescription[] = [],
  ) => places(intel({ acpi: { dmar: table, madt: { entries } } }))
  const special = (handle: number, usedDeviceId: number) =>
    ({ type: 'special', handle, usedDeviceId, variety: 'io-apic' }) as const
  const ofIvrs = (...entries: readonly ReturnType<typeof special>[]) =>
    places(
      amd({
        acpi: {
          ivrs: { blocks: [{ type: 'ivhd', deviceId: 2, base: 0xfeb80000, entries }] },
          madt: { entries: [ioApicEntry(7)] },
        },
      }),
    )

  it('of Intel', () => {
    expect(ofDmar(sound)).toEqual([])
    expect(ofDmar({ ...sound, addressWidth: 12 })).toEqual([])
    // dmar_table_init: a width below that of a page is refused (K: parse_dmar_table, dmar->width < PAGE_SHIFT - 1).
    expect(ofDmar({ ...sound, addressWidth: 11 })).toEqual([['table-refused', DMAR, 36, 1, 'host address width 11']])
    expect(ofDmar({ ...sound, flags: 2 })).toEqual([['flag-clear', DMAR, 37, 1, 'INTR_REMAP 0']])
    expect(ofDmar({ flags: 1, structures: [] })).toEqual([
      ['table-refused', DMAR, undefined, undefined, 'no DRHD structure'],
    ])
    // The header has 48 bytes; the register base stands 8 bytes into the unit.
    expect(ofDmar({ flags: 1, structures: [unit(0)] })).toEqual([['unit-silent', DMAR, 56, 8, 'register base 0']])
    expect(ofDmar({ flags: 1, structures: [unit(0xfed90000), unit(0)] })).toEqual([
      ['unit-silent', DMAR, 72, 8, 'register base 0'],
    ])
    // Behind the 44 bytes of a MADT's header stands its first entry, of 12 bytes.
    expect(ofDmar(sound, [ioApicEntry(3)])).toEqual([['io-apic-in-no-scope', MADT, 44, 12, 'IO-APIC 3, GSI base 0']])
    const scopes = Array.from(
      { length: 9 },
      (_, enumerationId) => ({ type: 'hpet', enumerationId, path: [[0x1f, 0]] }) as const,
    )
    // Nine scopes of eight bytes behind a unit of 16: Linux keeps eight HPETs.
    expect(ofDmar({ flags: 1, structures: [unit(0xfed90000, { scopes })] })).toEqual([
      ['scope-without-room', DMAR, 48 + 16 + 8 * 8, 1, 'hpet 8 is one more than Linux keeps'],
    ])
  })
  it('of AMD', () => {
    expect(ofIvrs(special(7, 0xa0))).toEqual([])
    expect(ofIvrs(special(7, 0xa1))).toEqual([
      ['southbridge-not-named', IVRS, undefined, undefined, 'no IO-APIC at 0xa0 (00:14.0)'],
    ])
    expect(ofIvrs(special(8, 0xa0))).toEqual([
      ['io-apic-not-in-ivrs', MADT, 44, 12, 'IO-APIC 7, GSI base 0'],
      ['southbridge-not-named', IVRS, undefined, undefined, 'no IO-APIC at 0xa0 (00:14.0)'],
    ])
  })
  it('of Intel, whose table has no unit but other structures', () => {
    const reserved = { type: 'rmrr', base: 0x1000, end: 0x1fff, scopes: [] } as const
    expect(ofDmar({ flags: 1, structures: [reserved] })).toEqual([
      ['table-refused', DMAR, undefined, undefined, 'no DRHD structure'],
    ])
  })
  it('of AMD, whose table has a special device that Linux does not know, or whose command line cannot be read', () => {
    const machine = probeMachine(sysrootOf({ machine: amd({ acpi: { madt: { entries: [ioApicEntry(7)] } } }) }))
    const bytes = writeIvrs({
      blocks: [{ type: 'ivhd', deviceId: 2, base: 0xfeb80000, entries: [special(7, 0xa0), special(8, 1)] }],
    })
    const of = (table: Uint8Array) => {
      const kernel = { ...machine.kernel, commandLine: unreadable('permission') }
      const acpi = { ...machine.acpi, ivrs: known(parseIvrs(table, 'IVRS')) }
      return tableWitnesses(contextOf({ ...machine, kernel, acpi })).map((one) => [
        one.says === 'off' && one.obstacle,
        one.from,
      ])
    }
    expect(of(bytes)).toEqual([])
    // The variety is the last of the eight bytes of the last entry.
    const offset = bytes.length - 8
    expect(of(bytes.with(offset + 7, 3))).toEqual([
      ['table-refused', { path: IVRS, at: { offset, length: 8 }, excerpt: 'special device' }],
    ])
  })
  it('of AMD, of which no IO-APIC is known, or that names an HPET besides', () => {
    expect(places(amd({ acpi: { madt: null } }))).toEqual([])
    const hpet = { type: 'special', handle: 0, usedDeviceId: 0xa0, variety: 'hpet' } as const
    const blocks = [{ type: 'ivhd', deviceId: 2, base: 0xfeb80000, entries: [special(7, 0xa0), hpet] } as const]
    expect(places(amd({ acpi: { ivrs: { blocks }, madt: { entries: [ioApicEntry(7)] } } }))).toEqual([])
  })
  it('of neither', () => {
    const none = intel({ iommus: [], acpi: { dmar: null }, rootComplexes: [{ functions: [card(1)] }] })
    expect(places(none)).toEqual([
      ['no-table', 'sys/firmware/acpi/tables', undefined, undefined, 'neither DMAR nor IVRS'],
    ])
  })
})
