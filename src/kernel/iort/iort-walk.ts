import type { IdMapping, IortNode, IortTable, RootComplexNode } from '../../machine/iort.js'
import { hasHisiIdCountBug, iortRulesOf, type IortRules } from './iort-rules.js'
import type { KernelRelease } from '../release.js'

/** Oddities that Linux prints a firmware-bug line for, or passes over in silence, on the way. */
export interface IortWarning {
  readonly code:
    | 'single-mapping-not-allowed'
    | 'conflicting-mapping'
    | 'last-id-superseded'
    | 'mapping-index-out-of-range'
    | 'null-reference'
  /** Offset of the mapping or node from the start of the table. */
  readonly offset: number
}

/** One mapping used on the way: `input` at `node` became `output`. */
export interface IortStep {
  readonly node: IortNode
  readonly mapping: IdMapping
  /** Index in the node's mapping array. */
  readonly index: number
  readonly input: number
  readonly output: number
}

/** Why Linux finds no target. */
export type IortWalkFailure = 'no-root-complex' | 'no-mappings' | 'null-reference' | 'no-match'
/**
 * Why nobody can say what Linux finds: nodes of the table that could not be read, a reference to what is no node, a loop,
 * an array that leaves its node, a node too short for a field that matters, a type that Linux cannot tell from others, or
 * rules of the release that are not known and disagree.
 */
export type IortWalkDoubt =
  | 'nodes-incomplete'
  | 'dangling-reference'
  | 'loop'
  | 'mappings-incomplete'
  | 'node-too-short'
  | 'type-out-of-range'
  | 'release-undetermined'

interface WalkEvidence {
  readonly path: readonly IortStep[]
  readonly warnings: readonly IortWarning[]
}
type NodeOf<Type> = Extract<IortNode, { readonly type: Type }>
/** Where a walk to nodes of some types ends. */
export type IortWalk<Type extends IortNode['type'] = IortNode['type']> =
  | (WalkEvidence & { readonly outcome: 'reached'; readonly node: NodeOf<Type>; readonly id: number })
  | (WalkEvidence & { readonly outcome: 'failed'; readonly reason: IortWalkFailure })
  | (WalkEvidence & { readonly outcome: 'unknown'; readonly reason: IortWalkDoubt })

/** The node that starts at `offset` from the start of the table; undefined when none does. Nodes are in table order. */
export function iortNodeAt({ nodes }: IortTable, offset: number): IortNode | undefined {
  let first = 0
  let last = nodes.length - 1
  while (first <= last) {
    const middle = (first + last) >>> 1
    const node = nodes[middle]
    if (node === undefined || node.offset === offset) return node
    if (node.offset < offset) first = middle + 1
    else last = middle - 1
  }
  return undefined
}

/**
 * Whether a node's type is more than `IORT_TYPE_MASK` can tell, which shifts an int by it: undefined in C, and on the
 * processors that matter the low five bits, so that 0xe0 counts as an ITS group.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_node_map_id`.
 */
export function isTypeOutOfRange({ typeCode }: IortNode): boolean {
  return typeCode >= 32
}

/**
 * Root complex nodes of a PCI segment in table order. Linux uses the first; a later one is never looked at.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_find_dev_node`, `iort_match_node_callback`; iort-walk.md section 1.
 */
export function rootComplexesOf(iort: IortTable, segment: number): readonly RootComplexNode[] {
  return iort.rootComplexes.get(segment) ?? []
}

/**
 * Whether nodes that the table claims to have were not read: one that is damaged or leaves the table hides all behind it.
 * Linux takes such a node as it is; what it would find in it is not known here.
 */
export function missesNodes({ header, nodes, nodeCount }: IortTable): boolean {
  const last = nodes.at(-1)
  return nodes.length < nodeCount && (last === undefined || last.offset + last.length < header.length)
}

type IdMapResult = { readonly match: 'none' } | { readonly match: 'exact' | 'last'; readonly output: number }

