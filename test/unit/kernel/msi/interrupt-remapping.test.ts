import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { interruptRemapping, remappingWitnesses } from '../../../../src/kernel/msi/x86-remapping.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'
import { amd } from '../../rules/x86-machines.js'

const INTEL = probeMachine(sysrootOf({ machine: intel() }))
const AMD = probeMachine(sysrootOf({ machine: amd() }))
const CLOSED = unreadable('permission')
const UNTOLD = unreadable('not-collected')
const ON = 'DMAR-IR: Enabled IRQ remapping in x2apic mode'

/** A machine with other facts of its kernel, tables, units and interrupts. */
function machineWith(more: {
  readonly base?: Machine
  readonly kernel?: Partial<Machine['kernel']>
  readonly acpi?: Partial<Machine['acpi']>
  readonly iommus?: Machine['iommus']
  readonly chips?: readonly string[] | Fact<never>
}): Machine {
  const { base = INTEL, kernel, acpi, iommus = base.iommus, chips } = more
  const lines = Array.isArray(chips)
    ? known(chips.map((description: string, irq) => ({ irq, description })))
    : undefined
  const procInterrupts = lines ?? (chips && 'state' in chips ? chips : base.interrupts.procInterrupts)
  return {
    ...base,
    kernel: { ...base.kernel, ...kernel },
    acpi: { ...base.acpi, ...acpi },
    iommus,
    interrupts: { ...base.interrupts, procInterrupts },
  }
}
const unit = (extendedCapability: Fact<bigint>): Machine['iommus'] =>
  INTEL.iommus.state === 'known'
    ? known(INTEL.iommus.value.map((one) => ({ ...one, extendedCapability })))
    : INTEL.iommus
const unitOf = (kind: 'amd-vi', extendedCapability: Fact<bigint>): Machine['iommus'] =>
  INTEL.iommus.state === 'known'
    ? known(INTEL.iommus.value.map((one) => ({ ...one, kind, extendedCapability })))
    : INTEL.iommus
const words = (...commandLine: readonly string[]) => ({ kernel: { commandLine: known(commandLine) } })
const built = (option: string, value: string) => ({ configuration: known(new Map([[option, value]])) })

/**
 * One witness against remapping settles it; for it there has to be one, and nothing that may speak against it unread: words,
 * log, interrupts, tables, units and their registers, and the MADT whose IO-APICs the tables have to name.
 */
