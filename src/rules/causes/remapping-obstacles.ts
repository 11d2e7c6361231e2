import type { Reference } from '../rule.js'
import type { RemappingObstacle } from '../../kernel/x86/remapping-witness.js'
import type { Provenance } from '../../machine/fact.js'
import { evidenceFrom } from '../evidence.js'
import type { CauseDecision, CauseSubject } from './cause.js'

/** Places that show that one of these keeps interrupt remapping off. */
export function obstaclePlaces(
  { routes: { context } }: CauseSubject,
  ...obstacles: readonly RemappingObstacle[]
): readonly Provenance[] {
  return context
    .remappingWitnesses()
    .flatMap((witness) => (witness.says === 'off' && obstacles.includes(witness.obstacle) ? [witness.from] : []))
}

/** The decision that such places make. */
export function decisionAt(
  places: readonly Provenance[],
  details?: Readonly<Record<string, string>>,
): CauseDecision | undefined {
  if (places.length === 0) return undefined
  return { ...(details === undefined ? {} : { details }), evidence: evidenceFrom(places) }
}

/** What the places say, each once. */
export const wordsAt = (places: readonly Provenance[]): string =>
  [...new Set(places.map(({ excerpt = '' }) => excerpt))].join(' ')

export const INTEL_REMAPPING: Reference = {
  kind: 'linux',
  title: 'Linux, VT-d interrupt remapping',
  locator: 'drivers/iommu/intel/irq_remapping.c: intel_prepare_irq_remapping, parse_ioapics_under_ir',
}
export const DMAR_TABLE: Reference = {
  kind: 'linux',
  title: 'Linux, DMAR',
  locator: 'drivers/iommu/intel/dmar.c: parse_dmar_table, dmar_ir_support',
}
export const AMD_INIT: Reference = {
  kind: 'linux',
  title: 'Linux, AMD-Vi',
  locator: 'drivers/iommu/amd/init.c: check_ioapic_information, check_ivrs_checksum, detect_ivrs',
}
export const XEN_SETUP: Reference = {
  kind: 'specification',
  title: 'Xen',
  locator: 'xen/drivers/passthrough/iommu.c: iommu_setup',
}
export const REMAPPING: Reference = {
  kind: 'linux',
  title: 'Linux, x86 interrupt remapping',
  locator: 'drivers/iommu/irq_remapping.c',
}
