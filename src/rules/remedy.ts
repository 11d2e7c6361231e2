import type { Finding } from './evaluate.js'
import type { MachineKind, Remedy } from './rule.js'

/** What a rule that could not know asks for: its own remedies are for what it would have found. */
const LET_IT_BE_READ: Remedy = {
  actor: 'configuration',
  text: 'Let intremap read what this needs: as root, on a capture that root made, or with all tables of the machine.',
}

/**
 * The remedies of a rule that can be taken on such a machine for such a finding, in the rule's order. Of what could not
 * be known only those that name its message. A cause that was found has its own.
 */
export function remediesFor({ rule, kind, item }: Finding, machine: ReadonlySet<MachineKind>): readonly Remedy[] {
  if (item.cause) return [{ actor: item.cause.actor, text: item.cause.remedy }]
  const fitting = rule.remedy.filter(
    ({ machines, messages, ofCause }) =>
      ofCause === undefined &&
      (machines === undefined || machines.some((one) => machine.has(one))) &&
      (messages === undefined ? kind === 'fail' : messages.includes(item.message)),
  )
  return kind === 'unknown' && fitting.length === 0 ? [LET_IT_BE_READ] : fitting
}

/** The one that answers the fault; where the outcome names nobody, the first. */
export function remedyFor(finding: Finding, machine: ReadonlySet<MachineKind>): Remedy | undefined {
  const fitting = remediesFor(finding, machine)
  const { actor: named } = finding.item
  return fitting.find(({ actor, faults = [actor] }) => named !== undefined && faults.includes(named)) ?? fitting[0]
}
