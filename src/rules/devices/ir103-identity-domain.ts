import { evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

function check({ machine, routes }: Subject): Outcome {
  if (machine.groups.state !== 'known' || machine.groups.value.length === 0) return NOT_APPLICABLE
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  for (const group of machine.groups.value) {
    const devices = (routes.byGroup.get(group.id) ?? []).map((route) => route.fn.name)
    const item = {
      subject: `group ${group.id}`,
      devices,
      details: { group: group.id },
      evidence: evidenceOf(group.type),
    }
    if (group.type.state === 'unreadable') unknown.push({ ...item, message: 'unreadable' })
    else if (group.type.state === 'known' && group.type.value === 'identity')
      failed.push({ ...item, message: 'identity' })
  }
  return { failed, unknown, applicable: true }
}

export const identityDomain: Rule = {
  id: 'IR103',
  slug: 'identity-domain',
  title: 'The host lets the group bypass translation',
  scope: 'group',
  severity: 'medium',
  effect: 'none',
  checks: "The type of each group's default domain.",
  why: 'While a host driver owns the device it reaches all of memory and every doorbell. Once VFIO or iommufd owns the group it is translated, so the answer for an assigned device stays the same.',
  remedy: [
    {
      actor: 'configuration',
      text: "Remove iommu.passthrough=1 or iommu=pt, or write DMA to the group's type, if host drivers are not to be trusted with all of memory.",
    },
  ],
  limits: 'The file tells the default domain, not the one that is attached now.',
  references: [{ title: 'Linux ABI', locator: 'Documentation/ABI/testing/sysfs-kernel-iommu_groups' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    identity: 'Group {group} is not translated while the host drives it (identity domain).',
    unreadable: 'The domain type of group {group} cannot be read.',
  },
  check,
}
