import type { Actor, MachineKind, Reference, Rule, Severity } from '../../rules/rule.js'

/** What is published of one rule: its data without the check. */
export interface RuleDescription {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly scope: Rule['scope']
  readonly severity: Severity
  readonly effect: Rule['effect']
  readonly checks: string
  readonly why: string
  readonly remedy: readonly {
    readonly actor: Actor
    readonly text: string
    /** Kinds of machine that it is for; empty is all. */
    readonly machines: readonly MachineKind[]
  }[]
  readonly limits: string
  readonly references: readonly Reference[]
}

/** The rules as a document of its own, in the order of their ids. */
export interface RuleCatalogue {
  readonly schema: 'intremap/rules'
  readonly schemaVersion: string
  readonly rules: readonly RuleDescription[]
}

/** Turns rules into data that can be printed. */
export function ruleCatalogue(rules: readonly Rule[]): RuleCatalogue {
  const descriptions = rules.map(
    ({ id, slug, title, scope, severity, effect, checks, why, remedy, limits, references }) => ({
      id,
      slug,
      title,
      scope,
      severity,
      effect,
      checks,
      why,
      remedy: remedy.map(({ actor, text, machines = [] }) => ({ actor, text, machines })),
      limits,
      references,
    }),
  )
  descriptions.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
  return { schema: 'intremap/rules', schemaVersion: '1.0.0', rules: descriptions }
}
