import { iommuKindOf, msiProviderOf } from '../../machine/devicetree-bindings.js'
import { isPopulated } from '../../machine/devicetree-lookup.js'
import {
  isEnabled,
  placeOfNode,
  translatedAddress,
  walkNodes,
  type DeviceTree,
  type DeviceTreeNode,
} from '../../machine/devicetree.js'
import type { AcpiTables } from '../../machine/acpi.js'
import { hex } from '../../machine/identifiers.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import { acpiClause, iortClause } from '../firmware-references.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

type Kind = 'ITS' | 'GICv2m frame' | 'SMMU'
const KINDS: readonly Kind[] = ['ITS', 'GICv2m frame', 'SMMU']

/** One description's controllers of a kind: register base and where it says so. */
type Described = ReadonlyMap<bigint, Evidence>

function ofTables(acpi: AcpiTables, kind: Kind): Described | undefined {
  const table = kind === 'SMMU' ? acpi.iort : acpi.madt
  const path = table.from[0]?.path ?? ''
  const place = (offset: number, length: number, base: bigint): readonly [bigint, Evidence] => [
    base,
    { from: { path, at: { offset, length } }, value: `${kind} at ${hex(base)}` },
  ]
  if (kind === 'SMMU') {
    if (acpi.iort.state !== 'known') return undefined
    const smmus = acpi.iort.value.nodes.flatMap((node) =>
      node.type === 'smmu' || node.type === 'smmuv3' ? [place(node.offset, node.length, node.baseAddress)] : [],
    )
    return new Map(smmus)
  }
  if (acpi.madt.state !== 'known') return undefined
  const wanted = kind === 'ITS' ? 'gic-its' : 'gic-msi-frame'
  const found = acpi.madt.value.entries.flatMap((entry) =>
    (entry.type === 'gic-its' || entry.type === 'gic-msi-frame') && entry.type === wanted
      ? [place(entry.offset, entry.length, entry.baseAddress)]
      : [],
  )
  return new Map(found)
}

function isKind(node: DeviceTreeNode, kind: Kind): boolean {
  if (kind === 'SMMU') {
    const iommu = iommuKindOf(node)
    return iommu.state === 'known' && (iommu.value === 'smmuv3' || iommu.value === 'smmuv2')
  }
  const provider = msiProviderOf(node)
  if (provider.state !== 'known' || provider.value === 'none') return false
  return provider.value.kind === (kind === 'ITS' ? 'its' : 'gicv2m')
}

function ofTree(tree: DeviceTree, kind: Kind): Described {
  const found = new Map<bigint, Evidence>()
  for (const node of walkNodes(tree.root)) {
    const enabled = isEnabled(node)
    if (!isKind(node, kind) || (enabled.state === 'known' && !enabled.value)) continue
    const base = translatedAddress(node)
    if (base !== undefined) found.set(base, { from: placeOfNode(node), value: `${node.path} at ${hex(base)}` })
  }
  return found
}

function onlyIn(left: Described, right: Described, kind: Kind, message: string): readonly OutcomeItem[] {
  return [...left].flatMap(([base, evidence]) =>
    right.has(base)
      ? []
      : [
          {
            subject: `${kind} ${hex(base)}`,
            devices: [],
            message,
            details: {
              kind,
              base: hex(base),
            },
            linux: 'Linux uses one of the two, the tables where it booted with ACPI, and never compares them.',
            evidence: [evidence],
          },
        ],
  )
}

function check({ machine }: Subject): Outcome {
  const { acpi, deviceTree } = machine
  const described = KINDS.some((kind) => ofTables(acpi, kind) !== undefined)
  if (!described || deviceTree.state === 'absent') return NOT_APPLICABLE
  if (deviceTree.state === 'unreadable') {
    const evidence = evidenceOf(deviceTree)
    const item = { subject: 'device tree', devices: [], message: 'unreadable', details: {}, evidence }
    return { failed: [], unknown: [item], applicable: true }
  }
  // Below ACPI the kernel keeps a tree with nothing but /chosen.
  if (!isPopulated(deviceTree.value)) return NOT_APPLICABLE
  const failed = KINDS.flatMap((kind) => {
    const tables = ofTables(acpi, kind)
    if (!tables) return []
    const tree = ofTree(deviceTree.value, kind)
    return [...onlyIn(tables, tree, kind, 'tables-only'), ...onlyIn(tree, tables, kind, 'tree-only')]
  })
  const unread = [acpi.iort, acpi.madt].filter((table) => table.state === 'unreadable')
  const unknown = unread.map((table) => {
    const evidence = evidenceFrom(table.from)
    return { subject: 'ACPI', devices: [], message: 'unreadable', details: {}, evidence }
  })
  return { failed, unknown, applicable: true }
}

export const descriptionsDisagree: Rule = {
  id: 'IR290',
  slug: 'descriptions-disagree',
  title: 'ACPI tables and device tree describe different controllers',
  scope: 'firmware',
  severity: 'medium',
  effect: 'none',
  checks:
    'The register bases of ITSs, GICv2m frames and SMMUs in MADT and IORT, against the enabled nodes of the device tree.',
  why: 'Both describe one machine. Where they differ one of them is wrong, and isolation depends on which of them the kernel was started with.',
  remedy: [{ actor: 'firmware', text: 'Make both descriptions from one source, or hand over only one of them.' }],
  limits:
    'Only addresses are compared: maps may differ without it. Nodes whose address cannot be translated are left out.',
  references: [
    acpiClause('section 5.2.12, Multiple APIC Description Table'),
    iortClause('SMMU nodes: base address'),
    { kind: 'linux', title: 'Linux, choice of description', locator: 'arch/arm64/kernel/acpi.c: acpi_boot_table_init' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'tables-only': 'The {kind} at {base} is in the ACPI tables, but not in the device tree.',
    'tree-only': 'The {kind} at {base} is in the device tree, but not in the ACPI tables.',
    unreadable: 'One of the two descriptions cannot be read, so they cannot be compared.',
  },
  check,
}
