import type { DmarDescription } from '../../../../src/emulator/firmware/dmar-writer.js'
import type { MadtDescription } from '../../../../src/emulator/firmware/madt-writer.js'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import { card, intel, text, type TestCase } from '../metal.js'
import { amd, ioApicEntry } from '../x86-machines.js'

type Change = Parameters<typeof intel>[0]

export const of = (machine: MachineDescription, edit?: TestCase['edit']): TestCase =>
  edit ? { machine, edit } : { machine }
export const kernel = (
  release: string,
  commandLine = '',
  more: Partial<MachineDescription['kernel']> = {},
): Change => ({
  kernel: { release, commandLine, ...more },
})
const options = (configuration: Readonly<Record<string, string>>, commandLine = ''): Change =>
  kernel('6.12.0', commandLine, { configuration })

/** Units that the kernel leaves alone: no class entry, no group. */
export const undriven: TestCase['edit'] = (files) => {
  const paths = [...files.keys()]
  for (const path of paths.filter((at) => /iommu_group|\/iommu(?:\/|$)/.test(at))) files.delete(path)
  // The kernel makes both without any IOMMU.
  for (const path of ['sys/kernel/iommu_groups', 'sys/class/iommu']) files.set(path, { kind: 'directory' })
}
/** No IOMMU shows itself, and whether firmware describes one cannot be read. */
export const unseen: TestCase['edit'] = (files) => {
  undriven(files)
  logged('iommu: Default domain type: Translated')?.(files)
  for (const table of ['DMAR', 'IVRS'])
    files.set(`sys/firmware/acpi/tables/${table}`, { kind: 'file', content: 'permission' })
}
/** The control domain of Xen, which is shown neither tables nor groups; what Xen says. */
const belowXen =
  (line: string): TestCase['edit'] =>
  (files) => {
    undriven(files)
    files.set('proc/xen/capabilities', text('control_d\n'))
    files.set('var/log/dmesg', text(`(XEN) ${line}\n`))
  }
/** The units are driven, and remap nothing. */
export const cannotRemap: Change = {
  iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000', interruptRemapping: false }],
}
const bare: Change = { iommus: [], rootComplexes: [{ functions: [card(1)] }] }
export const logged =
  (line: string): TestCase['edit'] =>
  (files) =>
    files.set('var/log/dmesg', text(`[    0.1] ${line}\n`))
export const madt = (...ids: readonly number[]): { readonly madt: MadtDescription } => ({
  madt: { entries: ids.map((id, index) => ioApicEntry(id, index * 24)) },
})
export const scoped = (enumerationId: number, flags = 1): { dmar: DmarDescription } => ({
  dmar: {
    flags,
    structures: [
      { type: 'drhd', flags: 1, base: '0xfed90000', scopes: [{ type: 'io-apic', enumerationId, path: [[0x1f, 7]] }] },
    ],
  },
})
const bridge = (id: string, revision: number): Change => ({
  iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000', interruptRemapping: false }],
  rootComplexes: [
    {
      iommu: 'dmar0',
      functions: [{ address: '00:00.0', id, revision, class: '060000', type: 'conventional' }, card(1)],
    },
  ],
})
const blind = (line: string): TestCase =>
  of(amd({ iommus: [{ name: 'ivhd0', type: 'amd-vi', address: '0xfeb80000', function: '00:00.2' }] }), (files) => {
    files.set('var/log/dmesg', text(`[    0.1] ${line}\n`))
    for (const table of ['IVRS', 'APIC'])
      files.set(`sys/firmware/acpi/tables/${table}`, { kind: 'file', content: 'permission' })
  })

export interface Row {
  readonly cause: string
  readonly at: TestCase
  /** What its remedy says. */
  readonly remedy: RegExp
}

