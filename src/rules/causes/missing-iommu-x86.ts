import type { Reference } from '../rule.js'
import { configured } from '../../kernel/context.js'
import { intelIommuWord, iommuOffWords } from '../../kernel/x86/iommu-words.js'
import type { Route } from '../../routes/route.js'
import { kindsOf, NO_TABLE, NOT_SEEN, NOT_SEEN_THOUGH_ASKED, STONEY_RIDGE } from './both-families.js'
import type { Cause, CauseSubject } from './cause.js'
import { AMD_INIT, decisionAt, DMAR_TABLE, obstaclePlaces, wordsAt } from './remapping-obstacles.js'

const PARAMETERS: Reference = {
  kind: 'linux',
  title: 'Linux, kernel parameters',
  locator: 'Documentation/admin-guide/kernel-parameters.txt: intel_iommu, amd_iommu, iommu',
}
const INTEL_INIT: Reference = {
  kind: 'linux',
  title: 'Linux, VT-d',
  locator: 'drivers/iommu/intel/iommu.c: intel_iommu_init',
}

/** An IOMMU is described, by a table or by the lines of its driver, and the function has no group. */
function isNotDriven(subject: CauseSubject, { iommu: { attachment } }: Route): boolean {
  if (attachment.state === 'never-or-deferred') return kindsOf(subject).length === 1
  return attachment.state === 'never' && attachment.why === 'not-driven'
}

const placeOfWords = ({ machine: { kernel } }: CauseSubject) => kernel.commandLine.from[0]?.path ?? 'proc/cmdline'

const notBuilt: Cause = {
  id: 'x86-iommu-driver-not-built',
  family: 'missing-iommu',
  scope: 'machine',
  actor: 'kernel',
  title: 'The kernel was built without the driver of the IOMMU',
  decidedBy: 'CONFIG_INTEL_IOMMU where there is a DMAR, CONFIG_AMD_IOMMU where there is an IVRS.',
  summary: 'this kernel was built without {option}, the driver of the IOMMU that its tables describe',
  remedy: 'Use a kernel that is built with {option}.',
  references: [{ kind: 'linux', title: 'Linux', locator: 'drivers/iommu/intel/Kconfig, drivers/iommu/amd/Kconfig' }],
  decide: (subject) => {
    const { machine } = subject
    const [kind, other] = kindsOf(subject)
    if (kind === undefined || other !== undefined) return undefined
    const option = kind === 'vt-d' ? 'CONFIG_INTEL_IOMMU' : 'CONFIG_AMD_IOMMU'
    const driven = machine.iommus.state === 'known' && machine.iommus.value.length > 0
    if (driven || configured(machine, option) !== 'no') return undefined
    return decisionAt(
      machine.kernel.configuration.from.map(({ path }) => ({ path, excerpt: `# ${option} is not set` })),
      { option },
    )
  },
}

const wordsOff: Cause = {
  id: 'x86-iommu-words-off',
  family: 'missing-iommu',
  scope: 'machine',
  actor: 'configuration',
  title: 'The kernel command line turns the IOMMU off',
  decidedBy: 'Words of the kernel command line for the IOMMU of the machine; the last word of intel_iommu counts.',
  summary: '{words} on the kernel command line turns the IOMMU off',
  remedy: 'Remove {words} from the kernel command line and restart.',
  references: [PARAMETERS],
  decide: (subject) => {
    const words = [...new Set(kindsOf(subject).flatMap((kind) => iommuOffWords(subject.machine, kind)))].join(' ')
    return words === '' ? undefined : decisionAt([{ path: placeOfWords(subject), excerpt: words }], { words })
  },
}

const offByDefault: Cause = {
  id: 'intel-iommu-off-by-default',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'configuration',
  title: 'The kernel drives VT-d only when it is told to',
  decidedBy:
    'CONFIG_INTEL_IOMMU_DEFAULT_ON, and no intel_iommu=on on the command line. Interrupt remapping needs neither.',
  summary: 'this kernel drives VT-d only with intel_iommu=on, which is not on its command line',
  remedy: 'Add intel_iommu=on to the kernel command line and restart.',
  references: [INTEL_INIT, PARAMETERS],
  decide: (subject, route) => {
    const { machine } = subject
    const { commandLine, configuration } = machine.kernel
    if (!isNotDriven(subject, route) || kindsOf(subject).join() !== 'vt-d' || commandLine.state !== 'known')
      return undefined
    if (configured(machine, 'CONFIG_INTEL_IOMMU_DEFAULT_ON') === 'yes' || intelIommuWord(machine)) return undefined
    const built =
      configured(machine, 'CONFIG_INTEL_IOMMU_DEFAULT_ON') === 'no'
        ? configuration.from.map(({ path }) => ({ path, excerpt: '# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set' }))
        : []
    return decisionAt([{ path: placeOfWords(subject), excerpt: 'no intel_iommu=on' }, ...built])
  },
}

