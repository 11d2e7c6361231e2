import type { DeviceExplanation } from '../../report/explain/explanation.js'
import type { FindingReport } from '../../report/types.js'
import { severestFirst } from '../../report/severity.js'
import { ACTOR_WORDS, hasStep } from '../sections/steps-section.js'
import { exact, prose, type Block } from '../layout/document.js'
import { evidenceWords } from '../words/evidence-words.js'
import { REASON_WORDS, type Step } from '../words/reason-words.js'
import { isGood } from '../words/verdict-words.js'

/** How much of the findings is shown; undefined is everything. */
export interface FindingsDetail {
  readonly evidenceShown: number | undefined
  readonly changesShown: number | undefined
}

function evidenceBlocks({ evidence }: FindingReport, shown: number | undefined): readonly Block[] {
  const words = [...new Set(evidence.map(evidenceWords))]
  const kept = shown === undefined ? words : words.slice(0, shown)
  const left = words.length - kept.length
  return kept.map((text, index) => {
    const more = left > 0 && index === kept.length - 1 ? ` (and ${left} more)` : ''
    return exact('      ', `${text}${more}`, shown === undefined ? undefined : 2)
  })
}

/** Every rule that did not pass, severest first, with its evidence; rules that say the same of one place say it once. */
export function notPassedSection({ findings }: DeviceExplanation, detail: FindingsDetail): readonly Block[] {
  const alike = new Map<string, { readonly rules: string[]; readonly finding: FindingReport }>()
  for (const finding of severestFirst(findings)) {
    const { rule, severity, summary, evidence } = finding
    const key = JSON.stringify([severity, summary, evidence])
    const seen = alike.get(key)
    if (seen) seen.rules.push(rule)
    else alike.set(key, { rules: [rule], finding })
  }
  return [...alike.values()].flatMap(({ rules, finding }) => [
    prose('  ', `${rules.join(', ')} ${finding.severity}: ${finding.summary}`),
    ...evidenceBlocks(finding, detail.evidenceShown),
  ])
}

interface Change extends Step {
  /** The rule that asks for it, or the reason of the verdict. */
  readonly rule: string
}

/** What would change a bad verdict: the remedy of the finding that explains its reason, else what the reason suggests. */
function ofReason({ device, changes, findings }: DeviceExplanation): readonly Change[] {
  const { step, explainedBy, explainedByCause } = REASON_WORDS[device.reason]
  if (device.role !== 'endpoint' || isGood(device.verdict) || !step) return []
  const explaining = findings.filter(
    (finding) =>
      hasStep(finding) &&
      (finding.rule === explainedBy || (finding.cause !== 'none' && finding.cause.id === explainedByCause)),
  )
  if (explaining.length > 0) return explaining.map(({ rule, actor, remedy }) => ({ rule, actor, text: remedy }))
  return explainedBy === 'any' && changes.length > 0 ? [] : [{ ...step, rule: device.reason }]
}

/** What would change the verdict, and who can do it. */
export function changesSection(explanation: DeviceExplanation, detail: FindingsDetail): readonly Block[] {
  const steps = new Map<string, Change>()
  for (const change of [...ofReason(explanation), ...explanation.changes])
    if (!steps.has(change.text)) steps.set(change.text, change)
  const shown = [...steps.values()].slice(0, detail.changesShown)
  return shown.map(({ actor, text, rule }) => prose('  ', `[${ACTOR_WORDS[actor]}] ${text} (${rule})`))
}
