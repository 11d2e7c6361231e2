import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import type { Route } from '../../routes/route.js'
import type { Cause, CauseSubject } from './cause.js'
import { IORT_IOMMU } from './shared-references.js'

const IORT = 'sys/firmware/acpi/tables/IORT'

/** True where ACPI describes what stands before the function on Arm, and describes no SMMU. */
function isWithout({ routes: { context } }: CauseSubject, { fn, iommu: { described } }: Route): boolean {
  return (
    context.architecture === 'arm64' &&
    described.state === 'decided' &&
    described.value === 'none' &&
    hostBridgeNodeOf(context, fn).state === 'absent'
  )
}

const notMapped: Cause = {
  id: 'iort-not-mapped',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'IORT leads the function to no SMMU',
  decidedBy: 'The nodes and ID mappings of IORT.',
  summary: 'IORT describes no SMMU for it',
  remedy:
    'Turn the SMMU on in the firmware setup; where it is on, have the vendor map the device to it in the IORT. On hardware without an SMMU keep the device on the host.',
  references: [IORT_IOMMU],
  decide: (subject, route) =>
    isWithout(subject, route)
      ? {
          evidence: route.iommu.described.from
            .filter(({ path }) => path === IORT)
            .map((from) => ({ from, value: from.excerpt ?? 'no way to an SMMU' })),
        }
      : undefined,
}

export const IORT_MISSING_IOMMU: readonly Cause[] = [notMapped]
