import { bridgesAbove } from '../../kernel/pci/pci-topology.js'
import { DeviceItems } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import { NOT_APPLICABLE, type Outcome, type Rule, type Subject } from '../rule.js'
import { SourceValidation } from './source-validation.js'

function check({ machine, routes }: Subject): Outcome {
  const failed = new DeviceItems()
  const unknown = new DeviceItems()
  const validation = new SourceValidation(routes)
  const { commandLine } = machine.kernel
  const words = commandLine.state === 'known' ? commandLine.value : []
  const chosen = words.filter((word) => /^pci=.*(config_acs|disable_acs_redir)/.test(word))
  const byCommandLine = chosen.length > 0 ? evidenceFrom(commandLine.from, chosen.join(' ')) : []
  let applicable = false
  for (const route of routes.routes) {
    const above = bridgesAbove(routes.context.topology, route.fn)
    if (!above) unknown.add(route.fn.name, { message: 'topology-unreadable' }, route.fn.upstream.from)
    for (const port of above ?? []) {
      applicable = true
      const { validates, from } = validation.of(port)
      if (validates === 'yes' || !validation.hasVictim(route)) continue
      const details = { port: port.name }
      if (validates === 'no') failed.add(route.fn.name, { message: 'missing', details }, [...byCommandLine, ...from])
      else unknown.add(route.fn.name, { message: 'unreadable', details }, from)
      break
    }
  }
  const result = { failed: failed.list(), unknown: unknown.list() }
  return applicable || result.unknown.length > 0 ? { ...result, applicable: true } : NOT_APPLICABLE
}

export const sourceValidationMissing: Rule = {
  id: 'IR111',
  slug: 'source-validation-missing',
  title: 'A port lets forged RequesterIDs through',
  scope: 'device',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'Source validation of ACS at every root port and downstream port above the function, where an endpoint of another IOMMU group has a RequesterID in the same segment.',
  why: 'IOMMU and ITS know a device by the RequesterID in its packets. Where no port compares it with the bus numbers below, hardware that lies passes for a device of another group: it writes through the mappings of that one and raises its interrupts.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Turn ACS on in the firmware setup where the port has it, and remove the words pci=config_acs and disable_acs_redir that turn it off; otherwise use a slot below a port with ACS, or give neighbours to the same owner.',
    },
    { actor: 'hardware', text: 'Use a slot whose ports have ACS.' },
  ],
  limits:
    'Software that owns an honest device cannot choose its RequesterID. Even with the check a device can take any RequesterID of the buses below the port.',
  references: [
    { kind: 'specification', title: 'PCI Express base specification', locator: 'ACS Source Validation' },
    { kind: 'linux', title: 'Linux, IOMMU groups', locator: 'drivers/iommu/iommu.c: REQ_ACS_FLAGS' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    missing:
      'Port {port} does not check the RequesterIDs of {devices}, and functions of other groups are within reach.',
    unreadable: 'Whether port {port} checks the RequesterIDs of {devices} cannot be told.',
    'topology-unreadable': 'The ports above {devices} cannot be told.',
  },
  check,
}