describe('interrupt remapping', () => {
  const IR = 'IR-IO-APIC 2-edge timer'
  it.each<[string, Machine, string]>([
    ['as found', machineWith({}), 'on'],
    ['by a chip in use, without a log', machineWith({ kernel: { log: absent() } }), 'on'],
    [
      'by the log, where no chip shows it',
      machineWith({ kernel: { log: known([ON]) }, chips: ['DMAR-MSI 0-edge dmar0'] }),
      'on',
    ],
    [
      'where nothing shows it',
      machineWith({ kernel: { log: known([]) }, chips: ['DMAR-MSI 0-edge dmar0'] }),
      'unreadable',
    ],
    ['where a wired interrupt bypasses it', machineWith({ chips: [IR, 'IO-APIC 8-edge rtc0'] }), 'off'],
    [
      'where chips of MSIs alone are seen',
      machineWith({ kernel: { log: known([]) }, chips: ['IR-PCI-MSI 5-edge nvme'] }),
      'on',
    ],
    ['with a word against it', machineWith(words('intremap=off')), 'off'],
    ['with the word against IO-APICs', machineWith(words('noapic')), 'off'],
    ['with a word against AMD, on Intel', machineWith(words('amd_iommu=off')), 'on'],
    ['with a word against AMD, on AMD', machineWith({ base: AMD, ...words('amd_iommu=off') }), 'off'],
    ['with that word among others', machineWith({ base: AMD, ...words('amd_iommu=fullflush,off') }), 'off'],
    ['with another word for AMD', machineWith({ base: AMD, ...words('amd_iommu=fullflush') }), 'on'],
    ['with words that cannot be read', machineWith({ kernel: { commandLine: CLOSED } }), 'unreadable'],
    ['with a log that cannot be read', machineWith({ kernel: { log: CLOSED } }), 'unreadable'],
    ['with interrupts that cannot be read', machineWith({ chips: CLOSED }), 'unreadable'],
    ['without interrupts', machineWith({ chips: absent() }), 'unreadable'],
    ['with a DMAR that cannot be read', machineWith({ acpi: { dmar: CLOSED } }), 'unreadable'],
    ['with an IVRS that cannot be read', machineWith({ acpi: { ivrs: CLOSED } }), 'unreadable'],
    ['with a MADT that cannot be read', machineWith({ acpi: { madt: CLOSED } }), 'unreadable'],
    ['without a MADT', machineWith({ acpi: { madt: absent() } }), 'unreadable'],
    ['of AMD without a MADT', machineWith({ base: AMD, acpi: { madt: absent() } }), 'unreadable'],
    [
      'with tables that nobody collected, and no MADT',
      machineWith({ kernel: { log: known([ON]) }, acpi: { dmar: UNTOLD, ivrs: UNTOLD, madt: absent() } }),
      'on',
    ],
    ['with units that cannot be read', machineWith({ iommus: CLOSED }), 'unreadable'],
    ['without units, as with intel_iommu=off', machineWith({ iommus: absent() }), 'on'],
    // VT-d specification, ECAP bit 3: IR.
    ['with a unit that can', machineWith({ iommus: unit(known(8n)) }), 'on'],
    ['with a unit that cannot', machineWith({ iommus: unit(known(0xfff7n)) }), 'off'],
    ['with a unit whose register cannot be read', machineWith({ iommus: unit(CLOSED) }), 'unreadable'],
    ['with a unit whose register is not there', machineWith({ iommus: unit(absent()) }), 'unreadable'],
    // The kernel says that it is on after it asked every unit and looked for every IO-APIC.
    [
      'with tables that nobody collected',
      machineWith({ kernel: { log: known([ON]) }, acpi: { dmar: UNTOLD, ivrs: UNTOLD, madt: UNTOLD } }),
      'on',
    ],
    ['with units that nobody collected', machineWith({ kernel: { log: known([ON]) }, iommus: UNTOLD }), 'on'],
    ['with a MADT that nobody collected', machineWith({ kernel: { log: known([ON]) }, acpi: { madt: UNTOLD } }), 'on'],
    [
      'with a DMAR that is closed, whatever the log says',
      machineWith({ kernel: { log: known([ON]) }, acpi: { dmar: CLOSED } }),
      'unreadable',
    ],
    [
      'with tables that nobody collected, and no word of the kernel',
      machineWith({ kernel: { log: known([]) }, acpi: { dmar: UNTOLD, ivrs: UNTOLD } }),
      'unreadable',
    ],
  ])('%s', (_, machine, expected) => {
    const answer = interruptRemapping(contextOf(machine))
    expect(answer.state === 'decided' ? answer.value : answer.doubt).toBe(expected)
  })

  // K: drivers/iommu/irq_remapping.c, irq_remapping_prepare: no kernel remaps without them, whatever a file of options says.
  const silent = { log: known<readonly string[]>([]) }
  const NO_CHIPS = ['DMAR-MSI 0-edge dmar0']
  it.each<[string, Machine, readonly string[]]>([
    [
      'built without it',
      machineWith({ kernel: { ...silent, ...built('CONFIG_IRQ_REMAP', 'n') }, chips: NO_CHIPS }),
      ['not-built'],
    ],
    ['built with it', machineWith({ kernel: { ...silent, ...built('CONFIG_IRQ_REMAP', 'y') }, chips: NO_CHIPS }), []],
    [
      'built without the driver',
      machineWith({ kernel: { ...silent, ...built('CONFIG_INTEL_IOMMU', 'n') }, chips: NO_CHIPS }),
      ['driver-not-built'],
    ],
    [
      'built without the driver of the other',
      machineWith({ kernel: { ...silent, ...built('CONFIG_AMD_IOMMU', 'n') }, chips: NO_CHIPS }),
      [],
    ],
    [
      'built without the driver of Intel, on AMD',
      machineWith({ base: AMD, kernel: { ...silent, ...built('CONFIG_INTEL_IOMMU', 'n') }, chips: NO_CHIPS }),
      [],
    ],
    [
      'built without the driver of AMD, on AMD',
      machineWith({ base: AMD, kernel: { ...silent, ...built('CONFIG_AMD_IOMMU', 'n') }, chips: NO_CHIPS }),
      ['driver-not-built'],
    ],
    [
      'built by nobody knows what',
      machineWith({ kernel: { ...silent, configuration: absent() }, chips: NO_CHIPS }),
      [],
    ],
    ['interrupts that bypass it', machineWith({ kernel: silent, chips: ['IO-APIC 2-edge timer'] }), ['observed']],
    ['a register that is none of VT-d', machineWith({ base: AMD, iommus: unitOf('amd-vi', known(0n)) }), []],
    ['built without it, by a file of another build', machineWith({ kernel: built('CONFIG_IRQ_REMAP', 'n') }), []],
    ['with a unit that cannot', machineWith({ iommus: unit(known(0n)) }), ['unit-cannot-remap']],
    ['with words', machineWith(words('nointremap')), ['command-line']],
  ])('is kept off by: %s', (_, machine, expected) => {
    const off = remappingWitnesses(contextOf(machine)).flatMap((one) => (one.says === 'off' ? [one.obstacle] : []))
    expect(off).toEqual(expected)
  })

  it('says where', () => {
    const places = (machine: Machine) =>
      remappingWitnesses(contextOf(machine)).map((one) => [one.says, one.from.path, one.from.excerpt])
    const { log } = silent
    expect(places(machineWith({ kernel: { log }, chips: [IR, 'IO-APIC 8-edge rtc0'] }))).toEqual([
      ['on', 'proc/interrupts', IR],
      ['off', 'proc/interrupts', 'IO-APIC 8-edge rtc0'],
    ])
    expect(places(machineWith({ kernel: { log, ...words('nointremap').kernel }, chips: NO_CHIPS }))).toEqual([
      ['off', 'proc/cmdline', 'nointremap'],
    ])
    expect(places(machineWith({ kernel: { log, ...built('CONFIG_IRQ_REMAP', 'n') }, chips: NO_CHIPS }))[0]?.at(2)).toBe(
      '# CONFIG_IRQ_REMAP is not set',
    )
  })
})

