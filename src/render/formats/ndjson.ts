import type { DeviceReport, GroupReport, Report } from '../../report/types.js'
import { jsonLine } from './json.js'

/** One line: a function with all that makes the line stand alone among those of other machines. */
export interface DeviceLine extends DeviceReport {
  readonly schema: 'intremap/device'
  readonly schemaVersion: string
  readonly tool: Report['tool']
  readonly source: Report['source']
  readonly platform: Report['platform']
  /** What is said of its group; `none` for a function without one. */
  readonly group: GroupReport | 'none'
}

/** The lines of a report, in its order of devices. */
function* deviceLines(report: Report): Generator<DeviceLine> {
  const groups = new Map(report.groups.map((group) => [group.id, group]))
  const { tool, source, platform } = report
  for (const device of report.devices) {
    const group = groups.get(device.iommuGroup) ?? 'none'
    yield { schema: 'intremap/device', schemaVersion: '1.0.0', tool, source, platform, ...device, group }
  }
}

/** NDJSON: one function a line, so that lines of many machines are one table for whatever reads it. */
export function renderNdjson(report: Report): string {
  return Array.from(deviceLines(report), jsonLine).join('')
}
