import type { OfMapEntry } from '../../kernel/devicetree/of-map-entries.js'
import type { OfMapName } from '../../kernel/devicetree/of-map-cells.js'
import { isAvailable } from '../../kernel/ids/tree-bridges.js'
import { varyingBits, type KnownMap } from '../../kernel/ids/tree-ways.js'
import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import type { DeviceTreeNode } from '../../machine/devicetree.js'
import { hex, requesterIdOf } from '../../machine/identifiers.js'
import {
  binding,
  judgeTree,
  linuxOf,
  propertyEvidence,
  TREE_MESSAGES,
  type TreeBridge,
  type TreeCase,
} from './devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import type { OutcomeItem, Rule, Severity } from '../rule.js'

interface Consequence {
  readonly severity: Severity
  readonly linux: string
}

/** What one id for several functions means at the target. */
function consequenceOf(name: OfMapName, target: DeviceTreeNode): Consequence {
  if (name === 'msi-map') {
    const provider = msiProviderOf(target)
    const kind = provider.state === 'known' && provider.value !== 'none' ? provider.value.kind : 'none'
    return kind === 'its' || kind === 'gicv5-its'
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

function ofMap(at: TreeCase, bridge: TreeBridge, name: OfMapName, map: KnownMap): OutcomeItem[] {
  const hidden = (varyingBits(bridge.requesterIds) & ~map.mask) >>> 0
  const target = map.reading.entries.map((entry) => entry.target).find(isTarget)
  if (hidden === 0 || !target) return []
  const { severity, linux } = consequenceOf(name, target)
  const devices = sharing(at, bridge, map.mask)
  return [
    {
      subject: bridge.node.path,
      devices,
      message: 'collapses',
      details: {
        bridge: bridge.node.path,
        property: `${name}-mask`,
        mask: hex(map.mask),
        bits: hex(hidden),
        what: name === 'msi-map' ? 'DeviceID' : 'StreamID',
        devices: affectsWords(devices),
        linux,
      },
      evidence: [propertyEvidence(bridge.node, `${name}-mask`), propertyEvidence(bridge.node, name)],
      severity,
    },
  ]
}

export const maskCollapsesIds: Rule = {
  id: 'IR304',
  slug: 'mask-collapses-ids',
  title: 'The mask of a map gives several functions one id',
  scope: 'firmware',
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
    'Hardware that really hides these bits is described rightly so. Whether present functions of different groups share a DeviceID is the subject of rule IR101.',
  references: [
    binding('pci/pci-iommu.txt'),
    binding('pci/pci-msi.txt'),
    bsaRule('ITS_DEV_4'),
    linuxOf('drivers/of/base.c: of_map_id'),
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    collapses:
      '{property} = {mask} of {bridge} hides the bits {bits} of the RequesterID: functions that differ in them have one {what}{devices}. {linux}',
  },
  check: (subject) =>
    judgeTree(subject, false, (at) => {
      const maps = at.bridges.flatMap((bridge) => bridge.maps.map((one) => ({ bridge, ...one })))
      const failed = maps.flatMap(({ bridge, name, map }) => ofMap(at, bridge, name, map))
      return { failed, applicable: maps.length > 0 }
    }),
}
