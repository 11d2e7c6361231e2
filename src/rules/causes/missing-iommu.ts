import { FUNCTION_NAME } from '../../kernel/log-lines.js'
import { noIommuMode as isInNoIommuMode } from '../../kernel/interfaces.js'
import { iommuDriverOf } from '../../kernel/iommu/iommu-driver.js'
import { known } from '../../machine/fact.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import type { Route } from '../../routes/route.js'
import type { Evidence, Reference } from '../rule.js'
import { XEN_DRIVES_NONE } from './both-families.js'
import type { Cause, CauseSubject } from './cause.js'
import { guestCause } from './guest-cause.js'
import { IOMMU_PROBE } from './shared-references.js'

const REFUSAL =
  /[Ff]ailed to add to iommu group|out of range for SMMU|already in tree|Aliasing StreamID|cannot attach to (?:SMMU|IOMMU)|Failed to set up IOMMU for device/

/** Lines of the kernel log that match and name the function, at most three. */
function linesAbout({ routes }: CauseSubject, { fn }: Route, pattern: RegExp): readonly Evidence[] {
  return routes.context.hazards
    .matching(pattern)
    .naming(FUNCTION_NAME, fn.name)
    .slice(0, 3)
    .map((line) => ({ from: { path: 'var/log/dmesg' }, value: line }))
}

const isRefused = ({ iommu: { attachment } }: Route) => attachment.state === 'never' && attachment.why === 'refused'

export const driverTooLate: Cause = {
  id: 'iommu-driver-too-late',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The driver of the IOMMU came after the driver of the device',
  decidedBy: 'The line of the driver core that names the function: "deferred probe timeout, ignoring dependency".',
  summary: 'the driver of its IOMMU came too late, and its own driver was bound without it',
  remedy:
    'Put {module} into the initial ramdisk, or build it in, so that it is there before the drivers of the devices, and restart.',
  references: [
    { kind: 'linux', title: 'Linux, driver core', locator: 'drivers/base/dd.c: driver_deferred_probe_check_state' },
  ],
  decide: (subject, route) => {
    const { described } = route.iommu
    if (!isRefused(route) || described.state === 'undecided' || described.value === 'none') return undefined
    const lines = linesAbout(subject, route, /deferred probe timeout, ignoring dependency/)
    const driver = iommuDriverOf(described.value.kind, described.value.node)
    return lines.length === 0
      ? undefined
      : { details: { module: driver?.module ?? 'the driver of the IOMMU' }, evidence: lines }
  },
}

export const streamIdOutOfRange: Cause = {
  id: 'stream-id-out-of-range',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'Firmware gives the function a StreamID that the SMMU has no bits for',
  decidedBy: 'The line of the SMMU driver that names the function.',
  summary: 'firmware gives it a StreamID that the SMMU has no bits for, and its driver refuses it',
  remedy:
    'Have the firmware (IORT, or iommu-map of the device tree) give {device} a StreamID that its SMMU has bits for.',
  references: [{ kind: 'linux', title: 'Linux, Arm SMMU', locator: 'drivers/iommu/arm: arm_smmu_probe_device' }],
  decide: (subject, route) => {
    if (!isRefused(route)) return undefined
    const lines = linesAbout(subject, route, /out of range for SMMU/)
    return lines.length === 0 ? undefined : { details: { device: route.fn.name }, evidence: lines }
  },
}

export const guestWithoutIommu = guestCause({
  id: 'guest-without-iommu',
  family: 'missing-iommu',
  title: 'The hypervisor gives this guest no IOMMU',
  summary: 'this is a virtual machine, and its hypervisor gives it no IOMMU',
  remedy:
    'The hypervisor provides the IOMMU: have it give this guest one that covers the device, or keep the device in this guest.',
  references: [
    { kind: 'linux', title: 'Linux, guest detection', locator: 'DMI, /hypervisor node, CPU flags; virt-what(1)' },
  ],
})

export const noIommuMode: Cause = {
  id: 'no-iommu-mode',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The no-IOMMU mode of VFIO holds the function',
  decidedBy: "The name of the function's group, `vfio-noiommu`, on a machine whose firmware describes an IOMMU for it.",
  summary: 'the no-IOMMU mode of VFIO holds it',
  remedy: 'Unbind {device} from {driver}{mode}, and keep the device on the host.',
  references: [{ kind: 'linux', title: 'Linux, VFIO', locator: 'drivers/vfio/group.c: vfio_noiommu_group_alloc' }],
  decide: ({ routes: { context } }, { fn, iommu: { attachment } }) => {
    if (attachment.state !== 'never' || attachment.why !== 'no-iommu-mode') return undefined
    // What is bound stays bound when the mode is turned off.
    const isOff = isInNoIommuMode(context) === 'no'
    return {
      details: {
        device: fn.name,
        driver: fn.driver.state === 'known' ? fn.driver.value : 'VFIO',
        mode: isOff ? '' : ', turn the no-IOMMU mode of VFIO off (vfio.enable_unsafe_noiommu_mode)',
      },
      evidence: evidenceOf(known('vfio-noiommu', ...attachment.from)),
    }
  },
}

