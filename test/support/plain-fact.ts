import type { Fact } from '../../src/machine/fact.js'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Whether a value is a fact of any kind. */
export function isFact(value: unknown): value is Fact<unknown> {
  if (!isObject(value) || !('from' in value) || !('state' in value) || !Array.isArray(value.from)) return false
  return value.state === 'known' || value.state === 'absent' || value.state === 'unreadable'
}

/** A fact as plain data, whatever it is made of, with the facts inside of it: what an expectation is compared with. */
export function plainFact(value: unknown): unknown {
  if (isFact(value)) {
    const { state, from } = value
    switch (value.state) {
      case 'known':
        return { state, value: plainFact(value.value), from }
      case 'absent':
        return { state, from }
      case 'unreadable':
        return { state, reason: value.reason, from }
    }
  }
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainFact(member)]))
}
