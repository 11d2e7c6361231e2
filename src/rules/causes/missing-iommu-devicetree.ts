import { commandLineValues } from '../../kernel/context.js'
import { hasProperty, placeOfProperty } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import type { Evidence } from '../rule.js'
import type { Cause, CauseDecision, CauseSubject } from './cause.js'
import { disabledNode, iommuMapEnd, type IommuMapEnd } from './iommu-map-end.js'
import { KEEP_ON_HOST } from './keep-on-host.js'
import { isMapWrittenByBootLoader, TELL_U_BOOT, uBootDetails } from './map-writers.js'
import { OF_IOMMU, PCI_IOMMU_BINDING, STATUS_PROPERTY } from './shared-references.js'
import { iommuNames, statusOf, type TreeIommus } from './tree-iommus.js'

/** Says that IOMMUs which are there are for other blocks, so that nobody takes them for this one. */
function otherBlocks({ others }: TreeIommus): string {
  if (others.length === 0) return ''
  return others.length === 1
    ? `; ${iommuNames(others)} serves another block, not PCIe`
    : `; ${iommuNames(others)} serve other blocks, not PCIe`
}

/** The disabled node at the end of a map. */
function disabledEnd(
  subject: CauseSubject,
  end: IommuMapEnd | undefined,
  reserved: boolean,
): CauseDecision | undefined {
  if (end?.result.kind !== 'matched') return undefined
  const node = disabledNode(end.result.target)
  if (!node) return undefined
  const status = statusOf(node)
  const treeIommus = subject.treeIommus()
  if ((status === 'reserved') !== reserved) return undefined
  return {
    details: { node: node.path, status, others: treeIommus ? otherBlocks(treeIommus) : '' },
    evidence: [
      { from: placeOfProperty(node, 'status'), value: status },
      { from: placeOfProperty(end.bridge, 'iommu-map'), value: `leads to ${end.result.target.path}` },
    ],
  }
}

const nodeDisabled: Cause = {
  id: 'iommu-node-disabled',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The device tree describes the IOMMU and disables it',
  decidedBy: 'The iommu-map of the host bridge and the status of the node that it leads to.',
  summary: '{node}, the IOMMU to which iommu-map leads, has status "{status}" in the device tree{others}',
  remedy:
    'Boot with a device tree in which {node} has status "okay" (the tree of the board, or an overlay), so that Linux drives the IOMMU.',
  covers: ['IR302'],
  references: [OF_IOMMU, STATUS_PROPERTY],
  decide: (subject, route) => disabledEnd(subject, iommuMapEnd(subject, route), false),
}

const nodeReserved: Cause = {
  id: 'iommu-node-reserved',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The device tree keeps the IOMMU for the firmware',
  decidedBy: 'The iommu-map of the host bridge and the status `reserved` of the node that it leads to.',
  summary:
    '{node}, the IOMMU to which iommu-map leads, has status "reserved": the firmware keeps it for itself{others}',
  remedy: 'Use firmware that leaves {node} to Linux; while the firmware keeps it, the device stays on the host.',
  covers: ['IR302'],
  references: [OF_IOMMU, STATUS_PROPERTY],
  decide: (subject, route) => disabledEnd(subject, iommuMapEnd(subject, route), true),
}

/** The word that lets through what an SMMU does not know. */
function bypassEvidence({ machine }: CauseSubject): readonly Evidence[] {
  const value = commandLineValues(machine, 'arm-smmu.disable_bypass').at(-1)
  if (value === undefined || !/^(?:0|n|N|off)/.test(value)) return []
  const [from = { path: 'proc/cmdline' }] = machine.kernel.commandLine.from
  return [{ from, value: `arm-smmu.disable_bypass=${value} lets through what the SMMU has no entry for` }]
}

function missedEntry(subject: CauseSubject, end: IommuMapEnd | undefined, written: boolean): CauseDecision | undefined {
  if (end?.result.kind !== 'no-match' || isMapWrittenByBootLoader(end.bridge) !== written) return undefined
  return {
    details: { ...uBootDetails(end.bridge), requesterId: hex(end.requesterId) },
    evidence: [
      { from: placeOfProperty(end.bridge, 'iommu-map'), value: `no entry for RequesterID ${hex(end.requesterId)}` },
      ...bypassEvidence(subject),
    ],
  }
}

const bootLoaderDidNotSee: Cause = {
  id: 'boot-loader-left-function-out',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The boot loader wrote the maps without this function',
  decidedBy:
    'The entries of iommu-map, the RequesterID of the function, and a host bridge whose maps U-Boot writes (Layerscape).',
  summary:
    'the boot loader, which writes iommu-map and msi-map of {bridge}, gave entries only to the functions it saw, not to RequesterID {requesterId}',
  remedy: TELL_U_BOOT,
  covers: ['IR306'],
  references: [
    {
      kind: 'source',
      title: 'U-Boot',
      locator: 'drivers/pci/pcie_layerscape_fixup.c; fsl-layerscape/doc/README.pci_iommu_extra',
    },
    OF_IOMMU,
  ],
  decide: (subject, route) => missedEntry(subject, iommuMapEnd(subject, route), true),
}

