import {
  cellOf,
  cellsInPlace,
  property,
  stringsOf,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import { treeRule, propertyEvidence } from './devicetree-judgement.js'
import type { OutcomeItem } from '../rule.js'

const CELL_BYTES = 4

/** Properties of so many bytes at most: one number, an address, the first and last bus. */
const MOST_BYTES: readonly (readonly [name: string, most: number])[] = Object.entries({
  '#address-cells': CELL_BYTES,
  '#size-cells': CELL_BYTES,
  '#interrupt-cells': CELL_BYTES,
  '#iommu-cells': CELL_BYTES,
  '#msi-cells': CELL_BYTES,
  phandle: CELL_BYTES,
  'linux,phandle': CELL_BYTES,
  'linux,pci-domain': CELL_BYTES,
  'interrupt-parent': CELL_BYTES,
  'iommu-map-mask': CELL_BYTES,
  'msi-map-mask': CELL_BYTES,
  'arm,msi-base-spi': CELL_BYTES,
  'arm,msi-num-spis': CELL_BYTES,
  'bus-range': 2 * CELL_BYTES,
  'mbi-alias': 2 * CELL_BYTES,
})

/** Numbers of cells, and what Linux takes at most (`MAX_PHANDLE_ARGS`). */
const WIDTHS: readonly string[] = ['#address-cells', '#size-cells', '#interrupt-cells', '#iommu-cells', '#msi-cells']
const MOST_CELLS = 16

const STRINGS: readonly string[] = ['compatible', 'device_type', 'status']
const CELL_LISTS: readonly string[] = ['reg', 'ranges', 'dma-ranges', 'iommus', 'msi-parent', 'mbi-ranges']
/** What their rule says of them but for their size. */
const MAPS: readonly string[] = ['iommu-map', 'msi-map']
const LISTS: readonly string[] = [...CELL_LISTS, ...MAPS]

interface Fault {
  readonly name: string
  readonly message: 'long' | 'width' | 'strings' | 'cells' | 'too-large'
  readonly most?: number
}

function faultsOf(node: DeviceTreeNode): readonly Fault[] {
  const faults: Fault[] = []
  const isTooLarge = (name: string) => {
    const fact = cellsInPlace(property(node, name))
    return fact.state === 'unreadable' && fact.reason === 'too-large'
  }
  for (const [name, most] of MOST_BYTES) {
    const raw = property(node, name)
    if (raw.state === 'known' && raw.value.length > most) faults.push({ name, message: 'long', most })
  }
  for (const name of WIDTHS) {
    const width = cellOf(property(node, name))
    if (width.state === 'known' && width.value > MOST_CELLS) faults.push({ name, message: 'width', most: MOST_CELLS })
  }
  for (const name of STRINGS) {
    const raw = property(node, name)
    if (raw.state === 'known' && stringsOf(raw).state === 'unreadable') faults.push({ name, message: 'strings' })
  }
  for (const name of LISTS) {
    const raw = property(node, name)
    if (isTooLarge(name)) faults.push({ name, message: 'too-large' })
    else if (raw.state === 'known' && raw.value.length % CELL_BYTES !== 0 && !MAPS.includes(name))
      faults.push({ name, message: 'cells' })
  }
  return faults
}

function item(node: DeviceTreeNode, { name, message, most = 0 }: Fault): OutcomeItem {
  const raw = property(node, name)
  const size = raw.state === 'known' ? raw.value.length : (raw.from[0]?.at?.length ?? 'some')
  return {
    subject: node.path,
    devices: [],
    message,
    details: {
      node: node.path,
      property: name,
      size: String(size),
      most: String(most),
    },
    linux: 'What rests on the property is unknown here, whatever Linux makes of its first bytes.',
    evidence: [propertyEvidence(node, name)],
  }
}

const itemsOf = (tree: DeviceTree): readonly OutcomeItem[] =>
  [...walkNodes(tree.root)].flatMap((node) => faultsOf(node).map((fault) => item(node, fault)))

export const propertyMalformed = treeRule({
  id: 'IR317',
  slug: 'property-malformed',
  title: 'A property of the device tree cannot be what its name says',
  severity: 'medium',
  effect: 'none',
  checks:
    'The bytes of the properties that decide about IOMMUs and MSIs: single numbers of four bytes, names that are printable and end with a zero byte, lists of whole cells, and none longer than trees of machines have them.',
  why: 'What a program reads of such a property is chance: Linux takes the first cell of a number of thousands, and no driver is found for names that are none.',
  remedy: [{ actor: 'firmware', text: 'Write the property as its binding says, or leave it out.' }],
  limits:
    'Only properties that this program reads. The entries of iommu-map and msi-map are judged by IR303. A number of fewer than four bytes is damage, which each rule tells.',
  references: [
    {
      kind: 'specification',
      title: 'Devicetree specification 0.4',
      locator: '2.2.4 Properties; 2.3 Standard Properties',
    },
    { kind: 'linux', title: 'Linux, device tree', locator: 'drivers/of/property.c: of_property_read_u32_index' },
  ],
  messages: {
    long: '{property} of {node} has {size} bytes; it has {most} at most.',
    width: '{property} of {node} is more than {most}, more cells than anything has.',
    strings: '{property} of {node} has {size} bytes that are no list of printable names, each ended by a zero byte.',
    cells: '{property} of {node} has {size} bytes, no multiple of four.',
    'too-large': '{property} of {node} has {size} bytes, or all of its kind together more, than trees have.',
  },
  judge: ({ tree }) => ({ failed: itemsOf(tree) }),
})
