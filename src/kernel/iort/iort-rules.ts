import type { IortTable } from '../../machine/iort.js'
import { atLeast, mayCarryLaterCode, type KernelRelease } from '../release.js'

/** What differs between releases in the IORT walk (K: drivers/acpi/arm64/iort.c). */
export interface IortRules {
  /**
   * Upper bound of an ID mapping's input range (`iort_id_map`). `exclusive`: the last ID is lost. `inclusive-hisi`: it
   * counts, except in the tables named in `hasHisiIdCountBug`. `inclusive-last`: it counts, unless a later mapping
   * starts with the same ID.
   */
  readonly upperBound: 'exclusive' | 'inclusive-hisi' | 'inclusive-last'
  /**
   * When the DeviceID mapping index of an SMMUv3 node is valid (`iort_get_id_mapping_index`). `gsivs`: unless all four
   * interrupts are wired. `flag`: the same up to node revision 4, flags bit 4 from revision 5 on.
   */
  readonly mappingIndex: 'gsivs' | 'flag'
  /** Whether a single mapping counts at a wire bridge (IWB), as it does at root complexes and components (`iort_id_map`). */
  readonly singleAtIwb: boolean
}

const EXCLUSIVE: IortRules = { upperBound: 'exclusive', mappingIndex: 'gsivs', singleAtIwb: false }
const INCLUSIVE_HISI: IortRules = { upperBound: 'inclusive-hisi', mappingIndex: 'gsivs', singleAtIwb: false }
const INCLUSIVE_LAST: IortRules = { upperBound: 'inclusive-last', mappingIndex: 'gsivs', singleAtIwb: false }
const BEFORE_IWB: IortRules = { upperBound: 'inclusive-last', mappingIndex: 'flag', singleAtIwb: false }
const CURRENT: IortRules = { ...BEFORE_IWB, singleAtIwb: true }

/**
 * The rules that a release may apply: one where its number settles it, several where it does not. Those are 5.5 (its
 * source was not determined), kernels that may carry IORT code of later releases under an old number, and an unknown
 * release. A walk counts only where all of them agree; where they disagree the answer is
 * unknown, which is weaker than either.
 * Source: iort-walk.md sections 2 and 3; K: 7.2 drivers/acpi/arm64/iort.c for the wire bridge, which 7.1 does not know.
 */
export function iortRulesOf(release: KernelRelease | undefined): readonly IortRules[] {
  if (!release) return [EXCLUSIVE, INCLUSIVE_HISI, INCLUSIVE_LAST, BEFORE_IWB, CURRENT]
  if (atLeast(release, 7, 2)) return [CURRENT]
  const newest = mayCarryLaterCode(release) ? [CURRENT] : []
  if (atLeast(release, 6, 2)) return [BEFORE_IWB, ...newest]
  const backported = mayCarryLaterCode(release) ? [INCLUSIVE_LAST, BEFORE_IWB, ...newest] : []
  if (atLeast(release, 5, 8)) return [INCLUSIVE_LAST, ...backported]
  if (atLeast(release, 5, 6)) return [INCLUSIVE_HISI, ...backported]
  return atLeast(release, 5, 5) ? [EXCLUSIVE, INCLUSIVE_HISI] : [EXCLUSIVE, ...backported]
}

/** The newest of the rules that a release may apply: what a description is read by where the release leaves it open. */
export function newestIortRulesOf(release: KernelRelease | undefined): IortRules {
  return iortRulesOf(release).at(-1) ?? CURRENT
}

/**
 * Tables that 5.6 and 5.7 know to hold the count instead of the count minus one: OEM id `HISI`, OEM table id `HIP07` or
 * `HIP08` (padded with blanks), OEM revision 0.
 * Source: K: 5.6 drivers/acpi/arm64/iort.c, `wa_info`; iort-walk.md section 2.
 */
export function hasHisiIdCountBug(iort: IortTable): boolean {
  const { oemId, oemTableId, oemRevision } = iort.header
  return oemId === 'HISI  ' && (oemTableId === 'HIP07   ' || oemTableId === 'HIP08   ') && oemRevision === 0
}
