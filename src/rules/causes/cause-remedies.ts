import type { Remedy } from '../rule.js'
import type { CauseFamily } from './cause.js'
import { causesOf } from './registry.js'

/** The remedies of a family as a rule lists them on its page; a finding carries the one of its own cause. */
export function causeRemedies(...families: readonly CauseFamily[]): readonly Remedy[] {
  return families.flatMap((family) =>
    causesOf(family).map(({ actor, remedy }) => ({ actor, text: remedy, ofCause: true as const })),
  )
}