export const REMAPPING: readonly Row[] = [
  {
    cause: 'remapping-not-built',
    at: of(
      intel({ ...options({ CONFIG_IRQ_REMAP: 'n' }), ...cannotRemap, acpi: { ...scoped(0), ...madt(0) } }),
      logged('DMAR: IOMMU enabled'),
    ),
    remedy: /CONFIG_IRQ_REMAP/,
  },
  {
    cause: 'remapping-words-off',
    at: of(intel(kernel('6.12.0', 'quiet intremap=nosid,off'))),
    remedy: /Remove intremap=nosid,off from/,
  },
  { cause: 'remapping-words-off', at: of(amd(kernel('6.12.0', 'amd_iommu=off'))), remedy: /Remove amd_iommu=off from/ },
  { cause: 'remapping-words-off', at: of(intel(kernel('6.12.0', 'noapic'))), remedy: /Remove noapic from/ },
  {
    cause: 'io-apic-setup-skipped',
    at: of(intel(), logged('Not enabling interrupt remapping due to skipped IO-APIC setup')),
    remedy: /acpi=off/,
  },
  {
    cause: 'guest-without-remapping',
    at: of(intel({ ...bare, dmi: { vendor: 'QEMU', product: 'Standard PC' } })),
    remedy: /hypervisor/,
  },
  {
    cause: 'chipset-erratum',
    at: of(intel(bridge('8086:3406', 0x13))),
    remedy: /this hardware cannot remap interrupts/,
  },
  {
    cause: 'unit-silent',
    at: of(
      intel(),
      logged('DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!'),
    ),
    remedy: /names a unit that is not there/,
  },
  {
    cause: 'dmar-refused',
    at: of(intel({ acpi: { dmar: { flags: 1, structures: [] } } })),
    remedy: /no DRHD structure/,
  },
  { cause: 'dmar-without-intr-remap', at: of(intel({ acpi: { ...scoped(0, 0), ...madt(0) } })), remedy: /INTR_REMAP/ },
  {
    cause: 'io-apic-in-no-scope',
    at: of(intel({ acpi: { ...scoped(2), ...madt(0) } })),
    remedy: /add IO-APIC 0 to the device scope/,
  },
  {
    cause: 'remapping-not-in-hardware',
    at: of(intel({ iommus: [{ name: 'dmar0', type: 'vt-d', address: '0xfed90000', extendedCapability: 'f0101' }] })),
    remedy: /cannot remap/,
  },
  { cause: 'stoney-ridge', at: of(amd(), logged('AMD-Vi: Disable IOMMU on Stoney Ridge')), remedy: /force_enable/ },
  {
    cause: 'ivrs-refused',
    at: of(amd(), logged('AMD-Vi: [Firmware Bug]: IVRS invalid checksum')),
    remedy: /checksum of the IVRS/,
  },
  // What worked in the report of such a board.
  {
    cause: 'io-apic-not-in-ivrs',
    at: of(amd({ ...kernel('3.16.0'), acpi: madt(7, 8) })),
    remedy: /Add ivrs_ioapic\[7\]=00:14\.0 ivrs_ioapic\[8\]=00:00\.1 to/,
  },
  {
    cause: 'io-apic-not-in-ivrs',
    at: of(amd({ ...kernel('6.2.0'), acpi: madt(7, 8) })),
    remedy: /Add ivrs_ioapic=7@0000:00:14\.0 ivrs_ioapic=8@0000:00:00\.1 to/,
  },
  // One of two words is in force already.
  {
    cause: 'io-apic-not-in-ivrs',
    at: of(amd({ ...kernel('6.2.0', 'ivrs_ioapic=7@0000:00:14.0'), acpi: madt(7, 8) })),
    remedy: /^Add ivrs_ioapic=8@0000:00:00\.1 to/,
  },
  {
    cause: 'ivrs-words-not-taken',
    at: of(amd({ ...kernel('3.16.0', 'ivrs_ioapic=7@0000:00:14.0'), acpi: madt(7) })),
    remedy: /Put ivrs_ioapic\[7\]=00:14\.0 in place of ivrs_ioapic=7@0000:00:14\.0/,
  },
  {
    cause: 'io-apic-device-id-unknown',
    at: blind('AMD-Vi: [Firmware Bug]: : IOAPIC[7] not in IVRS table'),
    remedy: /names IO-APIC 7, a word/,
  },
  {
    cause: 'ivrs-io-apics-amiss',
    at: blind('AMD-Vi: Disabling interrupt remapping'),
    remedy: /Firmware Bug.* name the IO-APIC/,
  },
  {
    cause: 'xen-drives-no-iommu',
    at: of(intel({ ...bare, acpi: { dmar: null } }), belowXen('I/O virtualisation disabled')),
    remedy: /^Turn the IOMMU .* on in the firmware setup, .* command line of Xen/,
  },
  {
    cause: 'xen-remaps-nothing',
    at: of(intel({ ...bare, acpi: { dmar: null } }), belowXen('Interrupt remapping disabled')),
    remedy: /iommu=no-intremap from the command line of Xen/,
  },
  { cause: 'x86-no-table', at: of(intel(bare)), remedy: /on in the firmware setup/ },
  {
    cause: 'remapping-unit-not-seen-though-asked',
    at: of(intel({ ...cannotRemap, ...kernel('6.12.0', 'intel_iommu=on') }), unseen),
    remedy: /^Turn VT-d .* on in the firmware setup: intel_iommu=on alone brings nothing\./,
  },
  {
    cause: 'remapping-unit-not-seen-though-asked',
    at: of(intel({ ...cannotRemap, ...options({ CONFIG_INTEL_IOMMU_DEFAULT_ON: 'y' }) }), unseen),
    remedy: /^Turn VT-d .* on in the firmware setup\./,
  },
  {
    cause: 'remapping-unit-not-seen',
    at: of(intel({ ...cannotRemap, ...kernel('6.12.0', 'quiet') }), unseen),
    remedy: /^Turn VT-d or AMD-Vi .* on Intel add intel_iommu=on/,
  },
  {
    cause: 'remapping-off-unexplained',
    at: of(intel(), logged('DMAR-IR: Not enabling interrupt remapping')),
    remedy: /lines of the kernel log/,
  },
]

