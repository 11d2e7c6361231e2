import type { Fact } from '../machine/fact.js'

/** A name, `none` where it is known to be absent. */
export function nameText(fact: Fact<string>): string {
  switch (fact.state) {
    case 'known':
      return fact.value
    case 'absent':
      return 'none'
    case 'unreadable':
      return 'unknown'
  }
}
