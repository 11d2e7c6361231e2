import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { Evaluation } from '../../rules/evaluate.js'
import type { KernelAnswers } from '../../routes/kernel-answers.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { causeOf } from './cause.js'
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

/**
 * One function's part of the report. `route` is the running kernel's and carries the truth; `asked` is the same function
 * under the release asked about and carries `kernel.*`.
 */
export function deviceReport(
  map: RouteMap,
  route: Route,
  asked: Route,
  evaluation: Evaluation,
  answers: KernelAnswers,
): Omit<DeviceReport, 'effectiveVerdict' | 'assignable' | 'ifConfirmed'> {
  const judged = evaluation.devices.get(route.fn.name)
  const kernel = { isolatedMsi: answers.isolatedMsi(asked), ...answers.gates(asked) }
  const name = map.context.machine.pciNames.get(route.fn.name)
  return {
    address: route.fn.name,
    ...(name === undefined ? {} : { name }),
    role: route.role,
    vendorId: numberText(route.fn.vendor, 4),
    deviceId: numberText(route.fn.device, 4),
    classCode: numberText(route.fn.classCode, 6),
    driver: nameText(route.fn.driver),
    iommuGroup: nameText(route.fn.iommuGroup),
    verdict: judged?.verdict ?? 'unknown',
    strength: route.strength,
    reason: judged?.reason ?? 'controller-unknown',
    chain: chainOf(route),
    kernel,
    hardware: hardwareReport(route.fn, map.context.byName),
    obstacles: obstaclesOf(map, asked, answers, kernel),
    cause: causeOf(route, judged),
    findings: [...new Set(judged?.findings.map((finding) => finding.rule.id))].sort(),
  }
}
