import type { DeviceReport, GateErrno, GateOutcome, Report, Verdict } from '../../report/types.js'
import { addressWords, devicesInWords } from '../words/device-words.js'
import { prose, type Block } from '../layout/document.js'
import { newerReleaseWords } from '../words/newer-release.js'
import { EVERYDAY, obstacleWords } from '../words/obstacle-words.js'
import { capitalized } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { endpointsOf, isGood, VERDICT_WORDS } from '../words/verdict-words.js'

/** An answer that is told: one that the verdict does not lead to expect, or the refusal that people ask about. */
interface Told {
  readonly interfaces: 'VFIO type1' | 'iommufd' | 'VFIO type1 and iommufd'
  readonly outcome: GateOutcome
  readonly errno: GateErrno
  readonly verdict: Verdict
}

/** True where the kernel's answer is not what the verdict leads to expect. */
export function surprises(verdict: Verdict, outcome: GateOutcome): boolean {
  switch (outcome) {
    case 'accepts':
    case 'accepts-by-override':
    case 'accepts-without-iommu':
      return !isGood(verdict)
    case 'refuses':
      return isGood(verdict)
    case 'absent':
    case 'not-applicable':
    case 'unknown':
      return false
  }
}

/** True where an obstacle that is named by itself gives the same error. */
const isObstructed = ({ obstacles }: DeviceReport, errno: GateErrno) =>
  obstacles.some((obstacle) => obstacle.errno === errno && !EVERYDAY.has(obstacle.code))

function toldOf(device: DeviceReport, verdict: Verdict): readonly Told[] {
  const { vfioType1, iommufd } = device.kernel
  const same = vfioType1.outcome === iommufd.outcome && vfioType1.errno === iommufd.errno
  const both: readonly Told[] = same
    ? [{ ...vfioType1, interfaces: 'VFIO type1 and iommufd', verdict }]
    : [
        { ...vfioType1, interfaces: 'VFIO type1', verdict },
        { ...iommufd, interfaces: 'iommufd', verdict },
      ]
  return both.filter(({ outcome, errno }) =>
    outcome === 'refuses'
      ? !isObstructed(device, errno) && (isGood(verdict) || errno === 'EPERM')
      : surprises(verdict, outcome),
  )
}

function answerWords({ interfaces, outcome, errno, verdict }: Told, devices: string): string {
  const error = errno === 'none' || errno === 'unknown' ? '' : ` with ${errno}`
  if (outcome === 'refuses' && verdict === 'not-isolated')
    return `${interfaces} would refuse ${devices}${error}, and rightly.`
  const what = verdict === 'unknown' ? 'whose isolation is unknown' : `(${VERDICT_WORDS[verdict].phrase})`
  if (outcome === 'refuses') return `${interfaces} would refuse ${devices} ${what}${error}.`
  if (outcome === 'accepts-without-iommu')
    return `${interfaces} would hand out ${devices} in no-IOMMU mode: the kernel is tainted, and nothing is protected.`
  const how =
    outcome === 'accepts-by-override'
      ? ', only because allow_unsafe_interrupts is on'
      : ': it asks less than isolation takes'
  return `${interfaces} would accept ${devices} ${what}${how}.`
}

function grouped<Key>(pairs: Iterable<readonly [Key, string]>): readonly (readonly [Key, readonly string[]])[] {
  const found = new Map<string, { key: Key; addresses: string[] }>()
  for (const [key, address] of pairs) {
    const id = JSON.stringify(key)
    const entry = found.get(id) ?? { key, addresses: [] }
    entry.addresses.push(address)
    found.set(id, entry)
  }
  return [...found.values()].map(({ key, addresses }) => [key, addresses])
}

/** What is accepted as its verdict leads to expect, where nothing else is told: silence could mean that nobody asked. */
function acceptedWords(endpoints: readonly DeviceReport[], report: Report, shown: number): readonly string[] {
  const short = addressWords(report)
  const accepted = grouped(
    endpoints.flatMap((device) => {
      const { vfioType1, iommufd } = device.kernel
      const names = [
        ...(vfioType1.outcome === 'accepts' ? ['VFIO type1'] : []),
        ...(iommufd.outcome === 'accepts' ? ['iommufd'] : []),
      ]
      const missing = vfioType1.outcome === 'accepts' && iommufd.outcome === 'absent'
      return names.length > 0 ? [[{ by: names.join(' and '), missing }, short(device.address)] as const] : []
    }),
  )
  return accepted.map(
    ([{ by, missing }, addresses]) =>
      `${by} would accept ${devicesInWords(addresses, report, shown)}${missing ? '; iommufd is not in this kernel' : ''}.`,
  )
}

/** What people meet: an answer other than the verdict's, a refusal with EPERM, and what else stops an assignment. */
export function kernelSection(report: Report, options: RenderOptions): readonly Block[] {
  const short = addressWords(report)
  const shown = options.all ? Number.POSITIVE_INFINITY : 3
  const endpoints = endpointsOf(report)
  const answers = grouped(
    endpoints.flatMap((device) =>
      toldOf(device, device.effectiveVerdict).map((item) => [item, short(device.address)] as const),
    ),
  ).map(([item, addresses]) => answerWords(item, devicesInWords(addresses, report, shown)))
  const obstacles = grouped(
    endpoints.flatMap((device) =>
      device.obstacles
        .filter(({ code }) => options.all || !EVERYDAY.has(code))
        .map(({ code, errno }) => [{ code, errno }, short(device.address)] as const),
    ),
  ).map(
    ([obstacle, addresses]) => `${capitalized(obstacleWords(obstacle))}: ${devicesInWords(addresses, report, shown)}.`,
  )
  const newer = newerReleaseWords(report.platform.kernelRelease, report.platform.gateRelease)
  const accepted = answers.length === 0 ? acceptedWords(endpoints, report, shown) : []
  return [...(newer === undefined ? [] : [newer]), ...accepted, ...answers, ...obstacles].map((line) =>
    prose('  ', line),
  )
}