const NO_MATCH: IdMapResult = { match: 'none' }

/** What `mapId` needs to know besides mapping and id. */
interface MapIdContext {
  readonly nodeType: IortNode['type']
  readonly rules: IortRules
  /** True when an earlier mapping of the node matched at its last ID only. */
  readonly overlapping: boolean
  /** The table is one of those that 5.6 and 5.7 correct. */
  readonly hisiIdCountBug: boolean
  readonly warn: (code: IortWarning['code'], offset: number) => void
}

/**
 * Whether a single mapping translates at such a node, whatever the id; elsewhere Linux warns and passes it over.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_id_map`.
 */
export function takesSingleMappings(nodeType: IortNode['type'], rules: IortRules): boolean {
  return nodeType === 'named-component' || nodeType === 'root-complex' || (nodeType === 'iwb' && rules.singleAtIwb)
}

/**
 * Translates a 32-bit id by one mapping. `last` is a match at the very end of the range, which a later mapping that
 * starts there may supersede. All arithmetic is unsigned 32-bit.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_id_map`; iort-walk.md section 2.
 */
function mapId(mapping: IdMapping, id: number, context: MapIdContext): IdMapResult {
  const { nodeType, rules, warn } = context
  if (mapping.singleMapping) {
    if (takesSingleMappings(nodeType, rules)) return { match: 'exact', output: mapping.outputBase }
    warn('single-mapping-not-allowed', mapping.offset)
    return NO_MATCH
  }
  const end = (mapping.inputBase + mapping.idCount) >>> 0
  const output = (mapping.outputBase + (id - mapping.inputBase)) >>> 0
  if (id < mapping.inputBase) return NO_MATCH
  switch (rules.upperBound) {
    case 'exclusive':
      return id < end ? { match: 'exact', output } : NO_MATCH
    case 'inclusive-hisi': {
      const last = context.hisiIdCountBug ? (end - 1) >>> 0 : end
      return id <= last ? { match: 'exact', output } : NO_MATCH
    }
    case 'inclusive-last':
      break
  }
  if (id > end) return NO_MATCH
  if (context.overlapping) {
    warn('conflicting-mapping', mapping.offset)
    if (id !== mapping.inputBase) return NO_MATCH
    warn('last-id-superseded', mapping.offset)
  }
  return { match: mapping.idCount > 0 && id === end ? 'last' : 'exact', output }
}

/**
 * Index of the mapping that describes the node's own MSIs and is skipped for its clients; undefined when there is none,
 * `too-short` when the node ends before the field.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_get_id_mapping_index`; iort-walk.md section 3.
 */
export function specialMappingIndex(
  node: IortNode,
  rules: IortRules,
  warn: MapIdContext['warn'],
): number | 'too-short' | undefined {
  if (node.type === 'pmcg') return node.overflowGsiv !== 0 || node.mappingCount === 0 ? undefined : 0
  if (node.type !== 'smmuv3' || node.revision < 1) return undefined
  const byFlag = rules.mappingIndex === 'flag' && node.revision >= 5
  const { eventGsiv, priGsiv, gerrorGsiv, syncGsiv } = node
  const allWired = eventGsiv !== 0 && priGsiv !== 0 && gerrorGsiv !== 0 && syncGsiv !== 0
  if (byFlag ? (node.flags & 0x10) === 0 : allWired) return undefined
  if (node.deviceIdMappingIndex === undefined) return 'too-short'
  if (node.deviceIdMappingIndex < node.mappingCount) return node.deviceIdMappingIndex
  warn('mapping-index-out-of-range', node.offset)
  return undefined
}

type NodeStep = { readonly step: IortStep } | { readonly failed: IortWalkFailure } | { readonly doubt: IortWalkDoubt }

