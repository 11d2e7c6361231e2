import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import { iortStreamId, laterRootComplexToSmmu } from '../../kernel/iort/iort-iommu.js'
import { rootComplexesOf } from '../../kernel/iort/iort-walk.js'
import { NEWEST_RELEASE } from '../../kernel/release.js'
import { hex } from '../../machine/identifiers.js'
import type { IortTable } from '../../machine/iort.js'
import type { Route } from '../../routes/route.js'
import { evidenceFrom } from '../evidence.js'
import type { Evidence } from '../rule.js'
import type { Cause, CauseSubject } from './cause.js'
import { IORT_IOMMU } from './shared-references.js'

const IORT = 'sys/firmware/acpi/tables/IORT'

/** True where ACPI describes what stands before the function on Arm, and describes no SMMU. */
function isWithout({ routes: { context } }: CauseSubject, { fn, iommu: { described } }: Route): boolean {
  return (
    context.architecture === 'arm64' &&
    described.state === 'decided' &&
    described.value === 'none' &&
    hostBridgeNodeOf(context, fn).state === 'absent'
  )
}

function iortOf({ machine }: CauseSubject): IortTable | 'absent' | undefined {
  const { iort } = machine.acpi
  if (iort.state === 'known') return iort.value
  return iort.state === 'absent' && machine.acpi.names.state === 'known' ? 'absent' : undefined
}

const noSmmuEvidence = (table: IortTable | 'absent'): readonly Evidence[] => [
  {
    from: { path: IORT },
    value: table === 'absent' ? 'there is no IORT' : `${table.nodes.length} nodes, no SMMU among them`,
  },
]

const offInSetup: Cause = {
  id: 'smmu-off-in-firmware-setup',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The SMMU of this processor is off in the firmware setup',
  decidedBy: 'Root ports of a processor that is known to have an SMMU before PCIe, and an IORT without one.',
  summary: '{soc} has an SMMU before PCIe, and the IORT describes none: it is off in the firmware setup',
  remedy: 'Turn the SMMU on in the firmware setup{setting} and restart.',
  covers: ['IR217', 'IR223'],
  references: [
    {
      kind: 'manual',
      title: 'Huawei Kunpeng, BIOS parameter reference',
      locator: 'Advanced, MISC Config, Support Smmu',
    },
    IORT_IOMMU,
  ],
  decide: (subject, route) => {
    const table = iortOf(subject)
    if (!isWithout(subject, route) || table === undefined || subject.iortSmmus() > 0) return undefined
    const soc = subject.socWithSmmu()
    if (!soc) return undefined
    return {
      details: { soc: soc.name, setting: soc.setting === undefined ? '' : ` (${soc.setting})` },
      evidence: [...noSmmuEvidence(table), { from: { path: `sys/bus/pci/devices/${soc.seen}` }, value: soc.id }],
    }
  },
}

const noneInIort: Cause = {
  id: 'iort-without-smmu',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The firmware describes no SMMU at all',
  decidedBy: 'The nodes of IORT, or that there is no IORT.',
  summary: '{what}, so that Linux knows of no SMMU on this machine',
  remedy:
    'Look in the firmware setup for the SMMU (some call it IOMMU) and turn it on; where the setup has no such switch, the manual of the processor tells whether it has one. Without an SMMU keep the device on the host.',
  covers: ['IR217', 'IR223'],
  references: [IORT_IOMMU],
  decide: (subject, route) => {
    const table = iortOf(subject)
    if (!isWithout(subject, route) || table === undefined || subject.iortSmmus() > 0) return undefined
    const what = table === 'absent' ? 'the firmware gives no IORT' : 'the IORT lists no SMMU'
    return { details: { what }, evidence: noSmmuEvidence(table) }
  },
}

/** The first RequesterID that IORT gives no StreamID. */
function uncovered(subject: CauseSubject, table: IortTable, { fn, requesterIds }: Route): number | undefined {
  if (requesterIds === 'unknown') return undefined
  const { release } = subject.routes.context
  return requesterIds.find((id) => iortStreamId(table, fn.address.segment, id, release).kind === 'none')
}

