import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { interruptRemapping, remappingWitnesses } from '../../../../src/kernel/msi/x86-remapping.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import type { MadtEntryDescription } from '../../../../src/emulator/firmware/madt-writer.js'
import { chipsetWitnesses } from '../../../../src/kernel/x86/chipset-errata.js'
import { logWitnesses, remappingByLog } from '../../../../src/kernel/x86/remapping-log.js'
import { tableWitnesses } from '../../../../src/kernel/x86/table-witnesses.js'
import { known, unreadable } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { card, closed, intel, sysrootOf, text, type TestCase } from '../../rules/metal.js'
import { amd, ioApicEntry } from '../../rules/x86-machines.js'

const context = (testCase: TestCase) => contextOf(probeMachine(sysrootOf(testCase)))

/** What speaks against remapping, and the answer. */
function answer(testCase: TestCase): readonly [readonly string[], string] {
  const at = context(testCase)
  const off = remappingWitnesses(at).flatMap((witness) => (witness.says === 'off' ? [witness.obstacle] : []))
  const decision = interruptRemapping(at)
  return [[...new Set(off)], decision.state === 'decided' ? decision.value : decision.doubt]
}

const machine = (description: MachineDescription, edit?: TestCase['edit']): TestCase =>
  edit ? { machine: description, edit } : { machine: description }
const dmar = (flags: number, ...enumerationIds: readonly number[]): NonNullable<MachineDescription['acpi']> => ({
  dmar: {
    flags,
    structures: [
      {
        type: 'drhd',
        flags: 1,
        base: '0xfed90000',
        scopes: enumerationIds.map((enumerationId) => ({ type: 'io-apic', enumerationId, path: [[0x1f, 7]] })),
      },
    ],
  },
})
const madt = (...ids: readonly number[]) => ({ madt: { entries: ids.map((id, index) => ioApicEntry(id, index * 24)) } })

/** Only the two tables speak: no log, no interrupts. */
const tablesAlone: TestCase['edit'] = (files) => {
  const paths = [...files.keys()]
  for (const path of paths.filter((at) => /^(?:var\/log\/dmesg$|proc\/interrupts$|sys\/kernel\/irq\/)/.test(at)))
    files.delete(path)
}

