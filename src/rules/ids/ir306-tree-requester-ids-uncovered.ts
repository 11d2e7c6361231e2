import {
  binding,
  treeRule,
  linuxOf,
  propertyEvidence,
  type TreeCase,
  type TreeMap,
} from '../devicetree/devicetree-judgement.js'
import { bsaRule } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'
import { isWay } from '../present-ids.js'
import { ofGap, SHARED } from './ids-uncovered.js'

const WITHOUT_ENTRY = {
  'iommu-map': 'Linux gives such a function no IOMMU (ENODEV): it reaches all of memory and never gets an IOMMU group.',
  'msi-map':
    'Linux takes the map for passed and looks at msi-parent and at the host bridge itself for another controller.',
} as const

function ofMap(at: TreeCase, { bridge, name, map, to }: TreeMap): readonly OutcomeItem[] {
  // A map that cannot be used as a whole is the subject of rule IR303.
  if (map.reading.entries.length === 0 || map.reading.faults.length > 0) return []
  const { node, functions, buses } = bridge
  const linux = WITHOUT_ENTRY[name]
  const details = { bridge: node.path, map: name }
  const isIommu = name === 'iommu-map'
  return ofGap(at, {
    host: bridge,
    kind: isIommu ? 'StreamID' : 'DeviceID',
    to,
    item: { subject: node.path, details, linux, evidence: [propertyEvidence(node, name)] },
    severities: { present: isIommu ? 'high' : 'medium', later: 'low' },
    isWithout: (answer) => answer !== undefined && !isWay(answer) && answer.why === 'no-match',
    buses: functions.length > 0 ? undefined : buses,
  })
}

export const treeRequesterIdsUncovered = treeRule({
  ...SHARED,
  id: 'IR306',
  slug: 'tree-requester-ids-uncovered',
  title: 'A map of a host bridge does not hold all of its RequesterIDs',
  checks:
    'iommu-map and msi-map of the enabled host bridges, against the RequesterIDs of the functions that are there, of the buses behind bridges and of VFs that can still be made; without functions against bus-range.',
  why: 'A function outside the map is behind no IOMMU, or raises its MSIs past the controller that checks them. Slots and VFs are covered by nobody until a device appears in them.',
  remedy: [{ actor: 'firmware', text: 'Let the map hold every bus that the host bridge can number.' }],
  limits:
    'Hardware with a lookup table of few entries cannot be described otherwise. Buses that are numbered anew are not foreseen.',
  references: [
    binding('pci/pci-iommu.txt'),
    binding('pci/pci-msi.txt'),
    bsaRule('ITS_DEV_5'),
    linuxOf('drivers/of/base.c: of_map_id'),
  ],
  messages: {
    present: '{map} of {bridge} has no entry for {devices}.',
    'device-id-guessed':
      'msi-map of {bridge} has no entry for {devices}. Linux sends their MSIs to an ITS all the same and takes their RequesterIDs for DeviceIDs: under which the hardware knows them is not described.',
    buses: '{map} of {bridge} has no entry for the RequesterIDs {ranges} (after the mask).',
    'hot-plug':
      '{map} of {bridge} has no entry for the RequesterIDs {ranges} (after the mask), which lie on buses behind its bridges.',
    'free-vfs': '{count} VFs that {device} can still make ({ranges}) have no entry in {map} of {bridge}.',
  },
  judge: (at) => {
    const failed = at.maps.flatMap((one) => ofMap(at, one))
    return { failed, applicable: at.maps.length > 0 }
  },
})
