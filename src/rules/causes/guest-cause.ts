import { evidenceOf } from '../evidence.js'
import type { MachineCause } from './cause.js'

/** What a guest lacks because its hypervisor does not give it: one cause in each family that can have it. */
export const guestCause = (
  data: Pick<MachineCause, 'id' | 'family' | 'title' | 'summary' | 'remedy' | 'references'>,
): MachineCause => ({
  ...data,
  scope: 'machine',
  actor: 'hardware',
  decidedBy: 'What shows that the machine is a guest: DMI, tables, device tree, processor flags.',
  decide: ({ machine: { virtualization } }) =>
    virtualization.virtualized === 'yes' ? { evidence: evidenceOf(virtualization.evidence) } : undefined,
})
