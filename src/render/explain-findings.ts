import type { DeviceExplanation } from '../report/explanation.js'
import type { FindingReport } from '../report/types.js'
import { ACTOR_WORDS, severestFirst } from './steps-section.js'
import { exact, prose, type Block } from './document.js'
import { evidenceWords } from './evidence-words.js'
import { REASON_WORDS } from './reason-words.js'
import { isGood } from './verdict-words.js'

/** How much of the findings is shown; undefined is everything. */
export interface FindingsDetail {
  readonly summaryLines: number | undefined
  readonly evidenceShown: number | undefined
  readonly changesShown: number | undefined
  readonly changeLines: number | undefined
}

function evidenceBlocks({ evidence }: FindingReport, shown: number | undefined): readonly Block[] {
  const words = [...new Set(evidence.map(evidenceWords))]
  const kept = shown === undefined ? words : words.slice(0, shown)
  const left = words.length - kept.length
  return kept.map((text, index) => {
    const more = left > 0 && index === kept.length - 1 ? ` (and ${left} more)` : ''
    return exact('      ', `${text}${more}`, shown === undefined ? undefined : 1)
  })
}

/** Every rule that did not pass, severest first, with its evidence. */
export function notPassedSection({ findings }: DeviceExplanation, detail: FindingsDetail): readonly Block[] {
  return severestFirst(findings).flatMap((finding) => [
    prose('  ', `${finding.rule} ${finding.severity}: ${finding.summary}`, detail.summaryLines),
    ...evidenceBlocks(finding, detail.evidenceShown),
  ])
}

/** What would change the verdict, and who can do it. */
export function changesSection(explanation: DeviceExplanation, detail: FindingsDetail): readonly Block[] {
  const { changes, device } = explanation
  const { step, judgedByRule } = REASON_WORDS[device.reason]
  const ofReason =
    device.role === 'endpoint' && !isGood(device.verdict) && step && !(judgedByRule && changes.length > 0) ? [step] : []
  const steps = [
    ...ofReason.map(({ actor, text }) => ({ actor, text, about: device.reason as string })),
    ...changes.map(({ actor, text, rule }) => ({ actor, text, about: rule })),
  ]
  const shown = detail.changesShown === undefined ? steps : steps.slice(0, detail.changesShown)
  return shown.map(({ actor, text, about }) =>
    prose('  ', `[${ACTOR_WORDS[actor]}] ${text} (${about})`, detail.changeLines),
  )
}
