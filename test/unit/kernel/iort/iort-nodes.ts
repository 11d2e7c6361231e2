import {
  rootComplexesBySegment,
  type IdMapping,
  type IortNode,
  type IortTable,
  type RootComplexNode,
  type SmmuV3Node,
} from '../../../../src/machine/iort.js'
import { decodeIort } from './decode-iort.js'
import { IORT_TABLES } from './iort-vectors.js'

/** Nodes written by hand, each with what its test is about. */

export const mapping = (over: Partial<IdMapping>): IdMapping => ({
  offset: 0,
  inputBase: 0,
  idCount: 0xffff,
  outputBase: 0,
  outputReference: 0,
  singleMapping: false,
  ...over,
})
export const smmu = (offset: number, over: Partial<SmmuV3Node>): SmmuV3Node => ({
  type: 'smmuv3',
  typeCode: 4,
  offset,
  length: 68,
  revision: 0,
  identifier: 0,
  mappings: [],
  mappingCount: over.mappings?.length ?? 0,
  baseAddress: 0n,
  flags: 0,
  vatosAddress: 0n,
  model: 0,
  eventGsiv: 0,
  priGsiv: 0,
  gerrorGsiv: 0,
  syncGsiv: 0,
  ...over,
})
export const rc = (mappings: readonly IdMapping[], mappingCount = mappings.length): RootComplexNode => ({
  type: 'root-complex',
  typeCode: 2,
  offset: 48,
  length: 36,
  revision: 3,
  identifier: 0,
  mappings,
  mappingCount,
  cacheCoherency: 1,
  memoryHints: 0,
  memoryFlags: 3,
  atsAttribute: 0,
  segment: 0,
})
export const group = (offset: number, itsIds: readonly number[]): IortNode => ({
  type: 'its-group',
  typeCode: 0,
  offset,
  length: 24,
  revision: 0,
  identifier: 0,
  mappings: [],
  mappingCount: 0,
  itsIds,
})
/** A table of these nodes under the header of the vectors' table A. */
export const tableOf = (...nodes: readonly IortNode[]): IortTable => ({
  ...decodeIort(IORT_TABLES['A'] ?? ''),
  nodes,
  rootComplexes: rootComplexesBySegment(nodes),
  nodeCount: nodes.length,
})
