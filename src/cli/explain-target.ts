import type { RuleCatalogue, RuleDescription } from '../report/rule-catalogue.js'
import { NotFoundError } from './errors.js'

const NEAREST = 3

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
  const nearest = [...rules]
    .sort((left, right) => Math.abs(numberOf(left.id) - asked) - Math.abs(numberOf(right.id) - asked))
    .slice(0, NEAREST)
    .map(({ id, title }) => `${id} (${title})`)
  throw new NotFoundError(`there is no rule ${text}`, {
    path: text,
    hint: `Near it: ${nearest.join('; ')}. intremap rules lists all.`,
  })
}
