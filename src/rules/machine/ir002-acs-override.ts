import { commandLineValues, logLines } from '../../kernel/context.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

/** A kernel without the patch says so (K: init/main.c, print_unknown_bootoptions; 5.14 and later). */
const NOT_UNDERSTOOD = /^Unknown kernel command line parameters ".*(?<=[ "])pcie_acs_override\b/

function check({ machine, routes }: Subject): Outcome {
  const devices = routes.routes.map((route) => route.fn.name)
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
  const values = commandLineValues(machine, 'pcie_acs_override')
  if (values.length === 0 || logLines(machine, NOT_UNDERSTOOD).length > 0) return PASS
  const value = `pcie_acs_override=${values.join(',')}`
  return {
    ...PASS,
    failed: [
      {
        subject: 'kernel command line',
        devices,
        message: 'in-force',
        details: { value },
        evidence: evidenceFrom(commandLine.from, value),
      },
    ],
  }
}

export const acsOverride: Rule = {
  id: 'IR002',
  slug: 'acs-override',
  title: 'IOMMU groups are made smaller than the hardware separates',
  scope: 'machine',
  severity: 'critical',
  effect: 'not-isolated',
  reason: 'false-groups',
  checks: 'pcie_acs_override on the kernel command line, which only patched kernels understand.',
  why: 'Groups then no longer show which functions can reach each other: a guest that owns one can write into a neighbour, its MSI-X table included, without passing the IOMMU.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Remove pcie_acs_override and assign whole groups, or move the device below a port with access control services.',
    },
  ],
  limits: 'On a kernel without the patch the word has no effect, which only the log of one from 5.14 on tells.',
  references: [{ title: 'Linux, IOMMU groups', locator: 'drivers/iommu/iommu.c: pci_device_group' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'in-force': '{value} is in force, so the IOMMU groups do not show what the hardware separates.',
    unreadable: 'The kernel command line cannot be read, so nobody can tell whether the IOMMU groups are true.',
  },
  check,
}
