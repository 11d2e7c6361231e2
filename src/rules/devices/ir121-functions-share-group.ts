import { acsEnabled, type AcsContext } from '../../kernel/pci/acs.js'
import { bridgesAbove, isMultifunction, portTypeOf } from '../../kernel/pci/pci-topology.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { listOf } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

interface Cause {
  readonly message: string
  readonly culprits: readonly string[]
}

/** What joins them: a port or bridge above that keeps nothing apart, or functions of one device that do not. */
function causeOf(map: RouteMap, members: readonly Route[], context: AcsContext): Cause {
  const { topology } = map.context
  const culprits = new Set<string>()
  const aliasing = new Set<string>()
  for (const { fn } of members) {
    for (const bridge of bridgesAbove(topology, fn) ?? []) {
      const type = portTypeOf(topology, bridge)
      if (type === 'conventional' || type === 'pcie-to-pci-bridge' || type === 'pci-to-pcie-bridge')
        aliasing.add(bridge.name)
      else if (acsEnabled(topology, bridge, context) === 'no') culprits.add(bridge.name)
    }
  }
  if (aliasing.size > 0) return { message: 'bridge', culprits: [...aliasing] }
  if (culprits.size > 0) return { message: 'port', culprits: [...culprits] }
  const together = members.filter(
    ({ fn }) => isMultifunction(fn) === 'yes' && acsEnabled(topology, fn, context) === 'no',
  )
  return together.length > 1
    ? { message: 'multifunction', culprits: together.map(({ fn }) => fn.name) }
    : { message: 'other', culprits: [] }
}

function check({ machine, routes }: Subject): Outcome {
  if (routes.byGroup.size === 0) return NOT_APPLICABLE
  const { ivrs } = machine.acpi
  const context: AcsContext = { hasIvrs: ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown' }
  const failed: OutcomeItem[] = []
  for (const [group, members] of routes.byGroup) {
    const endpoints = members.filter((route) => route.role === 'endpoint')
    if (endpoints.length < 2) continue
    const { message, culprits } = causeOf(routes, endpoints, context)
    const devices = members.map((route) => route.fn.name)
    const details = { group, devices: listOf(endpoints.map((route) => route.fn.name)), culprits: listOf(culprits) }
    const places = culprits.slice(0, 4).map((name) => ({ path: `sys/bus/pci/devices/${name}/config` }))
    const evidence = evidenceFrom([{ path: `sys/kernel/iommu_groups/${group}/devices` }, ...places])
    failed.push({ subject: `group ${group}`, devices, message, details, evidence })
  }
  return { ...PASS, failed }
}

export const functionsShareGroup: Rule = {
  id: 'IR121',
  slug: 'functions-share-group',
  title: 'Functions can only be given away together',
  scope: 'group',
  severity: 'info',
  effect: 'none',
  checks: 'IOMMU groups with several endpoints, and what above them or in them does not keep traffic apart.',
  why: 'Functions of one group can write to each other without passing the IOMMU, or look the same to it: the MSI-X table of one can be rewritten by its neighbour. The kernel lets nobody own a part of a group.',
  remedy: [
    {
      actor: 'hardware',
      text: 'Give the group to one owner, or use slots below ports with access control services.',
    },
  ],
  limits:
    'The groups of the kernel are believed; ports that it trusts by a quirk count as keeping apart. The cause is worked out, not read.',
  references: [{ kind: 'linux', title: 'Linux, IOMMU groups', locator: 'drivers/iommu/iommu.c: pci_device_group' }],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    bridge: 'Group {group} holds {devices}: bridge {culprits} gives them one RequesterID.',
    port: 'Group {group} holds {devices}: {culprits} may pass traffic between them (access control services are not all in force).',
    multifunction: 'Group {group} holds {devices}: functions {culprits} of one device may reach each other inside it.',
    other: 'Group {group} holds {devices}.',
  },
  check,
}