describe('what keeps interrupt remapping off', () => {
  it.each<readonly [string, TestCase, readonly string[], string]>([
    ['nothing', machine(intel()), [], 'on'],
    ['nothing on AMD', machine(amd()), [], 'on'],
    [
      'an IO-APIC in no scope, by the tables alone',
      machine(intel({ acpi: { ...dmar(1, 2), ...madt(0) } }), tablesAlone),
      ['io-apic-in-no-scope'],
      'off',
    ],
    ['an HPET in no scope is none', machine(intel({ acpi: { ...dmar(1, 2), ...madt(2) } })), [], 'on'],
    ['the tables alone never say that it is on', machine(intel(), tablesAlone), [], 'unreadable'],
    ['INTR_REMAP', machine(intel({ acpi: { ...dmar(0, 0), ...madt(0) } }), tablesAlone), ['flag-clear'], 'off'],
    ['opting out of x2APIC is none', machine(intel({ acpi: { ...dmar(3, 0), ...madt(0) } })), [], 'on'],
    [
      'an IO-APIC that nobody answers at does not count',
      machine(
        intel({
          acpi: { ...dmar(1, 0), ...madt(0, 9) },
          kernel: { release: '6.12.0', log: ['I/O APIC 0xfec01000 registers return all ones, skipping!'] },
        }),
      ),
      [],
      'on',
    ],
    [
      'without that line it does',
      machine(intel({ acpi: { ...dmar(1, 0), ...madt(0, 9) } })),
      ['io-apic-in-no-scope'],
      'off',
    ],
    [
      'no MADT to compare with',
      machine(intel(), (files) => files.set('sys/firmware/acpi/tables/APIC', closed)),
      [],
      'unreadable',
    ],
    [
      'no table',
      machine(intel({ iommus: [], rootComplexes: [{ functions: [card(1)] }] }), tablesAlone),
      ['no-table'],
      'off',
    ],
    [
      'no unit in the table',
      machine(intel({ acpi: { dmar: { flags: 1, structures: [] } } }), tablesAlone),
      ['table-refused'],
      'off',
    ],
    [
      'a unit at address 0',
      machine(
        intel({
          acpi: {
            dmar: { flags: 1, structures: [{ type: 'drhd', flags: 1, base: 0, scopes: [] }] },
            madt: { entries: [] },
          },
        }),
        tablesAlone,
      ),
      ['unit-silent'],
      'off',
    ],
    [
      'IVRS without the IO-APIC',
      machine(amd({ acpi: madt(7) }), tablesAlone),
      ['io-apic-not-in-ivrs', 'southbridge-not-named'],
      'off',
    ],
    [
      'the word that names it',
      machine(amd({ acpi: madt(7), kernel: { release: '6.12.0', commandLine: 'ivrs_ioapic=7@0000:00:14.0' } })),
      [],
      'on',
    ],
    [
      'the kernel was built without it',
      machine(
        intel({
          iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000' }],
          kernel: { release: '6.12.0', configuration: { CONFIG_IRQ_REMAP: 'n' } },
        }),
        tablesAlone,
      ),
      ['not-built'],
      'off',
    ],
    [
      'the driver was not built',
      machine(amd({ kernel: { release: '6.12.0', configuration: { CONFIG_AMD_IOMMU: 'n' } } }), tablesAlone),
      ['driver-not-built'],
      'off',
    ],
    [
      'another driver was not built',
      machine(amd({ kernel: { release: '6.12.0', configuration: { CONFIG_INTEL_IOMMU: 'n' } } })),
      [],
      'on',
    ],
  ])('%s', (_, testCase, obstacles, expected) => {
    expect(answer(testCase)).toEqual([obstacles, expected])
  })

  it.each([
    [
      'DMAR-IR: [Firmware Bug]: ioapic 0 has no mapping iommu, interrupt remapping will be disabled',
      'io-apic-in-no-scope',
    ],
    ['[Firmware Bug]: ioapic 8 has no mapping iommu, interrupt remapping will be disabled', 'io-apic-in-no-scope'],
    ['DMAR-IR: This system BIOS has enabled interrupt remapping', 'chipset-erratum'],
    ['This system BIOS has enabled interrupt remapping', 'chipset-erratum'],
    ['DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!', 'unit-silent'],
    ['Your BIOS is broken; DMAR reported at address 0!', 'unit-silent'],
    ['[Firmware Bug]: AMD-Vi: IOAPIC[7] not in IVRS table', 'io-apic-not-in-ivrs'],
    ['AMD-Vi: [Firmware Bug]: : IOAPIC[7] not in IVRS table', 'io-apic-not-in-ivrs'],
    ['[Firmware Bug]: AMD-Vi: No southbridge IOAPIC found in IVRS table', 'southbridge-not-named'],
    ['AMD-Vi: [Firmware Bug]: : No southbridge IOAPIC found', 'southbridge-not-named'],
    ['AMD-Vi: Disabling interrupt remapping due to BIOS Bug(s)', 'observed'],
    ['AMD-Vi: Disabling interrupt remapping', 'observed'],
    ['DMAR-IR: Not enabling interrupt remapping', 'observed'],
    ['Failed to enable irq remapping.  You are vulnerable to irq-injection attacks.', 'observed'],
    ['AMD-Vi: Disable IOMMU on Stoney Ridge', 'stoney-ridge'],
    ["Not all IO-APIC's listed under remapping hardware", 'io-apic-in-no-scope'],
    ['AMD-Vi: [Firmware Bug]: IVRS invalid checksum', 'table-refused'],
    ['vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param', 'observed'],
    ['Not enable interrupt remapping', 'observed'],
  ])('the log: %s', (line, obstacle) => {
    // The weaker of two witnesses counts: the interrupts in use say that it is on.
    const at = machine(intel(), (files) => files.set('var/log/dmesg', text(`[    0.1] ${line}\n`)))
    const [, verdict] = answer(at)
    const found = remappingWitnesses(context(at)).flatMap((witness) =>
      witness.says === 'off' ? [witness.obstacle] : [],
    )
    expect(found).toEqual([obstacle])
    expect(verdict).toBe('off')
  })

  it.each([
    'Enabled IRQ remapping in xapic mode',
    'DMAR-IR: Enabled IRQ remapping in x2apic mode',
    "x2apic: IRQ remapping doesn't support X2APIC mode",
    'DMAR-IR: x2apic is disabled because BIOS sets x2apic opt out bit.',
  ])('and not: %s', (line) => {
    expect(answer(machine(intel(), (files) => files.set('var/log/dmesg', text(`[    0.1] ${line}\n`))))).toEqual([
      [],
      'on',
    ])
  })

  // K: intel_remapping_check.
  it.each([
    ['3403', 0x13, ['chipset-erratum']],
    ['3406', 0x12, ['chipset-erratum']],
    ['3406', 0x22, []],
    ['3405', 0x22, ['chipset-erratum']],
    ['3405', 0x14, []],
    ['3400', 0x10, []],
  ])('chipset 8086:%s revision %i', (id, revision, expected) => {
    const bridge = { address: '00:00.0', id: `8086:${id}`, revision, class: '060000', type: 'conventional' } as const
    const at = machine(intel({ rootComplexes: [{ iommu: 'dmar0', functions: [bridge, card(1)] }] }), tablesAlone)
    expect(answer(at)[0]).toEqual(expected)
  })
})

