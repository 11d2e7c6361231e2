import { indexed } from '../report-index.js'
import type { Report, Verdict } from '../../report/types.js'
import { answerSentence } from '../probe/answer-sentence.js'
import { escapeText } from '../layout/escape.js'
import { endpointsOf } from '../words/verdict-words.js'

/** Exit codes of a monitoring plug-in (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
export type NagiosCode = 0 | 1 | 2 | 3

const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const
const CODE_OF: Record<Verdict, NagiosCode> = {
  'not-isolated': 2,
  unknown: 3,
  'isolated-with-caveats': 1,
  isolated: 0,
}
/** The worst first: what is known to be bad is told before what is not known. */
const WORST_FIRST: readonly NagiosCode[] = [2, 3, 1, 0]

/** The state of the machine; without anything to judge it is unknown. What a baseline accepts counts as good. */
export function nagiosCode(report: Report): NagiosCode {
  const baseline = report.gate?.baseline
  const accepted = new Set(typeof baseline === 'object' ? baseline.devices : [])
  const codes = new Set(
    endpointsOf(report).map(({ address, effectiveVerdict }) => (accepted.has(address) ? 0 : CODE_OF[effectiveVerdict])),
  )
  // Rules of a policy that did not pass, or of which nobody can tell.
  if ((report.gate?.failedRules.length ?? 0) > 0) codes.add(report.exitCode === 3 ? 3 : 2)
  return WORST_FIRST.find((code) => codes.has(code)) ?? 3
}

/** One line of a monitoring plug-in: state, sentence, and counts as performance data. */
export function renderNagios(report: Report): string {
  const { devices } = report.summary
  const counts = [
    `isolated=${devices.isolated}`,
    `caveats=${devices['isolated-with-caveats']}`,
    `not_isolated=${devices['not-isolated']}`,
    `unknown=${devices.unknown}`,
  ]
  // The bar separates text from performance data.
  const sentence = escapeText(answerSentence(indexed(report)).text.slice(3)).replaceAll('|', '/')
  return `INTREMAP ${STATES[nagiosCode(report)]} - ${sentence} | ${counts.map((count) => `${count};;;0`).join(' ')}\n`
}
