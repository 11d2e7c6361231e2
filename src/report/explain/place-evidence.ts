import type { IortNode } from '../../machine/iort.js'
import { cellsOf, compatibleOf, type DeviceTree, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { Fact, Provenance } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { Machine } from '../../machine/machine.js'
import { placedEvidence, placeReport } from '../finding.js'
import type { EvidenceReport } from '../types.js'

/** Places that are shown of one statement; a hostile table could otherwise name thousands. */
const MOST_PLACES = 12
const MOST_CELLS = 24

function iortNodeText(node: IortNode): string {
  switch (node.type) {
    case 'root-complex':
      return `root complex of segment ${hex(node.segment)}`
    case 'its-group':
      return `ITS group of ${node.itsIds.map((id) => `ITS ${id}`).join(', ')}`
    case 'smmuv3':
    case 'smmu':
      return `${node.type === 'smmuv3' ? 'SMMUv3' : 'SMMU'} at ${hex(node.baseAddress)}, flags ${hex(node.flags)}`
    case 'named-component':
    case 'pmcg':
    case 'rmr':
    case 'iwb':
    case 'unknown':
      return `node of type ${node.typeCode}`
  }
}

function iortText(machine: Machine, offset: number): string {
  const { iort } = machine.acpi
  if (iort.state !== 'known') return ''
  for (const node of iort.value.nodes) {
    if (node.offset === offset) return iortNodeText(node)
    if (offset < node.offset || offset >= node.offset + node.length) continue
    const mapping = node.mappings.find((at) => at.offset === offset)
    if (!mapping) continue
    const { inputBase, idCount, outputBase, outputReference, singleMapping } = mapping
    const input = singleMapping ? 'any id' : `ids ${hex(inputBase)} to ${hex(inputBase + idCount)}`
    return `${input} become ${hex(outputBase)} onwards at the node at ${hex(outputReference)}`
  }
  return ''
}

function madtText(machine: Machine, offset: number): string {
  const { madt } = machine.acpi
  const entry = madt.state === 'known' ? madt.value.entries.find((at) => at.offset === offset) : undefined
  switch (entry?.type) {
    case 'gic-its':
      return `ITS ${entry.translationId} at ${hex(entry.baseAddress)}`
    case 'gic-msi-frame':
      return `MSI frame ${entry.frameId} at ${hex(entry.baseAddress)}`
    case 'gicv5-its-translate':
      return `GICv5 translate frame ${entry.translateFrameId} at ${hex(entry.baseAddress)}`
    case 'gicd':
      return `distributor at ${hex(entry.baseAddress)}, version ${entry.version}`
    case undefined:
      return ''
    case 'gicc':
    case 'gicr':
    case 'gicv5-irs':
    case 'gicv5-its-config':
    case 'io-apic':
    case 'imsic':
    case 'aplic':
    case 'plic':
    case 'loongarch-msi-pic':
    case 'other':
      return `entry of type ${entry.typeCode}`
  }
}

/** Cells as a source text writes them, `<0x0 0x3>`. */
function cellsText(node: DeviceTreeNode, property: string): string {
  const raw = node.properties.get(property)
  if (!raw) return 'absent'
  const cells = cellsOf(raw)
  if (cells.state !== 'known') return 'unreadable'
  const shown = cells.value.slice(0, MOST_CELLS).map((cell) => hex(cell))
  return `<${shown.join(' ')}${cells.value.length > MOST_CELLS ? ' ...' : ''}>`
}

/** The node at a place in words, or the property there. */
function treeText(tree: DeviceTree, path: string, property: string | undefined): string {
  const node = tree.byPath.get(path)
  if (!node) return ''
  if (property !== undefined) return cellsText(node, property)
  const compatible = compatibleOf(node)
  return compatible.state === 'known' ? `compatible ${compatible.value.join(', ')}` : ''
}

/** What stands at a place: the excerpt, or the record or property there in words. */
function textAt(machine: Machine, { path, at, excerpt, node, property }: Provenance): string {
  if (excerpt !== undefined) return excerpt
  if (node !== undefined && machine.deviceTree.state === 'known')
    return treeText(machine.deviceTree.value, node, property)
  if (at === undefined) return ''
  const { iort, madt } = machine.acpi
  const isOf = (table: Fact<unknown>) => table.from.some((place) => place.path === path)
  return isOf(iort) ? iortText(machine, at.offset) : isOf(madt) ? madtText(machine, at.offset) : ''
}

/** Evidence from places, each once, with what stands there unless `value` says it. */
export function evidenceAt(machine: Machine, places: readonly Provenance[], value?: string): readonly EvidenceReport[] {
  const found = new Map<string, EvidenceReport>()
  for (const place of places) {
    const text = value ?? textAt(machine, place)
    // What a text told is found in the text, not in a file that the machine would have.
    const told = machine.origin.placeOf?.(place.path, place.excerpt)
    const evidence = told
      ? placedEvidence(told.file, { line: told.line }, text)
      : placedEvidence(`/${place.path}`, placeReport(place), text)
    found.set(`${evidence.source} ${evidence.locator}`, evidence)
    if (found.size === MOST_PLACES) break
  }
  return [...found.values()]
}
