import type { DeviceReport, GroupReport, Report } from '../../report/types.js'
import { addressWords, devicesInWords } from '../words/device-words.js'
import { prose, type Block } from '../layout/document.js'
import { platformMembers } from '../words/platform-words.js'
import type { IndexedReport } from '../report-index.js'
import { enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { endpointsOf, isGood, VERDICT_WORDS } from '../words/verdict-words.js'

const SHOWN = 3

/** Groups whose endpoints differ in their verdicts. */
function mixedWords(
  group: GroupReport,
  members: readonly DeviceReport[],
  short: (address: string) => string,
): string | undefined {
  if (!members.some((device) => device.verdict !== group.verdict)) return undefined
  const deciding = members.filter((device) => device.verdict === group.verdict).map((device) => short(device.address))
  const by =
    deciding.length > 0
      ? `because of ${enumerate(deciding, 3)}`
      : group.membersComplete === 'unknown'
        ? 'because the evidence may not show all of its members'
        : 'because of a member outside this selection'
  return `is ${VERDICT_WORDS[group.verdict].phrase} as a whole ${by}; its members can only be handed out together`
}

function viabilityWords(
  { devices, membersComplete, viable, holders }: GroupReport,
  short: (address: string) => string,
): string | undefined {
  if (membersComplete === 'unknown' && viable === 'unknown' && devices.length > 0)
    return `may have more members than ${enumerate(devices.map(short), SHOWN)}, which are all that the evidence shows`
  if (viable !== 'no') return undefined
  const held = holders.map(({ device, driver }) => `${short(device)} (${driver})`)
  if (membersComplete === 'unknown' && held.length > 0)
    return `cannot be handed out while ${enumerate(held, 3)} ${held.length === 1 ? 'is' : 'are'} not bound to vfio-pci; the evidence shows no list of its members, so there may be others`
  return held.length > 0
    ? `can be handed out once ${enumerate(held, 3)} ${held.length === 1 ? 'is' : 'are'} bound to vfio-pci instead`
    : 'cannot be handed out now: a driver of the host holds a member'
}

/** Isolated devices that have no group, although nothing stands in the way of one. */
function groupsToCome(report: Report, options: RenderOptions): readonly string[] {
  const short = addressWords(report)
  const waiting = endpointsOf(report).filter(
    ({ verdict, iommuGroup, obstacles }) =>
      isGood(verdict) &&
      iommuGroup === 'none' &&
      !obstacles.some(({ code }) => code === 'no-group' || code === 'probe-deferred'),
  )
  const names = devicesInWords(
    waiting.map(({ address }) => short(address)),
    report,
    options.all ? Number.POSITIVE_INFINITY : SHOWN,
  )
  return waiting.length > 0 ? [`No group yet, the kernel makes one when a driver binds: ${names}.`] : []
}

/**
 * Groups that matter. That a host driver holds the only endpoint of a group is how every host looks, so without --all
 * only groups of several endpoints are named for it.
 */
export function groupsSection(report: IndexedReport, options: RenderOptions): readonly Block[] {
  const short = addressWords(report)
  const { endpointsByGroup } = report.index
  const lines = report.groups.flatMap((group) => {
    const endpoints = endpointsByGroup.get(group.id) ?? []
    const viability = options.all || endpoints.length > 1 ? viabilityWords(group, short) : undefined
    const platform = platformMembers(group, report)
    const alsoHeld =
      platform.length > 0 && (options.all || endpoints.length > 0)
        ? `holds ${platform.length === 1 ? 'the platform device' : 'the platform devices'} ${enumerate(platform, SHOWN)}${endpoints.length > 0 ? ', handed out with the rest' : ''}`
        : undefined
    const words = [mixedWords(group, endpoints, short), alsoHeld, viability].filter((text) => text !== undefined)
    return words.length > 0 ? [`group ${group.id} ${words.join('; it ')}.`] : []
  })
  const shown = options.all ? lines : lines.slice(0, SHOWN)
  const left = lines.length - shown.length
  return [
    ...shown.map((line) => prose('  ', line)),
    ...(left > 0 ? [prose('  ', `${left} more: --all`)] : []),
    ...groupsToCome(report, options).map((line) => prose('  ', line)),
  ]
}
