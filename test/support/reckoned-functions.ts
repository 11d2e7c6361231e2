import type {
  FunctionDescription,
  MapEntryDescription,
  RootComplexDescription,
} from '../../src/emulator/machine-description.js'

/** A function of the description with its ids. */
export interface Fn {
  readonly name: string
  readonly rid: number
  readonly complex: Complex
  readonly bridge: boolean
  readonly ownIommu: boolean
  readonly driver: boolean
  readonly ats: boolean
  /** RequesterIDs under which its DMA appears, its own first. */
  readonly rids: readonly number[]
  /** The one that MSIs carry. */
  readonly msiRid: number
  /** The bridge above it. */
  readonly above: Fn | undefined
}

/** Where each of 65536 RequesterIDs goes: index into names plus one, 0 for nowhere, and the id it gets there. */
export interface Table {
  readonly names: readonly string[]
  readonly target: Uint8Array
  readonly id: Uint32Array
}

/** A root complex with its maps written out. */
export interface Complex {
  readonly description: RootComplexDescription
  readonly segment: number
  readonly iommu: Table
  readonly msi: Table
}

export const IDS = 0x10000

function tableOf(entries: readonly MapEntryDescription[], mask: number): Table {
  const names = [...new Set(entries.map(({ to }) => to))]
  const target = new Uint8Array(IDS)
  const id = new Uint32Array(IDS)
  // The first entry wins, so the last is written first.
  for (const entry of entries.toReversed()) {
    const base = Number(entry.outputBase ?? 0)
    const first = Number(entry.from ?? 0)
    const end = first + Number(entry.count ?? IDS)
    const index = names.indexOf(entry.to) + 1
    for (let rid = 0; rid < IDS; rid++) {
      const masked = (rid & mask) >>> 0
      if (!entry.single && (masked < first || masked >= end)) continue
      target[rid] = index
      id[rid] = entry.single ? base : masked - first + base
    }
  }
  return { names, target, id }
}

export const at = (table: Table, rid: number): { readonly to: string; readonly id: number } | undefined => {
  const index = table.target[rid] ?? 0
  const to = table.names[index - 1]
  return to === undefined ? undefined : { to, id: table.id[rid] ?? 0 }
}

function bdf(address: string): number {
  const [bus = '', rest = ''] = address.split(':')
  const [device = '', fn = ''] = rest.split('.')
  return (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device, 16) << 3) | Number(fn)
}

function nameOf(segment: number, rid: number): string {
  const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
  return `${hex(segment, 4)}:${hex(rid >> 8, 2)}:${hex((rid >> 3) & 31, 2)}.${rid & 7}`
}

/** Functions of a root complex; below a PCIe-to-PCI bridge DMA and MSIs carry device 0 of the bridge's bus. */
export function flatten(
  complex: Complex,
  descriptions: readonly FunctionDescription[],
  deferred: (rids: readonly number[]) => boolean,
  alias?: number,
  above?: Fn,
): Fn[] {
  return descriptions.flatMap((description) => {
    const rid = bdf(description.address)
    const fnAt = (own: number, driver: boolean): Fn => {
      const rids = alias === undefined || alias === own ? [own] : [own, alias]
      return {
        name: nameOf(complex.segment, own),
        rid: own,
        complex,
        bridge: description.type === 'root-port' || description.type === 'pcie-to-pci-bridge',
        ownIommu: description.class === '080600',
        driver: driver && !deferred(rids),
        ats: description.ats === 'enabled',
        rids,
        msiRid: alias ?? own,
        above,
      }
    }
    const { enabled = 0, firstOffset = 1, stride = 1, driver } = description.sriov ?? {}
    const virtual = Array.from({ length: enabled }, (_, index) =>
      fnAt(rid + firstOffset + index * stride, driver !== undefined),
    )
    const below = description.type === 'pcie-to-pci-bridge' ? (description.secondaryBus ?? 0) << 8 : alias
    const own = fnAt(rid, description.driver !== undefined)
    return [own, ...virtual, ...flatten(complex, description.functions ?? [], deferred, below, own)]
  })
}

export const all = (to: string | undefined): readonly MapEntryDescription[] => (to === undefined ? [] : [{ to }])

/** The id that the entries of one controller alone give; unchanged where none of them holds it. */
export function idAmong({ description }: Complex, controller: string, rid: number): number {
  const masked = (rid & Number(description.msiMapMask ?? 0xffffffff)) >>> 0
  const entry = (description.msiMap ?? []).find(
    ({ to, from = 0, count = IDS }) =>
      to === controller && masked >= Number(from) && masked < Number(from) + Number(count),
  )
  return entry ? masked - Number(entry.from ?? 0) + Number(entry.outputBase ?? 0) : rid
}

export function complexOf(description: RootComplexDescription): Complex {
  const { iommuMap, iommu, iommuMapMask = 0xffffffff, msiMap, msi, msiParent, msiMapMask = 0xffffffff } = description
  return {
    description,
    segment: description.segment ?? 0,
    iommu: tableOf(iommuMap ?? all(iommu), Number(iommuMapMask)),
    msi: tableOf(msiMap ?? all(msi ?? msiParent?.to), Number(msiMapMask)),
  }
}

export function newer(release: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = release.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}
