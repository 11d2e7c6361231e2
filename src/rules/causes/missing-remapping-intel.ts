import { listOf } from '../device-items.js'
import type { Cause } from './cause.js'
import { decisionAt, DMAR_TABLE, INTEL_REMAPPING, obstaclePlaces, wordsAt } from './remapping-obstacles.js'

/** Ids that places or lines of the log name after the word IO-APIC. */
const idsAt = (text: string): string =>
  listOf([...new Set([...text.matchAll(/io-?apic (\d{1,3})/gi)].map(([, id = '']) => id))])

const chipsetErratum: Cause = {
  id: 'chipset-erratum',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'hardware',
  title: 'An erratum of the chipset keeps interrupt remapping off',
  decidedBy: 'Device id and revision of the host bridge (Intel 5500, 5520, X58), or the line of the kernel log.',
  summary:
    'the chipset has an erratum with remapping on (Intel 5500, 5520 and X58), and Linux leaves it off whatever is set',
  remedy: 'Keep the device on the host: this hardware cannot remap interrupts, and no setting changes that.',
  lasting: true,
  references: [
    { kind: 'linux', title: 'Linux, early quirks', locator: 'arch/x86/kernel/early-quirks.c: intel_remapping_check' },
  ],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'chipset-erratum')),
}

const unitSilent: Cause = {
  id: 'unit-silent',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'Nothing answers at the address of a remapping unit',
  decidedBy: 'A line of the kernel log, or a DRHD with register base 0.',
  summary:
    'the DMAR names a remapping unit at which nothing answers ({places}), and Linux then leaves VT-d off altogether',
  remedy:
    'Turn VT-d off and on again in the firmware setup, and update the firmware: its DMAR names a unit that is not there.',
  references: [DMAR_TABLE],
  decide: (subject) => {
    const places = obstaclePlaces(subject, 'unit-silent')
    return decisionAt(places, { places: wordsAt(places) })
  },
}

const dmarRefused: Cause = {
  id: 'dmar-refused',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'Linux refuses the DMAR',
  decidedBy: 'Host address width and structures of the DMAR.',
  summary: 'Linux refuses the DMAR for an error in it ({places})',
  remedy: 'Update the firmware: its DMAR has an error ({places}) for which Linux leaves VT-d off.',
  references: [DMAR_TABLE],
  decide: (subject) => {
    const places = obstaclePlaces(subject, 'table-refused').filter(({ path }) => path.endsWith('/DMAR'))
    return decisionAt(places, { places: wordsAt(places) })
  },
}

export const flagClear: Cause = {
  id: 'dmar-without-intr-remap',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'The DMAR does not allow interrupt remapping',
  decidedBy: 'Flag INTR_REMAP (bit 0) of the DMAR.',
  summary: 'the DMAR has its flag INTR_REMAP at 0, and Linux then remaps no interrupts',
  remedy:
    'Look in the firmware setup for an entry for interrupt remapping beside VT-d and turn it on; where there is none, update the firmware or ask its vendor to set INTR_REMAP in the DMAR.',
  references: [
    DMAR_TABLE,
    { kind: 'specification', title: 'Intel VT-d specification', locator: 'section 8.1, Flags: INTR_REMAP' },
  ],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'flag-clear')),
}

export const ioApicWithoutScope: Cause = {
  id: 'io-apic-in-no-scope',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'An IO-APIC of the MADT is in no device scope of the DMAR',
  decidedBy:
    'IO-APIC ids of the MADT and enumeration ids of the scopes of type IO-APIC, or the line of the kernel log.',
  summary:
    'IO-APIC {ids} of the MADT stands in no device scope of the DMAR, and Linux then turns remapping off for the whole machine',
  remedy:
    'Update the firmware or have its vendor add IO-APIC {ids} to the device scope of a DRHD in the DMAR, with the id that the MADT gives it; no word of the command line stands in for it.',
  references: [
    INTEL_REMAPPING,
    {
      kind: 'specification',
      title: 'Intel VT-d specification',
      locator: 'section 8.3.1, Device Scope: Enumeration ID of an IO-APIC',
    },
  ],
  decide: (subject) => {
    const places = obstaclePlaces(subject, 'io-apic-in-no-scope')
    const ids = idsAt(wordsAt(places))
    return decisionAt(places, { ids: ids === '' ? '(which one the log does not say)' : ids })
  },
}

const unitCannotRemap: Cause = {
  id: 'remapping-not-in-hardware',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'hardware',
  title: 'A remapping unit cannot remap interrupts',
  decidedBy: 'Bit 3 of the extended capability register of every unit.',
  summary: 'a remapping unit of this machine cannot remap interrupts, and Linux wants all of them to',
  remedy: 'Keep the device on the host: this hardware cannot remap its interrupts.',
  lasting: true,
  references: [INTEL_REMAPPING],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'unit-cannot-remap')),
}

/** In the order of intel_prepare_irq_remapping. */
export const INTEL_MISSING_REMAPPING: readonly Cause[] = [
  chipsetErratum,
  unitSilent,
  dmarRefused,
  flagClear,
  ioApicWithoutScope,
  unitCannotRemap,
]