const mapDoesNotReach: Cause = {
  id: 'iommu-map-does-not-reach',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The iommu-map of the host bridge has no entry for the function',
  decidedBy: 'The entries of iommu-map and the RequesterID of the function.',
  summary: 'no entry of the iommu-map of {bridge} is for RequesterID {requesterId}',
  remedy:
    'Have the iommu-map of {bridge}, in the device tree or where a boot loader writes it, cover RequesterID {requesterId}.',
  covers: ['IR306'],
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => missedEntry(subject, iommuMapEnd(subject, route), false),
}

const mapRefused: Cause = {
  id: 'iommu-map-refused',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'Linux passes over the iommu-map because of an error in it',
  decidedBy: 'The cells of iommu-map.',
  summary: 'the iommu-map of {bridge} has an error, and Linux passes over it',
  remedy: 'Correct the iommu-map of {bridge} in the device tree; `intremap lint` names the cells.',
  covers: ['IR301', 'IR303'],
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => {
    const end = iommuMapEnd(subject, route)
    if (end?.result.kind !== 'error') return undefined
    return {
      details: { bridge: end.bridge.path },
      evidence: [{ from: placeOfProperty(end.bridge, 'iommu-map'), value: end.result.error }],
    }
  },
}

const boardHasNone: Cause = {
  id: 'board-has-no-iommu-before-pcie',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'hardware',
  title: 'This board has no IOMMU before PCIe',
  decidedBy:
    'The whole device tree: no host bridge has an iommu-map, and no node is an IOMMU that could stand before one.',
  summary: 'this board has no IOMMU before PCIe, as its whole device tree shows{others}',
  remedy: KEEP_ON_HOST,
  lasting: true,
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => {
    const end = iommuMapEnd(subject, route)
    const { machine } = subject
    const treeIommus = subject.treeIommus()
    if (end?.result.kind !== 'absent' || !treeIommus || machine.deviceTree.state !== 'known') return undefined
    if (!machine.deviceTree.value.complete || treeIommus.anyMap || treeIommus.candidates.length > 0) return undefined
    return {
      details: { others: otherBlocks(treeIommus) },
      evidence: [
        { from: placeOfProperty(end.bridge, 'iommu-map'), value: 'absent, as on every host bridge of the tree' },
        ...treeIommus.all
          .slice(0, 3)
          .map(({ node }) => ({ from: placeOfProperty(node, 'compatible'), value: 'no host bridge is behind it' })),
      ],
    }
  },
}

const noMap: Cause = {
  id: 'iommu-map-missing',
  family: 'missing-iommu',
  scope: 'device',
  actor: 'firmware',
  title: 'The host bridge has no iommu-map, and the tree has an IOMMU that may stand before it',
  decidedBy: 'The properties of the host bridge node, and the IOMMUs of the tree with their status.',
  summary: '{bridge} has no iommu-map{instead}, so that the device tree puts no IOMMU before it; it has {candidates}',
  remedy:
    'Look up, in the manual of the chip or with the maker of the board, whether {names} stands before {bridge}; if so, boot with a device tree that says it (iommu-map, and the IOMMU with status "okay"), else keep the device on the host.',
  references: [OF_IOMMU, PCI_IOMMU_BINDING],
  decide: (subject, route) => {
    const end = iommuMapEnd(subject, route)
    const treeIommus = subject.treeIommus()
    if (end?.result.kind !== 'absent' || !treeIommus) return undefined
    const { candidates, statuses } = treeIommus
    if (candidates.length === 0) return undefined
    const iommus = hasProperty(end.bridge, 'iommus')
    const instead =
      iommus.state === 'known' && iommus.value ? ' (iommus, which it has, does not count for PCI functions)' : ''
    return {
      details: {
        bridge: end.bridge.path,
        instead,
        names: iommuNames(candidates, false),
        candidates: `${iommuNames(candidates)} (status ${statuses.join(', ')})`,
      },
      evidence: [
        { from: placeOfProperty(end.bridge, 'iommu-map'), value: 'absent' },
        ...candidates.slice(0, 3).map(({ node }) => ({ from: placeOfProperty(node, 'status'), value: statusOf(node) })),
      ],
    }
  },
}

/** What the tree itself says and somebody has to change there, whoever provides the tree: a board or a hypervisor. */
export const DEVICE_TREE_FAULTS: readonly Cause[] = [nodeDisabled, nodeReserved, mapRefused]
export const DEVICE_TREE_MISSING_IOMMU: readonly Cause[] = [bootLoaderDidNotSee, mapDoesNotReach, boardHasNone, noMap]