const INSERT_MASTER: Reference = {
  kind: 'linux',
  title: 'Linux, Arm SMMU',
  locator: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c: arm_smmu_insert_master',
}

/** The owner of a function's StreamID, where the driver of the SMMU refuses the function for it. */
function ownerOf({ routes }: CauseSubject, route: Route): Route | undefined {
  const { attachment } = route.iommu
  if (attachment.state !== 'never' || attachment.why !== 'stream-id-taken') return undefined
  return attachment.owner === undefined ? undefined : routes.byName.get(attachment.owner)
}

/** Whether two functions put a RequesterID of the one on the bus for both, as below a PCIe-to-PCI bridge. */
function shareRequesterId(left: Route, right: Route): boolean {
  const { requesterIds: others } = right
  return left.requesterIds !== 'unknown' && others !== 'unknown' && left.requesterIds.some((id) => others.includes(id))
}

export const streamIdMappedTwice: Cause = {
  id: 'stream-id-mapped-twice',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'Firmware maps two functions to one StreamID',
  decidedBy: 'The RequesterIDs of both functions, which differ, and the StreamID that firmware gives them.',
  summary:
    'firmware maps it to the StreamID that {owner} has, although their RequesterIDs differ, and the driver of the SMMU refuses the second owner',
  remedy:
    'Correct the map of the IOMMU (IORT, or iommu-map with iommu-map-mask) so that each function gets a StreamID of its own; {owner} has it now.',
  references: [INSERT_MASTER],
  decide: (subject, route) => {
    const owner = ownerOf(subject, route)
    return owner === undefined || shareRequesterId(route, owner)
      ? undefined
      : {
          details: { owner: owner.fn.name },
          evidence: evidenceOf(known(`the StreamID of ${owner.fn.name}`, ...route.iommu.described.from)),
        }
  },
}

export const streamIdTaken: Cause = {
  id: 'stream-id-taken',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'hardware',
  title: 'Another function already owns the StreamID',
  decidedBy: 'The StreamIDs that firmware gives both functions.',
  summary: '{owner} has its StreamID already, and the driver of the SMMU refuses a second owner',
  remedy:
    'Move the device or {owner} to a slot where no other function has its RequesterID, not below a PCIe-to-PCI bridge with others; else keep it on the host.',
  references: [INSERT_MASTER],
  decide: (_, { iommu: { attachment, described } }) => {
    if (attachment.state !== 'never' || attachment.why !== 'stream-id-taken') return undefined
    const { owner = 'another function' } = attachment
    return { details: { owner }, evidence: evidenceOf(known(`the StreamID of ${owner}`, ...described.from)) }
  },
}

export const refusedByDriver: Cause = {
  id: 'refused-by-iommu-driver',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'hardware',
  title: 'The driver of the IOMMU refused the function',
  decidedBy:
    'A driven IOMMU, a function that it was asked for, and no group; lines of the kernel log where there are any.',
  summary: 'the driver of the IOMMU was asked for it and made no group, so that none will come',
  remedy:
    'Read in the kernel log why the driver of the IOMMU refused the device; if it is below a PCIe-to-PCI bridge with others, move it to a slot of its own, else keep it on the host.',
  references: [IOMMU_PROBE],
  decide: (subject, route) =>
    isRefused(route)
      ? {
          evidence: [
            ...linesAbout(subject, route, REFUSAL),
            ...evidenceOf(known('no IOMMU group', ...route.iommu.attachment.from)),
          ],
        }
      : undefined,
}

export const xenWithoutIommu: Cause = {
  id: 'xen-without-iommu',
  family: 'missing-iommu',
  scope: 'machine',
  ...XEN_DRIVES_NONE,
}

export const unexplainedIommu: Cause = {
  id: 'missing-iommu-unexplained',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'Nothing here tells why there is no IOMMU',
  decidedBy: 'None of the other causes holds.',
  summary: 'nothing that was read tells why',
  remedy:
    'Look in the firmware setup for a switch of the IOMMU (VT-d, AMD-Vi, SMMU); the kernel log since the start tells whether one was found. Without an IOMMU keep the device on the host.',
  references: [IOMMU_PROBE],
  decide: (_, { iommu: { described } }) => {
    const without = described.state === 'decided' && described.value === 'none'
    return { evidence: evidenceFrom(described.from, without ? 'no IOMMU for it' : undefined) }
  },
}
