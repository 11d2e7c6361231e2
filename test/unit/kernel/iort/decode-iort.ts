import { rootComplexesBySegment, type IdMapping, type IortNode, type IortTable } from '../../../../src/machine/iort.js'

/** Just enough of an IORT decoder to feed the walk with the synthetic tables; no checks. */
export function decodeIort(hex: string): IortTable {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
  const view = new DataView(bytes.buffer)
  const u32 = (at: number) => view.getUint32(at, true)
  const u64 = (at: number) => view.getBigUint64(at, true)
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length))
  const nodes: IortNode[] = []
  let offset = u32(40)
  for (let count = u32(36); count > 0; count -= 1) {
    const at = offset
    const typeCode = view.getUint8(at)
    const mappingCount = u32(at + 8)
    const mappings = Array.from({ length: mappingCount }, (_, index): IdMapping => {
      const map = at + u32(at + 12) + 20 * index
      return {
        offset: map,
        inputBase: u32(map),
        idCount: u32(map + 4),
        outputBase: u32(map + 8),
        outputReference: u32(map + 12),
        singleMapping: (u32(map + 16) & 1) !== 0,
      }
    })
    const length = view.getUint16(at + 1, true)
    const base = {
      offset,
      length,
      revision: view.getUint8(at + 3),
      identifier: u32(at + 4),
      typeCode,
      mappings,
      mappingCount,
    }
    if (typeCode === 0)
      nodes.push({
        ...base,
        type: 'its-group',
        itsIds: Array.from({ length: u32(at + 16) }, (_, index) => u32(at + 20 + 4 * index)),
      })
    else if (typeCode === 2)
      nodes.push({
        ...base,
        type: 'root-complex',
        cacheCoherency: u32(at + 16),
        memoryHints: view.getUint8(at + 20),
        memoryFlags: view.getUint8(at + 23),
        atsAttribute: u32(at + 24),
        segment: u32(at + 28),
      })
    else
      nodes.push({
        ...base,
        type: 'smmuv3',
        baseAddress: u64(at + 16),
        flags: u32(at + 24),
        vatosAddress: u64(at + 32),
        model: u32(at + 40),
        eventGsiv: u32(at + 44),
        priGsiv: u32(at + 48),
        gerrorGsiv: u32(at + 52),
        syncGsiv: u32(at + 56),
        deviceIdMappingIndex: u32(at + 64),
      })
    offset += length
  }
  return {
    header: {
      signature: text(0, 4),
      length: u32(4),
      revision: view.getUint8(8),
      checksum: 'ok',
      oemId: text(10, 6),
      oemTableId: text(16, 8),
      oemRevision: u32(24),
    },
    diagnostics: [],
    damaged: false,
    nodes,
    rootComplexes: rootComplexesBySegment(nodes),
    nodeCount: u32(36),
  }
}
