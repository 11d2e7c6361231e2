import { msiProviderOf } from '../../machine/devicetree-bindings.js'
import { isAvailable, walkNodes, type DeviceTreeNode } from '../../machine/devicetree.js'
import { treeRule, treeNodeEvidence, type TreeBridge } from './devicetree-judgement.js'
import { binding, linuxOf } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'

function kindOf(node: DeviceTreeNode): string {
  const provider = msiProviderOf(node)
  return provider.state === 'known' && provider.value !== 'none' ? provider.value.kind : 'none'
}

function ofBridge(bridge: TreeBridge, its: DeviceTreeNode): OutcomeItem[] {
  const provider = msiProviderOf(bridge.node)
  if (provider.state !== 'known' || provider.value === 'none' || provider.value.kind !== 'host-bridge') return []
  const { functions, node } = bridge
  return [
    {
      subject: node.path,
      devices: functions,
      message: 'beside',
      details: {
        bridge: node.path,
        receiver: provider.value.name,
        its: its.path,
      },
      linux: `Linux (${provider.value.driver ?? 'the driver of the bridge'}) takes the receiver, which raises whatever interrupt is written to it.`,
      evidence: [treeNodeEvidence(node, `${node.path}: neither msi-map nor msi-parent`), treeNodeEvidence(its)],
    },
  ]
}

export const privateReceiverBesideIts = treeRule({
  id: 'IR311',
  slug: 'private-receiver-beside-its',
  title: 'A host bridge uses its own MSI receiver although the machine has an ITS',
  severity: 'medium',
  effect: 'none',
  checks:
    'Enabled host bridges whose driver brings an MSI receiver of its own and whose node names no other controller, on machines with an enabled ITS.',
  why: 'The receiver takes any payload from any device behind the bridge. The ITS that would check it is there and is passed by.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Give the host bridge an msi-map to the ITS, where its hardware passes DeviceIDs on to it.',
    },
  ],
  limits: 'Whether the bridge is wired to the ITS, and works with it, only the manual of the chip tells.',
  references: [
    binding('pci/pci-msi.txt'),
    linuxOf('drivers/pci/controller/dwc/pcie-designware-host.c: dw_pcie_host_init, use_imsi_rx'),
  ],
  messages: {
    beside: '{bridge} names no MSI controller and has its own ({receiver}), although there is {its}{affects}.',
  },
  judge: (at) => {
    const its = [...walkNodes(at.tree.root)].find((node) => /^(its|gicv5-its)$/.test(kindOf(node)) && isAvailable(node))
    return {
      failed: its ? at.bridges.flatMap((bridge) => ofBridge(bridge, its)) : [],
      applicable: its !== undefined && at.bridges.length > 0,
    }
  },
})
