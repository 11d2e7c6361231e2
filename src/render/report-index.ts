import type { DeviceReport, Report, Verdict } from '../report/types.js'

/** What is looked up for every device of a report, so that the work grows with the report and not with its square. */
export interface ReportIndex {
  /** By group id. */
  readonly groupVerdicts: ReadonlyMap<string, Verdict>
  readonly endpointsByGroup: ReadonlyMap<string, readonly DeviceReport[]>
  /** Rules that have a caveat on a device, by its address. */
  readonly caveats: ReadonlyMap<string, ReadonlySet<string>>
}

const indexes = new WeakMap<Report, ReportIndex>()

/** The index of a report, made once for each. */
export function indexOf(report: Report): ReportIndex {
  let index = indexes.get(report)
  if (!index) indexes.set(report, (index = makeIndex(report)))
  return index
}

function makeIndex({ groups, devices, findings }: Report): ReportIndex {
  const endpointsByGroup = new Map<string, DeviceReport[]>()
  for (const device of devices) {
    if (device.role !== 'endpoint') continue
    const members = endpointsByGroup.get(device.iommuGroup)
    if (members) members.push(device)
    else endpointsByGroup.set(device.iommuGroup, [device])
  }
  const caveats = new Map<string, Set<string>>()
  for (const finding of findings) {
    if (finding.effect !== 'caveat') continue
    for (const address of finding.devices) {
      const rules = caveats.get(address)
      if (rules) rules.add(finding.rule)
      else caveats.set(address, new Set([finding.rule]))
    }
  }
  return { groupVerdicts: new Map(groups.map(({ id, verdict }) => [id, verdict])), endpointsByGroup, caveats }
}
