import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { DeviceVerdict } from '../../rules/evaluate.js'
import type { Verdict } from '../../rules/verdict.js'
import type { KernelAnswers } from '../../routes/kernel-answers.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { assignableOf } from './assignable.js'
import { causeOf } from './cause.js'
import { ifConfirmed } from './if-confirmed.js'
import { nameText } from '../name-text.js'
import { hardwareReport } from './hardware.js'
import { obstaclesOf } from './obstacles.js'
import type { DeviceReport, IdList } from '../types.js'

const ids = (list: readonly number[] | 'unknown'): IdList => (list === 'unknown' ? list : list.map((id) => hex(id)))

function numberText(fact: Fact<number>, width: number): string {
  return fact.state === 'known' ? `0x${fact.value.toString(16).padStart(width, '0')}` : 'unknown'
}

function chainOf(route: Route): DeviceReport['chain'] {
  const { iommu, msi, window } = route
  const bound = (value: bigint | undefined) =>
    value === undefined ? (window.kind === 'unknown' ? 'unknown' : 'none') : hex(value)
  return {
    requesterIds: ids(route.requesterIds),
    iommu: { kind: iommu.kind, name: iommu.name, streamIds: ids(iommu.streamIds), hostDomain: iommu.hostDomain },
    msiController: {
      kind: msi.kind,
      id: msi.controller?.id ?? (msi.kind === 'none' ? 'none' : 'unknown'),
      doorbell:
        msi.controller?.doorbell === undefined
          ? msi.kind === 'none'
            ? 'none'
            : 'unknown'
          : hex(msi.controller.doorbell),
      deviceIds: ids(msi.deviceIds),
    },
    msiWindow: { kind: window.kind, start: bound(window.start), end: bound(window.end) },
  }
}

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
 * One function's part of the report: a single object, as there may be ten thousand.
 *
 * @param map of the release asked about
 */
export function deviceReport(map: RouteMap, answers: KernelAnswers, of: JudgedFunction): DeviceReport {
  const { route, asked, judged, effectiveVerdict } = of
  const { fn, role } = route
  const { vfioType1, iommufd } = answers.gates(asked)
  const kernel = { isolatedMsi: answers.isolatedMsi(asked), vfioType1, iommufd }
  const obstacles = obstaclesOf(map, asked, answers, kernel)
  return {
    address: fn.name,
    name: map.context.machine.pciNames.get(fn.name),
    role,
    vendorId: numberText(fn.vendor, 4),
    deviceId: numberText(fn.device, 4),
    classCode: numberText(fn.classCode, 6),
    driver: nameText(fn.driver),
    iommuGroup: nameText(fn.iommuGroup),
    verdict: judged?.verdict ?? 'unknown',
    strength: route.strength,
    reason: judged?.reason ?? 'controller-unknown',
    chain: chainOf(route),
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

/** Ids of the rules that did not pass, each once, in order. */
function rulesOf({ findings }: DeviceVerdict): readonly string[] {
  if (findings.length === 0) return []
  return [...new Set(findings.map(({ rule }) => rule.id))].sort()
}
