import { msiParentsOf } from '../../kernel/devicetree/of-msi-parent.js'
import { interruptControllerOf } from '../../machine/devicetree-bindings.js'
import { compatibleOf, hasProperty, isAvailable, walkNodes, type DeviceTreeNode } from '../../machine/devicetree.js'
import { treeRule, treeNodeEvidence, type TreeBridge, type TreeCase } from './devicetree-judgement.js'
import { binding, linuxOf } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'

type ItsKind = 'GICv3 ITS' | 'translate frame of a GICv5 ITS'

function itsKindOf(node: DeviceTreeNode): ItsKind | undefined {
  const compatible = compatibleOf(node)
  if (compatible.state === 'known') return compatible.value.includes('arm,gic-v3-its') ? 'GICv3 ITS' : undefined
  if (compatible.state === 'unreadable' || !node.parent) return undefined
  const parent = interruptControllerOf(node.parent)
  return parent.state === 'known' && parent.value === 'gicv5-its' ? 'translate frame of a GICv5 ITS' : undefined
}

function names(at: TreeCase, bridge: TreeBridge, node: DeviceTreeNode): boolean {
  const { msiMap } = bridge
  if (msiMap.state === 'known' && msiMap.reading.entries.some(({ target }) => target === node)) return true
  return msiParentsOf(at.tree, bridge.node, at.release).parents.some((parent) => parent.node === node)
}

function ofNode(at: TreeCase, node: DeviceTreeNode, kind: ItsKind): OutcomeItem[] {
  const controller = hasProperty(node, 'msi-controller')
  if (controller.state !== 'known' || controller.value) return []
  const bridges = at.bridges.filter((bridge) => names(at, bridge, node))
  const devices = bridges.flatMap(({ functions }) => functions)
  return [
    {
      subject: node.path,
      devices,
      message: 'ignored',
      details: {
        its: node.path,
        kind,
      },
      linux:
        kind === 'GICv3 ITS'
          ? 'Linux logs "no msi-controller property, ITS ignored" and has no domain of it.'
          : 'Linux makes no domain of the frame.',
      evidence: [treeNodeEvidence(node)],
    },
  ]
}

export const itsNotMsiController = treeRule({
  id: 'IR310',
  slug: 'its-not-msi-controller',
  title: 'An ITS in the device tree lacks msi-controller',
  severity: 'medium',
  effect: 'none',
  checks: 'The property msi-controller on every enabled ITS node.',
  why: 'The kernel leaves such an ITS alone. Functions that are mapped to it have no MSIs, or those of a controller that checks nothing.',
  remedy: [{ actor: 'firmware', text: 'Add msi-controller and #msi-cells = <1> to the node.' }],
  limits: 'Whether the ITS answers when the kernel probes it cannot be seen in the tree.',
  references: [
    binding('interrupt-controller/arm,gic-v3.yaml: msi-controller@'),
    linuxOf('drivers/irqchip/irq-gic-v3-its.c: its_of_probe'),
  ],
  messages: {
    ignored: 'The {kind} {its} has no msi-controller{affects}.',
  },
  judge: (at) => {
    const its = [...walkNodes(at.tree.root)].flatMap((node) => {
      const kind = itsKindOf(node)
      return kind !== undefined && isAvailable(node) ? [{ node, kind }] : []
    })
    return { failed: its.flatMap(({ node, kind }) => ofNode(at, node, kind)), applicable: its.length > 0 }
  },
})
