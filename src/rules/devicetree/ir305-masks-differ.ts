import { varyingBits } from '../../kernel/ids/tree-ways.js'
import { hex } from '../../machine/identifiers.js'
import {
  binding,
  judgeTree,
  linuxOf,
  propertyEvidence,
  TREE_MESSAGES,
  type TreeBridge,
} from './devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import type { OutcomeItem, Rule } from '../rule.js'

function ofBridge(bridge: TreeBridge): OutcomeItem[] {
  const { iommuMap, msiMap, node, functions } = bridge
  if (iommuMap.state !== 'known' || msiMap.state !== 'known') return []
  const differing = ((iommuMap.mask ^ msiMap.mask) & varyingBits(bridge.requesterIds)) >>> 0
  if (differing === 0) return []
  const coarse = (differing & ~msiMap.mask) !== 0
  const linux = coarse
    ? 'Linux then gives functions with several StreamIDs one DeviceID: their groups do not show that they share interrupts.'
    : 'Linux then gives functions of one StreamID, hence of one group, several DeviceIDs; it applies each mask to its own map.'
  return [
    {
      subject: node.path,
      devices: functions,
      message: 'differ',
      details: {
        bridge: node.path,
        iommu: hex(iommuMap.mask),
        msi: hex(msiMap.mask),
        bits: hex(differing),
        devices: affectsWords(functions),
        linux,
      },
      evidence: [propertyEvidence(node, 'iommu-map-mask'), propertyEvidence(node, 'msi-map-mask')],
      severity: coarse ? 'medium' : 'low',
    },
  ]
}

export const masksDiffer: Rule = {
  id: 'IR305',
  slug: 'masks-differ',
  title: 'The two maps of a host bridge mask different bits',
  scope: 'firmware',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'iommu-map-mask against msi-map-mask of the enabled host bridges that have both maps, on the bits in which their RequesterIDs differ.',
  why: 'IOMMU groups follow StreamIDs. Where DeviceIDs are coarser, functions of different groups share an interrupt table and nothing in Linux shows it.',
  remedy: [{ actor: 'firmware', text: 'Give both maps the mask that the hardware applies.' }],
  limits:
    'Hardware with lookup tables of its own for each of the two exists. Without an IOMMU map there is nothing to compare.',
  references: [
    binding('pci/pci-iommu.txt'),
    binding('pci/pci-msi.txt'),
    bsaRule('ITS_DEV_7'),
    linuxOf('drivers/of/base.c: of_map_id'),
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    differ: 'On {bridge} iommu-map-mask is {iommu} and msi-map-mask {msi}: they differ in {bits}{devices}. {linux}',
  },
  check: (subject) =>
    judgeTree(subject, true, (at) => ({
      failed: at.bridges.flatMap(ofBridge),
      applicable: at.bridges.some(({ iommuMap, msiMap }) => iommuMap.state === 'known' && msiMap.state === 'known'),
    })),
}
