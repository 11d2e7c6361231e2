import { hex } from '../../machine/identifiers.js'
import type { IommuGroup } from '../../machine/iommu.js'
import type { Evaluation } from '../../rules/evaluate.js'
import { weakest, type Verdict } from '../../rules/verdict.js'
import type { KernelAnswers } from '../../routes/kernel-answers.js'
import { groupHolders, groupViability } from '../../routes/group-viability.js'
import { isFunction, type Member } from '../../routes/group-members.js'
import type { RouteMap } from '../../routes/route.js'
import type { GroupReport } from '../types.js'

/** The weakest verdict of the endpoints among the members; one that nobody knows makes it unknown at best. */
export function verdictOfMembers(members: readonly Member[], devices: Evaluation['devices']): Verdict {
  const endpoints: Verdict[] = []
  const bridges: Verdict[] = []
  for (const member of members) {
    if (member === 'unknown') endpoints.push('unknown')
    else if (isFunction(member)) {
      const verdict = devices.get(member.fn.name)?.verdict ?? 'unknown'
      if (member.role === 'endpoint') endpoints.push(verdict)
      else if (member.role === 'bridge') bridges.push(verdict)
    }
  }
  return weakest(endpoints.length > 0 ? endpoints : bridges)
}

/** What is said of a group as it is now. */
export function groupReport(
  map: RouteMap,
  group: IommuGroup,
  members: readonly Member[],
  devices: Evaluation['devices'],
  answers: KernelAnswers,
): GroupReport {
  return {
    id: group.id,
    type: group.type.state === 'known' ? group.type.value : 'unknown',
    verdict: verdictOfMembers(members, devices),
    isolatedMsi: answers.groupIsolatedMsi(group),
    viable: groupViability(map, group),
    holders: groupHolders(map, group),
    devices: group.devices.state === 'known' ? [...group.devices.value].sort() : [],
    membersComplete: group.devices.state === 'known' && !group.isPartial ? 'yes' : 'unknown',
    reservedRegions:
      group.reservedRegions.state === 'known'
        ? group.reservedRegions.value.map(({ start, end, type }) => ({ start: hex(start), end: hex(end), type }))
        : 'unknown',
  }
}
