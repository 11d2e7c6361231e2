import type { Fact, Provenance } from '../machine/fact.js'
import type { Evidence } from './rule.js'

/** Evidence of a fact's whole value: each place it was read from, with what was read there. */
export function evidenceOf(fact: Fact<unknown>, value?: string): readonly Evidence[] {
  return fact.from.map((from) => ({ from, value: value ?? from.excerpt ?? wordsFor(fact) }))
}

/** Evidence from provenance alone. */
export function evidenceFrom(places: readonly Provenance[], value?: string): readonly Evidence[] {
  return places.map((from) => ({ from, value: value ?? from.excerpt ?? '' }))
}

function wordsFor(fact: Fact<unknown>): string {
  switch (fact.state) {
    case 'known':
      return String(fact.value)
    case 'absent':
      return 'absent'
    case 'unreadable':
      return `unreadable (${fact.reason})`
  }
}