function stepFrom(
  node: IortNode,
  input: number,
  rules: IortRules,
  hisiIdCountBug: boolean,
  warn: MapIdContext['warn'],
): NodeStep {
  if (node.mappingCount === 0) return { failed: 'no-mappings' }
  // Linux checks the first reference only; the others are followed as they are.
  if (node.mappings[0]?.outputReference === 0) {
    warn('null-reference', node.mappings[0].offset)
    return { failed: 'null-reference' }
  }
  const skipped = specialMappingIndex(node, rules, warn)
  if (skipped === 'too-short') return { doubt: 'node-too-short' }
  let provisional: IortStep | undefined
  let index = -1
  for (const mapping of node.mappings) {
    index += 1
    if (index === skipped) continue
    const overlapping = provisional !== undefined
    const result = mapId(mapping, input, { nodeType: node.type, rules, overlapping, hisiIdCountBug, warn })
    if (result.match === 'none') continue
    const step = { node, mapping, index, input, output: result.output }
    if (result.match === 'exact') return { step }
    // A zero reference is how Linux marks that nothing was found yet.
    provisional = mapping.outputReference === 0 ? undefined : step
  }
  if (node.mappings.length < node.mappingCount) return { doubt: 'mappings-incomplete' }
  return provisional ? { step: provisional } : { failed: 'no-match' }
}

/**
 * Follows ID mappings from `start` until a node of one of `targetTypes`, under one set of rules. Visits no node twice.
 * On anything but `reached` Linux goes on with the id it started from.
 * Source: K: drivers/acpi/arm64/iort.c, `iort_node_map_id`; iort-walk.md section 4.
 */
function walkIort<Type extends IortNode['type']>(
  iort: IortTable,
  start: IortNode,
  id: number,
  targetTypes: readonly Type[],
  rules: IortRules,
): IortWalk<Type> {
  const isTarget = (node: IortNode): node is NodeOf<Type> => targetTypes.some((type) => type === node.type)
  const path: IortStep[] = []
  const warnings: IortWarning[] = []
  const warn: MapIdContext['warn'] = (code, offset) => void warnings.push({ code, offset })
  const hisiIdCountBug = hasHisiIdCountBug(iort)
  const visited = new Set<number>()
  let node: IortNode = start
  let current = id
  while (!isTarget(node)) {
    if (visited.has(node.offset)) return { outcome: 'unknown', reason: 'loop', path, warnings }
    if (isTypeOutOfRange(node)) return { outcome: 'unknown', reason: 'type-out-of-range', path, warnings }
    visited.add(node.offset)
    const next = stepFrom(node, current, rules, hisiIdCountBug, warn)
    if ('failed' in next) return { outcome: 'failed', reason: next.failed, path, warnings }
    if ('doubt' in next) return { outcome: 'unknown', reason: next.doubt, path, warnings }
    path.push(next.step)
    const target = iortNodeAt(iort, next.step.mapping.outputReference)
    if (!target) return { outcome: 'unknown', reason: 'dangling-reference', path, warnings }
    node = target
    current = next.step.output
  }
  return { outcome: 'reached', node, id: current, path, warnings }
}

function agree<Type extends IortNode['type']>(left: IortWalk<Type>, right: IortWalk<Type>): boolean {
  if (left.outcome === 'reached' && right.outcome === 'reached') return left.node === right.node && left.id === right.id
  return left.outcome === right.outcome
}

/**
 * `walkIort` as a release does it; `release-undetermined` where the release may apply several rules that disagree.
 * Source: iort-walk.md sections 2 to 4.
 */
export function walkIortAs<Type extends IortNode['type']>(
  release: KernelRelease | undefined,
  iort: IortTable,
  start: IortNode,
  id: number,
  targetTypes: readonly Type[],
): IortWalk<Type> {
  const walks = iortRulesOf(release).map((rules) => walkIort(iort, start, id, targetTypes, rules))
  const [first, ...others] = walks
  if (first && others.every((other) => agree(first, other))) return first
  return { outcome: 'unknown', reason: 'release-undetermined', path: [], warnings: [] }
}
