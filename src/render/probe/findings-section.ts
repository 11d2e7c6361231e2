import { SEVERITIES } from '../../report/severity.js'
import type { Report } from '../../report/types.js'
import { addressesShortened } from '../words/device-words.js'
import { exact, prose, type Block } from '../layout/document.js'
import { evidenceWords } from '../words/evidence-words.js'
import { enumerate } from '../layout/text-layout.js'

/** All findings with their evidence. */
export function allFindings(report: Report): readonly Block[] {
  const short = addressesShortened(report)
  return report.findings.flatMap(({ rule, severity, subject, summary, evidence }) => [
    prose('  ', short(`${rule} ${severity}, ${subject}: ${summary}`)),
    ...[...new Set(evidence.map(evidenceWords))].map((text) => exact('      ', text)),
  ])
}

/** How many findings there are, by severity, where not all are shown. */
export function findingNumbers(report: Report): string | undefined {
  const numbers = SEVERITIES.flatMap((severity) => {
    const found = report.findings.filter((finding) => finding.severity === severity)
    return found.length > 0 ? [`${found.length} ${severity}`] : []
  })
  return numbers.length > 0
    ? `Findings: ${enumerate(numbers, SEVERITIES.length)}; --all shows them with their evidence.`
    : undefined
}
