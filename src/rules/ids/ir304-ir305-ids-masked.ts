import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { hiddenBits } from '../../kernel/ids/id-way.js'
import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import { isAvailable, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex, requesterIdOf } from '../../machine/identifiers.js'
import { isIts } from '../../machine/kinds.js'
import {
  mapItem,
  propertyEvidence,
  treeRule,
  type TreeBridge,
  type TreeCase,
  type TreeMap,
} from '../devicetree/devicetree-judgement.js'
import { bsaRule, linuxOf, MAP_BINDINGS } from '../firmware-references.js'
import type { OutcomeItem, Severity } from '../rule.js'

interface Consequence {
  readonly severity: Severity
  readonly linux: string
}

/** What one id for several functions means at the target. */
function consequenceOf(name: OfMapName, target: DeviceTreeNode): Consequence {
  if (name === 'msi-map') {
    const provider = msiProviderOf(target)
    const kind = provider.state === 'known' && provider.value !== 'none' ? provider.value.kind : 'none'
    return isIts(kind)
      ? {
          severity: 'medium',
          linux:
            'Linux gives such functions one interrupt translation table: each can raise the interrupts of the others.',
        }
      : { severity: 'info', linux: 'The controller takes no DeviceID, so that nothing follows from it.' }
  }
  const kind = iommuKindOf(target)
  return kind.state === 'known' && kind.value === 'smmuv3'
    ? { severity: 'medium', linux: 'Linux gives a group to the first function of a StreamID and refuses the others.' }
    : { severity: 'low', linux: 'Linux puts functions with one StreamID into one IOMMU group.' }
}

/** Present functions that have another one's id after the mask. */
function sharing(at: TreeCase, bridge: TreeBridge, mask: number): readonly string[] {
  const byId = new Map<number, string[]>()
  for (const name of bridge.functions) {
    const route = at.routes.byName.get(name)
    if (!route) continue
    const id = (requesterIdOf(route.fn.address) & mask) >>> 0
    const names = byId.get(id)
    if (names) names.push(name)
    else byId.set(id, [name])
  }
  return [...byId.values()].flatMap((names) => (names.length > 1 ? names : []))
}

/** From a target that is disabled nothing follows: rule IR302 speaks of it. */
const isTarget = (target: OfMapEntry['target']): target is DeviceTreeNode =>
  typeof target !== 'string' && isAvailable(target)

const targetOf = ({ map }: TreeBridge['maps'][number]) => map.reading.entries.map(({ target }) => target).find(isTarget)

/** Bits that one of the two masks of a bridge hides and the other keeps. */
interface Difference {
  /** Where DeviceIDs are coarser than StreamIDs those bits, else those of the StreamID. */
  readonly bits: number
  readonly coarse: boolean
}

function differenceOf(bridge: TreeBridge): Difference | undefined {
  const { toIommu, toMsi } = bridge
  if (!toIommu || !toMsi) return undefined
  const [ofIommu, ofMsi] = [hiddenBits(bridge, toIommu), hiddenBits(bridge, toMsi)]
  const coarser = (ofMsi & ~ofIommu) >>> 0
  if (coarser !== 0) return { bits: coarser, coarse: true }
  const finer = (ofIommu & ~ofMsi) >>> 0
  return finer === 0 ? undefined : { bits: finer, coarse: false }
}

/** Of the bits that only one of two masks hides rule IR305 speaks: one mask is told once. */
function collapsed(at: TreeCase, one: TreeMap): readonly OutcomeItem[] {
  const { bridge, name, map, to } = one
  const difference = differenceOf(bridge)
  const told = difference?.coarse === (name === 'msi-map') ? difference.bits : 0
  const hidden = (hiddenBits(bridge, to) & ~told) >>> 0
  const target = targetOf(one)
  if (hidden === 0 || !target) return []
  const property = `${name}-mask`
  const what = name === 'msi-map' ? 'DeviceID' : 'StreamID'
  const item = mapItem(one, {
    message: 'collapses',
    devices: sharing(at, bridge, map.mask),
    details: { property, mask: hex(map.mask), bits: hex(hidden), what },
    ...consequenceOf(name, target),
  })
  return [{ ...item, evidence: [propertyEvidence(bridge.node, property), ...item.evidence] }]
}

