import type { DeviceVerdict, Finding } from '../../rules/evaluate.js'
import type { Route } from '../../routes/route.js'
import type { IfConfirmedReport } from '../assignment-types.js'
import type { DeviceReport, UnreadReport } from '../types.js'

const effectOf = ({ item, rule }: Finding) => item.effect ?? rule.effect

/** Everything that could not be read is what the kernel keeps to root. Asked once of a machine: the list grows with it. */
export function onlyRights(unread: readonly UnreadReport[]): boolean {
  const whole = unread.filter(({ extent }) => extent === 'whole')
  return whole.length === unread.length && whole.length > 0 && whole.every(({ reason }) => reason === 'permission')
}

/** What is in use already: interrupts that their controller checks, and a driven IOMMU that the function is behind. */
function isInUse({ iommu, msi }: Route): boolean {
  const checked = msi.inUse.state === 'known' && msi.inUse.isolated === 'yes' && msi.inUse.doubt === undefined
  return checked && iommu.attachment.state === 'grouped' && iommu.instance !== undefined
}

function openQuestions(route: Route, lowering: readonly Finding[]): IfConfirmedReport['open'] {
  const ids = lowering.some(({ rule }) => rule.reason === 'shared-device-id')
  return [
    ...(route.iommu.described.state === 'undecided' ? (['iommu'] as const) : []),
    ...(route.msi.described.state === 'undecided' ? (['msi-controller'] as const) : []),
    ...(ids ? (['shared-device-id'] as const) : []),
    ...(lowering.some(({ rule }) => rule.reason !== 'shared-device-id') ? (['rules'] as const) : []),
  ]
}

/**
 * What the verdict would be at best if all that only root reads confirmed what is in use: a condition, never a verdict, so it
 * enters neither summary nor exit code. Given only where what is known speaks for it and rights are all that is missing.
 */
export function ifConfirmed(
  route: Route,
  judged: DeviceVerdict | undefined,
  effective: DeviceReport['effectiveVerdict'],
  missesOnlyRights: boolean,
): IfConfirmedReport | 'none' {
  if (route.role !== 'endpoint' || judged?.verdict !== 'unknown' || judged.reason !== 'unreadable') return 'none'
  if (effective !== 'unknown' || !missesOnlyRights || !isInUse(route)) return 'none'
  const lowering = judged.findings.filter((finding) => effectOf(finding) !== 'none')
  const weakened = lowering.some(({ kind }) => kind === 'fail')
  const open = openQuestions(
    route,
    lowering.filter(({ kind }) => kind === 'unknown'),
  )
  return { verdict: weakened ? 'isolated-with-caveats' : 'isolated', checkedBy: route.msi.kind, open }
}
