import type { DeviceReport, Report } from '../report/types.js'
import { REASON_WORDS } from './reason-words.js'
import { indexOf } from './report-index.js'
import { enumerate } from './text-layout.js'
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

/** The rules that made a device's verdict one with caveats. */
export function caveatsOf(device: DeviceReport, report: Report): readonly string[] {
  if (device.verdict !== 'isolated-with-caveats') return []
  return [...(indexOf(report).caveats.get(device.address) ?? [])].sort()
}

/** The table's last column: the reason, or for caveats the rules that made them. */
export function whyWords(device: DeviceReport, report: Report): string {
  if (device.role !== 'endpoint') return device.role
  return caveatsOf(device, report).join(' ') || REASON_WORDS[device.reason].short
}

const compareText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

/** Worst first; equal ones by what the last column says, then in report order, which is address order. */
export function worstFirst(devices: readonly DeviceReport[], report: Report): readonly DeviceReport[] {
  const why = (device: DeviceReport) => whyWords(device, report)
  const rank = (device: DeviceReport) => VERDICT_WORDS[device.verdict].rank
  return [...devices].sort((left, right) => rank(left) - rank(right) || compareText(why(left), why(right)))
}
