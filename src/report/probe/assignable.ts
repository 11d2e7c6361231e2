import type { AssignmentInterface } from '../../kernel/interfaces.js'
import { groupViability } from '../../routes/group-viability.js'
import type { Route, RouteMap } from '../../routes/route.js'
import type { Verdict } from '../../rules/verdict.js'
import type { AssignableReason, AssignableReport, ObstacleCode } from '../assignment-types.js'
import type { DeviceReport, GateOutcome } from '../types.js'

/** What does not stop anybody: a host driver is unbound first, and what the no-IOMMU mode does the verdict tells. */
const HARMLESS: ReadonlySet<ObstacleCode> = new Set(['bound-elsewhere', 'noiommu-mode'])
const INTERFACES: readonly AssignmentInterface[] = ['vfioType1', 'iommufd']

/** What most functions of a large machine have. */
const THROUGH_BOTH: AssignableReport = { answer: 'yes', interfaces: INTERFACES, reasons: [] }

type Judged = Pick<DeviceReport, 'role' | 'kernel' | 'obstacles'>

function kernelReason(outcome: GateOutcome): AssignableReason | undefined {
  switch (outcome) {
    case 'accepts':
    case 'accepts-by-override':
      return undefined
    case 'refuses':
    case 'accepts-without-iommu':
      return 'kernel-refuses'
    case 'absent':
    case 'not-applicable':
      return 'interface-absent'
    case 'unknown':
      return 'kernel-unknown'
  }
}

/** What more evidence could clear. */
const OPEN: ReadonlySet<AssignableReason> = new Set(['isolation-unknown', 'kernel-unknown', 'viability-unknown'])
const isOpen = (reason: AssignableReason) => OPEN.has(reason)

/** What stops an assignment through one interface; empty where nothing does. */
function reasonsOf(
  { kernel, obstacles }: Judged,
  effectiveVerdict: Verdict,
  which: AssignmentInterface,
  viable: 'yes' | 'no' | 'unknown',
): AssignableReason[] {
  const reasons = new Set<AssignableReason>()
  if (effectiveVerdict === 'not-isolated') reasons.add('not-isolated')
  if (effectiveVerdict === 'unknown') reasons.add('isolation-unknown')
  for (const { code, interface: concerned } of obstacles) {
    if (!HARMLESS.has(code) && (concerned === which || concerned === 'both')) reasons.add(code)
  }
  const answer = kernelReason(kernel[which].outcome)
  // An obstacle with a name of its own is what the kernel refuses it for.
  if (answer !== undefined && (answer !== 'kernel-refuses' || reasons.size === 0)) reasons.add(answer)
  if (viable === 'unknown') reasons.add('viability-unknown')
  return [...reasons]
}

/**
 * Whether the function may be handed to a guest or to user space now: it and its group are isolated (caveats do not
 * stop it), the kernel accepts it through an interface that is there, nothing else stops the binding, no other driver
 * holds a member of its group, and it can be reset between owners. The driver it is bound to now does not count.
 */
export function assignableOf(map: RouteMap, route: Route, device: Judged, effectiveVerdict: Verdict): AssignableReport {
  if (device.role !== 'endpoint') return { answer: 'no', interfaces: [], reasons: ['no-endpoint'] }
  const { group } = route.iommu
  const viable = group ? groupViability(map, group, route) : 'yes'
  const ways = INTERFACES.map((which) => ({ which, reasons: reasonsOf(device, effectiveVerdict, which, viable) }))
  const open = ways.filter(({ reasons }) => reasons.length === 0).map(({ which }) => which)
  if (open.length === INTERFACES.length) return THROUGH_BOTH
  if (open.length > 0) return { answer: 'yes', interfaces: open, reasons: [] }
  // Of a kernel that lacks one interface the other tells why.
  const there = ways.filter(({ reasons }) => !reasons.includes('interface-absent'))
  const told = there.length > 0 ? there : ways
  const answer = told.some(({ reasons }) => reasons.every(isOpen)) ? 'unknown' : 'no'
  const nearest = answer === 'unknown' ? told.filter(({ reasons }) => reasons.every(isOpen)) : told
  return { answer, interfaces: [], reasons: [...new Set(nearest.flatMap(({ reasons }) => reasons))] }
}
