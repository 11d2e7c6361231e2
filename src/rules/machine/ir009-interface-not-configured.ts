import { contradictedNode, type AssignmentInterface } from '../../kernel/interfaces.js'
import { evidenceFrom } from '../evidence.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

const INTERFACES: readonly AssignmentInterface[] = ['vfioType1', 'iommufd']

function check({ machine }: Subject): Outcome {
  const { configuration, deviceNodes } = machine.kernel
  if (configuration.state !== 'known' || deviceNodes.state !== 'known') return NOT_APPLICABLE
  const failed = INTERFACES.flatMap((which) => {
    const found = contradictedNode(machine, which)
    if (!found) return []
    const { node, option } = found
    return [
      {
        subject: `/${node}`,
        devices: [],
        message: 'left-out',
        details: { node: `/${node}`, option },
        evidence: [
          ...evidenceFrom(deviceNodes.from, `/${node}`),
          ...evidenceFrom(configuration.from, `# ${option} is not set`),
        ],
      },
    ]
  })
  return { ...PASS, failed }
}

export const interfaceNotConfigured: Rule = {
  id: 'IR009',
  slug: 'interface-not-configured',
  title: 'A device node is there that the kernel was built without',
  scope: 'machine',
  severity: 'low',
  effect: 'none',
  checks: 'The nodes /dev/vfio/vfio and /dev/iommu beside CONFIG_VFIO and CONFIG_IOMMUFD of the kernel configuration.',
  why: 'Of two witnesses that contradict each other the weaker counts: a node can be left in a copied or static /dev, and opening it then fails, while a kernel never has what its configuration leaves out. What the interface would answer is therefore told as absent.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Compare the configuration file with the running kernel: /proc/config.gz is its own, a file in /boot may be of another build. Where the file is right, remove the stale node.',
    },
  ],
  limits: 'A configuration file of another build under the same release name looks the same.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, iommufd',
      locator: 'drivers/iommu/Makefile: obj-$(CONFIG_IOMMUFD); drivers/vfio/Makefile',
    },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'left-out':
      '{node} is there, and the configuration says {option} is not set. The configuration is believed: such a kernel does not answer the node.',
  },
  check,
}
