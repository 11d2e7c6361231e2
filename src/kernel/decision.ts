import type { Fact, Provenance } from '../machine/fact.js'

/**
 * Why a decision of the kernel cannot be foretold: something could not be read, the release is not known, nobody knows
 * the controller, a hypervisor or platform outside Linux decides, a VMD sends the MSIs on as its own, Xen owns the IOMMU
 * of its control domain, or two witnesses disagree.
 */
export type Doubt =
  | 'unreadable'
  | 'kernel-unknown'
  | 'controller-unknown'
  | 'hypervisor-decides'
  | 'behind-vmd'
  | 'hypervisor-owns-iommu'
  | 'witnesses-disagree'

export interface Decided<T> {
  readonly state: 'decided'
  readonly value: T
  readonly from: readonly Provenance[]
}
export interface Undecided {
  readonly state: 'undecided'
  readonly doubt: Doubt
  readonly from: readonly Provenance[]
}
/** A decision of the kernel's, with the facts it rests on, or the doubt that keeps it from being foretold. */
export type Decision<T> = Decided<T> | Undecided

/** A decision, with the places it rests on. */
export function decided<T>(value: T, from: readonly Provenance[] = []): Decided<T> {
  return { state: 'decided', value, from }
}

/** A doubt, with the places that raised it. */
export function undecided(doubt: Doubt, from: readonly Provenance[] = []): Undecided {
  return { state: 'undecided', doubt, from }
}

/** An unreadable fact as a doubt. */
export function doubtOf(fact: Fact<unknown>): Undecided {
  return undecided('unreadable', fact.from)
}

/** Logical AND over three values: one `no` settles it, one `unknown` spoils a `yes`. */
export function allOf(answers: Iterable<'yes' | 'no' | 'unknown'>): 'yes' | 'no' | 'unknown' {
  let result: 'yes' | 'unknown' = 'yes'
  for (const answer of answers) {
    if (answer === 'no') return 'no'
    if (answer === 'unknown') result = 'unknown'
  }
  return result
}

/** Logical OR over three values. */
export function anyOf(answers: Iterable<'yes' | 'no' | 'unknown'>): 'yes' | 'no' | 'unknown' {
  let result: 'no' | 'unknown' = 'no'
  for (const answer of answers) {
    if (answer === 'yes') return 'yes'
    if (answer === 'unknown') result = 'unknown'
  }
  return result
}
