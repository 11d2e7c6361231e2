import { configured } from '../../kernel/context.js'
import { intelIommuWord } from '../../kernel/x86/iommu-words.js'
import { remappingDriverByLog } from '../../kernel/x86/remapping-log.js'
import type { Route } from '../../routes/route.js'
import { evidenceFrom } from '../evidence.js'
import type { CauseDecision, CauseSubject, DeviceCause, MachineCause } from './cause.js'
import { decisionAt, obstaclePlaces, XEN_SETUP } from './remapping-obstacles.js'

// What keeps the IOMMU off keeps its interrupt remapping off: the same is said of either.

type Told = Pick<DeviceCause, 'actor' | 'title' | 'decidedBy' | 'summary' | 'remedy'>

export const STONEY_RIDGE: Told = {
  actor: 'kernel',
  title: 'Linux leaves the AMD IOMMU off beside the graphics of Stoney Ridge',
  decidedBy: 'The graphics function 1002:98e4 on bus 0, or the line of the kernel log.',
  summary: 'Linux leaves the AMD IOMMU off on Stoney Ridge, whose graphics lock up behind it',
  remedy:
    'Keep the device on the host; amd_iommu=force_enable (Linux 5.14 and later) turns the IOMMU on, at the price of graphics that may lock up.',
}

export const XEN_DRIVES_NONE: Told & Pick<MachineCause, 'decide' | 'references'> = {
  actor: 'firmware',
  title: 'Xen drives no IOMMU',
  decidedBy: 'The line "I/O virtualisation disabled" of Xen\'s own log.',
  summary: 'Xen says that it drives no IOMMU',
  remedy:
    'Turn the IOMMU (VT-d or AMD-Vi, on Arm the SMMU) on in the firmware setup, and take iommu=off or iommu=0 from the command line of Xen where it stands there; `xl dmesg` then says that I/O virtualisation is enabled.',
  references: [XEN_SETUP],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'xen-io-virtualisation')),
}

export const NO_TABLE: Told = {
  actor: 'firmware',
  title: 'The firmware has neither DMAR nor IVRS',
  decidedBy: 'The list of tables.',
  summary: 'the firmware has neither a DMAR nor an IVRS table, so that Linux knows of no IOMMU',
  remedy:
    'Turn VT-d or AMD-Vi (often called IOMMU) on in the firmware setup; where there is no such entry the hardware has none, and the device stays on the host.',
}

/** Which IOMMU the tables describe, or the log shows; both where nothing tells, none where there is no table. */
export function kindsOf({ machine, routes: { context } }: CauseSubject): readonly ('vt-d' | 'amd-vi')[] {
  if (context.architecture !== 'x86_64') return []
  const { dmar, ivrs } = machine.acpi
  if (dmar.state === 'known') return ['vt-d']
  if (ivrs.state === 'known') return ['amd-vi']
  if (dmar.state !== 'unreadable' && ivrs.state !== 'unreadable') return []
  const shown = remappingDriverByLog(context)
  return shown === undefined ? ['vt-d', 'amd-vi'] : [shown]
}

/** No group, and no table or line of the log that tells of an IOMMU: mostly a switch of the firmware setup. */
function isNotSeen(subject: CauseSubject, { iommu: { attachment } }: Route): boolean {
  return attachment.state === 'never-or-deferred' && kindsOf(subject).length > 1
}

const attachmentAt = ({ iommu: { attachment } }: Route) => evidenceFrom(attachment.from, 'no IOMMU group')

const DECIDED_BY_NO_GROUP = 'No IOMMU group, where neither a table nor the kernel log that was read shows an IOMMU'

export const NOT_SEEN_THOUGH_ASKED: Told & Pick<DeviceCause, 'decide'> = {
  actor: 'firmware',
  title: 'No IOMMU shows itself to a kernel that drives one',
  decidedBy: `${DECIDED_BY_NO_GROUP}; intel_iommu=on, or CONFIG_INTEL_IOMMU_DEFAULT_ON.`,
  summary: 'the kernel drives no IOMMU, though {asked}, and whether the firmware describes one could not be read',
  remedy:
    'Turn VT-d (on AMD: AMD-Vi, often called IOMMU) on in the firmware setup{lesson}. Lines DMAR or AMD-Vi of the kernel log then show it.',
  decide: (subject, route): CauseDecision | undefined => {
    if (!isNotSeen(subject, route)) return undefined
    const { machine } = subject
    const evidence = attachmentAt(route)
    if (intelIommuWord(machine)?.on === true) {
      const lesson = ': intel_iommu=on alone brings nothing'
      return { details: { asked: 'its command line asks for one', lesson }, evidence }
    }
    const isDefault = configured(machine, 'CONFIG_INTEL_IOMMU_DEFAULT_ON') === 'yes'
    return isDefault ? { details: { asked: 'it was built to', lesson: '' }, evidence } : undefined
  },
}

export const NOT_SEEN: Told & Pick<DeviceCause, 'decide'> = {
  actor: 'firmware',
  title: 'No IOMMU shows itself',
  decidedBy: `${DECIDED_BY_NO_GROUP}.`,
  summary: 'the kernel drives no IOMMU, and whether the firmware describes one could not be read',
  remedy:
    'Turn VT-d or AMD-Vi (often called IOMMU) on in the firmware setup, and on Intel add intel_iommu=on to the kernel command line; lines DMAR or AMD-Vi of the kernel log then show it.',
  decide: (subject, route) => (isNotSeen(subject, route) ? { evidence: attachmentAt(route) } : undefined),
}
