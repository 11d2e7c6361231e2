import { commonRanges } from '../../kernel/ids/id-ranges.js'
import { maskedRanges } from '../../kernel/ids/id-way.js'
import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { filledCells, firstCell, nodeByPhandle } from '../../kernel/devicetree/of-property.js'
import { atLeast } from '../../kernel/release.js'
import { msiProviderOf } from '../../machine/devicetree-bindings.js'
import type { DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { treeRule, propertyEvidence, treeNodeEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import { binding, linuxOf } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import type { OutcomeItem, Severity } from '../rule.js'

/** Whether the node gives PCI functions an MSI domain; undefined where that cannot be read. */
function servesPci(node: DeviceTreeNode): boolean | undefined {
  const provider = msiProviderOf(node)
  if (provider.state === 'unreadable') return undefined
  return provider.state === 'known' && provider.value !== 'none' && provider.value.serves === 'pci'
}

function linuxOfCells(at: TreeCase): readonly [linux: string, severity: Severity] {
  const later = 'from 6.12 on it takes the controller, ignores the cells and has the RequesterID for the DeviceID'
  if (!at.release) return [`Linux up to 6.8 finds no MSI domain by it; ${later}.`, 'low']
  if (atLeast(at.release, 6, 12))
    return [
      `Linux ${at.release.text} takes the controller and ignores the cells: the RequesterID is the DeviceID.`,
      'low',
    ]
  return atLeast(at.release, 6, 9)
    ? [`Whether Linux ${at.release.text} takes it is not known: up to 6.8 it does not, ${later}.`, 'medium']
    : [`Linux ${at.release.text} finds no MSI domain by it: there are no MSIs.`, 'medium']
}

const NO_DOMAIN = 'Linux finds no MSI domain by it: without another controller there are no MSIs.'

/** Why an `msi-parent` does nothing, or not what it says. */
function ofParent(at: TreeCase, bridge: TreeBridge): OutcomeItem[] {
  const cells = filledCells(bridge.node, 'msi-parent')
  if (cells.state !== 'known') return []
  const item = (
    message: string,
    linux: string,
    details: Readonly<Record<string, string>>,
    severity: Severity,
    target?: DeviceTreeNode,
  ): OutcomeItem => ({
    subject: bridge.node.path,
    devices: severity === 'medium' ? bridge.functions : [],
    message,
    details: { bridge: bridge.node.path, devices: affectsWords(bridge.functions), ...details },
    linux,
    evidence: [propertyEvidence(bridge.node, 'msi-parent'), ...(target ? [treeNodeEvidence(target)] : [])],
    severity,
  })
  const [phandle = 0] = cells.value
  const target = nodeByPhandle(at.tree, phandle)
  if (target === 'tree-incomplete') return []
  if (target === 'missing') return [item('missing', NO_DOMAIN, { phandle: hex(phandle) }, 'medium')]
  const { msiMap } = bridge
  if (msiMap.state === 'known') {
    const { toMsi, buses } = bridge
    const left =
      toMsi &&
      commonRanges(
        toMsi.stuck,
        buses.flatMap((bus) => maskedRanges(bus, toMsi.mask)),
      ).length > 0
    return left === true
      ? []
      : [item('beside-map', 'Linux never comes to it.', { target: target.path }, 'info', target)]
  }
  if (servesPci(target) === false) return [item('no-controller', NO_DOMAIN, { target: target.path }, 'medium', target)]
  const width = firstCell(target, '#msi-cells')
  const declared = width.state === 'known' ? width.value : 0
  if (declared === 0) return []
  if (cells.value.length < 1 + declared)
    return [
      item(
        'too-short',
        'On every release Linux finds no MSI domain by it.',
        { target: target.path, cells: String(declared) },
        'medium',
        target,
      ),
    ]
  const [linux, severity] = linuxOfCells(at)
  // Where another parent still serves, nothing is lost.
  const serving = msiParentsOf(at.tree, bridge.node, at.release).parents.some(({ node }) => servesPci(node) === true)
  return [item('cells', linux, { target: target.path }, serving ? 'low' : severity, target)]
}

export const msiParentWithoutEffect = treeRule({
  id: 'IR307',
  slug: 'msi-parent-without-effect',
  title: 'msi-parent of a host bridge does not do what it says',
  severity: 'medium',
  effect: 'none',
  checks:
    'msi-parent of the enabled host bridges: its target, the cells behind the phandle against #msi-cells, and msi-map beside it.',
  why: 'For PCI functions msi-map says which controller and DeviceID they have. An msi-parent that the kernel passes over leaves them without MSIs, and one with cells gives them other DeviceIDs than it seems to.',
  remedy: [{ actor: 'firmware', text: 'Give the host bridge an msi-map that says the DeviceID of every RequesterID.' }],
  limits:
    'Boot loaders write an msi-map into the trees of some boards before Linux sees them; a blob from a package does not show it.',
  references: [
    binding('interrupt-controller/msi.txt'),
    binding('pci/pci-msi.txt'),
    linuxOf('drivers/of/irq.c: of_msi_get_domain'),
  ],
  messages: {
    missing: 'msi-parent of {bridge} names phandle {phandle}, which no node has{devices}.',
    'beside-map': 'msi-parent of {bridge} ({target}) stands beside an msi-map that holds every RequesterID.',
    'no-controller': 'msi-parent of {bridge} leads to {target}, which is no MSI controller for PCI{devices}.',
    'too-short':
      'msi-parent of {bridge} leads to {target}, which wants {cells} cells behind the phandle, and has fewer{devices}.',
    cells: 'msi-parent of {bridge} gives {target} cells, which mean nothing for PCI{devices}.',
  },
  judge: (at) => ({
    failed: at.bridges.flatMap((bridge) => ofParent(at, bridge)),
    applicable: at.bridges.some(({ node }) => node.properties.has('msi-parent')),
  }),
})
