import type { Doubt } from '../../kernel/decision.js'
import { areaOf, MASKED_FIRMWARE, type AreaName } from '../../machine/evidence-areas.js'
import type { Machine } from '../../machine/machine.js'
import { valueOr, type Fact, type Provenance, type ReadFailure } from '../../machine/fact.js'
import type { Route } from '../../routes/route.js'
import { baseGrounds } from '../base.js'
import { DeviceItems, listOf } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'
import { weakest } from '../verdict.js'

interface DoubtAt {
  readonly doubt: Doubt
  readonly about: 'IOMMU' | 'MSI controller'
  readonly from: readonly Provenance[]
}

function aboutIommu({ iommu }: Route): DoubtAt[] {
  const { attachment, described, kind } = iommu
  if (attachment.state === 'undecided') return [{ doubt: attachment.doubt, about: 'IOMMU', from: attachment.from }]
  if (attachment.state !== 'grouped' && attachment.state !== 'later') return []
  if (described.state === 'undecided') return [{ doubt: described.doubt, about: 'IOMMU', from: described.from }]
  return kind === 'unknown' ? [{ doubt: 'controller-unknown', about: 'IOMMU', from: described.from }] : []
}

function aboutMsi({ msi }: Route): DoubtAt[] {
  const { described, inUse } = msi
  const doubts: DoubtAt[] = []
  const add = (doubt: Doubt, from: readonly Provenance[]) => doubts.push({ doubt, about: 'MSI controller', from })
  if (inUse.state === 'unreadable') add('unreadable', inUse.from)
  if (inUse.state === 'known' && inUse.doubt !== undefined) add(inUse.doubt, inUse.from)
  else if (inUse.state === 'known' && inUse.isolated === 'unknown') add('controller-unknown', inUse.from)
  if (described.state === 'undecided') add(described.doubt, described.from)
  else if (described.value.payloadChecked === 'unknown') add('unreadable', described.from)
  return doubts
}

/** What is there but closed to this user; root would read it. */
function closedToUser(machine: Machine): readonly string[] {
  const denied = (fact: Fact<unknown>) => fact.state === 'unreadable' && fact.reason === 'permission'
  const { acpi, interrupts, kernel, functions } = machine
  const tables = [acpi.names, acpi.iort, acpi.madt, acpi.dmar, acpi.ivrs, acpi.viot, acpi.mcfg, acpi.rimt]
  const headersOnly =
    functions.state === 'known' &&
    functions.value.some(
      ({ configuration }) => configuration.state === 'known' && configuration.value.extent === 'header',
    )
  return [
    ...(tables.some(denied) ? ['the ACPI tables'] : []),
    ...(headersOnly ? ['configuration space beyond 64 bytes'] : []),
    ...(denied(kernel.log) ? ['the kernel log'] : []),
    ...(denied(interrupts.domains) ? ['the interrupt domains in debugfs'] : []),
  ]
}

/** Facts that routes are worked out from, where they could not be read for such a reason. */
function placesOf(machine: Machine, reason: ReadFailure): readonly Provenance[] {
  const { acpi, deviceTree, functions, groups, iommus, interrupts, kernel } = machine
  const whole = [functions, groups, iommus, deviceTree, interrupts.procInterrupts, kernel.configuration]
  const tables = [acpi.names, acpi.iort, acpi.madt, acpi.dmar, acpi.ivrs, acpi.viot, acpi.rimt]
  const places: Provenance[] = []
  const look = (fact: Fact<unknown>) => {
    if (fact.state === 'unreadable' && fact.reason === reason) for (const place of fact.from) places.push(place)
  }
  for (const fact of [...whole, ...tables]) look(fact)
  for (const fn of valueOr(functions, [])) {
    look(fn.configuration)
    look(fn.iommuGroup)
    look(fn.iommu)
    look(fn.msiVectors)
  }
  for (const { type, name, reservedRegions } of valueOr(groups, [])) {
    look(type)
    look(name)
    look(reservedRegions)
  }
  return places
}

/** Areas that whoever took the files of the machine left out. */
function leftOut(machine: Machine): ReadonlySet<AreaName> {
  return new Set(placesOf(machine, 'not-collected').flatMap(({ path }) => areaOf(path)?.name ?? []))
}

/** Files whose reading failed for other than want of rights: the kernel had an error of a device or of a mount. */
function readErrors(machine: Machine): ReadonlySet<string> {
  const { log } = machine.kernel
  const ofLog = log.state === 'unreadable' && log.reason === 'io' ? log.from : []
  return new Set([...placesOf(machine, 'io'), ...ofLog].map(({ path }) => path))
}

