import type { Report } from '../types.js'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isRecords = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.every(isRecord)

/** Whether a document that calls itself a report has what a fleet counts; the versions before `assignable` lack it. */
export function isCurrentReport(
  report: Readonly<Record<string, unknown>>,
): report is Readonly<Record<string, unknown>> & Report {
  const { devices, findings, unread, platform, tool, exitCode } = report
  return (
    isRecords(devices) &&
    devices.every(
      ({ role, effectiveVerdict, assignable }) =>
        typeof role === 'string' && typeof effectiveVerdict === 'string' && isRecord(assignable),
    ) &&
    isRecords(findings) &&
    findings.every(({ rule, severity }) => typeof rule === 'string' && typeof severity === 'string') &&
    Array.isArray(unread) &&
    isRecord(platform) &&
    isRecord(platform['machine']) &&
    typeof platform['kernelRelease'] === 'string' &&
    isRecord(tool) &&
    [0, 1, 3].some((code) => code === exitCode)
  )
}
