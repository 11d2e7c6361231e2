import { iortStreamId } from '../../kernel/iort/iort-iommu.js'
import { iortMsiTarget } from '../../kernel/iort/iort-msi.js'
import type { IortTable } from '../../machine/iort.js'
import type { MadtTable } from '../../machine/madt.js'
import { cellOf, property, translatedAddress, type DeviceTreeNode } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { mapAnswer } from './devicetree-functions.js'
import {
  binding,
  judgeTree,
  propertyEvidence,
  TREE_MESSAGES,
  type TreeBridge,
  type TreeCase,
} from './devicetree-judgement.js'
import { evidenceFrom } from '../evidence.js'
import { iortClause } from '../firmware-references.js'
import type { OutcomeItem, Rule } from '../rule.js'

/** What one description makes of a RequesterID: register base and id, or `none`; undefined where it cannot be told. */
type Way = { readonly base: bigint; readonly id: number } | 'none' | undefined

/** RequesterIDs that are compared: enough for the ends of every range of a real map. */
const MOST_IDS = 64

function idsOf(bridge: TreeBridge): readonly number[] {
  const { first, last } = bridge.requesterIds
  const ends = bridge.maps.flatMap(({ routing }) => routing.mapped.flatMap((range) => [range.first, range.last]))
  return [...new Set([first, last, ...ends])].filter((id) => id >= first && id <= last).slice(0, MOST_IDS)
}

function byTree(at: TreeCase, bridge: TreeBridge, name: 'iommu-map' | 'msi-map', id: number): Way {
  const answer = mapAnswer(at, bridge, name, id)
  if (answer.kind === 'unreadable') return undefined
  if (answer.kind !== 'matched') return 'none'
  const base = translatedAddress(answer.target)
  return base === undefined ? undefined : { base, id: answer.id }
}

function msiByTables(at: TreeCase, iort: IortTable, madt: MadtTable, segment: number, id: number): Way {
  const target = iortMsiTarget(iort, segment, id, at.release)
  if (target.kind !== 'its') return target.kind === 'none' ? 'none' : undefined
  const entry = madt.entries.find((one) => one.type === 'gic-its' && one.translationId === target.itsId)
  return entry?.type === 'gic-its' ? { base: entry.baseAddress, id: target.deviceId } : 'none'
}

function iommuByTables(at: TreeCase, iort: IortTable, segment: number, id: number): Way {
  const stream = iortStreamId(iort, segment, id, at.release)
  if (stream.kind !== 'stream') return stream.kind === 'none' ? 'none' : undefined
  return { base: stream.smmu.baseAddress, id: stream.streamId }
}

const words = (way: Exclude<Way, undefined>, kind: string) =>
  way === 'none' ? 'none' : `${kind} ${hex(way.id)} at ${hex(way.base)}`

function differ(left: Way, right: Way): boolean {
  if (left === undefined || right === undefined) return false
  if (left === 'none' || right === 'none') return left !== right
  return left.base !== right.base || left.id !== right.id
}

function segmentOf(node: DeviceTreeNode): number | undefined {
  const domain = cellOf(property(node, 'linux,pci-domain'))
  return domain.state === 'known' ? domain.value : undefined
}

function ofBridge(at: TreeCase, bridge: TreeBridge, iort: IortTable, madt: MadtTable): OutcomeItem[] {
  const segment = segmentOf(bridge.node)
  if (segment === undefined) return []
  const items: OutcomeItem[] = []
  const compare = (name: 'iommu-map' | 'msi-map', kind: string, tables: (id: number) => Way): void => {
    for (const id of idsOf(bridge)) {
      const tree = byTree(at, bridge, name, id)
      const table = tables(id)
      if (tree === undefined || table === undefined || !differ(tree, table)) continue
      items.push({
        subject: bridge.node.path,
        devices: [],
        message: 'differ',
        details: {
          bridge: bridge.node.path,
          segment: String(segment),
          id: hex(id),
          tree: words(tree, kind),
          tables: words(table, kind),
          linux: 'Linux uses one of the two, the tables where it booted with ACPI.',
        },
        evidence: [propertyEvidence(bridge.node, name), ...evidenceFrom(at.machine.acpi.iort.from, words(table, kind))],
      })
      return
    }
  }
  compare('iommu-map', 'StreamID', (id) => iommuByTables(at, iort, segment, id))
  compare('msi-map', 'DeviceID', (id) => msiByTables(at, iort, madt, segment, id))
  return items
}

export const mapsDisagree: Rule = {
  id: 'IR390',
  slug: 'maps-disagree',
  title: 'ACPI tables and device tree route a host bridge differently',
  scope: 'firmware',
  severity: 'medium',
  effect: 'none',
  checks:
    'For enabled host bridges with linux,pci-domain: SMMU and StreamID, ITS and DeviceID that their maps give to the ends of every range, against what IORT and MADT give for that segment.',
  why: 'Both describe one machine. Where they differ one of them is wrong, and isolation depends on which of them the kernel was started with.',
  remedy: [{ actor: 'firmware', text: 'Make both descriptions from one source, or hand over only one of them.' }],
  limits:
    'Host bridges without linux,pci-domain cannot be matched with a segment. Controllers are compared by register base (rule IR290 compares the controllers themselves).',
  references: [binding('pci/pci-msi.txt'), binding('pci/pci-iommu.txt'), iortClause('Root complex node: ID mappings')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...TREE_MESSAGES,
    differ:
      'RequesterID {id} of {bridge} (segment {segment}) has {tree} in the device tree and {tables} in the ACPI tables. {linux}',
    tables: 'IORT or MADT cannot be read, so they cannot be compared with the device tree.',
  },
  check: (subject) => {
    const { iort, madt } = subject.machine.acpi
    return judgeTree(subject, false, (at) => {
      if (iort.state === 'absent' || madt.state === 'absent' || at.bridges.length === 0)
        return { failed: [], applicable: false }
      if (iort.state === 'known' && madt.state === 'known')
        return { failed: at.bridges.flatMap((bridge) => ofBridge(at, bridge, iort.value, madt.value)) }
      const evidence = evidenceFrom([...iort.from, ...madt.from])
      return { failed: [], unknown: [{ subject: 'ACPI', devices: [], message: 'tables', details: {}, evidence }] }
    })
  },
}