it('what is said of interrupt remapping names the places that it rests on', () => {
  const [cmdline, madt, ecap] = ['boot/cmdline', 'APIC', 'ecap'].map((path) => ({ path }))
  if (!cmdline || !madt || !ecap) throw new Error('three places')
  const NO_CHIPS = ['DMAR-MSI 0-edge dmar0']
  const silent = { log: known<readonly string[]>([]) }
  const off = (machine: Machine) =>
    remappingWitnesses(contextOf(machine)).flatMap((one) => (one.says === 'off' ? [one.from] : []))
  const off1 = (from: readonly { readonly path: string }[]) =>
    off(machineWith({ kernel: { ...silent, commandLine: known(['nointremap'], ...from) }, chips: NO_CHIPS }))
  expect(off1([cmdline])).toEqual([{ ...cmdline, excerpt: 'nointremap' }])
  expect(off1([])).toEqual([{ path: 'proc/cmdline', excerpt: 'nointremap' }])
  const cannot = (...from: readonly { readonly path: string }[]) =>
    off(machineWith({ kernel: silent, iommus: unit(known(0n, ...from)), chips: NO_CHIPS }))[0]
  expect(cannot(ecap)).toEqual(ecap)
  expect(cannot()?.path).toMatch(/^sys\/class\/iommu\/dmar/)
  const places = (machine: Machine) => interruptRemapping(contextOf(machine)).from.map(({ path }) => path)
  const IR = 'IR-IO-APIC 2-edge timer'
  expect(places(machineWith({ kernel: { ...silent, commandLine: unreadable('io', cmdline) }, chips: [IR] }))).toEqual([
    'boot/cmdline',
    'proc/interrupts',
  ])
  expect(places(machineWith({ kernel: silent, acpi: { madt: absent(madt) }, chips: [IR] }))).toEqual([
    'APIC',
    'proc/interrupts',
  ])
  expect(places(machineWith({ kernel: silent, chips: NO_CHIPS }))).toEqual(['proc/interrupts'])
})
