import { commandLineValues, configured } from '../../kernel/context.js'
import type { Machine } from '../../machine/machine.js'
import { evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

/**
 * What made it so, as far as words and build tell; only x86 reads iommu=pt
 * (K: drivers/iommu/iommu.c, iommu_set_def_domain_type; arch/x86/kernel/pci-dma.c, iommu_setup).
 */
function reasonOf(machine: Machine, isX86: boolean): 'pt' | 'passthrough' | 'build' | 'identity' {
  const parts = commandLineValues(machine, 'iommu').flatMap((value) => value.split(','))
  if (isX86 && parts.includes('pt')) return 'pt'
  const last = commandLineValues(machine, 'iommu.passthrough').at(-1)
  if (last !== undefined) return /^(?:1|y|on|t)/i.test(last) ? 'passthrough' : 'identity'
  return configured(machine, 'CONFIG_IOMMU_DEFAULT_PASSTHROUGH') === 'yes' ? 'build' : 'identity'
}

const IF_NOT_TRUSTED = "if host drivers are not to be trusted with all of memory; or write DMA to the group's type"

function check({ machine, routes }: Subject): Outcome {
  if (machine.groups.state !== 'known' || machine.groups.value.length === 0) return NOT_APPLICABLE
  const reason = reasonOf(machine, routes.context.architecture === 'x86_64')
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  for (const group of machine.groups.value) {
    const { type } = group
    if (type.state === 'absent' || (type.state === 'known' && type.value !== 'identity')) continue
    const devices = (routes.byGroup.get(group.id) ?? []).map((route) => route.fn.name)
    const item = {
      subject: `group ${group.id}`,
      devices,
      details: { group: group.id },
      evidence: evidenceOf(type),
    }
    if (type.state === 'unreadable') unknown.push({ ...item, message: 'unreadable' })
    else failed.push({ ...item, message: reason })
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
      text: `Remove iommu=pt from the kernel command line and restart, ${IF_NOT_TRUSTED}.`,
      messages: ['pt'],
    },
    {
      actor: 'configuration',
      text: `Remove iommu.passthrough from the kernel command line and restart, ${IF_NOT_TRUSTED}.`,
      messages: ['passthrough'],
    },
    {
      actor: 'configuration',
      text: `Add iommu.passthrough=0 to the kernel command line and restart, ${IF_NOT_TRUSTED}: this kernel passes through unless told otherwise.`,
      messages: ['build'],
    },
    {
      actor: 'configuration',
      text: "Write DMA to the group's type, if host drivers are not to be trusted with all of memory.",
      messages: ['identity'],
    },
  ],
  limits: 'The file tells the default domain, not the one that is attached now.',
  references: [{ kind: 'linux', title: 'Linux ABI', locator: 'Documentation/ABI/testing/sysfs-kernel-iommu_groups' }],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    pt: 'Group {group} is not translated while the host drives it (identity domain): iommu=pt asks for that.',
    passthrough:
      'Group {group} is not translated while the host drives it (identity domain): iommu.passthrough asks for that.',
    build:
      'Group {group} is not translated while the host drives it (identity domain): the kernel was built with CONFIG_IOMMU_DEFAULT_PASSTHROUGH.',
    identity: 'Group {group} is not translated while the host drives it (identity domain).',
    unreadable: 'The domain type of group {group} cannot be read.',
  },
  check,
}
