import type { Architecture } from '../machine/kernel.js'
import type { Answer } from '../machine/kinds.js'
import type { AssignmentInterface } from './interfaces.js'
import { atLeast, mayCarryLaterCode, type KernelRelease } from './release.js'

/** Name of the rule that a release's VFIO and iommufd apply to a device's MSIs. */
export type GateRule =
  | 'capability'
  | 'window-then-global-or-capability'
  | 'global-or-capability'
  | 'per-device'
  | 'always'
  | 'none'
  | 'unknown'

export type GateOutcome =
  | 'accepts'
  | 'accepts-by-override'
  | 'accepts-without-iommu'
  | 'refuses'
  | 'absent'
  | 'not-applicable'
  | 'unknown'
export type GateErrno = 'EPERM' | 'EINVAL' | 'EAGAIN' | 'ENODEV' | 'none' | 'unknown'
export interface GateAnswer {
  readonly outcome: GateOutcome
  readonly errno: GateErrno
}

/**
 * The rule of a release; one above `NEWEST_RELEASE` uses its row, and the report says so. Sources: vfio_iommu_type1_attach_group
 * (drivers/vfio/vfio_iommu_type1.c) of 3.6 to 7.2, iommufd_device_bind (drivers/iommu/iommufd/device.c) of 6.2 to 7.2.
 */
export function gateRuleOf(release: KernelRelease | undefined, architecture: Architecture | undefined): GateRule {
  if (!release) return 'unknown'
  if (!atLeast(release, 3, 6)) return 'none'
  if (!atLeast(release, 4, 11)) return 'capability'
  if (!atLeast(release, 4, 14)) return 'window-then-global-or-capability'
  if (!atLeast(release, 6, 3)) return 'global-or-capability'
  return newestRule(architecture)
}

function newestRule(architecture: Architecture | undefined): GateRule {
  if (architecture === undefined) return 'unknown'
  return architecture === 's390x' ? 'always' : 'per-device'
}

/** The rules that a kernel of this release may have: its own, and the newest where it may carry later code. */
export function possibleGateRules(
  release: KernelRelease | undefined,
  architecture: Architecture | undefined,
): readonly GateRule[] {
  const own = gateRuleOf(release, architecture)
  return release && mayCarryLaterCode(release) && own !== 'none' ? [...new Set([own, newestRule(architecture)])] : [own]
}

/** What the predicates of the different eras would answer for one function. */
export interface PredicateAnswers {
  /** 6.3 and later: R_dev of the function. */
  readonly perDevice: Answer
  /** 4.11 to 6.2: every registered MSI domain remaps (irq_domain_check_msi_remap). */
  readonly global: Answer
  /** IOMMU_CAP_INTR_REMAP of the device's IOMMU driver. */
  readonly capability: Answer
  /** A software MSI window is among the group's reserved regions. */
  readonly softwareMsiWindow: Answer
}

/** What the kernel's predicate answers for the function: of several rules that it may have all have to say the same. */
export function answerOfRules(rules: readonly GateRule[], answers: PredicateAnswers): Answer {
  let joint: Answer | undefined
  for (const rule of rules) {
    const answer = isolatedMsiAnswer(rule, answers)
    if (joint !== undefined && answer !== joint) return 'unknown'
    joint = answer
  }
  return joint ?? 'unknown'
}

/** What the release's own predicate answers for the function. */
export function isolatedMsiAnswer(rule: GateRule, answers: PredicateAnswers): Answer {
  switch (rule) {
    case 'none':
    case 'unknown':
      return 'unknown'
    case 'always':
      return 'yes'
    case 'capability':
      return answers.capability
    case 'window-then-global-or-capability':
      if (answers.softwareMsiWindow === 'yes') return answers.global
      if (answers.softwareMsiWindow === 'no') return answers.capability
      return answers.global === answers.capability ? answers.global : 'unknown'
    case 'global-or-capability':
      if (answers.global === 'yes' || answers.capability === 'yes') return 'yes'
      return answers.global === 'no' && answers.capability === 'no' ? 'no' : 'unknown'
    case 'per-device':
      return answers.perDevice
  }
}

/**
 * The error with which a driver's `bind` file answers where the driver's probe fails with `probeErrno`. From 5.14 on it is
 * the probe's own; before, the driver core forgot it, so that everything is ENODEV, "No such device", and only the kernel
 * log has the number (K: drivers/base/dd.c, `really_probe`; drivers/base/bus.c, `bind_store`; seen on 5.10). Of a release
 * that nobody knows it is either.
 */
