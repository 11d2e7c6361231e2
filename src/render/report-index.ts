import { severestFirst } from '../report/severity.js'
import type { DeviceReport, FindingReport, Report, Severity } from '../report/types.js'

/** What is looked up for every device of a report, so that the work grows with the report and not with its square. */
export interface ReportIndex {
  readonly endpointsByGroup: ReadonlyMap<string, readonly DeviceReport[]>
  /** Rules that have a caveat on a device, each with its severest finding there, by the device's address. */
  readonly caveats: ReadonlyMap<string, ReadonlyMap<string, Severity>>
  /** The severest finding about a device, by its address; one without an effect on the verdict does not count. */
  readonly severities: ReadonlyMap<string, Severity>
}

/** What holds a verdict down: a finding with an effect, or one that explains what the base of the verdict already says. */
const decides = ({ effect, severity }: FindingReport): boolean =>
  effect !== 'none' || severity === 'critical' || severity === 'high'

/** A report with its index. */
export interface IndexedReport extends Report {
  readonly index: ReportIndex
}

/** Makes the index of a report: once, by the renderer that is given the report. */
export function indexed(report: Report): IndexedReport {
  return { ...report, index: makeIndex(report) }
}

function makeIndex({ devices, findings }: Report): ReportIndex {
  const endpointsByGroup = new Map<string, DeviceReport[]>()
  for (const device of devices) {
    if (device.role !== 'endpoint') continue
    const members = endpointsByGroup.get(device.iommuGroup)
    if (members) members.push(device)
    else endpointsByGroup.set(device.iommuGroup, [device])
  }
  const caveats = new Map<string, Map<string, Severity>>()
  const severities = new Map<string, Severity>()
  for (const finding of severestFirst(findings)) {
    const { rule, severity, effect } = finding
    for (const address of finding.devices) {
      if (decides(finding) && !severities.has(address)) severities.set(address, severity)
      if (effect !== 'caveat') continue
      const rules = caveats.get(address)
      if (!rules) caveats.set(address, new Map([[rule, severity]]))
      else if (!rules.has(rule)) rules.set(rule, severity)
    }
  }
  return {
    endpointsByGroup,
    caveats,
    severities,
  }
}