/** What the log says, where: the words that say it, from a log that may have been read in part. */
describe('a witness in the log', () => {
  const LOG = 'var/log/dmesg'
  const withLog = (...lines: readonly string[]) => {
    const { kernel, ...rest } = probeMachine(sysrootOf({ machine: intel() }))
    return { ...rest, kernel: { ...kernel, log: known(lines) } }
  }
  const inPart = (...lines: readonly string[]) => {
    const { kernel, ...rest } = probeMachine(sysrootOf({ machine: intel() }))
    return {
      ...rest,
      kernel: { ...kernel, log: unreadable('too-large'), logInPart: { lines, unread: 1, total: lines.length + 1 } },
    }
  }
  const VTD = 'DMAR-IR: Enabled IRQ remapping in x2apic mode'
  const AMD = 'AMD-Vi: Interrupt remapping enabled'
  const OFF = 'DMAR-IR: Not enabling interrupt remapping'
  const says = (machine: Machine) => logWitnesses(machine).map((one) => [one.says, one.from.path, one.from.excerpt])
  it.each<[string, Machine, readonly (readonly string[])[]]>([
    ['nothing', withLog('Linux version 6.12.0'), []],
    [
      'that it is on, by the words alone',
      withLog(`${VTD} and more`),
      [['on', LOG, 'DMAR-IR: Enabled IRQ remapping in x2apic mode']],
    ],
    [
      'that it is on, up to 4.2',
      withLog('Enabled IRQ remapping in xapic mode'),
      [['on', LOG, 'Enabled IRQ remapping in xapic mode']],
    ],
    ['that it is on, of AMD', withLog('usb 1-1', AMD), [['on', LOG, AMD]]],
    ['not that it is on, in other words before', withLog(`x ${AMD}`), []],
    ['that it is off', withLog(`foo: ${OFF}`), [['off', LOG, 'Not enabling interrupt remapping']]],
    [
      'both',
      withLog(VTD, OFF),
      [
        ['on', LOG, VTD],
        ['off', LOG, 'Not enabling interrupt remapping'],
      ],
    ],
    [
      'the first of a kind',
      withLog('DMAR reported at address fed90000!', 'DMAR reported at address fed91000!'),
      [['off', LOG, 'DMAR reported at address fed90000!']],
    ],
    // What was not read may take it back, so of a part only what endangers counts.
    ['off, in the part of the log that was read', inPart(VTD, OFF), [['off', LOG, 'Not enabling interrupt remapping']]],
  ])('%s', (_, at, expected) => {
    expect(says(at)).toEqual(expected)
  })
  it.each<[string, Machine, string | undefined]>([
    ['on, of Intel', withLog(VTD), 'vt-d'],
    ['on, up to 4.2', withLog('Enabled IRQ remapping in xapic mode'), 'vt-d'],
    ['on, of AMD', withLog(AMD), 'amd-vi'],
    ['on and off', withLog(VTD, OFF), undefined],
    ['off', withLog(OFF), undefined],
    ['nothing', withLog('Linux version 6.12.0'), undefined],
  ])('and whose remapping is on: %s', (_, at, expected) => {
    expect(remappingByLog(contextOf(at))?.kind).toBe(expected)
    expect(remappingByLog(contextOf(at, '5.4.0'))).toBeUndefined()
  })
})