function differ(bridge: TreeBridge): readonly OutcomeItem[] {
  const { node, functions, maps } = bridge
  const difference = differenceOf(bridge)
  const [iommu, msi] = maps
  if (!difference || !iommu || !msi) return []
  const target = targetOf(iommu)
  if (!difference.coarse && !target) return []
  const alike = target && consequenceOf('iommu-map', target)
  const linux = difference.coarse
    ? 'Linux then gives functions with several StreamIDs one DeviceID: their groups do not show that they share interrupts.'
    : `Linux applies each mask to its own map, so that functions of one StreamID have several DeviceIDs. ${alike?.linux ?? ''}`
  return [
    {
      subject: node.path,
      devices: functions,
      message: 'differ',
      details: {
        bridge: node.path,
        iommu: hex(iommu.map.mask),
        msi: hex(msi.map.mask),
        bits: hex(difference.bits),
      },
      linux: linux.trimEnd(),
      evidence: [propertyEvidence(node, 'iommu-map-mask'), propertyEvidence(node, 'msi-map-mask')],
      severity: difference.coarse ? 'medium' : (alike?.severity ?? 'low'),
    },
  ]
}

export const maskCollapsesIds = treeRule({
  id: 'IR304',
  slug: 'mask-collapses-ids',
  title: 'The mask of a map gives several functions one id',
  severity: 'medium',
  effect: 'none',
  checks: 'iommu-map-mask and msi-map-mask of the enabled host bridges, against the RequesterIDs of their buses.',
  why: 'Bits that the mask hides do not reach the map: functions that differ only in them have one StreamID, or one DeviceID and with it the interrupts of the others.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Mask only what the hardware hides, and keep the bits that tell functions apart.',
    },
  ],
  limits:
    'Hardware that really hides these bits is described rightly so. Whether present functions of different groups share a DeviceID is the subject of rule IR101, bits that only one of the two masks hides that of rule IR305.',
  references: [...MAP_BINDINGS, bsaRule('ITS_DEV_4'), linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    collapses:
      '{property} = {mask} of {bridge} hides the bits {bits} of the RequesterID: functions that differ in them have one {what}{affects}.',
  },
  judge: (at) => {
    const failed = at.maps.flatMap((one) => collapsed(at, one))
    return { failed, applicable: at.maps.length > 0 }
  },
})

export const masksDiffer = treeRule({
  id: 'IR305',
  slug: 'masks-differ',
  title: 'The two maps of a host bridge mask different bits',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'iommu-map-mask against msi-map-mask of the enabled host bridges that have both maps, on the bits in which their RequesterIDs differ.',
  why: 'IOMMU groups follow StreamIDs. Where DeviceIDs are coarser, functions of different groups share an interrupt table and nothing in Linux shows it.',
  remedy: [{ actor: 'firmware', text: 'Give both maps the mask that the hardware applies.' }],
  limits:
    'Hardware with lookup tables of its own for each of the two exists. Without an IOMMU map there is nothing to compare. Bits that both masks hide are the subject of rule IR304.',
  references: [...MAP_BINDINGS, bsaRule('ITS_DEV_7'), linuxOf('drivers/of/base.c: of_map_id')],
  messages: {
    differ: 'On {bridge} iommu-map-mask is {iommu} and msi-map-mask {msi}: they differ in {bits}{affects}.',
  },
  judge: (at) => ({
    failed: at.bridges.flatMap(differ),
    applicable: at.bridges.some(({ toIommu, toMsi }) => toIommu !== undefined && toMsi !== undefined),
  }),
})
