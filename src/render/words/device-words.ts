import type { DeviceReport, Report } from '../../report/types.js'
import { caveatWord } from './caveat-words.js'
import { shortWords } from './reason-in-report.js'
import { SEVERITIES, severestFirst, severityRank } from '../../report/severity.js'
import type { IndexedReport } from '../report-index.js'
import { enumerate } from '../layout/text-layout.js'
import { endpointsOf, VERDICT_WORDS } from './verdict-words.js'

/** How the addresses of this report are written: without the segment when there is only segment 0, as lspci does. */
export function addressWords(report: Report): (address: string) => string {
  const onlySegmentZero = report.devices.every((device) => device.address.startsWith('0000:'))
  return (address) => (onlySegmentZero && address.startsWith('0000:') ? address.slice(5) : address)
}

/** The same within a sentence that names several; paths keep theirs. */
export function addressesShortened(report: Report): (text: string) => string {
  const short = addressWords(report)
  return (text) => text.replaceAll(/(?<![\w./:-])0000:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?![\w/])/g, short)
}

/** Names the devices; `all 12 devices` where they are all endpoints of the report and too many to name. */
export function devicesInWords(addresses: readonly string[], report: Report, shown: number): string {
  const total = endpointsOf(report).length
  return addresses.length === total && total > shown ? `all ${total} devices` : enumerate(addresses, shown)
}

const NO_SEVERITY = SEVERITIES.length

/** The rules that made a device's verdict one with caveats, the severest first. */
export function caveatsOf(device: DeviceReport, report: IndexedReport): readonly string[] {
  if (device.verdict !== 'isolated-with-caveats') return []
  const rules = [...(report.index.caveats.get(device.address) ?? [])]
  return rules
    .sort(([one, left], [other, right]) => severityRank(left) - severityRank(right) || compareText(one, other))
    .map(([rule]) => rule)
}

/** Ids of rules, the one with the severest finding first. */
export function severestRules(rules: readonly string[], report: Report): readonly string[] {
  return [...new Set(severestFirst(report.findings).map(({ rule }) => rule))].filter((rule) => rules.includes(rule))
}

/** Members whose own verdict is the group's, where that is weaker than the device's. */
export function weakerMembers(device: DeviceReport, report: IndexedReport): readonly string[] {
  const verdict = device.effectiveVerdict
  if (verdict === device.verdict) return []
  const members = report.index.endpointsByGroup.get(device.iommuGroup) ?? []
  return members.filter((member) => member.verdict === verdict).map(({ address }) => address)
}

/** Caveats that the column has room for, the severest first. */
const CAVEATS_SHOWN = 2

/** The table's last column: the group where that decides, else the reason, or for caveats what makes them. */
export function whyWords(device: DeviceReport, report: IndexedReport): string {
  if (device.role !== 'endpoint') return device.role
  if (device.effectiveVerdict !== device.verdict) {
    const members = weakerMembers(device, report).map(addressWords(report))
    return members.length > 0 ? `group: ${enumerate(members, 1)}` : 'its group'
  }
  const caveats = caveatsOf(device, report).map(caveatWord)
  const more = caveats.length > CAVEATS_SHOWN ? ` +${caveats.length - CAVEATS_SHOWN}` : ''
  return caveats.length > 0 ? `${caveats.slice(0, CAVEATS_SHOWN).join(', ')}${more}` : shortWords(device.reason, report)
}

const compareText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

/** The severest finding that touches the device's verdict, as a rank: 0 is the worst. */
function rankOf({ address }: DeviceReport, report: IndexedReport): number {
  const severity = report.index.severities.get(address)
  return severity === undefined ? NO_SEVERITY : severityRank(severity)
}

/**
 * Worst first: by the verdict that decides, then by the severest finding behind it; equal ones stay together by what the
 * last column says, then in report order, which is address order.
 */
export function worstFirst(devices: readonly DeviceReport[], report: IndexedReport): readonly DeviceReport[] {
  const keyed = devices.map((device) => ({
    device,
    verdict: VERDICT_WORDS[device.effectiveVerdict].rank,
    severity: rankOf(device, report),
    why: whyWords(device, report),
  }))
  return keyed
    .sort(
      (left, right) =>
        left.verdict - right.verdict || left.severity - right.severity || compareText(left.why, right.why),
    )
    .map(({ device }) => device)
}
