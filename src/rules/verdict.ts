/** The words of the contract, and their order. */
export type Verdict = 'isolated' | 'isolated-with-caveats' | 'not-isolated' | 'unknown'

/** Closed list, in the order in which the first that applies is reported. */
export const REASONS = [
  'no-iommu',
  'stream-id-refused',
  'iommu-not-probed',
  'no-msi-controller',
  'gicv2m',
  'gicv3-mbi',
  'host-bridge-msi',
  'x86-not-remapped',
  'payload-not-checked',
  'pre-its',
  'source-id-unchecked',
  'shared-device-id',
  'false-groups',
  'behind-vmd',
  'hypervisor-owns-iommu',
  'witnesses-disagree',
  'unreadable',
  'controller-unknown',
  'kernel-unknown',
  'hypervisor-decides',
  'its-behind-smmu',
  'its-behind-iommu',
  'gicv5-its-behind-smmu',
  'x86-remapped',
  'architecture-constant',
] as const
export type Reason = (typeof REASONS)[number]

/** Weakest first. */
const ORDER: readonly Verdict[] = ['not-isolated', 'unknown', 'isolated-with-caveats', 'isolated']

/** The weakest of the verdicts; nothing found is `unknown` (law 4). */
export function weakest(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict | undefined
  for (const verdict of verdicts) {
    if (found === undefined || ORDER.indexOf(verdict) < ORDER.indexOf(found)) found = verdict
  }
  return found ?? 'unknown'
}

/** The first of `reasons` in the order of the closed list. */
export function firstReason(reasons: Iterable<Reason>): Reason | undefined {
  let found: Reason | undefined
  for (const reason of reasons) {
    if (found === undefined || REASONS.indexOf(reason) < REASONS.indexOf(found)) found = reason
  }
  return found
}
