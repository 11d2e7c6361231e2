import { atLeast, parseRelease, releaseInRules, type KernelRelease } from '../../kernel/release.js'
import type { GateAnswer } from '../../kernel/gate.js'
import type { AssignmentInterface } from '../../kernel/interfaces.js'
import { isDenylisted } from '../../kernel/vfio-pci-denylist.js'
import { bindOutcome, type KernelAnswers } from '../../routes/kernel-answers.js'
import type { Route, RouteMap } from '../../routes/route.js'
import type { GateExplanation, ReleaseAnswer } from './explanation.js'

const REFUSED_BY_TYPE1 =
  'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param "allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform'
const OVERRIDDEN_IN_IOMMUFD =
  'MSI interrupts are not secure, they cannot be isolated by the platform. Check that platform features like interrupt remapping are enabled. Use the "allow_unsafe_interrupts" module parameter to override'

const idWords = (id: number) => id.toString(16).padStart(4, '0')

/** What the driver core prints when vfio-pci does not bind; between 6.8 and 6.12 the wording changed. */
function bindFailure(name: string, release: KernelRelease | undefined): string {
  if (release && atLeast(release, 6, 12)) return `vfio-pci ${name}: probe with driver vfio-pci failed with error -22`
  return release && !atLeast(release, 6, 9) ? `vfio-pci: probe of ${name} failed with error -22` : 'unknown'
}

function logLineOf(
  map: RouteMap,
  route: Route,
  which: AssignmentInterface,
  { outcome, errno }: GateAnswer,
  answers: KernelAnswers,
): string {
  const { name, vendor, device } = route.fn
  // The list is asked first, and says so before the bind fails.
  if (
    outcome === 'refuses' &&
    (errno === 'EINVAL' || errno === 'ENODEV') &&
    isDenylisted(map.context, route.fn) === 'yes'
  )
    return vendor.state === 'known' && device.state === 'known'
      ? `vfio-pci ${name}: ${idWords(vendor.value)}:${idWords(device.value)} exists in vfio-pci device denylist, driver probing disallowed.`
      : 'unknown'
  if (outcome === 'accepts-without-iommu')
    return `vfio-pci ${name}: Adding kernel taint for vfio-noiommu group on device`
  if (outcome === 'accepts-by-override')
    return which === 'iommufd' ? `vfio-pci ${route.fn.name}: ${OVERRIDDEN_IN_IOMMUFD}` : 'none'
  if (outcome !== 'refuses') return outcome === 'unknown' ? 'unknown' : 'none'
  switch (errno) {
    case 'EPERM':
      return which === 'vfioType1' ? REFUSED_BY_TYPE1 : 'none'
    case 'ENODEV':
    case 'EINVAL': {
      const unbound = bindOutcome(route) === 'no-group' || answers.cacheCoherency(route) === 'no'
      return unbound ? bindFailure(route.fn.name, map.context.release) : 'unknown'
    }
    // A deferred bind is tried again in silence.
    case 'EAGAIN':
      return 'none'
    case 'none':
    case 'unknown':
      return 'unknown'
  }
}

/** The release whose rules answer for `release`: the newest known for a newer one. Unknown where it tells no numbers. */
export function gateReleaseOf(release: string): string {
  const parsed = parseRelease(release)
  return parsed ? releaseInRules(parsed).text : 'unknown'
}

/**
 * What one release answers for a function, with the log line that users see (kernel-decision.md section 2: a refusing
 * type1 warns, a refusing iommufd is silent and warns when overridden).
 */
export function releaseAnswer(map: RouteMap, route: Route, answers: KernelAnswers, release: string): ReleaseAnswer {
  const gates = answers.gates(route)
  const explained = (which: AssignmentInterface): GateExplanation => ({
    ...gates[which],
    logLine: logLineOf(map, route, which, gates[which], answers),
  })
  return {
    release,
    gateRule: answers.rule,
    gateRelease: gateReleaseOf(release),
    isolatedMsi: answers.isolatedMsi(route),
    vfioType1: explained('vfioType1'),
    iommufd: explained('iommufd'),
  }
}

/** A release of each era of the gate, and of each change inside one (history.md section 3). */
const ERAS = ['4.9', '4.12', '5.15', '6.1', '6.2', '6.6', '6.12'] as const

/** The releases to compare with the running one, which stands among them in its place. */
export function comparedReleases(running: string | undefined): readonly string[] {
  if (running === undefined) return ERAS
  const own = parseRelease(running)
  if (!own) return ERAS
  const sameSeries = (other: string) => {
    const parsed = parseRelease(other)
    return parsed?.major === own.major && parsed.minor === own.minor
  }
  const order = (text: string) => {
    const parsed = parseRelease(text)
    return parsed ? parsed.major * 10_000 + parsed.minor : 0
  }
  return [...ERAS.filter((era) => !sameSeries(era)), running].sort((left, right) => order(left) - order(right))
}