export function bindErrno(release: KernelRelease | undefined, probeErrno: 'EINVAL' | 'EAGAIN'): GateErrno {
  if (!release) return 'unknown'
  if (atLeast(release, 5, 14)) return probeErrno
  return mayCarryLaterCode(release) ? 'unknown' : 'ENODEV'
}

/** What the gates ask, in the order in which they refuse (vfio_pci_probe, vfio_group_set_container, VFIO_SET_IOMMU). */
export interface GateQuestions {
  readonly which: AssignmentInterface
  /** /dev/vfio/vfio or /dev/iommu with a device node for the function. */
  readonly interface: 'present' | 'absent' | 'unknown'
  /** Whether vfio-pci binds: a group, and the IOMMU's driver there. */
  readonly attachment: 'bound' | 'no-group' | 'deferred' | 'no-group-or-deferred' | 'unknown'
  /** Decides with which error a bind fails; undefined when it could not be read. */
  readonly release: KernelRelease | undefined
  /** Whether vfio-pci refuses this kind of device. */
  readonly denylisted: Answer
  /** Whether VFIO gives out what has no group. */
  readonly noIommuMode: Answer
  /** IOMMU_CAP_CACHE_COHERENCY; `not-asked` before 5.19. */
  readonly cacheCoherency: Answer | 'not-asked'
  /** A `direct` region, or both kinds of MSI region where that matters. */
  readonly regionsRefuse: Answer
  /** With which error they do. */
  readonly regionsErrno: GateErrno
  /** The group's answer: what the release's predicate says of all its devices. */
  readonly isolatedMsi: Answer
  /** allow_unsafe_interrupts of this interface's module. */
  readonly override: Answer
}

// One object for each answer: reports of ten thousand functions are kept whole.
const REFUSES = (errno: GateErrno): GateAnswer => ({ outcome: 'refuses', errno })
const UNKNOWN: GateAnswer = { outcome: 'unknown', errno: 'unknown' }
const ACCEPTS: GateAnswer = { outcome: 'accepts', errno: 'none' }
const ABSENT: GateAnswer = { outcome: 'absent', errno: 'none' }

/** The answer for a function bound to vfio-pci in a viable group. */
export function answerGate(questions: GateQuestions): GateAnswer {
  if (questions.interface === 'absent') return ABSENT
  if (questions.interface === 'unknown') return UNKNOWN
  switch (questions.attachment) {
    case 'no-group':
      return answerWithoutGroup(questions)
    case 'deferred':
      return REFUSES(bindErrno(questions.release, 'EAGAIN'))
    case 'no-group-or-deferred':
      return REFUSES('unknown')
    case 'unknown':
      return UNKNOWN
    case 'bound':
      break
  }
  if (questions.denylisted === 'yes' || questions.cacheCoherency === 'no')
    return REFUSES(bindErrno(questions.release, 'EINVAL'))
  if (questions.regionsRefuse === 'yes') return REFUSES(questions.regionsErrno)
  const uncertain =
    questions.denylisted === 'unknown' ||
    questions.cacheCoherency === 'unknown' ||
    questions.regionsRefuse === 'unknown'
  switch (questions.isolatedMsi) {
    case 'yes':
      return uncertain ? UNKNOWN : ACCEPTS
    case 'unknown':
      return UNKNOWN
    case 'no':
      return answerRefusedIsolation(uncertain, questions.override)
  }
}

/** No group: refused, unless VFIO makes one that nothing translates; iommufd has no device node for such a function. */
function answerWithoutGroup({ which, denylisted, noIommuMode, release }: GateQuestions): GateAnswer {
  if (denylisted === 'yes' || noIommuMode === 'no') return REFUSES(bindErrno(release, 'EINVAL'))
  if (denylisted === 'unknown' || noIommuMode === 'unknown') return UNKNOWN
  return which === 'vfioType1' ? { outcome: 'accepts-without-iommu', errno: 'none' } : ABSENT
}

/** Not isolated: refused, unless the override lets it through and nothing before it would have refused. */
function answerRefusedIsolation(uncertain: boolean, override: Answer): GateAnswer {
  if (uncertain || override === 'unknown') return UNKNOWN
  return override === 'yes' ? { outcome: 'accepts-by-override', errno: 'none' } : REFUSES('EPERM')
}
