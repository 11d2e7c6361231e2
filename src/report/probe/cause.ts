import type { Route } from '../../routes/route.js'
import type { DeviceVerdict } from '../../rules/evaluate.js'
import type { FoundCause } from '../../rules/rule.js'
import { evidenceReport, sentenceOf } from '../finding.js'
import type { CauseReport, DeviceReport } from '../types.js'

/** A cause as the report states it. */
function causeReport({ id, summary, evidence, actor, remedy, lasting }: FoundCause): CauseReport {
  return {
    id,
    summary: sentenceOf(summary),
    evidence: evidence.map((one) => evidenceReport(one)),
    actor,
    remedy,
    lasting,
  }
}

/** Why something is missing before a function: of several things the one that its verdict names first. */
export function causeOf(route: Route, judged: DeviceVerdict | undefined): DeviceReport['cause'] {
  for (const { item } of judged?.findings ?? []) {
    const cause = item.causes?.get(route.fn.name)
    if (cause) return causeReport(cause)
  }
  return judged?.verdict === 'unknown' ? 'unknown' : 'none'
}