/** An empty `/sys/firmware`, which only a mask leaves. */
const isMasked = ({ acpi }: Machine): boolean =>
  acpi.names.state === 'unreadable' && acpi.names.from.some(({ path }) => path === MASKED_FIRMWARE)

function check({ machine, routes }: Subject): Outcome {
  if (routes.routes.length === 0) return NOT_APPLICABLE
  const closed = closedToUser(machine)
  const missed = leftOut(machine)
  const failing = readErrors(machine)
  // Files of no area, such as a bridge's of_node, are in doubt for what they would lead to.
  const decidesLeftOut = (places: readonly Provenance[]) => {
    const areas = places.flatMap(({ path }) => areaOf(path)?.name ?? [])
    return areas.length === 0 || areas.some((area) => missed.has(area))
  }
  // What is decided once of a machine has the same places for every function.
  const known = new Map<readonly Provenance[], boolean>()
  const isLeftOut = (places: readonly Provenance[]): boolean => {
    const answer = known.get(places) ?? (missed.size > 0 && decidesLeftOut(places))
    known.set(places, answer)
    return answer
  }
  const items = new DeviceItems()
  for (const route of routes.routes) {
    if (weakest(baseGrounds(route).map((ground) => ground.verdict)) !== 'unknown') continue
    for (const { doubt, about, from: places } of [...aboutIommu(route), ...aboutMsi(route)]) {
      const name = route.fn.name
      // Where no file is behind the doubt, the architecture is.
      const from = places.length > 0 ? places : machine.kernel.architecture.from
      switch (doubt) {
        case 'unreadable':
          if (isLeftOut(places))
            items.add(name, { message: isMasked(machine) ? 'masked' : 'not-collected', details: { about } }, from)
          else if (places.some(({ path }) => failing.has(path)))
            items.add(name, { message: 'read-error', details: { about } }, from)
          else if (closed.length > 0)
            items.add(name, { message: 'needs-root', details: { about, closed: listOf(closed) } }, from)
          else items.add(name, { message: 'unreadable', details: { about } }, from)
          break
        case 'kernel-unknown':
        case 'controller-unknown':
          items.add(name, { message: doubt, details: { about } }, from)
          break
        // Rules of their own: IR120 and IR104.
        case 'hypervisor-decides':
        case 'behind-vmd':
        case 'hypervisor-owns-iommu':
        case 'witnesses-disagree':
          break
      }
    }
  }
  return { ...PASS, failed: items.list() }
}

export const evidenceUnreadable: Rule = {
  id: 'IR109',
  slug: 'evidence-unreadable',
  title: 'What would decide cannot be read',
  scope: 'device',
  severity: 'medium',
  effect: 'none',
  checks: 'Every place that the IOMMU and the MSI controller of a function are worked out from.',
  why: 'What nobody read may hide a device that raises any interrupt. So the answer is unknown, and a device with an unknown answer should not be given away.',
  remedy: [
    {
      actor: 'configuration',
      text: "Mount the host's /sys, /proc and /dev below another directory of the container, and run intremap probe with --sysroot on it.",
      messages: ['masked'],
    },
    {
      actor: 'configuration',
      text: 'Add what was left out, or take a capture on the machine itself, as root and outside of containers.',
      messages: ['not-collected'],
    },
    {
      actor: 'configuration',
      messages: ['read-error'],
      text: 'Run intremap again; where the read error comes back, mount anew what the files are on, or look for its device in the kernel log.',
    },
    {
      actor: 'configuration',
      messages: ['needs-root', 'unreadable', 'kernel-unknown', 'controller-unknown'],
      text: 'Run intremap as root, or on a capture that root made; report a file that root cannot read either.',
    },
  ],
  limits:
    'A file that is missing where Linux defines its absence as a value is not noticed. Files that only caveats rest on are named by the rules that need them.',
  references: [
    { kind: 'linux', title: 'Linux ABI', locator: 'Documentation/ABI/testing/sysfs-bus-pci, sysfs-firmware-acpi' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'needs-root': 'The {about} of {devices} cannot be told. Only root reads {closed}.',
    masked:
      'The {about} of {devices} cannot be told: /sys/firmware is masked, as container runtimes do, and firmware would tell it.',
    'not-collected': 'The {about} of {devices} cannot be told, because what would tell it was not collected.',
    'read-error':
      'The {about} of {devices} cannot be told: what would tell it is there, and reading it failed (EIO, ESTALE or the like).',
    unreadable:
      'The {about} of {devices} cannot be told, because something needed for it is damaged, missing or not readable.',
    'kernel-unknown':
      'The {about} of {devices} cannot be told: it depends on the kernel release, which is not known or not known well enough.',
    'controller-unknown': 'Nothing is known of the {about} of {devices}.',
  },
  check,
}
