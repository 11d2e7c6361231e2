import { contextOf } from '../../kernel/build-context.js'
import { formatPciAddress, parsePciAddress } from '../../machine/identifiers.js'
import { buildRoutes } from '../../routes/build.js'
import { kernelAnswers } from '../../routes/kernel-answers.js'
import type { RouteMap } from '../../routes/route.js'
import type { Finding } from '../../rules/evaluate.js'
import { remediesFor } from '../../rules/remedy.js'
import type { MachineKind } from '../../rules/rule.js'
import type { Analysis } from '../probe/build.js'
import { DEFAULT_FAIL_ON, exitCodeOf, type FailOn } from '../exit-code.js'
import type { ChangeReport, DeviceExplanation, ReleaseAnswer } from './explanation.js'
import { explanationNotes } from './explanation-notes.js'
import { findingOf, findingReport } from '../finding.js'
import { comparedReleases, releaseAnswer } from './gate-explanation.js'
import { machineKinds } from '../machine-kinds.js'
import { NotFoundError } from '../not-found.js'
import { evidenceAt } from './place-evidence.js'
import { FOUNDING_QUESTIONS } from './questions/founding-questions.js'
import { answered, type QuestionSubject } from './questions/question.js'
import { routeReport } from './route-report.js'
import type { DeviceReport, FindingReport, Verdict } from '../types.js'

/** The machine under each release; the running one's routes are there already. */
function answersOf(
  { report, routes }: Analysis,
  name: string,
): { readonly kernel: ReleaseAnswer; readonly releases: readonly ReleaseAnswer[] } {
  const { machine } = routes.context
  const { kernelRelease, kernelReleaseObserved } = report.platform
  const under = (release: string): RouteMap =>
    release === kernelReleaseObserved || release === 'unknown' ? routes : buildRoutes(contextOf(machine, release))
  const answer = (release: string): readonly ReleaseAnswer[] => {
    const map = under(release)
    const route = map.byName.get(name)
    return route ? [releaseAnswer(map, route, kernelAnswers(map), release)] : []
  }
  const compared = comparedReleases(kernelRelease === 'unknown' ? undefined : kernelRelease)
  const releases = compared.flatMap(answer)
  const kernel = releases.find(({ release }) => release === kernelRelease) ?? answer(kernelRelease)[0]
  if (!kernel) throw new NotFoundError('device', name, [...routes.byName.keys()])
  return { kernel, releases }
}

/** A finding with what stands at each place that its rule only pointed at. */
function findingWithBytes(map: RouteMap, finding: Finding, kinds: ReadonlySet<MachineKind>): FindingReport {
  const { machine } = map.context
  const evidence = finding.item.evidence.flatMap(({ from, value }) =>
    evidenceAt(machine, [from], value === '' ? undefined : value),
  )
  const once = new Map(evidence.map((item) => [`${item.source} ${item.locator} ${item.value}`, item]))
  return { ...findingReport(finding, kinds), evidence: [...once.values()] }
}

/** Findings about the device, and those about the machine as a whole. */
function findingsOf(evaluation: Analysis['evaluation'], name: string): readonly Finding[] {
  return evaluation.findings
    .filter(({ rule, item }) => item.devices.includes(name) || (item.devices.length === 0 && rule.scope === 'machine'))
    .map((finding) => findingOf(finding, name))
}

/** Those that make the verdict what it is before those that only add a caveat. */
function changesOf(
  evaluation: Analysis['evaluation'],
  name: string,
  kinds: ReadonlySet<MachineKind>,
): readonly ChangeReport[] {
  const judged = evaluation.devices.get(name)
  if (!judged) return []
  const lowering = judged.findings.filter(({ rule }) => judged.loweredBy.includes(rule.id))
  const isCaveat = ({ rule, item }: Finding) => (item.effect ?? rule.effect) === 'caveat'
  const ordered = [...lowering.filter((finding) => !isCaveat(finding)), ...lowering.filter(isCaveat)]
  const changes = new Map<string, ChangeReport>()
  for (const finding of ordered) {
    for (const { actor, text } of remediesFor(finding, kinds)) {
      if (!changes.has(text)) changes.set(text, { rule: finding.rule.id, actor, text })
    }
  }
  return [...changes.values()]
}

function otherRules(evaluation: Analysis['evaluation'], shown: readonly Finding[]): DeviceExplanation['otherRules'] {
  const named = new Set<string>(shown.map(({ rule }) => rule.id))
  const left = [...evaluation.outcomes].filter(([id]) => !named.has(id)).map(([, kind]) => kind)
  const passed = left.filter((kind) => kind === 'pass').length
  const notApplicable = left.filter((kind) => kind === 'not-applicable').length
  return { passed, notApplicable, otherDevices: left.length - passed - notApplicable }
}

/** Members of the group whose own verdict is the group's, where that is weaker than the device's. */
function weakerMembers(analysis: Analysis, device: DeviceReport, effective: Verdict): readonly string[] {
  if (device.verdict === effective) return []
  const members = analysis.report.groups.find(({ id }) => id === device.iommuGroup)?.devices ?? []
  return members.filter((name) => analysis.evaluation.devices.get(name)?.verdict === effective)
}

function deviceNamed({ report, routes }: Analysis, text: string): DeviceReport {
  const address = parsePciAddress(text)
  const name = address && formatPciAddress(address)
  const device = report.devices.find((at) => at.address === name)
  if (!device) throw new NotFoundError('device', text, [...routes.byName.keys()])
  return device
}

/**
 * Everything about one function: its way with the evidence of every witness, the kernel's answer and the verdict side by
 * side, the founding questions, and the rules that did not pass.
 *
 * @param address as lspci writes it; `NotFoundError` when the analysis has no such function
 */
export function explainDevice(
  analysis: Analysis,
  address: string,
  failOn: ReadonlySet<FailOn> = DEFAULT_FAIL_ON,
): DeviceExplanation {
  const device = deviceNamed(analysis, address)
  const { report, routes, evaluation } = analysis
  const route = routes.byName.get(device.address)
  if (!route) throw new NotFoundError('device', address, [...routes.byName.keys()])
  const group = report.groups.find(({ id }) => id === device.iommuGroup)
  const { effectiveVerdict } = device
  const way = routeReport(routes, route, device)
  const subject: QuestionSubject = {
    map: routes,
    route,
    evaluation,
    device,
    effectiveVerdict,
    way,
    ...answersOf(analysis, device.address),
  }
  const findings = findingsOf(evaluation, device.address)
  const kinds = machineKinds(report.platform)
  return {
    schema: 'intremap/explanation',
    schemaVersion: '1.0.0',
    tool: report.tool,
    source: report.source,
    platform: report.platform,
    device,
    group: group ?? (device.iommuGroup === 'none' ? 'none' : 'unknown'),
    effectiveVerdict,
    weakerMembers: weakerMembers(analysis, device, effectiveVerdict),
    route: way,
    kernel: subject.kernel,
    releases: subject.releases,
    questions: FOUNDING_QUESTIONS.map((question) => answered(question, subject)),
    notes: explanationNotes(subject),
    findings: findings.map((finding) => findingWithBytes(routes, finding, kinds)),
    changes: changesOf(evaluation, device.address, kinds),
    otherRules: otherRules(evaluation, findings),
    exitCode: exitCodeOf(device.role === 'endpoint' ? [effectiveVerdict] : [], failOn),
  }
}
