import type { RuleDescription } from '../report/rule-catalogue.js'

/** What a rule that does not pass does to the verdict. */
export const EFFECT_WORDS: Record<RuleDescription['effect'], string> = {
  'not-isolated': 'makes the device not isolated, or unknown where it cannot be checked',
  caveat: 'puts a caveat on the verdict',
  none: 'leaves the verdict as it is',
}

export const SCOPE_WORDS: Record<RuleDescription['scope'], string> = {
  machine: 'about the machine',
  group: 'about an IOMMU group',
  device: 'about a device',
  firmware: 'about the firmware',
}
