import type { DeviceReport, Report } from '../../report/types.js'

const idOf = ({ cause }: DeviceReport) => (typeof cause === 'string' ? cause : cause.id)

/** What is said of a cause for these devices: of all together where one finding has it, else of each. */
export function causeSentences(devices: readonly DeviceReport[], report: Report): readonly string[] {
  const sentences = new Set<string>()
  for (const { cause } of devices) {
    if (typeof cause === 'string') continue
    const joint = report.findings.find((finding) => finding.cause !== 'none' && finding.cause.id === cause.id)
    sentences.add(joint && joint.cause !== 'none' ? joint.cause.summary : cause.summary)
  }
  return [...sentences]
}

/** The cause as a sentence, where all of these devices have the same. */
export function commonCause(devices: readonly DeviceReport[], report: Report): string | undefined {
  return new Set(devices.map(idOf)).size === 1 ? causeSentences(devices, report)[0] : undefined
}
