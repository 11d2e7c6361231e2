import { commandLineValues } from '../../kernel/context.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import { compareWithHardware } from './hardware-groups.js'
import { functionWords } from '../function-words.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

/** A kernel without the patch says so (K: init/main.c, print_unknown_bootoptions; 5.14 and later). */
const NOT_UNDERSTOOD = /^Unknown kernel command line parameters ".*(?<=[ "])pcie_acs_override\b/
/** Kernels whose makers add the patch: Proxmox, Zen and Liquorix, XanMod, CachyOS, Unraid, and those built for it. */
const CARRIES_PATCH = /-pve|-zen|-liquorix|-lqx|xanmod|cachyos|unraid|-vfio|-acs/i

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
  if (values.length === 0 || routes.context.log.of(NOT_UNDERSTOOD).length > 0) return PASS
  const value = `pcie_acs_override=${values.join(',')}`
  const { finer, undecided } = compareWithHardware(routes)
  const { release } = machine.kernel
  const carries = release.state === 'known' && CARRIES_PATCH.test(release.value)
  const item = {
    subject: 'kernel command line',
    devices,
    evidence: [...evidenceFrom(commandLine.from, value), ...(carries ? evidenceOf(release) : [])],
  }
  if (finer)
    return {
      ...PASS,
      failed: [{ ...item, message: 'in-force', details: { value, one: finer.one, other: finer.other } }],
    }
  if (undecided.length === 0) return PASS
  const details = { value, undecided: functionWords(undecided) }
  return carries
    ? { ...PASS, failed: [{ ...item, message: 'carried', details }] }
    : { ...PASS, unknown: [{ ...item, message: 'undecided', details }] }
}

export const acsOverride: Rule = {
  id: 'IR002',
  slug: 'acs-override',
  title: 'IOMMU groups are made smaller than the hardware separates',
  scope: 'machine',
  severity: 'critical',
  effect: 'not-isolated',
  reason: 'false-groups',
  checks:
    'pcie_acs_override on the kernel command line, which only patched kernels understand, and whether the groups are finer than what Linux makes of the hardware.',
  why: 'Groups then no longer show which functions can reach each other: a guest that owns one can write into a neighbour, its MSI-X table included, without passing the IOMMU.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Remove pcie_acs_override and assign whole groups, or move the device below a port with access control services.',
    },
  ],
  limits:
    'Groups that are as the hardware makes them are true, whatever the word says. Where configuration space cannot be read to its end nobody can tell.',
  references: [{ kind: 'linux', title: 'Linux, IOMMU groups', locator: 'drivers/iommu/iommu.c: pci_device_group' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'in-force':
      '{value} is in force: {one} and {other} have groups of their own, and the hardware does not separate them.',
    carried:
      'This kernel takes {value}, and the groups of {undecided} cannot be held against the hardware: they may not show what it separates.',
    undecided:
      '{value} has an effect on patched kernels only. Whether this is one cannot be told, for the groups of {undecided} cannot be held against the hardware.',
    unreadable: 'The kernel command line cannot be read, so nobody can tell whether the IOMMU groups are true.',
  },
  check,
}
