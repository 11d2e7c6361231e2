import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { filledCells } from '../../kernel/devicetree/of-property.js'
import { hasProperty, isAvailable, walkNodes, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { treeRule, propertyEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import { binding, linuxOf } from '../firmware-references.js'
import { functionsTo } from '../present-ids.js'
import type { OutcomeItem } from '../rule.js'

const PROPERTY = 'socionext,synquacer-pre-its'

const bits = (value: number): number => Math.floor(Math.log2(value))

/** Whether the MSIs of a PCI host may go to the ITS; a map that cannot be read may name it. */
function servesBridge({ tree, release }: TreeCase, { node, msiMap }: TreeBridge, its: DeviceTreeNode): boolean {
  if (msiMap.state === 'known' && msiMap.reading.faults.length === 0)
    return msiMap.reading.entries.some(({ target }) => target === its)
  if (msiMap.state !== 'absent') return true
  const { parents, end } = msiParentsOf(tree, node, release)
  return end === 'unreadable' || parents.some((parent) => parent.node === its)
}

function ofNode(at: TreeCase, node: DeviceTreeNode): OutcomeItem {
  const cells = filledCells(node, PROPERTY)
  const [base, size] = cells.state === 'known' ? cells.value : []
  const devices = functionsTo(at, 'DeviceID', node)
  const whole = base !== undefined && size !== undefined && size >= 8
  return {
    subject: node.path,
    devices,
    message: whole ? 'window' : 'malformed',
    details: {
      its: node.path,
      window: whole ? `${hex(base)} to ${hex(base + size - 1)}` : '',
      bits: whole ? String(bits(size) - 2) : '',
    },
    linux: whole
      ? 'Linux makes the doorbell of a device from its DeviceID and clears the isolation flag.'
      : 'Linux leaves the quirk out and keeps the isolation flag, which is wrong for this hardware.',
    evidence: [propertyEvidence(node, PROPERTY)],
  }
}

export const treePreIts = treeRule({
  id: 'IR309',
  slug: 'tree-pre-its',
  title: 'The device tree puts a pre-ITS before an ITS',
  severity: 'high',
  effect: 'none',
  checks: `The property ${PROPERTY} on the enabled nodes of ITSs that take the MSIs of a PCI host.`,
  why: 'A pre-ITS makes the DeviceID of the address that a device writes to, so that each device can pass for every other.',
  remedy: [
    { actor: 'hardware', text: 'Keep devices behind this ITS on the host; no setting separates their interrupts.' },
  ],
  limits:
    'Rule IR102 holds it against the functions behind it. Linux applies it where the ITS has the right identification register, which no file shows.',
  references: [
    binding('interrupt-controller/arm,gic-v3.yaml: socionext,synquacer-pre-its'),
    linuxOf('drivers/irqchip/irq-gic-v3-its.c: its_enable_quirk_socionext_synquacer'),
  ],
  messages: {
    window: 'ITS {its} stands behind a pre-ITS with the window {window}, for DeviceIDs of {bits} bits{affects}.',
    malformed: 'ITS {its} stands behind a pre-ITS whose window cannot be read from the property{affects}.',
  },
  judge: (at) => {
    const its = [...walkNodes(at.tree.root)].filter((node) => {
      const controller = hasProperty(node, 'msi-controller')
      return controller.state === 'known' && controller.value && isAvailable(node)
    })
    const served = its.filter((node) => at.bridges.some((bridge) => servesBridge(at, bridge, node)))
    const behind = served.filter((node) => {
      const property = hasProperty(node, PROPERTY)
      return property.state === 'known' && property.value
    })
    return { failed: behind.map((node) => ofNode(at, node)), applicable: served.length > 0 }
  },
})
