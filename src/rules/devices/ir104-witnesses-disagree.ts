import { domainsInUse } from '../../kernel/msi/domains-in-use.js'
import type { Provenance } from '../../machine/fact.js'
import type { Route } from '../../routes/route.js'
import { evidenceFrom } from '../evidence.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

/** Firmware's controller against the chips of the interrupts in use. */
function controllers(route: Route): OutcomeItem | undefined {
  const { described, inUse } = route.msi
  if (described.state === 'undecided' || inUse.state !== 'known' || inUse.isolated === 'unknown') return undefined
  // On s390 the answer is a constant, whatever chip prints its name.
  if (described.value.controller === undefined && described.value.payloadChecked === 'yes') return undefined
  const kind = described.value.controller?.kind ?? 'none'
  if (
    described.value.payloadChecked === 'unknown' ||
    (inUse.isolated === described.value.payloadChecked && inUse.isolated === 'no')
  )
    return undefined
  if (inUse.isolated === described.value.payloadChecked && inUse.kind === kind) return undefined
  // The kernel clears the flag behind a pre-ITS while the chip name stays; rule IR102 speaks of it.
  if (described.value.controller?.preIts === 'yes' && inUse.kind === kind) return undefined
  return {
    subject: route.fn.name,
    devices: [route.fn.name],
    message: 'msi-controller',
    details: { device: route.fn.name, described: kind, inUse: inUse.chipNames.join(', ') },
    evidence: [...evidenceFrom(described.value.from), ...evidenceFrom(inUse.from, inUse.chipNames.join(', '))],
  }
}

/** A group, hence an IOMMU, against what firmware describes. */
function iommus(route: Route): OutcomeItem | undefined {
  const { attachment, described, drivenByLog, instance, group } = route.iommu
  if (attachment.state !== 'grouped' || described.state === 'undecided' || group === undefined) return undefined
  const isDriven = instance !== undefined || drivenByLog
  if (described.value !== 'none' && (isDriven || described.value.source === 'architecture')) return undefined
  return {
    subject: route.fn.name,
    devices: [route.fn.name],
    message: described.value === 'none' ? 'iommu-not-described' : 'iommu-not-driven',
    details: { device: route.fn.name, group: group.id },
    evidence: [...evidenceFrom(attachment.from), ...evidenceFrom(described.from)],
  }
}

const RETAINED = /^Failed to set up IOMMU for device (\S+); retaining platform DMA ops/

/**
 * Functions with a group of which the kernel says that it could not set the IOMMU up for their own driver. VFIO attaches a
 * domain of its own, which may fail for the same reason (K: drivers/iommu/dma-iommu.c, iommu_setup_dma_ops).
 */
function retained(subject: Subject): OutcomeItem[] {
  return subject.routes.context.hazards.of(RETAINED).flatMap((line) => {
    const name = RETAINED.exec(line)?.[1] ?? ''
    const group = subject.routes.byName.get(name)?.iommu.group
    if (group === undefined) return []
    const evidence = [{ from: { path: 'var/log/dmesg' }, value: line }]
    const details = { device: name, group: group.id }
    return [
      { subject: name, devices: [name], message: 'dma-ops-retained', details, evidence, effect: 'caveat' as const },
    ]
  })
}

const unreadableDomains = (devices: readonly string[], from: readonly Provenance[]): OutcomeItem => ({
  subject: 'interrupt domains',
  devices,
  message: 'domains-unreadable',
  details: {},
  evidence: evidenceFrom(from),
  effect: 'not-isolated',
})

/** Functions in use whose chain of domains is there and cannot be read. */
function unreadChains(subject: Subject, route: Route): OutcomeItem[] {
  const { interrupts } = subject.machine
  if (route.msi.inUse.state !== 'known' || route.fn.msiVectors.state !== 'known') return []
  const unread = route.fn.msiVectors.value.flatMap((vector) => {
    const chain = interrupts.domainChains.get(vector.irq)
    return chain?.state === 'unreadable' ? chain.from : []
  })
  return unread.length > 0 ? [unreadableDomains([route.fn.name], unread)] : []
}

