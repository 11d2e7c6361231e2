import type { Actor, FindingReport, Report, Severity } from '../report/types.js'
import { addressWords, devicesInWords, worstFirst } from './device-words.js'
import { REASON_WORDS } from './reason-words.js'
import { prose, type Block } from './document.js'
import type { RenderOptions } from './types.js'
import { endpointsOf, isGood } from './verdict-words.js'

const STEPS_SHOWN = 3
const SEVERITY_RANK: Record<Severity, number> = { critical: 0, high: 1, medium: 2, low: 3, info: 4 }
export const ACTOR_WORDS: Record<Actor, string> = {
  hardware: 'hardware',
  firmware: 'firmware',
  kernel: 'kernel',
  configuration: 'administrator',
}

/** The findings by severity; of one severity in the order given. */
export function severestFirst(findings: readonly FindingReport[]): readonly FindingReport[] {
  return [...findings].sort((left, right) => SEVERITY_RANK[left.severity] - SEVERITY_RANK[right.severity])
}

interface Action {
  readonly actor: Actor
  readonly text: string
  /** Rule ids, and addresses where it is about devices. */
  readonly about: Set<string>
}

function addAction(actions: Map<string, Action>, actor: Actor, text: string, about: readonly string[]): void {
  const action = actions.get(text) ?? { actor, text, about: new Set<string>() }
  for (const item of about) action.about.add(item)
  actions.set(text, action)
}

/** By severity; among equals, what only weakens the isolated comes last where others are not isolated at all. */
function mostUrgentFirst(report: Report): readonly FindingReport[] {
  const rank = ({ effect }: FindingReport) => (effect === 'caveat' && !isGood(report.summary.verdict) ? 1 : 0)
  return severestFirst([...report.findings].sort((left, right) => rank(left) - rank(right)))
}

/** Findings first, the most urgent before the others; then what each reason suggests that no finding explains. */
function actionsOf(report: Report): readonly Action[] {
  const short = addressWords(report)
  const actions = new Map<string, Action>()
  const answered = new Set<string>()
  for (const { rule, actor, remedy, severity } of mostUrgentFirst(report)) {
    if (remedy === 'none' || remedy === '' || severity === 'info') continue
    answered.add(rule)
    addAction(actions, actor, remedy, [rule])
  }
  for (const device of worstFirst(endpointsOf(report), report)) {
    const { step, judgedByRule } = REASON_WORDS[device.reason]
    const explained = judgedByRule === true && device.findings.some((rule) => answered.has(rule))
    if (isGood(device.verdict) || explained || !step) continue
    addAction(actions, step.actor, step.text, [short(device.address)])
  }
  return [...actions.values()]
}

/** What to do and who can do it: at most three steps unless all are asked for. */
export function stepsSection(report: Report, options: RenderOptions): readonly Block[] {
  const actions = actionsOf(report)
  const shown = options.all ? actions : actions.slice(0, STEPS_SHOWN)
  const lines = shown.map(({ actor, text, about }, index) =>
    prose(
      `  ${index + 1}. `,
      `[${ACTOR_WORDS[actor]}] ${text} (${devicesInWords([...about], report, options.all ? Number.POSITIVE_INFINITY : 2)})`,
    ),
  )
  const left = actions.length - shown.length
  return left > 0 ? [...lines, prose('  ', `${left} more: --all`)] : lines
}
