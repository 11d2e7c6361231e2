import { askFor } from '../../report/probe/next-piece.js'
import type { Actor, DeviceReport, FindingReport, Report } from '../../report/types.js'
import { addressWords, devicesInWords, worstFirst } from '../words/device-words.js'
import { prose, type Block } from '../layout/document.js'
import { obstacleStep } from '../words/obstacle-words.js'
import { REASON_WORDS, type Step } from '../words/reason-words.js'
import { severityRank } from '../../report/severity.js'
import type { IndexedReport } from '../report-index.js'
import { enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { endpointsOf, isGood } from '../words/verdict-words.js'

const STEPS_SHOWN = 3
const DEVICES_SHOWN = 2
export const ACTOR_WORDS: Record<Actor, string> = {
  hardware: 'hardware',
  firmware: 'firmware',
  kernel: 'kernel',
  configuration: 'administrator',
}

/** A step with what asks for it. */
export interface Action extends Step {
  readonly rules: ReadonlySet<string>
  /** Addresses of endpoints. */
  readonly devices: ReadonlySet<string>
}

/** Steps by their text: one that several findings ask for is one step. */
class Actions {
  private readonly byText = new Map<string, Step & { readonly rules: Set<string>; readonly devices: Set<string> }>()

  add({ actor, text }: Step, rule: string | undefined, devices: readonly string[]): void {
    const action = this.byText.get(text) ?? { actor, text, rules: new Set<string>(), devices: new Set<string>() }
    if (rule !== undefined) action.rules.add(rule)
    for (const device of devices) action.devices.add(device)
    this.byText.set(text, action)
  }

  list(): readonly Action[] {
    return [...this.byText.values()]
  }
}

/**
 * By severity; among equals, first what would bring an IOMMU or a check that is missing, last what only weakens the
 * isolated where others are not isolated at all. There, what no verdict depends on counts as high at most: to turn off
 * an override brings nothing that is missing.
 */
function mostUrgentFirst(report: Report): readonly FindingReport[] {
  const isMissing = !isGood(report.summary.verdict)
  const isAside = ({ severity, effect, cause }: FindingReport) =>
    isMissing && severity === 'critical' && effect === 'none' && cause === 'none'
  const rank = ({ effect, cause }: FindingReport) => (cause !== 'none' ? 0 : effect === 'caveat' && isMissing ? 2 : 1)
  const ranked = [...report.findings].sort((left, right) => rank(left) - rank(right))
  const severity = (finding: FindingReport) => severityRank(isAside(finding) ? 'high' : finding.severity)
  return ranked.sort((left, right) => severity(left) - severity(right))
}

const isLasting = ({ cause }: FindingReport) => cause !== 'none' && cause.lasting

/** Functions that lack something which nothing brings: to bring what else they lack does not help them. */
function beyondHelp({ findings }: Report): ReadonlySet<string> {
  return new Set(findings.filter(isLasting).flatMap(({ devices }) => devices))
}

/** The rule that asks for evidence that was left out. */
const ASKS_FOR_EVIDENCE = 'IR109'

/** The rule about what is decided outside of Linux. */
const DECIDED_OUTSIDE = 'IR120'

/**
 * Functions of which more evidence would tell nothing better: what is known condemns them, only Xen knows, or all was given
 * that tells of them and something outside of Linux decides.
 */
export function beyondEvidence({ devices, nextPiece }: Report): readonly DeviceReport[] {
  return devices.filter(
    ({ verdict, reason, findings }) =>
      verdict === 'not-isolated' ||
      reason === 'hypervisor-owns-iommu' ||
      (nextPiece === 'none' && findings.includes(DECIDED_OUTSIDE)),
  )
}

/** Something to do: a remedy, of what is more than worth knowing. */
export const hasStep = ({ remedy, severity }: FindingReport): boolean =>
  remedy !== 'none' && remedy !== '' && severity !== 'info'

/**
 * Whether a finding that has a remedy explains the device's verdict.
 *
 * @param answered rules and causes that have one
 */
function isExplained({ reason, findings, cause }: DeviceReport, answered: ReadonlySet<string>): boolean {
  const { explainedBy, alsoExplainedBy, explainedByCause } = REASON_WORDS[reason]
  const byCause = typeof cause !== 'string' && cause.id === explainedByCause && answered.has(cause.id)
  const isOne = (rule: string) => explainedBy === 'any' || explainedBy === rule || alsoExplainedBy === rule
  return byCause || findings.some((rule) => answered.has(rule) && isOne(rule))
}

/** Where something was left out of texts, the piece that would tell most; nobody runs anything as root on those. */
function withPiece(step: Step, { reason }: DeviceReport, { nextPiece = 'none' }: Report): Step {
  return reason === 'unreadable' && nextPiece !== 'none' ? { ...step, text: askFor(nextPiece) } : step
}

/**
 * Findings first, the most urgent before the others; then what a reason suggests that no finding explains, and what
 * would make an isolated device assignable. A finding about other devices than those asked about is left out.
 */
export function actionsOf(report: IndexedReport): readonly Action[] {
  const endpoints = worstFirst(endpointsOf(report), report)
  const addresses = new Set(endpoints.map(({ address }) => address))
  const actions = new Actions()
  const answered = new Set<string>()
  const helpless = beyondHelp(report)
  const settled = new Set(beyondEvidence(report).map(({ address }) => address))
  for (const finding of mostUrgentFirst(report)) {
    const { rule, actor, remedy, devices, cause } = finding
    const asked = devices.filter((address) => addresses.has(address))
    const open = rule === ASKS_FOR_EVIDENCE ? asked.filter((address) => !settled.has(address)) : asked
    const concerned = cause === 'none' || isLasting(finding) ? open : open.filter((address) => !helpless.has(address))
    if (asked.length > 0 && concerned.length === 0) answered.add(rule)
    if (!hasStep(finding) || (devices.length > 0 && concerned.length === 0)) continue
    answered.add(rule)
    if (cause !== 'none') answered.add(cause.id)
    actions.add({ actor, text: remedy }, rule, concerned)
  }
  for (const device of endpoints) {
    if (isGood(device.verdict)) {
      const step = obstacleStep(device, report)
      if (step) actions.add(step, undefined, [device.address])
    } else {
      const { step } = REASON_WORDS[device.reason]
      if (step && !isExplained(device, answered))
        actions.add(withPiece(step, device, report), undefined, [device.address])
    }
  }
  return actions.list()
}

/** Which rule asks for it, and for which devices where it is not for all of them. */
function aboutWords({ rules, devices }: Action, report: Report, shown: number): string {
  const short = addressWords(report)
  const all = devices.size === 0 || devices.size === endpointsOf(report).length
  const names = devicesInWords([...devices].map(short), report, shown)
  const parts = [...(rules.size > 0 ? [enumerate([...rules], shown)] : []), ...(all && rules.size > 0 ? [] : [names])]
  return parts.join(': ')
}

/** What to do and who can do it: at most three steps unless all are asked for. */
export function stepsSection(report: IndexedReport, options: RenderOptions): readonly Block[] {
  const actions = actionsOf(report)
  const shown = options.all ? actions : actions.slice(0, STEPS_SHOWN)
  const devicesShown = options.all ? Number.POSITIVE_INFINITY : DEVICES_SHOWN
  const lines = shown.map((action, index) =>
    prose(
      `  ${index + 1}. `,
      `[${ACTOR_WORDS[action.actor]}] ${action.text} (${aboutWords(action, report, devicesShown)})`,
    ),
  )
  const left = actions.length - shown.length
  return left > 0 ? [...lines, prose('  ', `${left} more: --all`)] : lines
}
