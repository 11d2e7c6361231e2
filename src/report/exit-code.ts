import type { Verdict } from '../rules/verdict.js'
import type { DeviceReport } from './types.js'

/** Verdicts that the caller wants to fail on. */
export type FailOn = 'caveats' | 'not-isolated' | 'unknown' | 'never'

export const DEFAULT_FAIL_ON: ReadonlySet<FailOn> = new Set(['not-isolated', 'unknown'])

/**
 * What is asked of a function: that it raises only its own interrupts, that it may be handed out now, or that this kernel
 * would hand it out without an override.
 */
export type Criterion = 'isolated' | 'assignable' | 'kernel'

/** What the kernel's answers come to: one interface that accepts is enough; none that is there is no. */
function verdictOfKernel({ vfioType1, iommufd }: DeviceReport['kernel']): Verdict {
  const outcomes = [vfioType1.outcome, iommufd.outcome]
  if (outcomes.includes('accepts')) return 'isolated'
  return outcomes.includes('unknown') ? 'unknown' : 'not-isolated'
}

/** The verdict that counts: what may not be handed out counts as not isolated, what nobody can tell as unknown. */
export function verdictUnder(
  criterion: Criterion,
  { effectiveVerdict, assignable, kernel }: Pick<DeviceReport, 'effectiveVerdict' | 'assignable' | 'kernel'>,
): Verdict {
  if (criterion === 'kernel') return verdictOfKernel(kernel)
  if (criterion === 'isolated' || assignable.answer === 'yes') return effectiveVerdict
  return assignable.answer === 'no' ? 'not-isolated' : 'unknown'
}

/**
 * 0 every endpoint asked about is good enough, 1 at least one is not, 3 none is bad and at least one is unknown, or there
 * is no endpoint at all. A verdict left out of `failOn` never changes the code from 0.
 */
export function exitCodeOf(verdicts: readonly Verdict[], failOn: ReadonlySet<FailOn>): 0 | 1 | 3 {
  if (failOn.has('never')) return 0
  if (failOn.has('not-isolated') && verdicts.includes('not-isolated')) return 1
  if (failOn.has('caveats') && verdicts.includes('isolated-with-caveats')) return 1
  const unknown = verdicts.length === 0 || verdicts.includes('unknown')
  return failOn.has('unknown') && unknown ? 3 : 0
}
