import {
  cellsOf,
  compatibleOf,
  hasProperty,
  isEnabled,
  placeOfNode,
  property,
  translatedAddress,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { numberFromCells } from '../../machine/devicetree-cells.js'
import { msiProviderOf, type MsiProvider } from '../../machine/devicetree-bindings.js'
import type { Answer } from '../../machine/kinds.js'
import type { KernelContext } from '../context.js'
import { once } from '../once.js'
import { allOf } from '../decision.js'
import {
  gicV5ItsRegistered,
  itsCameUp,
  itsRegistered,
  mbiRegistered,
  preItsQuirkApplied,
  v2mRegistered,
} from './gic-bring-up.js'
import { DOORBELL, type MsiController } from './msi-controller.js'

/** Enabled, for what isolates: an unreadable `status` is not yet disabled, but nothing rests on it. */
function enabled(node: DeviceTreeNode): Answer {
  const fact = isEnabled(node)
  return fact.state === 'known' ? (fact.value ? 'yes' : 'no') : 'unknown'
}

function has(node: DeviceTreeNode, name: string): Answer {
  const fact = hasProperty(node, name)
  return fact.state === 'known' ? (fact.value ? 'yes' : 'no') : 'unknown'
}

type Draft = Pick<MsiController, 'kind' | 'payloadChecked' | 'registered'> & Partial<MsiController>

function controller(node: DeviceTreeNode, draft: Draft): MsiController {
  return {
    key: node.path,
    id: node.path,
    address: translatedAddress(node),
    doorbell: undefined,
    node,
    preIts: 'no',
    probed: 'unknown',
    from: [placeOfNode(node)],
    ...draft,
  }
}

const plus = (base: bigint | undefined, offset: bigint) => (base === undefined ? undefined : base + offset)

/** The flag of an ITS, which the quirk that the pre-ITS property stands for clears. */
function flagged(context: KernelContext, base: bigint | undefined, preIts: Answer): Answer {
  if (preIts !== 'yes') return preIts === 'no' ? 'yes' : 'unknown'
  return preItsQuirkApplied(context, base) === 'no' ? 'yes' : 'no'
}

/** K: its_of_probe: enabled, with `msi-controller` and `reg`. */
function its(context: KernelContext, node: DeviceTreeNode): MsiController {
  const base = translatedAddress(node)
  const preIts = has(node, 'socionext,synquacer-pre-its')
  return controller(node, {
    kind: 'its',
    payloadChecked: flagged(context, base, preIts),
    preIts,
    registered: allOf([
      enabled(node),
      has(node, 'msi-controller'),
      has(node, 'reg'),
      itsRegistered(context, base, node.path),
    ]),
    probed: itsCameUp(context, base) ? 'yes' : 'unknown',
    doorbell: plus(base, DOORBELL.its),
  })
}

/** A GICv5 ITS's translate frame is the node that maps point at; ITS and frame have to be enabled. */
function gicV5Its(context: KernelContext, node: DeviceTreeNode): MsiController {
  const parents = node.parent ? [enabled(node.parent)] : []
  return controller(node, {
    kind: 'gicv5-its',
    ...(node.parent ? { deviceTable: node.parent.path } : {}),
    payloadChecked: 'yes',
    registered: allOf([
      enabled(node),
      ...parents,
      has(node, 'msi-controller'),
      gicV5ItsRegistered(context, 'devicetree'),
    ]),
    doorbell: translatedAddress(node),
  })
}

function gicVersionOf(node: DeviceTreeNode | undefined): 2 | 3 | 5 | undefined {
  if (!node) return undefined
  const compatible = compatibleOf(node)
  if (compatible.state !== 'known') return undefined
  const names = (version: string): boolean => compatible.value.some((name) => name.includes(version))
  if (names('gic-v5')) return 5
  return names('gic-v3') ? 3 : 2
}

/** MBI: the GICv3 itself, with `msi-controller` and `mbi-ranges`; its doorbell lies in the distributor's own page. */
function mbi(node: DeviceTreeNode, isTaken: () => Answer): MsiController {
  const alias = cellsOf(property(node, 'mbi-alias'))
  // An alias that is no number hides the doorbell: the distributor's own page is not what answers then (K: mbi_init).
  const elsewhere = alias.state === 'known' && alias.value.length > 0 ? numberFromCells(alias.value) : undefined
  const base = alias.state === 'absent' ? translatedAddress(node) : elsewhere
  return controller(node, {
    kind: 'gicv3-mbi',
    payloadChecked: 'no',
    registered: allOf([enabled(node), has(node, 'msi-controller'), has(node, 'mbi-ranges'), isTaken()]),
    doorbell: plus(base, DOORBELL.distributor),
  })
}

/** A host bridge's own receiver: whether its driver sets it up beside `msi-map` and `msi-parent`, its binding tells. */
function privateReceiver(node: DeviceTreeNode): MsiController {
  return controller(node, { kind: 'host-bridge', payloadChecked: 'no', registered: enabled(node) })
}

/** What is seen of the tree as a whole. */
interface Seen {
  frames: number
  readonly its: boolean
  /** Whether the kernel took the message-based interrupts of a distributor. */
  readonly mbiTaken: () => Answer
}

function controllerFor(context: KernelContext, node: DeviceTreeNode, provider: MsiProvider, seen: Seen): MsiController {
  switch (provider.kind) {
    case 'its':
      return its(context, node)
    case 'gicv5-its':
      return gicV5Its(context, node)
    case 'gicv2m': {
      // All frames make one domain, known by the first one's node (K: gicv2m_allocate_domains).
      const usable = allOf([enabled(node), has(node, 'msi-controller')])
      const first = usable !== 'no' && seen.frames++ === 0
      const taken = first ? v2mRegistered(context, gicVersionOf(node.parent), seen.its) : 'no'
      return controller(node, {
        kind: 'gicv2m',
        payloadChecked: 'no',
        registered: allOf([usable, taken]),
        probed: taken,
        doorbell: plus(translatedAddress(node), DOORBELL.gicv2m),
      })
    }
    case 'gicv3-mbi':
      return mbi(node, seen.mbiTaken)
    case 'host-bridge':
      return privateReceiver(node)
    case 'imsic':
      return controller(node, { kind: 'imsic', payloadChecked: 'no', registered: enabled(node) })
    case 'other':
      return controller(node, { kind: 'other', payloadChecked: 'no', registered: enabled(node) })
  }
}

/** Every MSI controller of the device tree; a node whose `compatible` cannot be read may be one of any kind. */
export function msiControllersOfTree(context: KernelContext): readonly MsiController[] {
  const { deviceTree } = context.machine
  if (deviceTree.state !== 'known') return []
  return controllersOf(context, deviceTree.value)
}

function controllersOf(context: KernelContext, tree: DeviceTree): readonly MsiController[] {
  const providers = [...walkNodes(tree.root)].map((node) => ({ node, provider: msiProviderOf(node) }))
  const hasIts = providers.some(
    ({ provider }) => provider.state === 'known' && provider.value !== 'none' && provider.value.kind === 'its',
  )
  const seen: Seen = { frames: 0, its: hasIts, mbiTaken: once(() => mbiRegistered(context)) }
  return providers.flatMap(({ node, provider }) => {
    if (provider.state === 'unreadable') {
      return [controller(node, { kind: 'unknown', payloadChecked: 'unknown', registered: 'unknown' })]
    }
    if (provider.state === 'absent' || provider.value === 'none') return []
    return controllerFor(context, node, provider.value, seen)
  })
}
