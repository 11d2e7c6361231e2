import { SEVERITIES } from '../rules/severity.js'
import type { FindingReport } from './types.js'

export { isAtLeast, SEVERITIES, severityRank } from '../rules/severity.js'

/** The findings by severity; of one severity in the order given. */
export function severestFirst<T extends Pick<FindingReport, 'severity'>>(findings: readonly T[]): readonly T[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}
