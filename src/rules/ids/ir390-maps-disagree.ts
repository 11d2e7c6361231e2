import { findsNothing, outputOf, wayOf, type HostIds, type IdNode, type IdsTo } from '../../kernel/ids/id-way.js'
import type { MadtTable } from '../../machine/madt.js'
import { cellOf, property, translatedAddress, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { treeRule, propertyEvidence, type TreeBridge, type TreeCase } from '../devicetree/devicetree-judgement.js'
import { evidenceFrom } from '../evidence.js'
import { binding, iortClause } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'
import { isWay } from '../present-ids.js'

/** What one description makes of a RequesterID: register base and id, or `none`; undefined where it cannot be told. */
type Way = { readonly base: bigint; readonly id: number } | 'none' | undefined

function baseOf(target: IdNode, madt: MadtTable): bigint | 'none' | undefined {
  if ('path' in target) return translatedAddress(target)
  if (target.type === 'smmu' || target.type === 'smmuv3') return target.baseAddress
  const [itsId] = target.type === 'its-group' ? target.itsIds : []
  const entry = madt.entries.find((one) => one.type === 'gic-its' && one.translationId === itsId)
  return entry?.type === 'gic-its' ? entry.baseAddress : 'none'
}

function wayBy(to: IdsTo | undefined, id: number, madt: MadtTable): Way {
  const answer = to && wayOf(to, id)
  if (!answer) return 'none'
  if (!isWay(answer)) return findsNothing(answer.why) ? 'none' : undefined
  const base = baseOf(answer.space.target, madt)
  return typeof base === 'bigint' ? { base, id: outputOf(answer, id) } : base
}

/** The ends of all ranges: between them nothing changes but the id. */
function endsOf(maps: readonly (IdsTo | undefined)[]): readonly number[] {
  return maps.flatMap((to) =>
    [...(to?.reached ?? []), ...(to?.stuck ?? [])].flatMap(({ first, last }) => [first, last]),
  )
}

const words = (way: Exclude<Way, undefined>, kind: string) =>
  way === 'none' ? 'none' : `${kind} ${hex(way.id)} at ${hex(way.base)}`

function segmentOf(node: DeviceTreeNode): number | undefined {
  const domain = cellOf(property(node, 'linux,pci-domain'))
  return domain.state === 'known' ? domain.value : undefined
}

function ofBridge(at: TreeCase, bridge: TreeBridge, madt: MadtTable): readonly OutcomeItem[] {
  const { node, buses } = bridge
  const segment = segmentOf(node)
  if (segment === undefined) return []
  const { iort } = at.routes.ids
  if (iort?.complete !== true) return []
  const rootComplex: HostIds | undefined = iort.bySegment.get(segment)
  const compare = (name: 'iommu-map' | 'msi-map', kind: string, maps: readonly (IdsTo | undefined)[]) => {
    const ids = [...buses, ...endsOf(maps).map((id) => ({ first: id, last: id }))]
    for (const id of ids.flatMap(({ first, last }) => [first, last])) {
      if (!buses.some(({ first, last }) => first <= id && id <= last)) continue
      const [tree, table] = maps.map((to) => wayBy(to, id, madt))
      if (tree === undefined || table === undefined || words(tree, kind) === words(table, kind)) continue
      const linux = 'Linux uses one of the two, the tables where it booted with ACPI.'
      const details = {
        bridge: node.path,
        segment: String(segment),
        id: hex(id),
        tree: words(tree, kind),
        tables: words(table, kind),
      }
      const evidence = [propertyEvidence(node, name), ...evidenceFrom(at.machine.acpi.iort.from, words(table, kind))]
      return [{ subject: node.path, devices: [], message: 'differ', details, linux, evidence }]
    }
    return []
  }
  // Without a map the parent serves, if there is one.
  const isTold = bridge.msiMap.state === 'known' || !node.properties.has('msi-parent')
  return [
    ...(bridge.iommuMap.state === 'unreadable'
      ? []
      : compare('iommu-map', 'StreamID', [bridge.toIommu, rootComplex?.toIommu])),
    ...(bridge.msiMap.state === 'unreadable' || !isTold
      ? []
      : compare('msi-map', 'DeviceID', [bridge.toMsi, rootComplex?.toMsi])),
  ]
}

export const mapsDisagree = treeRule({
  id: 'IR390',
  slug: 'maps-disagree',
  title: 'ACPI tables and device tree route a host bridge differently',
  severity: 'medium',
  effect: 'none',
  checks:
    'For enabled host bridges with linux,pci-domain: SMMU and StreamID, ITS and DeviceID that their maps give to the ends of every range, against what IORT and MADT give for that segment.',
  why: 'Both describe one machine. Where they differ one of them is wrong, and isolation depends on which of them the kernel was started with.',
  remedy: [{ actor: 'firmware', text: 'Make both descriptions from one source, or hand over only one of them.' }],
  limits:
    'Host bridges without linux,pci-domain cannot be matched with a segment. Controllers are compared by register base (rule IR290 compares the controllers themselves).',
  references: [binding('pci/pci-msi.txt'), binding('pci/pci-iommu.txt'), iortClause('Root complex node: ID mappings')],
  messages: {
    differ:
      'RequesterID {id} of {bridge} (segment {segment}) has {tree} in the device tree and {tables} in the ACPI tables.',
    tables: 'IORT or MADT cannot be read, so they cannot be compared with the device tree.',
  },
  judge: (at) => {
    const { iort, madt } = at.machine.acpi
    if (iort.state === 'absent' || madt.state === 'absent' || at.bridges.length === 0)
      return { failed: [], applicable: false }
    if (iort.state === 'known' && madt.state === 'known')
      return { failed: at.bridges.flatMap((bridge) => ofBridge(at, bridge, madt.value)) }
    const evidence = evidenceFrom([...iort.from, ...madt.from])
    return { failed: [], unknown: [{ subject: 'ACPI', devices: [], message: 'tables', details: {}, evidence }] }
  },
})
