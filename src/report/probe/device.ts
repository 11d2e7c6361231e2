import type { DeviceVerdict } from '../../rules/evaluate.js'
import type { Verdict } from '../../rules/verdict.js'
import type { KernelAnswers } from '../../routes/kernel-answers.js'
import { chainOf } from './chain.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { assignableOf } from './assignable.js'
import { causeOf } from './cause.js'
import { ifConfirmed } from './if-confirmed.js'
import { nameText } from '../name-text.js'
import { hardwareReport } from './hardware.js'
import { obstaclesOf } from './obstacles.js'
import { SharedParts } from './shared-parts.js'
import type { DeviceReport } from '../types.js'

/** One function, and what was found of it. */
interface JudgedFunction {
  /** The running kernel's, which carries the truth. */
  readonly route: Route
  /** The same function under the release asked about, which carries `kernel.*`. */
  readonly asked: Route
  readonly judged: DeviceVerdict | undefined
  readonly effectiveVerdict: Verdict
  /** Rights are all that is missing on the machine. */
  readonly missesOnlyRights: boolean
}

/**
 * Makes each function's part of the report: a single object, as there may be ten thousand, which share what they can.
 *
 * @param map of the release asked about
 */
export function deviceReporter(map: RouteMap, answers: KernelAnswers): (of: JudgedFunction) => DeviceReport {
  const shared = new SharedParts()
  return (of) => deviceReport(map, answers, shared, of)
}

function deviceReport(map: RouteMap, answers: KernelAnswers, shared: SharedParts, of: JudgedFunction): DeviceReport {
  const { route, asked, judged, effectiveVerdict } = of
  const { fn, role } = route
  const { vfioType1, iommufd } = answers.gates(asked)
  const kernel = { isolatedMsi: answers.isolatedMsi(asked), vfioType1, iommufd }
  const obstacles = obstaclesOf(map, asked, answers, kernel)
  return {
    address: fn.name,
    name: map.context.machine.pciNames.get(fn.name),
    role,
    vendorId: shared.wordText(fn.vendor),
    deviceId: shared.wordText(fn.device),
    classCode: shared.classText(fn.classCode),
    driver: nameText(fn.driver),
    iommuGroup: nameText(fn.iommuGroup),
    verdict: judged?.verdict ?? 'unknown',
    strength: route.strength,
    reason: judged?.reason ?? 'controller-unknown',
    chain: chainOf(route, shared),
    kernel,
    hardware: hardwareReport(fn, map.context.byName),
    obstacles,
    cause: causeOf(route, judged),
    findings: judged ? rulesOf(judged) : [],
    effectiveVerdict,
    ifConfirmed: ifConfirmed(route, judged, effectiveVerdict, of.missesOnlyRights),
    assignable: assignableOf(map, asked, { role, kernel, obstacles }, effectiveVerdict),
  }
}

const NO_RULES: readonly string[] = []

/** Ids of the rules that did not pass, each once, in order. */
function rulesOf({ findings }: DeviceVerdict): readonly string[] {
  if (findings.length === 0) return NO_RULES
  return [...new Set(findings.map(({ rule }) => rule.id))].sort()
}
