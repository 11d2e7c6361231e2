import { NO_TABLE, NOT_SEEN, NOT_SEEN_THOUGH_ASKED, XEN_DRIVES_NONE } from './both-families.js'
import type { Cause } from './cause.js'
import { guestCause } from './guest-cause.js'
import { AMD_MISSING_REMAPPING } from './missing-remapping-amd.js'
import { INTEL_MISSING_REMAPPING } from './missing-remapping-intel.js'
import { decisionAt, obstaclePlaces, REMAPPING, wordsAt, XEN_SETUP } from './remapping-obstacles.js'

/** `# CONFIG_X is not set` as a name. */
const optionsAt = (text: string): string => [...text.matchAll(/CONFIG_[A-Z0-9_]+/g)].map(([name]) => name).join(' and ')

const notBuilt: Cause = {
  id: 'remapping-not-built',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'kernel',
  title: 'The kernel was built without interrupt remapping',
  decidedBy: 'CONFIG_IRQ_REMAP, and CONFIG_INTEL_IOMMU or CONFIG_AMD_IOMMU, of the kernel.',
  summary: 'this kernel was built without {options}',
  remedy: 'Use a kernel that is built with {options}; no setting of the firmware or the command line stands in for it.',
  references: [REMAPPING],
  decide: (subject) => {
    const places = obstaclePlaces(subject, 'not-built', 'driver-not-built')
    return decisionAt(places, { options: optionsAt(wordsAt(places)) })
  },
}

const wordsOff: Cause = {
  id: 'remapping-words-off',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'The kernel command line turns interrupt remapping off',
  decidedBy: 'Words of the kernel command line: intremap=off, nointremap, noapic, amd_iommu=off.',
  summary: '{words} on the kernel command line turns interrupt remapping off',
  remedy: 'Remove {words} from the kernel command line and restart.',
  references: [REMAPPING],
  decide: (subject) => {
    const places = obstaclePlaces(subject, 'command-line').filter(({ path }) => path === 'proc/cmdline')
    return decisionAt(places, { words: wordsAt(places) })
  },
}

const skippedIoApics: Cause = {
  id: 'io-apic-setup-skipped',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'The kernel did not set the IO-APICs up',
  decidedBy: 'A line of the kernel log.',
  summary: 'the kernel left the IO-APICs alone, and without them it remaps nothing',
  remedy: 'Look for noapic or acpi=off on the kernel command line and in the boot loader, remove it and restart.',
  references: [{ kind: 'linux', title: 'Linux, local APIC', locator: 'arch/x86/kernel/apic/apic.c: enable_IR_x2apic' }],
  decide: (subject) =>
    decisionAt(obstaclePlaces(subject, 'command-line').filter(({ path }) => path !== 'proc/cmdline')),
}

const guest = guestCause({
  id: 'guest-without-remapping',
  family: 'missing-remapping',
  title: 'The hypervisor gives this guest no interrupt remapping',
  summary: 'this is a virtual machine, and its hypervisor gives it no interrupt remapping',
  remedy:
    'The hypervisor provides interrupt remapping: have it give this guest an IOMMU that remaps, or keep the device in this guest.',
  references: [REMAPPING],
})

const xenDrivesNone: Cause = {
  id: 'xen-drives-no-iommu',
  family: 'missing-remapping',
  scope: 'machine',
  ...XEN_DRIVES_NONE,
}

const xenRemapsNothing: Cause = {
  id: 'xen-remaps-nothing',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'Xen drives an IOMMU and remaps no interrupts',
  decidedBy: 'The line "Interrupt remapping disabled" of Xen\'s own log.',
  summary: 'Xen says that it remaps no interrupts',
  remedy:
    'Take iommu=no-intremap from the command line of Xen where it stands there; else the lines VT-d or AMD-Vi of `xl dmesg` tell whether the chipset or the firmware keeps remapping off.',
  references: [XEN_SETUP],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'xen-remapping')),
}

const noTable: Cause = {
  id: 'x86-no-table',
  family: 'missing-remapping',
  scope: 'machine',
  ...NO_TABLE,
  references: [REMAPPING],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'no-table')),
}

/** Without an IOMMU nothing remaps. */
const notSeenThoughAsked: Cause = {
  id: 'remapping-unit-not-seen-though-asked',
  family: 'missing-remapping',
  scope: 'device',
  ...NOT_SEEN_THOUGH_ASKED,
  references: [REMAPPING],
}

const notSeen: Cause = {
  id: 'remapping-unit-not-seen',
  family: 'missing-remapping',
  scope: 'device',
  ...NOT_SEEN,
  references: [REMAPPING],
}

export const remappingUnexplained: Cause = {
  id: 'remapping-off-unexplained',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'Nothing here tells why interrupt remapping is off',
  decidedBy: 'The chips in use or a line of the kernel log, and none of the other causes.',
  summary: 'the interrupts in use or the kernel log show it, and nothing that was read tells why',
  remedy:
    'Read the lines of the kernel log since the start that begin with DMAR, DMAR-IR or AMD-Vi, and let intremap read the ACPI tables and that log as root: they name the cause.',
  references: [REMAPPING],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'observed')),
}

/** In the order in which Linux comes to them; what no setting outdoes is before what one can. */
export const MISSING_REMAPPING: readonly Cause[] = [
  xenDrivesNone,
  xenRemapsNothing,
  notBuilt,
  wordsOff,
  skippedIoApics,
  guest,
  ...INTEL_MISSING_REMAPPING,
  ...AMD_MISSING_REMAPPING,
  noTable,
  notSeenThoughAsked,
  notSeen,
]
