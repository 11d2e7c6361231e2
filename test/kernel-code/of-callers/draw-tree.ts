import { DraftNode, finishTree } from '../../../src/machine/devicetree-builder.js'
import type { DeviceTree, DeviceTreeNode } from '../../../src/machine/devicetree.js'
import { absent, known, type Fact } from '../../../src/machine/fact.js'
import type { Draw } from '../draw.js'
import { words } from '../oracle.js'

/** In the order of the oracle. */
const PROPERTIES = [
  'msi-map',
  'msi-map-mask',
  'iommu-map',
  'iommu-map-mask',
  'msi-parent',
  'iommus',
  '#msi-cells',
  '#iommu-cells',
] as const
type Property = (typeof PROPERTIES)[number]

const EDGES = [0, 1, 8, 0x80, 0xff, 0x100, 0x1ff, 0x200, 0x7fff, 0x8000, 0xfffe, 0xffff] as const
const TARGETS = 4

interface DrawnNode {
  readonly phandle: number
  readonly available: boolean
  /** Whether it has an MSI domain for PCI. */
  readonly serves: boolean
  readonly properties: ReadonlyMap<Property, readonly number[]>
}

export interface TreeQuestion {
  readonly id: number
  /** A controller that was chosen: its phandle. */
  readonly wanted: number
  /** RequesterIDs of the function, its own first. */
  readonly aliases: readonly number[]
}

/** A device below a bridge below a host bridge, and controllers and IOMMUs that their properties may name. */
export interface DrawnTree {
  readonly tree: DeviceTree
  /** Device, bridge, host bridge. */
  readonly chain: readonly Fact<DeviceTreeNode>[]
  readonly hostBridge: DeviceTreeNode
  /** The three, whether or not the chain has them. */
  readonly devices: readonly DeviceTreeNode[]
  readonly byPhandle: ReadonlyMap<number, DeviceTreeNode>
  readonly serving: ReadonlySet<DeviceTreeNode>
  readonly questions: readonly TreeQuestion[]
  readonly encoded: Uint8Array
  readonly text: string
}

/** The cells of a target; few are as wide as nobody can take. */
function drawTarget(draw: Draw, phandle: number): DrawnNode {
  const properties = new Map<Property, readonly number[]>()
  if (draw.chance(70)) properties.set('#msi-cells', [draw.pick([0, 1, 1, 1, 2, 17])])
  if (draw.chance(85)) properties.set('#iommu-cells', [draw.pick([0, 1, 1, 1, 1, 2, 17])])
  return { phandle, available: draw.chance(85), serves: draw.chance(60), properties }
}

const cellsOf = (targets: readonly DrawnNode[], phandle: number, name: Property) =>
  Math.min(targets.find((target) => target.phandle === phandle)?.properties.get(name)?.[0] ?? 1, 4)

function drawMap(draw: Draw, targets: readonly DrawnNode[], cellsName: Property): readonly number[] {
  const cells: number[] = []
  const main = 1 + draw.below(TARGETS)
  for (let entry = 1 + draw.below(4); entry > 0; entry--) {
    const phandle = draw.chance(75) ? main : draw.chance(95) ? 1 + draw.below(TARGETS) : draw.pick([0, 9])
    const base = draw.pick(EDGES)
    cells.push(base, phandle)
    for (let cell = draw.chance(85) ? cellsOf(targets, phandle, cellsName) : 1; cell > 0; cell--)
      cells.push(draw.pick([0, 0x100, base, 0x20000]))
    cells.push(draw.pick([1, 1, 8, 0x100, 0x100, 0x10000, 0x10000, 0]))
  }
  if (draw.chance(5)) cells.splice(draw.below(cells.length), 1)
  return cells
}

/** A list of phandles with arguments: `msi-parent` or `iommus`. */
function drawList(draw: Draw, targets: readonly DrawnNode[], cellsName: Property): readonly number[] {
  const cells: number[] = []
  for (let entry = 1 + draw.below(3); entry > 0; entry--) {
    const phandle = draw.chance(90) ? 1 + draw.below(TARGETS) : draw.pick([0, 9])
    cells.push(phandle)
    if (draw.chance(10)) continue
    for (let cell = cellsOf(targets, phandle, cellsName); cell > 0; cell--) cells.push(draw.pick([0, 1, 0x400]))
  }
  return cells
}

