import type { Draw } from '../draw.js'

/** A drawn IORT, and the questions to ask about it. */
export interface DrawnIort {
  readonly bytes: Uint8Array
  /** True where damage may have been planted: loops, nodes that are none, wrong counts. */
  readonly wild: boolean
  readonly questions: readonly IortQuestion[]
}

export interface IortQuestion {
  readonly segment: number
  readonly requesterId: number
  /** Whether the SMMU is asked for, else the ITS group. */
  readonly iommu: boolean
}

interface DrawnNode {
  readonly type: number
  readonly revision: number
  /** Bytes between the node's header and its mappings. */
  readonly body: number
  readonly mappings: number
  readonly offset: number
}

const ITS_GROUP = 0
const NAMED_COMPONENT = 1
const ROOT_COMPLEX = 2
const SMMU = 3
const SMMU_V3 = 4
const PMCG = 5
const RMR = 6
const IWB = 7
const HEADER = 16
const MAPPING = 20
const FIRST_NODE = 48
const EDGES = [0, 1, 8, 0xff, 0x100, 0x101, 0x1ff, 0x200, 0x7fff, 0x8000, 0xfffe, 0xffff] as const

function bodyLength(draw: Draw, type: number): number {
  switch (type) {
    case ITS_GROUP:
      return 4 + 4 * (1 + draw.below(3))
    case NAMED_COMPONENT:
      return 28
    case ROOT_COMPLEX:
      return draw.pick([16, 20, 24])
    case SMMU:
      return 60
    case SMMU_V3:
      return draw.pick([44, 48, 52])
    case PMCG:
      return 16
    case RMR:
      return 12
    case IWB:
      return 24
    default:
      return 8
  }
}

function mappingCount(draw: Draw, type: number): number {
  if (type === ITS_GROUP) return draw.chance(5) ? 1 : 0
  return draw.below(type === PMCG || type === RMR ? 3 : 5)
}

function drawNodes(draw: Draw, wild: boolean): readonly DrawnNode[] {
  const types = [ITS_GROUP, ITS_GROUP, NAMED_COMPONENT, ROOT_COMPLEX, ROOT_COMPLEX, ROOT_COMPLEX] as const
  const others = [SMMU, SMMU_V3, SMMU_V3, PMCG, RMR, IWB, wild ? 9 : ROOT_COMPLEX] as const
  let offset = FIRST_NODE
  return Array.from({ length: 2 + draw.below(7) }, () => {
    const type = draw.pick([...types, ...others])
    const body = bodyLength(draw, type)
    const mappings = mappingCount(draw, type)
    const node = { type, revision: draw.below(7), body, mappings, offset }
    offset += HEADER + body + MAPPING * mappings
    return node
  })
}

/** The fields of a node that the walk looks at. */
function writeBody(draw: Draw, table: Buffer, { type, body, offset }: DrawnNode): void {
  const data = offset + HEADER
  switch (type) {
    case ITS_GROUP: {
      const count = (body - 4) / 4
      table.writeUInt32LE(draw.chance(5) ? 0 : count, data)
      for (let index = 0; index < count; index++) table.writeUInt32LE(draw.below(4), data + 4 + 4 * index)
      break
    }
    case ROOT_COMPLEX:
      table.writeUInt32LE(draw.chance(80) ? 0 : 1, data + 12)
      break
    case SMMU_V3: {
      table.writeUInt32LE(draw.chance(50) ? 0x10 : 0, data + 8)
      const wired = draw.chance(50)
      for (const field of [28, 32, 36, 40]) table.writeUInt32LE(wired || draw.chance(50) ? 40 + field : 0, data + field)
      if (body >= 52) table.writeUInt32LE(draw.pick([0, 0, 1, 2, 9]), data + 48)
      break
    }
    case PMCG:
      table.writeUInt32LE(draw.chance(50) ? 77 : 0, data + 8)
      break
    default:
  }
}

function writeMapping(draw: Draw, table: Buffer, at: number, target: number, wild: boolean): void {
  const base = draw.pick(EDGES)
  const count = Math.max(0, draw.pick(EDGES) - base + draw.pick([0, 0, 0, 1, -1]))
  table.writeUInt32LE(base, at)
  table.writeUInt32LE(wild && draw.chance(10) ? draw.pick([0xffffffff, 0x80000000, 0xffff0000]) : count, at + 4)
  const output =
    wild && draw.chance(10) ? draw.pick([0xffffffff, 0xffff0000]) : draw.pick([0, 0, base, 0x10000, 0x20000])
  table.writeUInt32LE(output, at + 8)
  table.writeUInt32LE(target, at + 12)
  table.writeUInt32LE(draw.chance(6) ? 1 : 0, at + 16)
}

/** A table of two to eight nodes with mappings whose ends meet, overlap and miss each other by one. */
export function drawIort(draw: Draw): DrawnIort {
  const wild = draw.chance(30)
  const nodes = drawNodes(draw, wild)
  const last = nodes.at(-1)
  const length = last ? last.offset + HEADER + last.body + MAPPING * last.mappings : FIRST_NODE
  const table = Buffer.alloc(length)
  table.write('IORT', 0)
  table.writeUInt32LE(length, 4)
  table[8] = draw.pick([0, 1, 3, 6])
  table.write(draw.chance(10) ? 'HISI  HIP08   ' : 'TEST  RANDOM  ', 10)
  table.writeUInt32LE(nodes.length, 36)
  table.writeUInt32LE(FIRST_NODE, 40)
  const ends = nodes.filter(({ type }) => type === ITS_GROUP || type === SMMU || type === SMMU_V3)
  const target = () => {
    const list = ends.length > 0 && !draw.chance(10) ? ends : nodes
    return list[draw.below(list.length)]?.offset ?? FIRST_NODE
  }
  for (const node of nodes) {
    const { type, revision, body, mappings, offset } = node
    table[offset] = type
    table.writeUInt16LE(HEADER + body + MAPPING * mappings, offset + 1)
    table[offset + 3] = revision
    table.writeUInt32LE(mappings, offset + 8)
    table.writeUInt32LE(mappings > 0 ? HEADER + body : wild && draw.chance(20) ? HEADER : 0, offset + 12)
    writeBody(draw, table, node)
    for (let index = 0; index < mappings; index++) {
      const nowhere = wild && draw.chance(8) ? draw.pick([0, 4, offset + 2, 0x7ffffff0]) : target()
      writeMapping(draw, table, offset + HEADER + body + MAPPING * index, nowhere, wild)
    }
  }
  if (wild && draw.chance(15)) table.writeUInt32LE(nodes.length + draw.pick([-1, 1, 3]), 36)
  if (wild && draw.chance(10)) table[FIRST_NODE + draw.below(length - FIRST_NODE)] = draw.below(256)
  table[9] = 256 - (table.reduce((sum, byte) => (sum + byte) & 255, 0) || 256)
  const ids = [...new Set([...EDGES, ...Array.from({ length: 6 }, () => draw.below(0x10000))])]
  const questions = ids.flatMap((requesterId) => [
    { segment: 0, requesterId, iommu: false },
    { segment: 0, requesterId, iommu: true },
    { segment: 1, requesterId, iommu: false },
  ])
  return { bytes: new Uint8Array(table), wild, questions }
}
