import type { Provenance } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { Machine } from '../../machine/machine.js'
import type { Route } from '../../routes/route.js'
import { atsReach } from './ats.js'
import { listOf } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import { unmatchedStreams } from '../machine/ir005-unmatched-streams-allowed.js'
import { itsUsers } from './its-users.js'
import { NOT_APPLICABLE, PASS, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

interface Doorbell {
  readonly kind: string
  readonly address: bigint | undefined
  readonly from: readonly Provenance[]
}

/** GICv5 interrupt routing services: a raw interrupt number written to the SETLPI frame is pending at once. */
function setLpiFrames(machine: Machine): Doorbell[] {
  const { madt } = machine.acpi
  if (madt.state !== 'known') return []
  return madt.value.entries.flatMap((entry) =>
    entry.type === 'gicv5-irs' && entry.setlpiBase !== 0n
      ? [
          {
            kind: 'GICv5 SETLPI frame',
            address: entry.setlpiBase,
            from: [{ path: 'sys/firmware/acpi/tables/APIC', at: { offset: entry.offset, length: entry.length } }],
          },
        ]
      : [],
  )
}

/** Doorbells that ask nobody who writes, brought up by Linux or not. */
function doorbells({ machine, routes }: Subject): Doorbell[] {
  const kinds = new Map([
    ['gicv2m', 'GICv2m frame'],
    ['gicv3-mbi', 'GICv3 distributor'],
  ])
  const described = routes.controllers.all.flatMap(({ kind, doorbell, from }) => {
    const words = kinds.get(kind)
    return words === undefined ? [] : [{ kind: words, address: doorbell, from }]
  })
  return [...described, ...setLpiFrames(machine)]
}

/** Doorbells of which each is said: all say the same of every function. */
const DOORBELLS_SHOWN = 100

function check(subject: Subject): Outcome {
  const users = itsUsers(subject.routes)
  const others = doorbells(subject)
  if (users.length === 0 || others.length === 0) return users.length === 0 ? NOT_APPLICABLE : PASS
  const streams = unmatchedStreams(subject)
  const goesPast = (route: Route) =>
    streams(route).state !== 'blocked' || atsReach(subject.routes, route).answer !== 'no'
  const past = users.filter(goesPast).map((route) => route.fn.name)
  const reaching = new Set(past)
  const held = users.map((route) => route.fn.name).filter((name) => !reaching.has(name))
  const left = others.length - DOORBELLS_SHOWN
  const failed = others.slice(0, DOORBELLS_SHOWN).flatMap(({ kind, address, from }, place): OutcomeItem[] => {
    const more = left > 0 && place === DOORBELLS_SHOWN - 1 ? `, and ${left} others` : ''
    const doorbell = `${address === undefined ? 'an address that is not known' : hex(address)}${more}`
    const item = (devices: readonly string[]) => ({
      subject: devices[0] ?? '',
      devices,
      details: { kind, doorbell, devices: listOf(devices) },
      evidence: evidenceFrom(from),
    })
    return [
      ...(past.length > 0 ? [{ ...item(past), message: 'reachable', severity: 'high' } as const] : []),
      ...(held.length > 0 ? [{ ...item(held), message: 'beside', effect: 'none' } as const] : []),
    ]
  })
  return { ...PASS, failed }
}

export const otherDoorbellReachable: Rule = {
  id: 'IR112',
  slug: 'other-doorbell-reachable',
  title: 'Beside the ITS there is a doorbell that takes any interrupt number',
  scope: 'device',
  severity: 'low',
  effect: 'caveat',
  checks:
    'GICv2m frames, message-based interrupts of the GICv3 distributor and SETLPI frames of a GICv5 that firmware describes beside an ITS, and whether the device can write past the SMMU (rules IR005 and IR110).',
  why: 'The ITS checks what is written to it and nothing else. A device that reaches the other doorbell raises interrupts of anybody. Behind an SMMU that translates, it does not reach it: Linux maps the doorbell of the ITS only.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Leave GICv2m frames and message-based interrupts that Linux does not use out of the description, or disable them in the hardware.',
    },
    { actor: 'configuration', text: 'Turn off what lets the device write past the SMMU: see rules IR005 and IR110.' },
  ],
  limits:
    'A distributor may take message-based interrupts although no description says so. While a host driver owns the device in an identity domain it reaches the doorbell as well (rule IR103).',
  references: [
    { kind: 'linux', title: 'Linux, GICv2m', locator: 'drivers/irqchip/irq-gic-v2m.c' },
    { kind: 'linux', title: 'Linux, MSI doorbells', locator: 'drivers/iommu/dma-iommu.c: iommu_dma_get_msi_page' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    beside: 'Beside the ITS of {devices} there is a {kind} at {doorbell}; the SMMU keeps it out of reach.',
    reachable: 'Beside the ITS of {devices} there is a {kind} at {doorbell}, which may be written to past the SMMU.',
  },
  check,
}