/** Intel VT-d specification sections 8.1 and 8.3, AMD I/O virtualization specification 5.2: where in a table it stands. */
describe('a witness in a table', () => {
  const DMAR = 'sys/firmware/acpi/tables/DMAR'
  const IVRS = 'sys/firmware/acpi/tables/IVRS'
  const MADT = 'sys/firmware/acpi/tables/APIC'
  const unit = (base: number, more: object = {}) => ({ type: 'drhd', flags: 1, base, ...more }) as const
  const sound = { flags: 1, structures: [unit(0xfed90000)] } as const
  const places = (description: MachineDescription) =>
    tableWitnesses(context({ machine: description })).map((one) => {
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
  it('of neither', () => {
    const none = intel({ iommus: [], acpi: { dmar: null }, rootComplexes: [{ functions: [card(1)] }] })
    expect(places(none)).toEqual([
      ['no-table', 'sys/firmware/acpi/tables', undefined, undefined, 'neither DMAR nor IVRS'],
    ])
  })
})

/** K: drivers/iommu/amd/init.c, detect_ivrs; `amd_iommu=force_enable` from 5.14 on. */
describe('the graphics of Stoney Ridge', () => {
  const at = (address: string, id = '1002:98e4', release = '5.10.0', commandLine = 'quiet') => {
    const graphics = { address, id, class: '030000', type: 'conventional', group: null } as const
    const machine_ = amd({
      kernel: { release, commandLine },
      rootComplexes: [{ iommu: 'ivhd0', functions: [graphics, card(2)] }],
    })
    return chipsetWitnesses(context({ machine: machine_ })).map((one) => [
      one.says === 'off' && one.obstacle,
      one.from.path,
      one.from.excerpt,
    ])
  }
  const FOUND = (name: string) => [
    ['stoney-ridge', `sys/bus/pci/devices/${name}/device`, 'Stoney Ridge graphics 1002:98e4'],
  ]
  it('leave the AMD IOMMU off', () => {
    expect(at('00:01.0')).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.7.0')).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.6.0')).toEqual([])
  })
  it('only as function 0 of bus 0, and of that id', () => {
    expect([at('00:01.1'), at('00:01.0', '1002:98e5'), at('00:01.0', '1022:98e4')]).toEqual([[], [], []])
  })
  it('unless the command line forces it, from 5.14 on', () => {
    const forced = 'amd_iommu=force_enable'
    expect(at('00:01.0', '1002:98e4', '5.14.0', forced)).toEqual([])
    expect(at('00:01.0', '1002:98e4', '5.14.0', 'amd_iommu=pgtbl_v2,force_enable')).toEqual([])
    expect(at('00:01.0', '1002:98e4', '5.13.0', forced)).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.14.0', 'amd_iommu=fullflush')).toEqual(FOUND('0000:00:01.0'))
    expect(at('00:01.0', '1002:98e4', '5.14.0', 'iommu=force_enable')).toEqual(FOUND('0000:00:01.0'))
  })
  it('are nothing without an IVRS', () => {
    const graphics = { address: '00:01.0', id: '1002:98e4', type: 'conventional' } as const
    expect(
      chipsetWitnesses(
        context({
          machine: intel({ kernel: { release: '5.10.0' }, rootComplexes: [{ iommu: 'dmar0', functions: [graphics] }] }),
        }),
      ),
    ).toEqual([])
  })
})
