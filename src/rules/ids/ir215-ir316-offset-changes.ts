import type { HostIds, IdWay } from '../../kernel/ids/id-way.js'
import { differing, relationsOf, type Offset, type Relations } from '../../kernel/ids/offsets.js'
import { isAvailable } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { iortRule, notFollowed } from '../acpi/iort-judgement.js'
import { isPlaceholder, treeRule, type TreeBridge } from '../devicetree/devicetree-judgement.js'
import { binding, bsaRule, iortClause } from '../firmware-references.js'
import type { OutcomeItem, Severity } from '../rule.js'
import { idNodeSubject, idNodeWords, idWords, stepsEvidence } from './id-words.js'
import { functionsWhere, isWay, type IdCase, type PresentId } from '../present-ids.js'

/** What the family of a description decides. */
interface Family {
  readonly severity: (relations: Relations) => Severity
  readonly linux: string
}

/** Offset in hexadecimal with its sign. */
const signed = (offset: number): string => (offset < 0 ? `-${hex(-offset)}` : `+${hex(offset)}`)

function offsetWords(offsets: readonly Offset[]): string {
  const shown = offsets.slice(0, 3).map((at) => `${signed(at.offset)} for ${idWords(at)}`)
  return offsets.length > 3 ? `${shown.join(', ')} and ${offsets.length - 3} more` : shown.join(', ')
}

function ofRelations(at: IdCase, host: HostIds, relations: Relations, family: Family): readonly (() => OutcomeItem)[] {
  const { smmu, msi, toStream, toDevice, ways } = relations
  // A lookup table has the offset that each of its entries has; what it gives both controllers is one id.
  const { looksUp } = host
  const stream = looksUp ? [] : differing(toStream)
  const device = smmu || !looksUp ? differing(toDevice) : []
  const { node } = host.owner
  const item = (message: string, offsets: readonly Offset[]) => (): OutcomeItem => {
    const takes = ({ stream: before, device: behind }: PresentId) =>
      isWay(behind) &&
      behind.space.target === msi.target &&
      (isWay(before) ? before.space.target : undefined) === smmu?.target
    const devices = functionsWhere(at, takes, host)
    const steps = ways
      .slice(0, 4)
      .flatMap((way) => [...(way.stream?.steps ?? []), ...(message === 'stream' ? [] : way.device.steps)])
    return {
      subject: idNodeSubject(node),
      devices,
      message,
      details: {
        node: idNodeWords(node),
        way: smmu
          ? `through the ${idNodeWords(smmu.target)} to the ${idNodeWords(msi.target)}`
          : `to the ${idNodeWords(msi.target)}`,
        msi: idNodeWords(msi.target),
        offsets: offsetWords(offsets),
      },
      linux: family.linux,
      evidence: stepsEvidence(at.machine, steps),
      severity: family.severity(relations),
    }
  }
  return [
    ...(stream.length > 0 ? [item('stream', stream)] : []),
    ...(device.length > 0 ? [item(smmu ? 'device-behind-smmu' : 'device', device)] : []),
  ]
}

const SHARED = {
  severity: 'medium',
  effect: 'caveat',
} as const

export const offsetChanges = iortRule({
  ...SHARED,
  id: 'IR215',
  slug: 'offset-changes',
  title: 'The offset from RequesterID to StreamID or DeviceID is not constant',
  checks:
    'For every root complex, SMMU and ITS group, on the buses that MCFG gives the segment: StreamID minus RequesterID and DeviceID minus StreamID; without an SMMU DeviceID minus RequesterID.',
  why: 'Isolation rests on the DeviceID that hardware sends along. Where the table needs several offsets, it may be wrong about some devices.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Check the mappings against the wiring or the lookup table of the root complex, and use one offset where that is what the hardware does.',
    },
  ],
  limits:
    'What the hardware really sends cannot be seen. Root complexes with a lookup table have changing offsets by design: where ids are given device by device only the offset from StreamID to DeviceID is looked at. A single mapping has no offset; it is the subject of rule IR213.',
  references: [iortClause('ID mapping format: output base'), bsaRule('ITS_DEV_7'), bsaRule('ITS_DEV_8')],
  messages: {
    stream: 'From RequesterID to StreamID the {node} {way} has changing offsets: {offsets}{affects}.',
    'device-behind-smmu': 'From StreamID to DeviceID the {node} {way} has changing offsets: {offsets}{affects}.',
    device: 'From RequesterID to DeviceID the {node} {way} has changing offsets: {offsets}{affects}.',
  },
  judge: (at) => {
    if (!at.ids.complete) return { failed: [], unknown: [notFollowed(at)] }
    const hosts = [...at.ids.bySegment.values()]
    const family: Family = {
      severity: () => 'medium',
      linux:
        'Linux takes each mapping as it stands; the architecture has the offsets constant, so one of them may not be what the hardware does.',
    }
    const failed = hosts.flatMap((host) => relationsOf(host).flatMap((one) => ofRelations(at, host, one, family)))
    return { failed, applicable: hosts.some(({ toMsi }) => toMsi.reached.length > 0) }
  },
})

/** Without ways to an IOMMU that is disabled: from it nothing follows, and rule IR302 speaks of it. */
function enabled(bridge: TreeBridge): HostIds {
  const { toIommu } = bridge
  const isThere = ({ space: { target } }: IdWay) => 'path' in target && isAvailable(target)
  return { ...bridge, toIommu: toIommu && { ...toIommu, reached: toIommu.reached.filter(isThere) } }
}

export const treeOffsetChanges = treeRule({
  ...SHARED,
  id: 'IR316',
  slug: 'tree-offset-changes',
  title: 'The offset from RequesterID to StreamID or DeviceID is not constant in the tree',
  checks:
    'For every enabled host bridge, IOMMU and ITS: StreamID minus RequesterID and DeviceID minus StreamID; without an IOMMU DeviceID minus RequesterID.',
  why: 'Isolation rests on the DeviceID that hardware sends along. Where the tree needs several offsets, it may be wrong about some devices.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Check the maps against the wiring or the lookup table of the host bridge, and use one offset where that is what the hardware does.',
    },
  ],
  limits:
    'What the hardware really sends cannot be seen. Host bridges with a lookup table have changing offsets by design: those that are known to have one, and those whose ids are given device by device, are held to one offset between StreamID and DeviceID alone.',
  references: [binding('pci/pci-msi.txt'), bsaRule('ITS_DEV_7'), bsaRule('ITS_DEV_8')],
  messages: {
    stream: 'From RequesterID to StreamID the maps of {node} to {msi} have changing offsets: {offsets}{affects}.',
    'device-behind-smmu':
      'From StreamID to DeviceID the maps of {node} to {msi} have changing offsets: {offsets}{affects}.',
    device: 'From RequesterID to DeviceID the map of {node} to {msi} has changing offsets: {offsets}{affects}.',
  },
  judge: (at) => {
    const failed = at.bridges.flatMap((bridge) => {
      const family: Family = {
        severity: ({ smmu }) => (smmu ? 'medium' : 'low'),
        linux: 'Linux takes each entry as it stands.',
      }
      // A boot loader writes the two maps of such a blob anew. With different masks they count differently: rule IR305.
      const judged = relationsOf(enabled(bridge)).map((one) =>
        one.smmu && isPlaceholder(at, bridge.node) ? { ...one, toDevice: [] } : one,
      )
      return judged.flatMap((one) => (one.msi.tellsApart ? ofRelations(at, bridge, one, family) : []))
    })
    return {
      failed: failed.map((make) => make()),
      applicable: at.bridges.some(({ msiMap }) => msiMap.state === 'known'),
    }
  },
})
