import { everyMsiDomainRemaps, intrRemapCapability } from '../kernel/msi/global-isolation.js'
import { allOf, anyOf } from '../kernel/decision.js'
import {
  answerGate,
  answerOfRules,
  gateRuleOf,
  possibleGateRules,
  type GateAnswer,
  type GateQuestions,
  type GateRule,
  type PredicateAnswers,
} from '../kernel/gate.js'
import { interfacePresence, noIommuMode, unsafeOverride, type AssignmentInterface } from '../kernel/interfaces.js'
import type { KernelContext } from '../kernel/context.js'
import { once } from '../kernel/once.js'
import { atLeast, mayCarryLaterCode } from '../kernel/release.js'
import { platformMsiIsolated } from '../kernel/msi/platform-msi.js'
import { isDenylisted } from '../kernel/vfio-pci-denylist.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Answer } from '../machine/kinds.js'
import { coherencyOf } from './coherency.js'
import { groupMembers, isFunction, membersAfterBinding, type Member } from './group-members.js'
import { regionsOf } from './regions.js'
import type { Route, RouteMap } from './route.js'

/** What a release's VFIO and iommufd answer on this machine. */
export interface KernelAnswers {
  readonly rule: GateRule
  /** The predicate of one function. */
  isolatedMsi(route: Route): Answer
  /** The predicate of every member of the group that the function has once vfio-pci is bound to it. */
  isolatedWithGroup(route: Route): Answer
  /** iommu_group_has_isolated_msi, or what the release has in its place. */
  groupIsolatedMsi(group: IommuGroup): Answer
  /** IOMMU_CAP_CACHE_COHERENCY of the function's IOMMU; `not-asked` before 5.19. */
  cacheCoherency(route: Route): Answer | 'not-asked'
  /** What each interface answers for the function. */
  gates(route: Route): Readonly<Record<AssignmentInterface, GateAnswer>>
}

/** Whether vfio-pci finds a group for the function. */
export function bindOutcome({ fn, iommu: { attachment } }: Route): GateQuestions['attachment'] {
  switch (attachment.state) {
    case 'grouped':
    case 'later':
      return 'bound'
    case 'never':
    case 'not-awaited':
      return 'no-group'
    case 'deferred':
      return 'deferred'
    case 'never-or-deferred':
      return 'no-group-or-deferred'
    case 'undecided':
      // Xen shows its control domain no IOMMU, so that Linux there makes no groups.
      return attachment.doubt === 'hypervisor-owns-iommu' && fn.iommuGroup.state === 'absent' ? 'no-group' : 'unknown'
  }
}

const ofBoth = (answer: GateAnswer) => ({ vfioType1: answer, iommufd: answer })
const NOT_APPLICABLE = ofBoth({ outcome: 'not-applicable', errno: 'none' })
const NO_INTERFACE = ofBoth({ outcome: 'absent', errno: 'none' })

/** What the predicates ask that is the same for every function. */
interface PredicatesOfMachine {
  readonly context: KernelContext
  readonly capability: Answer
  readonly everyDomainRemaps: () => Answer
}

/** What the predicates ask of a function, each looked up when its rule asks: newer ones do without machine and regions. */
class PredicatesOf implements PredicateAnswers {
  private readonly machine: PredicatesOfMachine
  private readonly route: Route

  constructor(machine: PredicatesOfMachine, route: Route) {
    this.machine = machine
    this.route = route
  }

  get perDevice(): Answer {
    return this.route.msi.isolated
  }
  get global(): Answer {
    return this.machine.everyDomainRemaps()
  }
  get capability(): Answer {
    return this.machine.capability
  }
  get softwareMsiWindow(): Answer {
    return regionsOf(this.machine.context, this.route).softwareMsiWindow
  }
}

/** An interface as the machine has it, whatever function is asked about. */
interface Settings extends Pick<GateQuestions, 'which' | 'override'> {
  readonly presence: GateQuestions['interface']
}

/** Answers under the release of `map`'s context. */
export function kernelAnswers(map: RouteMap): KernelAnswers {
  const { context } = map
  const rule = gateRuleOf(context.release, context.architecture)
  const everyDomainRemaps = once(() => everyMsiDomainRemaps(context, map.controllers.all))
  const capability = intrRemapCapability(context)

  const rules = possibleGateRules(context.release, context.architecture)
  const ofMachine = { context, capability, everyDomainRemaps }
  const isolatedMsi = (route: Route): Answer => answerOfRules(rules, new PredicatesOf(ofMachine, route))

  const platform = new Map(context.machine.platformDevices.map((device) => [device.name, device]))
  // The older rules never ask about a single device.
  const ofPlatformDevice = (name: string): Answer => {
    const device = platform.get(name)
    const perDevice = device ? platformMsiIsolated(context, map.controllers, device) : 'unknown'
    const global = everyDomainRemaps()
    return answerOfRules(rules, { perDevice, global, capability, softwareMsiWindow: 'unknown' })
  }
  const ofMember = (member: Member): Answer => {
    if (member === 'unknown') return 'unknown'
    return isFunction(member) ? isolatedMsi(member) : ofPlatformDevice(member.platform)
  }
  const membersIsolated = (members: readonly Member[]): Answer => allOf(members.map(ofMember))

  // Every function of a group asks for all of it.
  const ofGroups = new Map<string, Answer>()
  const groupIsolatedMsi = (group: IommuGroup): Answer => {
    const known = ofGroups.get(group.id)
    if (known !== undefined) return known
    const answer = membersIsolated(groupMembers(map, group))
    ofGroups.set(group.id, answer)
    return answer
  }
  const isolatedWithGroup = (route: Route): Answer =>
    route.iommu.group && !map.behind.has(route.fn.name)
      ? groupIsolatedMsi(route.iommu.group)
      : membersIsolated(membersAfterBinding(map, route))

  const cacheCoherency = (route: Route): Answer | 'not-asked' =>
    context.release && !atLeast(context.release, 5, 19) && !mayCarryLaterCode(context.release)
      ? 'not-asked'
      : coherencyOf(map, route)

  const withoutIommu = noIommuMode(context)
  const settings = (which: AssignmentInterface): Settings => ({
    which,
    presence: interfacePresence(context, which),
    override: unsafeOverride(context, which),
  })
  const ofInterface = { vfioType1: settings('vfioType1'), iommufd: settings('iommufd') }
  const gates: KernelAnswers['gates'] = (route) => {
    // Of a chipset function the kernel would be asked as of any other.
    if (route.role === 'bridge' || route.role === 'iommu') return NOT_APPLICABLE
    if (rule === 'none') return NO_INTERFACE
    const regions = regionsOf(context, route)
    const attachment = bindOutcome(route)
    const denylisted = isDenylisted(context, route.fn)
    const coherency = cacheCoherency(route)
    const isolated = isolatedWithGroup(route)
    const through = ({ which, presence, override }: Settings, regionsRefuse: Answer): GateAnswer =>
      answerGate({
        which,
        interface: presence,
        attachment,
        release: context.release,
        denylisted,
        noIommuMode: withoutIommu,
        cacheCoherency: coherency,
        regionsRefuse,
        regionsErrno: regions.directErrno,
        isolatedMsi: isolated,
        override,
      })
    return {
      vfioType1: through(ofInterface.vfioType1, regions.direct),
      iommufd: through(ofInterface.iommufd, anyOf([regions.direct, regions.mixedMsi])),
    }
  }
  return { rule, isolatedMsi, isolatedWithGroup, groupIsolatedMsi, cacheCoherency, gates }
}