const segmentNotDescribed: Cause = {
  id: 'iort-segment-without-root-complex',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'IORT has an SMMU, and no root complex for the segment of the function',
  decidedBy: 'The root complex nodes of IORT and the segment of the function.',
  summary: 'the IORT has no root complex for PCI segment {segment}, though it lists an SMMU',
  remedy: 'Have the vendor of the firmware add PCI segment {segment} to the IORT, mapped to its SMMU.',
  covers: ['IR217'],
  references: [IORT_IOMMU],
  decide: (subject, route) => {
    const table = iortOf(subject)
    if (!isWithout(subject, route) || table === undefined || table === 'absent') return undefined
    const { segment } = route.fn.address
    if (rootComplexesOf(table, segment).length > 0) return undefined
    return {
      details: { segment: String(segment) },
      evidence: [{ from: { path: IORT }, value: `no root complex of segment ${segment}` }],
    }
  },
}

const lastIdLeftOut: Cause = {
  id: 'iort-last-id-left-out',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'kernel',
  title: 'This release leaves out the last ID of a mapping',
  decidedBy: 'The same walk over IORT by the rules of this release and of the newest.',
  summary: 'Linux {release} leaves out the last ID of a mapping of IORT, which is RequesterID {requesterId}',
  remedy: 'Use Linux 5.8 or later, which takes the last ID of a mapping.',
  covers: ['IR119', 'IR210'],
  references: [{ kind: 'linux', title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_id_map' }],
  decide: (subject, route) => {
    const table = iortOf(subject)
    if (!isWithout(subject, route) || table === undefined || table === 'absent') return undefined
    const id = uncovered(subject, table, route)
    if (id === undefined) return undefined
    const newest = iortStreamId(table, route.fn.address.segment, id, NEWEST_RELEASE)
    if (newest.kind !== 'stream') return undefined
    const { release } = subject.routes.context
    return {
      details: { release: release?.text ?? '', requesterId: hex(id) },
      evidence: evidenceFrom(
        newest.path.map(({ mapping }) => ({ path: IORT, at: { offset: mapping.offset, length: 20 } })),
        `ends at RequesterID ${hex(id)}`,
      ),
    }
  },
}

const laterRootComplex: Cause = {
  id: 'iort-later-root-complex',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'IORT maps the function in a root complex node that Linux does not look at',
  decidedBy: 'The second and later root complex nodes of the segment, of which Linux takes the first alone.',
  summary:
    'the IORT maps it to an SMMU in a second root complex node of PCI segment {segment}, and Linux looks at the first alone',
  remedy:
    'Have the vendor of the firmware put all ID mappings of PCI segment {segment} into one root complex node of the IORT.',
  covers: ['IR119', 'IR210', 'IR216'],
  references: [{ kind: 'linux', title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_find_dev_node' }],
  decide: (subject, route) => {
    const table = iortOf(subject)
    if (!isWithout(subject, route) || table === undefined || table === 'absent') return undefined
    const id = uncovered(subject, table, route)
    if (id === undefined) return undefined
    const { segment } = route.fn.address
    const { release } = subject.routes.context
    const node = laterRootComplexToSmmu(table, segment, id, release)
    if (!node) return undefined
    const from = { path: IORT, at: { offset: node.offset, length: node.length } }
    return { details: { segment: String(segment) }, evidence: [{ from, value: `maps RequesterID ${hex(id)}` }] }
  },
}

const notMapped: Cause = {
  id: 'iort-not-mapped-to-smmu',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'IORT has an SMMU, and does not lead the function to it',
  decidedBy: 'The ID mappings of the root complex and the RequesterID of the function.',
  summary:
    'no ID mapping of the IORT leads RequesterID {requesterId} of segment {segment} to an SMMU, though it lists {smmus}',
  remedy:
    'Have the vendor of the firmware map RequesterID {requesterId} of PCI segment {segment} to an SMMU in the IORT.',
  covers: ['IR119', 'IR210', 'IR223'],
  references: [IORT_IOMMU],
  decide: (subject, route) => {
    const table = iortOf(subject)
    if (!isWithout(subject, route) || table === undefined || table === 'absent') return undefined
    const id = uncovered(subject, table, route)
    const smmus = subject.iortSmmus()
    if (id === undefined || smmus === 0) return undefined
    return {
      details: {
        requesterId: hex(id),
        segment: String(route.fn.address.segment),
        smmus: smmus === 1 ? 'one' : `${smmus} of them`,
      },
      evidence: evidenceFrom(
        route.iommu.described.from.filter(({ path }) => path === IORT),
        'no way to an SMMU',
      ),
    }
  },
}

export const IORT_MISSING_IOMMU: readonly Cause[] = [
  offInSetup,
  noneInIort,
  segmentNotDescribed,
  lastIdLeftOut,
  laterRootComplex,
  notMapped,
]
