import { within, type IdRange } from './id-ranges.js'
import { hiddenBits, waysOf, type HostIds, type IdSpace, type IdWay } from './id-way.js'

/** Ids that one and the same offset takes from what they are to what they become. */
export interface Offset extends IdRange {
  readonly offset: number
}

/** What the specification wants constant: RequesterID to StreamID to DeviceID, within one SMMU and MSI controller. */
export interface Relations {
  /** Undefined where no SMMU stands between. */
  readonly smmu: IdSpace | undefined
  readonly msi: IdSpace
  /** From RequesterID to StreamID. */
  readonly toStream: readonly Offset[]
  /** From StreamID, without an SMMU from RequesterID, to DeviceID; none where the two maps mask ids differently. */
  readonly toDevice: readonly Offset[]
  /** The ways that the offsets are of. */
  readonly ways: readonly { readonly stream: IdWay | undefined; readonly device: IdWay }[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }

/** The offsets of a host's ids on every way that they take. Single mappings have none. */
export function relationsOf(host: HostIds): readonly Relations[] {
  const streams = waysOf(host.buses, host.toIommu)
  const [ofStream, ofDevice] = [host.toIommu, host.toMsi].map((to) => to && hiddenBits(host, to))
  const comparable = ofStream === ofDevice
  const found = new Map<string, Mutable<Relations>>()
  const add = (ids: IdRange, stream: IdWay | undefined, device: IdWay) => {
    const key = `${stream?.space.key ?? ''} ${device.space.key} ${'path' in device.space.target ? '' : device.space.target.offset}`
    const none = { smmu: stream?.space, msi: device.space, toStream: [], toDevice: [], ways: [] }
    const relations: Mutable<Relations> = found.get(key) ?? none
    found.set(key, relations)
    const deviceId = device.output + (ids.first - device.first)
    const streamId = stream && stream.output + (ids.first - stream.first)
    if (streamId !== undefined) relations.toStream.push({ ...ids, offset: streamId - ids.first })
    if (streamId === undefined || comparable)
      relations.toDevice.push({ ...ids, offset: deviceId - (streamId ?? ids.first) })
    relations.ways.push({ stream, device })
  }
  for (const device of waysOf(host.buses, host.toMsi)) {
    if (device.collapsed) continue
    const before = [...within(streams, device)]
    for (const [stream, ids] of before) add(ids, stream, device)
    if (before.length === 0) add(device, undefined, device)
  }
  return [...found.values()]
}

/** The offsets that differ, each with the first ids that have it; none where there is but one. */
export function differing(offsets: readonly Offset[]): readonly Offset[] {
  const byOffset = new Map<number, Offset>()
  for (const offset of offsets) if (!byOffset.has(offset.offset)) byOffset.set(offset.offset, offset)
  return byOffset.size < 2 ? [] : [...byOffset.values()]
}
