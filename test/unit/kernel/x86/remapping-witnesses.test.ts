import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { interruptRemapping, remappingWitnesses } from '../../../../src/kernel/msi/x86-remapping.js'
import { probeMachine } from '../../../../src/probes/machine.js'
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
