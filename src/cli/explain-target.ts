import type { RuleCatalogue, RuleDescription } from '../report/catalogue/rule-catalogue.js'
import { nearest } from '../inputs/nearest.js'
import { canonicalDeviceAddress } from '../report/device-address.js'
import { TERMS } from '../render/terms/terms.js'
import { NotFoundError } from './errors.js'
import { isPlatformDeviceName } from './flags.js'

export { termNamed } from '../render/terms/terms.js'

/** True for what is meant as the id of a rule: `IR112`, `ir-112`. */
export function isRuleId(text: string): boolean {
  return /^ir-?\d+$/i.test(text)
}

const numberOf = (id: string) => Number(id.replaceAll(/\D+/g, ''))

/** The rule with that id. Throws NotFoundError with the ids nearest to it. */
export function ruleNamed(text: string, { rules }: RuleCatalogue): RuleDescription {
  const asked = numberOf(text)
  const found = rules.find(({ id }) => numberOf(id) === asked)
  if (found) return found
  const near = nearest(
    `IR${String(asked).padStart(3, '0')}`,
    rules.map(({ id }) => id),
  ).flatMap((id) => rules.filter((rule) => rule.id === id).map(({ title }) => `${id} (${title})`))
  throw new NotFoundError(`there is no rule ${text}`, {
    path: text,
    hint: `${near.length > 0 ? `Near it: ${near.join('; ')}. ` : ''}intremap rules lists all.`,
  })
}

/** What of a device, a rule and a term a text is the name of, where it is no term. Throws NotFoundError with what is like it. */
export function assertDeviceName(text: string): void {
  if (canonicalDeviceAddress(text) !== undefined || isPlatformDeviceName(text)) return
  const names = [...new Set(TERMS.flatMap(({ forms }) => forms))]
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]))
  const near = nearest(text.toLowerCase(), [...byLower.keys()]).map((name) => byLower.get(name) ?? name)
  const meant = near.length > 0 ? `Near it: ${near.join(', ')}. ` : ''
  throw new NotFoundError(`"${text}" is no device, rule or term`, {
    path: text,
    hint: `${meant}Give a PCI address (01:00.0), a rule (IR101; intremap rules lists all), or a word of the outputs: an acronym (ITS), a reason (shared-device-id), a verdict, an errno (EPERM), an exit code, a line of the kernel log in quotes.`,
  })
}
