import type { DeviceReport, GateErrno, GateOutcome, ObstacleCode, Report, Verdict } from '../report/types.js'
import { addressWords, devicesInWords } from './device-words.js'
import { prose, type Block } from './document.js'
import { newerReleaseWords } from './newer-release.js'
import { capitalized } from './text-layout.js'
import type { RenderOptions } from './types.js'
import { endpointsOf, groupVerdict, isGood, VERDICT_WORDS, weaker } from './verdict-words.js'

interface Surprise {
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
      return !isGood(verdict)
    case 'refuses':
      return isGood(verdict)
    case 'absent':
    case 'not-applicable':
    case 'unknown':
      return false
  }
}

function surprisesOf(device: DeviceReport, verdict: Verdict): readonly Surprise[] {
  const { vfioType1, iommufd } = device.kernel
  const same = vfioType1.outcome === iommufd.outcome && vfioType1.errno === iommufd.errno
  const both: readonly Surprise[] = same
    ? [{ ...vfioType1, interfaces: 'VFIO type1 and iommufd', verdict }]
    : [
        { ...vfioType1, interfaces: 'VFIO type1', verdict },
        { ...iommufd, interfaces: 'iommufd', verdict },
      ]
  return both.filter((item) => surprises(verdict, item.outcome))
}

function surpriseWords(surprise: Surprise, devices: string): string {
  const { interfaces, outcome, errno, verdict } = surprise
  const what = verdict === 'unknown' ? 'whose isolation is unknown' : `(${VERDICT_WORDS[verdict].phrase})`
  if (outcome === 'refuses') {
    return `${interfaces} would refuse ${devices} ${what}${errno === 'none' || errno === 'unknown' ? '' : ` with ${errno}`}.`
  }
  const how = outcome === 'accepts-by-override' ? ', only because allow_unsafe_interrupts is on' : ''
  return `${interfaces} would accept ${devices} ${what}${how}: that it accepts proves nothing.`
}

export const OBSTACLE_WORDS: Record<ObstacleCode, string> = {
  'no-group': 'no IOMMU group, so vfio-pci does not bind',
  'probe-deferred': "the IOMMU's driver is still awaited",
  'no-cache-coherency': 'the IOMMU does not enforce cache coherency',
  'group-not-viable': 'another driver holds a member of the group',
  'direct-region': 'firmware asks for a 1:1 mapped region',
  'mixed-msi-regions': 'both kinds of MSI region in one group',
  'bound-elsewhere': 'a host driver holds it',
}
/** How every host looks; named only where everything is. */
export const EVERYDAY: ReadonlySet<ObstacleCode> = new Set(['bound-elsewhere', 'group-not-viable'])

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

/** Where the kernel would answer otherwise than the verdict, and what else stops an assignment. */
export function kernelSection(report: Report, options: RenderOptions): readonly Block[] {
  const short = addressWords(report)
  const shown = options.all ? Number.POSITIVE_INFINITY : 3
  const endpoints = endpointsOf(report)
  const surprising = grouped(
    endpoints.flatMap((device) =>
      surprisesOf(device, weaker(device.verdict, groupVerdict(device, report))).map(
        (item) => [item, short(device.address)] as const,
      ),
    ),
  ).map(([item, addresses]) => surpriseWords(item, devicesInWords(addresses, report, shown)))
  const obstacles = grouped(
    endpoints.flatMap((device) =>
      device.obstacles
        .filter(({ code }) => options.all || !EVERYDAY.has(code))
        .map(({ code }) => [code, short(device.address)] as const),
    ),
  ).map(([code, addresses]) => `${capitalized(OBSTACLE_WORDS[code])}: ${devicesInWords(addresses, report, shown)}.`)
  const newer = newerReleaseWords(report.platform.kernelRelease, report.platform.gateRelease)
  return [...(newer === undefined ? [] : [newer]), ...surprising, ...obstacles].map((line) => prose('  ', line))
}
