import type { Fact, Provenance } from '../machine/fact.js'
import type { Evidence } from './rule.js'

/** What can be shown of itself; of anything else somebody has to say what was read. */
type Shown = string | number | boolean | readonly string[]

/** Evidence of a fact's whole value: each place it was read from, with what was read there. */
export function evidenceOf(fact: Fact<Shown>, value?: string): readonly Evidence[] {
  return fact.from.map((from) => ({ from, value: value ?? from.excerpt ?? wordsFor(fact) }))
}

/** What is missing or cannot be read; of what was read there is nothing to show. */
export function unreadEvidence(fact: Fact<unknown>): readonly Evidence[] {
  return fact.state === 'known' ? [] : evidenceOf(fact)
}

/** Evidence from provenance alone. */
export function evidenceFrom(places: readonly Provenance[], value?: string): readonly Evidence[] {
  return places.map((from) => ({ from, value: value ?? from.excerpt ?? '' }))
}

function wordsFor(fact: Fact<Shown>): string {
  switch (fact.state) {
    case 'known':
      return String(fact.value)
    case 'absent':
      return 'absent'
    case 'unreadable':
      return `unreadable (${fact.reason})`
  }
}
