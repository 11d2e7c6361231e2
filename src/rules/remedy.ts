import type { MachineKind, OutcomeItem, Remedy, Rule } from './rule.js'

/** The remedies of a rule that can be taken on such a machine for such an outcome, in the rule's order. */
export function remediesFor(
  rule: Rule,
  { message }: OutcomeItem,
  machine: ReadonlySet<MachineKind>,
): readonly Remedy[] {
  return rule.remedy.filter(
    ({ machines, messages }) =>
      (machines === undefined || machines.some((kind) => machine.has(kind))) &&
      (messages === undefined || messages.includes(message)),
  )
}

/** The one that answers the fault; where the outcome names nobody, the first. */
export function remedyFor(rule: Rule, item: OutcomeItem, machine: ReadonlySet<MachineKind>): Remedy | undefined {
  const fitting = remediesFor(rule, item, machine)
  return (
    fitting.find(({ actor, faults = [actor] }) => item.actor !== undefined && faults.includes(item.actor)) ?? fitting[0]
  )
}
