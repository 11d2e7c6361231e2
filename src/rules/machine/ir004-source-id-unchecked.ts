import { intremapWords } from '../../kernel/msi/intremap-words.js'
import type { KernelView } from '../../kernel/context.js'
import { remappingDriverByLog } from '../../kernel/x86/remapping-log.js'
import type { IommuKind } from '../../machine/kinds.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

/** Where no table was collected, the log shows whose units there are. */
const isBehindVtd = (view: KernelView, kind: IommuKind) =>
  kind === 'vt-d' || (kind === 'unknown' && remappingDriverByLog(view) === 'vt-d')

function check({ machine, routes }: Subject): Outcome {
  const devices = routes.routes
    .filter(({ iommu, msi }) => isBehindVtd(routes.context, iommu.kind) && msi.kind !== 'x86-vector')
    .map((route) => route.fn.name)
  if (devices.length === 0) return NOT_APPLICABLE
  const { commandLine } = machine.kernel
  if (commandLine.state !== 'known') {
    const unread = {
      subject: 'kernel command line',
      devices,
      message: 'unreadable',
      details: {},
      evidence: evidenceOf(commandLine),
    }
    return { ...PASS, unknown: [unread] }
  }
  if (!intremapWords(machine).sourceIdsUnchecked) return PASS
  const evidence = evidenceFrom(commandLine.from, 'intremap=nosid')
  return { ...PASS, failed: [{ subject: 'kernel command line', devices, message: 'off', details: {}, evidence }] }
}

export const sourceIdUnchecked: Rule = {
  id: 'IR004',
  slug: 'source-id-unchecked',
  title: 'Remapping entries do not check who uses them',
  scope: 'machine',
  severity: 'critical',
  effect: 'not-isolated',
  reason: 'source-id-unchecked',
  checks: 'intremap=nosid on the kernel command line of a machine with VT-d.',
  why: 'Each remapping entry then serves any requester: a device raises every remapped interrupt of the machine by naming its entry, while the kernel still reports isolated MSIs.',
  remedy: [{ actor: 'configuration', text: 'Remove nosid from intremap= on the kernel command line and restart.' }],
  limits: 'Entries are not read: behind a PCIe-to-PCI bridge the kernel checks the bus number only.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, VT-d interrupt remapping',
      locator: 'drivers/iommu/intel/irq_remapping.c: set_msi_sid, set_irte_sid',
    },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    off: 'intremap=nosid turns the source-id check off: any device can use any remapping entry.',
    unreadable: 'The kernel command line cannot be read, so nobody can tell whether source ids are checked.',
  },
  check,
}
