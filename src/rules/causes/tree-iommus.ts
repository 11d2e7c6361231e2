import {
  cellsOf,
  property,
  stringsOf,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { iommuKindOf } from '../../machine/devicetree-bindings.js'
import type { IommuInstanceKind } from '../../machine/iommu.js'
import { listOf } from '../device-items.js'

/** An IOMMU that a device tree describes, enabled or not, and whom the tree puts behind it. */
export interface TreeIommu {
  readonly node: DeviceTreeNode
  readonly kind: IommuInstanceKind
  /** Names of the nodes whose `iommus` lead to it, without unit address: `display-subsystem`, `vop`. */
  readonly masters: readonly string[]
  /** Some host bridge's iommu-map names it. */
  readonly servesPci: boolean
}

export interface TreeIommus {
  readonly all: readonly TreeIommu[]
  /** Those that can stand before a PCI host bridge. */
  readonly candidates: readonly TreeIommu[]
  /** What their status says, each once. */
  readonly statuses: readonly string[]
  /** Those that are for other blocks. */
  readonly others: readonly TreeIommu[]
  /** Some node has an iommu-map. */
  readonly anyMap: boolean
}

/** Kinds that can stand before a PCI host bridge; the others serve blocks of the system on chip. */
const BEFORE_PCI: ReadonlySet<IommuInstanceKind> = new Set(['smmuv3', 'smmuv2', 'riscv', 'virtio-iommu'])

const canServePci = ({ kind, servesPci }: TreeIommu): boolean => servesPci || BEFORE_PCI.has(kind)

const nameOf = ({ name }: DeviceTreeNode) => name.replace(/@.*/, '')

/** Every IOMMU of a tree. One walk over it; the cells of `iommus` are looked through for phandles of IOMMUs alone. */
export function iommusOfTree(tree: DeviceTree): TreeIommus {
  const found = new Map<
    DeviceTreeNode,
    { readonly kind: IommuInstanceKind; masters: Set<string>; servesPci: boolean }
  >()
  const nodes = [...walkNodes(tree.root)]
  for (const node of nodes) {
    const kind = iommuKindOf(node)
    if (kind.state === 'known' && kind.value !== 'none')
      found.set(node, { kind: kind.value, masters: new Set(), servesPci: false })
  }
  let anyMap = false
  for (const node of nodes) {
    const map = property(node, 'iommu-map')
    if (map.state !== 'absent') anyMap = true
    for (const cells of [cellsOf(property(node, 'iommus')), cellsOf(map)]) {
      if (cells.state !== 'known') continue
      for (const cell of cells.value) {
        const target = tree.byPhandle.get(cell)
        const iommu = target && found.get(target)
        if (!iommu) continue
        if (map.state === 'absent') iommu.masters.add(nameOf(node))
        else iommu.servesPci = true
      }
    }
  }
  const all = [...found].map(([node, { kind, masters, servesPci }]) => ({
    node,
    kind,
    masters: [...masters],
    servesPci,
  }))
  const candidates = all.filter(canServePci)
  const statuses = [...new Set(candidates.map(({ node }) => statusOf(node)))]
  return { all, candidates, statuses, others: all.filter((iommu) => !canServePci(iommu)), anyMap }
}

/** What a status property says; `okay` where there is none. */
export function statusOf(node: DeviceTreeNode): string {
  const status = stringsOf(property(node, 'status'))
  return status.state === 'known' ? (status.value[0] ?? '') : 'okay'
}

const NAMED = 4

/** `/iommu@fdd97e00 (vop)`, and so on, or without whom they serve; some of many. */
export function iommuNames(iommus: readonly TreeIommu[], withMasters = true): string {
  const names = iommus
    .slice(0, NAMED)
    .map(({ node, masters }) =>
      withMasters && masters.length > 0 ? `${node.path} (${masters.slice(0, 3).join(', ')})` : node.path,
    )
  const left = iommus.length - names.length
  return left > 0 ? `${names.join(', ')} and ${left} more` : listOf(names)
}
