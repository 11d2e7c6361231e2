import { valueOr, type Fact } from '../../machine/fact.js'
import type { InterruptDomain } from '../../machine/interrupts.js'
import type { Answer } from '../../machine/kinds.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { allOf } from '../decision.js'
import { atLeast } from '../release.js'

/** IRQ_DOMAIN_FLAG_ISOLATED_MSI; IRQ_DOMAIN_FLAG_MSI_REMAP before 6.3. */
const ISOLATED_MSI = 0x20

/**
 * Whether the release puts the flag on the domains that isolate: an ITS carries it from 4.11 on, the remapping domains of
 * x86 from 6.3 on (K: drivers/iommu/intel/irq_remapping.c and drivers/iommu/amd/iommu.c of 6.2 and 6.3). s390 has none.
 */
function flagsTell({ observedRelease, architecture }: KernelContext): boolean {
  if (!observedRelease || architecture === undefined || architecture === 's390x') return false
  return architecture === 'x86_64' ? atLeast(observedRelease, 6, 3) : atLeast(observedRelease, 4, 11)
}

/** Flags of each domain and of those above it, by its name; none where debugfs does not show them. */
export function flagsOfDomains(domains: Fact<readonly InterruptDomain[]>): ReadonlyMap<string, readonly number[]> {
  return new Map(
    valueOr(domains, []).map(({ name, flags, parents }) => [name, [flags, ...parents.map((parent) => parent.flags)]]),
  )
}

/**
 * What the domains that a function's interrupts pass say of it: each chain needs the flag once (K: kernel/irq/msi.c,
 * msi_device_has_isolated_msi), and one that is not shown keeps the others from a yes. Undefined where debugfs shows none at
 * all, or the flag does not tell on this kernel.
 */
export function domainsInUse(context: KernelContext, fn: PciFunction): Answer | undefined {
  const { domains, domainChains } = context.machine.interrupts
  if (!flagsTell(context) || fn.msiVectors.state !== 'known') return undefined
  if (domains.state !== 'known') return undefined
  const answers = fn.msiVectors.value.map((vector): Answer => {
    const chain = domainChains.get(vector.irq)
    if (chain?.state !== 'known') return 'unknown'
    const flags = chain.value.flatMap((name) => context.domainFlags.get(name) ?? [])
    if (flags.length === 0) return 'unknown'
    return flags.some((word) => (word & ISOLATED_MSI) !== 0) ? 'yes' : 'no'
  })
  return answers.length === 0 ? undefined : allOf(answers)
}
