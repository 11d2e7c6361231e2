import { isJsonObject, type JsonObject } from '../json-value.js'
import type { Report } from '../types.js'

const isRecords = (value: unknown): value is readonly JsonObject[] => Array.isArray(value) && value.every(isJsonObject)

/** Whether a document that calls itself a report has what a fleet counts; the versions before `assignable` lack it. */
export function isCurrentReport(report: JsonObject): report is JsonObject & Report {
  const { devices, findings, unread, platform, tool, exitCode } = report
  return (
    isRecords(devices) &&
    devices.every(
      ({ role, effectiveVerdict, assignable }) =>
        typeof role === 'string' && typeof effectiveVerdict === 'string' && isJsonObject(assignable),
    ) &&
    isRecords(findings) &&
    findings.every(({ rule, severity }) => typeof rule === 'string' && typeof severity === 'string') &&
    Array.isArray(unread) &&
    isJsonObject(platform) &&
    isJsonObject(platform['machine']) &&
    typeof platform['kernelRelease'] === 'string' &&
    isJsonObject(tool) &&
    [0, 1, 3].some((code) => code === exitCode)
  )
}
