import type { EvidenceReport, FindingReport, Report, Severity } from '../report/types.js'
import { enumerate, hangingParagraph } from './text-layout.js'
import type { RenderOptions } from './types.js'

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

function evidenceText({ source, locator, value }: EvidenceReport): string {
  const place = locator === 'whole file' ? source : `${source} ${locator}`
  return value === '' ? place : `${place}: ${value}`
}

function wholeFinding(finding: FindingReport, columns: number): readonly string[] {
  const { rule, severity, subject, summary, evidence } = finding
  return [
    ...hangingParagraph('  ', `${rule} ${severity}, ${subject}: ${summary}`, columns),
    ...[...new Set(evidence.map(evidenceText))].flatMap((text) => hangingParagraph('      ', text, columns)),
  ]
}

/** All findings with their evidence. */
export function allFindings(report: Report, options: RenderOptions): readonly string[] {
  return report.findings.flatMap((finding) => wholeFinding(finding, options.columns))
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
