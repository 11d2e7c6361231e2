import type { RuleDescription } from '../../report/catalogue/rule-catalogue.js'
import { enumerate } from '../layout/text-layout.js'

/** What a rule that does not pass does to the verdict. */
export const EFFECT_WORDS: Record<RuleDescription['effect'], string> = {
  'not-isolated': 'makes the device not isolated, or unknown where it cannot be checked',
  caveat: 'puts a caveat on the verdict',
  none: 'has no effect of its own on the verdict',
}

export const SCOPE_WORDS: Record<RuleDescription['scope'], string> = {
  machine: 'about the machine',
  group: 'about an IOMMU group',
  device: 'about a device',
  firmware: 'about the firmware',
}

type Remedy = RuleDescription['remedy'][number]

const MACHINE_WORDS: Record<Remedy['machines'][number], string> = {
  guest: 'in a virtual machine',
  x86: 'on x86',
  'arm-acpi': 'on Arm with ACPI',
  devicetree: 'with a device tree',
}

/** On which machines a remedy is one, as `, on x86`; nothing where it is for all. */
export function machinesWords({ machines }: Remedy): string {
  return machines.length === 0
    ? ''
    : `, ${enumerate(
        machines.map((kind) => MACHINE_WORDS[kind]),
        machines.length,
      )}`
}