export const IOMMU: readonly Row[] = [
  {
    cause: 'x86-iommu-driver-not-built',
    at: of(intel(options({ CONFIG_INTEL_IOMMU: 'n' }, 'intel_iommu=on')), undriven),
    remedy: /CONFIG_INTEL_IOMMU/,
  },
  {
    cause: 'x86-iommu-driver-not-built',
    at: of(amd(options({ CONFIG_AMD_IOMMU: 'n' })), undriven),
    remedy: /CONFIG_AMD_IOMMU/,
  },
  {
    cause: 'x86-iommu-words-off',
    at: of(intel(kernel('6.12.0', 'intel_iommu=on,sm_on intel_iommu=off')), undriven),
    remedy: /Remove intel_iommu=off from/,
  },
  {
    cause: 'x86-iommu-words-off',
    at: of(amd(kernel('6.12.0', 'iommu=off intel_iommu=off')), undriven),
    remedy: /Remove iommu=off from/,
  },
  {
    cause: 'intel-iommu-off-by-default',
    at: of(intel(options({ CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n' })), undriven),
    remedy: /Add intel_iommu=on/,
  },
  {
    cause: 'stoney-ridge-without-iommu',
    at: of(amd(), (files) => {
      undriven(files)
      logged('AMD-Vi: Disable IOMMU on Stoney Ridge')?.(files)
    }),
    remedy: /force_enable/,
  },
  {
    cause: 'x86-table-refused',
    at: of(amd(), (files) => {
      undriven(files)
      logged('AMD-Vi: [Firmware Bug]: IVRS invalid checksum')?.(files)
    }),
    remedy: /Update the firmware/,
  },
  { cause: 'x86-no-iommu-table', at: of(intel(bare)), remedy: /on in the firmware setup/ },
  {
    cause: 'x86-iommu-not-seen-though-asked',
    at: of(intel({ ...kernel('6.12.0', 'intel_iommu=on') }), unseen),
    remedy: /^Turn VT-d .* on in the firmware setup: intel_iommu=on alone brings nothing\./,
  },
  {
    cause: 'x86-iommu-not-seen-though-asked',
    at: of(intel({ ...options({ CONFIG_INTEL_IOMMU_DEFAULT_ON: 'y' }) }), unseen),
    remedy: /^Turn VT-d .* on in the firmware setup\./,
  },
  {
    cause: 'x86-iommu-not-seen',
    at: of(intel({ ...kernel('6.12.0', 'quiet') }), unseen),
    remedy: /^Turn VT-d or AMD-Vi .* on Intel add intel_iommu=on/,
  },
  {
    cause: 'x86-not-driven',
    at: of(intel(kernel('6.12.0', 'intel_iommu=off intel_iommu=on')), undriven),
    remedy: /kernel log/,
  },
  {
    cause: 'x86-not-described',
    at: of(
      intel({
        acpi: {
          dmar: { flags: 1, structures: [{ type: 'drhd', flags: 1, segment: 1, base: '0xfed90000', scopes: [] }] },
        },
      }),
      undriven,
    ),
    remedy: /add a unit/,
  },
]
