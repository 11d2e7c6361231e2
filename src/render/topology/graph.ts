import type { DeviceReport, Report, Verdict } from '../../report/types.js'
import { count, enumerate } from '../layout/text-layout.js'
import { classWords, idWords, shortName } from '../words/class-words.js'
import { addressWords } from '../words/device-words.js'
import { VERDICT_WORDS, weakestOf } from '../words/verdict-words.js'

/** A link of the way that interrupts take, or functions at its end; what they go through stands above them. */
export interface TopologyNode {
  readonly kind: 'machine' | 'controller' | 'iommu' | 'port' | 'functions'
  /** Plain words; text of the machine among them is escaped by whoever prints it. */
  readonly label: string
  /** The weakest below it, by what decides; absent where no endpoint is. */
  readonly verdict: Verdict | undefined
  readonly children: readonly TopologyNode[]
}

/** More functions or ports that have all in common are told as one. */
const TOLD_APART = 4

const CONTROLLER_WORDS: Readonly<Record<string, string>> = {
  its: 'GIC ITS',
  'gicv5-its': 'GICv5 ITS',
  gicv2m: 'GICv2m frame',
  'gicv3-mbi': 'GICv3 MBI',
  'host-bridge': 'receiver of the host bridge',
  imsic: 'IMSIC',
  'x86-vector': 'local APICs, unchecked',
  'x86-remapped': 'interrupt remapping',
  other: 'another MSI controller',
  none: 'no MSI controller',
  unknown: 'MSI controller unknown',
}
const IOMMU_WORDS: Readonly<Record<string, string>> = {
  smmuv3: 'SMMUv3',
  smmuv2: 'SMMUv2',
  'virtio-iommu': 'virtio-iommu',
  'vt-d': 'VT-d unit',
  'amd-vi': 'AMD-Vi unit',
  riscv: 'RISC-V IOMMU',
  other: 'another IOMMU',
  none: 'no IOMMU',
  unknown: 'IOMMU unknown',
}

const named = (words: string, name: string) => (name === 'none' || name === 'unknown' ? words : `${words} ${name}`)

function controllerLabel({ msiController: { kind, id } }: DeviceReport['chain']): string {
  return named(CONTROLLER_WORDS[kind] ?? kind, kind === 'x86-vector' || kind === 'x86-remapped' ? 'none' : id)
}
function iommuLabel({ iommu: { kind, name } }: DeviceReport['chain']): string {
  return named(IOMMU_WORDS[kind] ?? kind, name)
}

/** Groups of items that have a text in common, in order of the first of each. */
function grouped<T>(items: readonly T[], text: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(text(item))
    if (group) group.push(item)
    else groups.set(text(item), [item])
  }
  return groups
}

const verdictOf = (children: readonly { readonly verdict: Verdict | undefined }[]) =>
  weakestOf(children.flatMap(({ verdict }) => verdict ?? []))

function whatWords({ name, classCode, vendorId, deviceId }: DeviceReport): string {
  return name === undefined ? `${classWords(classCode)} ${idWords(vendorId, deviceId)}` : shortName(name)
}

/** Numbers of groups as a list or as a range. */
function groupWords(devices: readonly DeviceReport[]): string {
  const groups = [...new Set(devices.map(({ iommuGroup }) => iommuGroup))]
  if (groups.length === 1) return groups[0] === 'none' ? 'no group' : `group ${groups[0] ?? ''}`
  return groups.length <= TOLD_APART ? `groups ${enumerate(groups, TOLD_APART)}` : count(groups.length, 'group')
}

function functionNodes(devices: readonly DeviceReport[], report: Report): readonly TopologyNode[] {
  const short = addressWords(report)
  const alike = grouped(devices, (device) =>
    JSON.stringify([device.effectiveVerdict, device.reason, device.driver, whatWords(device)]),
  )
  return [...alike.values()].flatMap((members) => {
    const told = members.length > TOLD_APART ? [members] : members.map((device) => [device])
    return told.flatMap((some): readonly TopologyNode[] => {
      const [first] = some
      if (first === undefined) return []
      const last = some.at(-1) ?? first
      const where =
        some.length === 1
          ? short(first.address)
          : `${some.length} functions ${short(first.address)} to ${short(last.address)}`
      const driver = first.driver === 'none' || first.driver === 'unknown' ? '' : `, ${first.driver}`
      return [
        {
          kind: 'functions',
          label: `${where} ${whatWords(first)}${driver}, ${groupWords(some)}`,
          verdict: first.effectiveVerdict,
          children: [],
        },
      ]
    })
  })
}

/** What is the same below each of several ports is told once. */
function collapsed(
  ports: readonly { readonly node: TopologyNode; readonly name: string; readonly likeness: string }[],
): readonly TopologyNode[] {
  return [...grouped(ports, ({ likeness }) => likeness).values()].flatMap((some) => {
    const [first] = some
    if (first === undefined || some.length <= TOLD_APART) return some.map(({ node }) => node)
    const last = some.at(-1)?.name ?? ''
    return [{ ...first.node, label: `${some.length} ports ${first.name} to ${last}, each like` }]
  })
}

function portNodes(devices: readonly DeviceReport[], report: Report): readonly TopologyNode[] {
  const short = addressWords(report)
  const ports = grouped(devices, ({ hardware: { upstream } }) => {
    if (upstream === 'unknown') return 'unknown'
    const [port, ...bridges] = upstream
    if (port === undefined) return ''
    return `${short(port)}${bridges.length > 0 ? `, through ${enumerate(bridges.map(short), 2)}` : ''}`
  })
  const onRoot = functionNodes(ports.get('') ?? [], report)
  const below = [...ports].flatMap(([name, members]) => {
    if (name === '') return []
    const label = name === 'unknown' ? 'behind what could not be read' : `port ${name}`
    const children = functionNodes(members, report)
    const node: TopologyNode = { kind: 'port', label, verdict: verdictOf(children), children }
    const likeness = JSON.stringify(
      members.map((device) => [device.effectiveVerdict, device.reason, device.driver, whatWords(device)]),
    )
    return [{ node, name, likeness }]
  })
  return [...onRoot, ...collapsed(below)]
}

function chained(
  kind: 'controller' | 'iommu',
  devices: readonly DeviceReport[],
  label: (chain: DeviceReport['chain']) => string,
  below: (devices: readonly DeviceReport[]) => readonly TopologyNode[],
): readonly TopologyNode[] {
  return [...grouped(devices, ({ chain }) => label(chain))].map(([words, members]) => {
    const children = below(members)
    return { kind, label: words, verdict: verdictOf(children), children }
  })
}

/** The ways of interrupts as one tree: controllers, the IOMMUs before them, ports, and the endpoints with their groups. */
export function topologyOf(report: Report): TopologyNode {
  const endpoints = report.devices.filter(({ role }) => role === 'endpoint')
  const children = chained('controller', endpoints, controllerLabel, (behind) =>
    chained('iommu', behind, iommuLabel, (translated) => portNodes(translated, report)),
  )
  const verdict = verdictOf(children)
  const words = verdict === undefined ? 'nothing to judge' : VERDICT_WORDS[verdict].phrase
  return { kind: 'machine', label: `${count(endpoints.length, 'endpoint')}: ${words}`, verdict, children }
}