function drawDevice(draw: Draw, targets: readonly DrawnNode[], isHost: boolean): DrawnNode {
  const properties = new Map<Property, readonly number[]>()
  const maps: readonly (readonly ['msi-map' | 'iommu-map', Property, number])[] = [
    ['msi-map', '#msi-cells', isHost ? 60 : 15],
    ['iommu-map', '#iommu-cells', isHost ? 85 : 0],
  ]
  for (const [name, cellsName, percent] of maps) {
    if (draw.chance(percent)) properties.set(name, drawMap(draw, targets, cellsName))
    if (draw.chance(15)) properties.set(`${name}-mask`, [draw.pick([0xffff, 0xff00, 0xfff8, 0xffffffff])])
  }
  if (draw.chance(isHost ? 50 : 25)) properties.set('msi-parent', drawList(draw, targets, '#msi-cells'))
  if (draw.chance(60)) properties.set('iommus', drawList(draw, targets, '#iommu-cells'))
  return { phandle: 0, available: true, serves: false, properties }
}

/** Cells in the byte order of device trees. */
function cellBytes(cells: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * cells.length)
  for (const [index, cell] of cells.entries()) bytes.writeUInt32BE(cell >>> 0, 4 * index)
  return new Uint8Array(bytes)
}

function factsOf(parent: DraftNode, name: string, drawn: DrawnNode): DraftNode {
  const node = new DraftNode(parent, name, `tree/${name}`)
  for (const [property, cells] of drawn.properties) node.properties.set(property, known(cellBytes(cells)))
  if (drawn.phandle !== 0) node.properties.set('phandle', known(cellBytes([drawn.phandle])))
  if (!drawn.available) node.properties.set('status', known(new TextEncoder().encode('disabled\0')))
  return node
}

function encode(nodes: readonly DrawnNode[], links: number, questions: readonly TreeQuestion[]): Uint8Array {
  const cells = [nodes.length, links]
  for (const { phandle, available, serves, properties } of nodes) {
    cells.push(phandle, available ? 1 : 0, serves ? 1 : 0)
    for (const name of PROPERTIES) {
      const value = properties.get(name)
      if (value) cells.push(value.length + 1, ...value)
      else cells.push(0)
    }
  }
  cells.push(questions.length)
  // The named nodes follow device, bridge and host bridge.
  for (const { id, wanted, aliases } of questions) cells.push(id, 2 + wanted, aliases.length, ...aliases)
  return words(...cells)
}

export function drawTree(draw: Draw): DrawnTree {
  const targets = Array.from({ length: TARGETS }, (_, index) => drawTarget(draw, index + 1))
  const devices = [0, 1, 2].map((depth) => drawDevice(draw, targets, depth === 2))
  const hasNode = [draw.chance(30), draw.chance(40), true]
  const questions = Array.from({ length: 3 }, (): TreeQuestion => {
    const id = draw.chance(50) ? draw.pick(EDGES) : draw.below(0x10000)
    const more = Array.from({ length: draw.pick([0, 0, 1, 2]) }, () => draw.pick([id, id ^ 1, id & 0xff00, 0x100]))
    return { id, wanted: 1 + draw.below(TARGETS), aliases: [id, ...more] }
  })
  const root = new DraftNode(undefined, '', 'tree')
  const named = targets.map((target) => factsOf(root, `target@${target.phandle}`, target))
  const chain = ['device', 'bridge', 'host'].map((name, depth) => {
    const drawn = devices[depth]
    if (!drawn) throw new Error(name)
    return factsOf(root, name, drawn)
  })
  const hostBridge = chain.at(-1)
  if (!hostBridge) throw new Error('no host bridge')
  return {
    tree: finishTree(root, true),
    chain: chain.map((node, depth) => (hasNode[depth] ? known(node) : absent())),
    hostBridge,
    devices: chain,
    byPhandle: new Map(named.map((node, index) => [index + 1, node])),
    serving: new Set(named.filter((_, index) => targets[index]?.serves)),
    questions,
    encoded: encode(
      [...devices, ...targets],
      hasNode.reduce((bits, there, depth) => bits | (there ? 1 << depth : 0), 0),
      questions,
    ),
    text: JSON.stringify({ targets: targets.map(literal), devices: devices.map(literal), hasNode }),
  }
}

const literal = ({ phandle, available, serves, properties }: DrawnNode) => ({
  phandle,
  available,
  serves,
  ...Object.fromEntries(properties),
})