/** The flags of the domains an interrupt passes, against its chip. */
function domainFlags(subject: Subject, route: Route): OutcomeItem | undefined {
  const { inUse, described } = route.msi
  const { interrupts } = subject.machine
  if (inUse.state !== 'known' || inUse.isolated !== 'yes') return undefined
  // Behind a pre-ITS this is what the kernel does; rule IR102 speaks of it.
  if (described.state === 'decided' && described.value.controller?.preIts === 'yes') return undefined
  if (domainsInUse(subject.routes.context, route.fn) !== 'no') return undefined
  return {
    subject: route.fn.name,
    devices: [route.fn.name],
    message: 'domain-flags',
    details: { device: route.fn.name, inUse: inUse.chipNames.join(', ') },
    evidence: [...evidenceFrom(interrupts.domains.from), ...evidenceFrom(inUse.from, inUse.chipNames.join(', '))],
    effect: 'not-isolated',
  }
}

function check(subject: Subject): Outcome {
  const { routes } = subject.routes
  if (routes.length === 0) return NOT_APPLICABLE
  const { interrupts } = subject.machine
  const failed: OutcomeItem[] = []
  for (const route of routes)
    for (const item of [controllers(route), iommus(route), domainFlags(subject, route)]) if (item) failed.push(item)
  for (const one of retained(subject)) failed.push(one)
  const unknown = routes.flatMap((route) => unreadChains(subject, route))
  const { domains } = interrupts
  const config = subject.machine.kernel.configuration
  // A kernel that was built without them has none to show.
  const notBuilt = config.state === 'known' && config.value.get('CONFIG_GENERIC_IRQ_DEBUGFS') === 'n'
  if (domains.state === 'unreadable' && !notBuilt) {
    const inUse = routes.filter((route) => route.msi.inUse.state === 'known')
    unknown.push(
      unreadableDomains(
        inUse.map((route) => route.fn.name),
        domains.from,
      ),
    )
  }
  return { failed, unknown, applicable: true }
}

export const witnessesDisagree: Rule = {
  id: 'IR104',
  slug: 'witnesses-disagree',
  title: 'Firmware, kernel and interrupts in use tell different stories',
  scope: 'device',
  severity: 'high',
  effect: 'none',
  reason: 'witnesses-disagree',
  checks:
    'The MSI controller and the IOMMU that firmware describes for a function, against its interrupts, its group and the flags of its interrupt domains.',
  why: 'One of the witnesses is wrong. The verdict is the weaker one, for a device may do what the weaker one allows.',
  remedy: [
    {
      actor: 'kernel',
      messages: ['dma-ops-retained'],
      text: 'Read in the kernel log, before "Failed to set up IOMMU", what the kernel could not do for the device, and mend that before the device is handed out.',
    },
    {
      actor: 'firmware',
      text: 'Correct the table or tree that does not describe the hardware, or report the kernel that does not follow it.',
    },
  ],
  limits: 'A function without an interrupt in use has one witness less.',
  references: [
    { kind: 'linux', title: 'Linux, isolated MSI', locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'msi-controller': 'Firmware sends the MSIs of {device} to {described}, its interrupts in use are {inUse}.',
    'iommu-not-described': '{device} is in IOMMU group {group}, but firmware describes no IOMMU for it.',
    'iommu-not-driven':
      '{device} is in IOMMU group {group}, but the IOMMU that firmware describes for it is not among those the kernel drives.',
    'dma-ops-retained':
      '{device} is in IOMMU group {group}, but the kernel failed to set the IOMMU up for its driver and left its DMA untranslated.',
    'domain-flags': 'The interrupts of {device} are {inUse}, yet none of their domains carries the isolation flag.',
    'domains-unreadable': 'The kernel may show its interrupt domains, but they cannot be read.',
  },
  check,
}
