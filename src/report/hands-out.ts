import type { GateOutcome } from './types.js'

/** Whether a kernel that answers so hands the device out, for whatever reason it does. */
export const handsOut = (outcome: GateOutcome): boolean =>
  outcome === 'accepts' || outcome === 'accepts-by-override' || outcome === 'accepts-without-iommu'