const tableRefused: Cause = {
  id: 'x86-table-refused',
  family: 'missing-iommu',
  scope: 'machine',
  actor: 'firmware',
  title: 'Linux refuses the table that describes the IOMMU',
  decidedBy: 'Checksum of the IVRS, width and units of the DMAR, lines of the kernel log.',
  summary: 'Linux refuses the table that describes the IOMMU ({places})',
  remedy: 'Update the firmware: its table has an error ({places}) for which Linux leaves the IOMMU off.',
  references: [DMAR_TABLE, AMD_INIT],
  decide: (subject) => {
    const places = obstaclePlaces(subject, 'table-refused', 'unit-silent')
    return kindsOf(subject).length === 0 ? undefined : decisionAt(places, { places: wordsAt(places) })
  },
}

const stoneyRidge: Cause = {
  id: 'stoney-ridge-without-iommu',
  family: 'missing-iommu',
  scope: 'machine',
  ...STONEY_RIDGE,
  references: [AMD_INIT],
  decide: (subject) =>
    kindsOf(subject).includes('amd-vi') ? decisionAt(obstaclePlaces(subject, 'stoney-ridge')) : undefined,
}

const noTable: Cause = {
  id: 'x86-no-iommu-table',
  family: 'missing-iommu',
  scope: 'machine',
  ...NO_TABLE,
  references: [DMAR_TABLE, AMD_INIT],
  decide: (subject) =>
    subject.routes.context.architecture === 'x86_64' ? decisionAt(obstaclePlaces(subject, 'no-table')) : undefined,
}

const notDescribed: Cause = {
  id: 'x86-not-described',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The table has no unit for the function',
  decidedBy: 'The units of DMAR or IVRS and their segments.',
  summary: 'the table of the firmware has no IOMMU unit for it',
  remedy:
    'Update the firmware or have its vendor add a unit for the device to DMAR or IVRS; until then keep it on the host.',
  references: [
    { kind: 'linux', title: 'Linux, DMAR', locator: 'drivers/iommu/intel/dmar.c: dmar_find_matched_drhd_unit' },
  ],
  decide: (subject, { iommu: { described } }) =>
    kindsOf(subject).length > 0 && described.state === 'decided' && described.value === 'none'
      ? { evidence: described.from.map((from) => ({ from, value: from.excerpt ?? 'no unit' })) }
      : undefined,
}

const notDriven: Cause = {
  id: 'x86-not-driven',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'kernel',
  title: 'The kernel drives no unit of the IOMMU',
  decidedBy: 'A table that describes units, none in /sys/class/iommu, and none of the causes before.',
  summary: 'an IOMMU is described, but the kernel drives no unit, and nothing that was read tells why',
  remedy: 'Read what the lines DMAR and AMD-Vi of the kernel log since the start say of the failure.',
  references: [INTEL_INIT, AMD_INIT],
  decide: (subject, route) =>
    subject.routes.context.architecture === 'x86_64' && isNotDriven(subject, route)
      ? { evidence: route.iommu.attachment.from.map((from) => ({ from, value: from.excerpt ?? 'no IOMMU group' })) }
      : undefined,
}

const notSeenThoughAsked: Cause = {
  id: 'x86-iommu-not-seen-though-asked',
  family: 'missing-iommu',
  scope: 'device',
  ...NOT_SEEN_THOUGH_ASKED,
  references: [INTEL_INIT, PARAMETERS],
}

const notSeen: Cause = {
  id: 'x86-iommu-not-seen',
  family: 'missing-iommu',
  scope: 'device',
  ...NOT_SEEN,
  references: [INTEL_INIT, AMD_INIT],
}

/** Before what a guest's hypervisor leaves out. */
export const X86_WORDS: readonly Cause[] = [notBuilt, wordsOff]
export const X86_MISSING_IOMMU: readonly Cause[] = [
  stoneyRidge,
  tableRefused,
  offByDefault,
  noTable,
  notDriven,
  notDescribed,
  notSeenThoughAsked,
  notSeen,
]
