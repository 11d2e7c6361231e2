import { idsOf, type PciFunction } from '../../machine/pci.js'
import { requesterIdOf } from '../../machine/identifiers.js'
import { aliasesOnBus, bridgesAbove, portTypeOf, type PciTopology } from './pci-topology.js'
import {
  BRIDGES_WITHOUT_ALIAS,
  HIDDEN_PCIE_TO_PCI_BRIDGES,
  TRANSLATION_ROOT_BRIDGES,
  type BridgeQuirkEntry,
} from './quirks/dma-alias-quirks.js'
import { atLeast } from '../release.js'

/** One RequesterID under which a function's DMA may arrive, and the function or bridge that emits it. */
export interface DmaAlias {
  readonly function: PciFunction
  /** 16 bits: bus << 8 | device << 3 | function. */
  readonly requesterId: number
}

export type DmaAliases =
  | { readonly kind: 'known'; readonly aliases: readonly DmaAlias[] }
  | {
      readonly kind: 'unknown'
      /** What could not be read: the way up, a bridge's capabilities, ids; or aliases that only registers tell. */
      readonly why: 'topology' | 'bridge' | 'ids' | 'device-registers'
      /** The function it is about. */
      readonly at: PciFunction
    }

function listed(
  entries: readonly BridgeQuirkEntry[],
  ids: { readonly vendor: number; readonly device: number },
): boolean {
  return entries.some(({ vendor, devices }) => vendor === ids.vendor && devices.includes(ids.device))
}

/**
 * The function that does the DMA: for a device in a domain behind an Intel VMD, the VMD itself.
 * Source: K: arch/x86/pci/common.c, `pci_real_dma_dev`; the VMD is the device above the domain's root bus.
 */
export function realDmaDevice(topology: PciTopology, fn: PciFunction): PciFunction {
  if (fn.rootBus.state !== 'known') return fn
  const { parentPath } = fn.rootBus.value
  return topology.byName.get(parentPath.slice(parentPath.lastIndexOf('/') + 1)) ?? fn
}

/** Whether the header is of type 1, and the bridge no CardBus bridge. */
const isPciBridge = ({ configuration }: PciFunction) =>
  configuration.state === 'known' && configuration.value.headerType === 1

/** RequesterID that a bridge puts in place of its children's; `none`, or `unknown` where it cannot be told. */
function bridgeAlias(
  topology: PciTopology,
  bridge: PciFunction,
  above: PciFunction | undefined,
): number | 'none' | 'stop' | 'unknown' {
  const ids = idsOf(bridge)
  if (typeof ids === 'string') return 'unknown'
  if (listed(TRANSLATION_ROOT_BRIDGES, ids)) return 'stop'
  const numbers = bridge.configuration.state === 'known' ? bridge.configuration.value.bridge : undefined
  const secondary = numbers ? numbers.secondaryBus << 8 : ('unknown' as const)
  switch (portTypeOf(topology, bridge)) {
    case 'unknown':
      return 'unknown'
    case 'pcie-to-pci-bridge': {
      const known = topology.release !== undefined && atLeast(topology.release, 7, 0)
      return known && listed(BRIDGES_WITHOUT_ALIAS, ids) ? 'none' : secondary
    }
    case 'pci-to-pcie-bridge':
      return requesterIdOf(bridge.address)
    case 'conventional': {
      if (!listed(HIDDEN_PCIE_TO_PCI_BRIDGES, ids) || !above || !isPciBridge(bridge))
        return requesterIdOf(bridge.address)
      const type = portTypeOf(topology, above)
      if (type === 'unknown') return 'unknown'
      return type === 'conventional' || type === 'pcie-to-pci-bridge' ? requesterIdOf(bridge.address) : secondary
    }
    case 'root-port':
    case 'upstream-port':
    case 'downstream-port':
    case 'endpoint':
    case 'legacy-endpoint':
    case 'rc-integrated-endpoint':
    case 'rc-event-collector':
    case 'reserved':
      return 'none'
  }
}

/**
 * RequesterIDs under which a function's DMA may arrive at the root, in the kernel's order: its own, quirk aliases on its
 * bus, then those of the bridges above it. A bridge whose capabilities cannot be read may be a PCIe-to-PCI bridge, which
 * makes the whole list unknown; on a root bus there is no bridge and the ids alone settle it.
 * Source: K: drivers/pci/search.c, `pci_for_each_dma_alias`; pci-config.md section 5.
 */
export function dmaAliases(topology: PciTopology, fn: PciFunction): DmaAliases {
  if (fn.rootBus.state === 'unreadable') return { kind: 'unknown', why: 'topology', at: fn }
  const device = realDmaDevice(topology, fn)
  const bridges = bridgesAbove(topology, device)
  if (!bridges) return { kind: 'unknown', why: 'topology', at: device }
  const quirks = aliasesOnBus(topology, device)
  if (quirks === 'unknown')
    return { kind: 'unknown', why: typeof idsOf(device) === 'string' ? 'ids' : 'device-registers', at: device }
  const busBase = device.address.bus << 8
  const aliases: DmaAlias[] = [
    { function: device, requesterId: requesterIdOf(device.address) },
    ...quirks.map((devfn) => ({ function: device, requesterId: busBase | devfn })),
  ]
  for (const [index, bridge] of bridges.entries()) {
    const alias = bridgeAlias(topology, bridge, bridges[index + 1])
    if (alias === 'unknown') return { kind: 'unknown', why: 'bridge', at: bridge }
    if (alias === 'stop') break
    if (alias !== 'none') aliases.push({ function: bridge, requesterId: alias })
  }
  return { kind: 'known', aliases }
}

/**
 * RequesterID from which the DeviceID of a function's MSIs is derived: aliases on another bus replace it, the last one
 * wins; quirk aliases on its own bus do not.
 *
 * @param requesterId of the function itself
 *
 * Source: K: drivers/pci/msi/irqdomain.c, `get_msi_id_cb`; kernel-decision.md section 3.2.
 */
export function msiRequesterId(requesterId: number, aliases: readonly DmaAlias[]): number {
  return aliases.reduce((current, alias) => {
    const bus = current >>> 8
    return alias.function.address.bus !== bus || alias.requesterId >>> 8 !== bus ? alias.requesterId : current
  }, requesterId)
}
