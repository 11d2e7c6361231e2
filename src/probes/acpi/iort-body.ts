import type { IortNode, RmrDescriptor } from '../../machine/iort.js'
import { readFields, requiredLength, type StructureLayout } from './field-layout.js'
import {
  IORT_BODY_LAYOUTS,
  ITS_GROUP_LAYOUT,
  IWB_LAYOUT,
  IWB_NAME_OFFSET,
  NAMED_COMPONENT_LAYOUT,
  NAMED_COMPONENT_NAME_OFFSET,
  PMCG_LAYOUT,
  RMR_DESCRIPTOR_LAYOUT,
  RMR_DESCRIPTOR_LENGTH,
  RMR_LAYOUT,
  ROOT_COMPLEX_LAYOUT,
  SMMU_LAYOUT,
  SMMU_V3_LAYOUT,
} from './iort-layouts.js'
import { readObjectName } from './object-name.js'
import { fittingItems, takenItems, tooShort, type RecordSpan } from './record-walk.js'
import { offsetText, type TableDiagnostics } from './table-diagnostics.js'

type BaseKey = 'offset' | 'length' | 'revision' | 'identifier' | 'typeCode' | 'mappings' | 'mappingCount'
type WithoutBase<N> = N extends unknown ? Omit<N, BaseKey> : never
/** The part of a node that its type defines. */
export type IortBody = WithoutBase<IortNode>

export interface NodeShape {
  readonly typeCode: number
  readonly revision: number
  /** Where the type's own fields end, from the start of the node: at its mapping array or its last byte. */
  readonly end: number
}

/** The smallest array of an SMMUv1/v2 that holds NSgIrpt and NSgCfgIrpt, and of one more interrupt. */
export const GLOBAL_INTERRUPTS_LENGTH = 16
export const INTERRUPT_LENGTH = 8

/** Reports an array that leaves its node. */
function checkArray(
  span: RecordSpan,
  what: string,
  array: { readonly offset: number; readonly count: number; readonly size: number },
  diagnostics: TableDiagnostics,
): number {
  const fitting = fittingItems(span.reader, array.offset, array.size, array.count)
  if (fitting < array.count) {
    const where = `offset ${offsetText(array.offset)} of the node`
    diagnostics.damage(
      span.offset,
      `node at ${offsetText(span.offset)} claims ${array.count} ${what} at ${where}, ${fitting} fit.`,
    )
  }
  return takenItems(span, array.offset, fitting, diagnostics)
}

function itsGroup(span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics): IortBody | undefined {
  const fields = readFields(span.reader, ITS_GROUP_LAYOUT, shape.revision, shape.end)
  if (fields === undefined) return undefined
  const { itsCount } = fields
  const fitting = checkArray(span, 'GIC ITS identifiers', { offset: 20, count: itsCount, size: 4 }, diagnostics)
  const itsIds: number[] = []
  for (let index = 0; index < fitting; index++) {
    const itsId = span.reader.u32le(20 + 4 * index)
    if (itsId !== undefined) itsIds.push(itsId)
  }
  return { type: 'its-group', itsIds, itsCount }
}

function namedComponent(span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics): IortBody | undefined {
  const fields = readFields(span.reader, NAMED_COMPONENT_LAYOUT, shape.revision, shape.end)
  if (fields === undefined) return undefined
  return {
    type: 'named-component',
    ...fields,
    objectName: readObjectName(span, NAMED_COMPONENT_NAME_OFFSET, shape.end, diagnostics),
  }
}

function rootComplex(span: RecordSpan, shape: NodeShape): IortBody | undefined {
  const fields = readFields(span.reader, ROOT_COMPLEX_LAYOUT, shape.revision, shape.end)
  return fields && { type: 'root-complex', ...fields }
}

function smmu(span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics): IortBody | undefined {
  const fields = readFields(span.reader, SMMU_LAYOUT, shape.revision, shape.end)
  if (fields === undefined) return undefined
  const context = { offset: fields.contextInterruptOffset, count: fields.contextInterruptCount, size: INTERRUPT_LENGTH }
  const pmu = { offset: fields.pmuInterruptOffset, count: fields.pmuInterruptCount, size: INTERRUPT_LENGTH }
  checkArray(span, 'context interrupts', context, diagnostics)
  checkArray(span, 'PMU interrupts', pmu, diagnostics)
  return { type: 'smmu', ...fields }
}

function smmuV3(span: RecordSpan, shape: NodeShape): IortBody | undefined {
  const fields = readFields(span.reader, SMMU_V3_LAYOUT, shape.revision, shape.end)
  return fields && { type: 'smmuv3', ...fields }
}

function pmcg(span: RecordSpan, shape: NodeShape): IortBody | undefined {
  const fields = readFields(span.reader, PMCG_LAYOUT, shape.revision, shape.end)
  return fields && { type: 'pmcg', ...fields }
}

function rmr(span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics): IortBody | undefined {
  const fields = readFields(span.reader, RMR_LAYOUT, shape.revision, shape.end)
  if (fields === undefined) return undefined
  const array = { offset: fields.descriptorOffset, count: fields.descriptorCount, size: RMR_DESCRIPTOR_LENGTH }
  const fitting = checkArray(span, 'memory range descriptors', array, diagnostics)
  const descriptors: RmrDescriptor[] = []
  for (let index = 0; index < fitting; index++) {
    const at = array.offset + index * RMR_DESCRIPTOR_LENGTH
    const descriptor = readFields(span.reader.upTo(at, RMR_DESCRIPTOR_LENGTH), RMR_DESCRIPTOR_LAYOUT)
    if (descriptor !== undefined) descriptors.push(descriptor)
  }
  return { type: 'rmr', ...fields, descriptors }
}

function iwb(span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics): IortBody | undefined {
  const fields = readFields(span.reader, IWB_LAYOUT, shape.revision, shape.end)
  if (fields === undefined) return undefined
  return { type: 'iwb', ...fields, objectName: readObjectName(span, IWB_NAME_OFFSET, shape.end, diagnostics) }
}

const READERS: Readonly<
  Record<number, (span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics) => IortBody | undefined>
> = { 0: itsGroup, 1: namedComponent, 2: rootComplex, 3: smmu, 4: smmuV3, 5: pmcg, 6: rmr, 7: iwb }

/**
 * Reads the part of a node behind its 16-byte header. A node too short for the fixed fields of its type becomes
 * `unknown` with a diagnostic (damage); a type that is not known becomes `unknown` with a note.
 */
export function iortBody(span: RecordSpan, shape: NodeShape, diagnostics: TableDiagnostics): IortBody {
  const reader = READERS[shape.typeCode]
  const at = offsetText(span.offset)
  if (reader === undefined) {
    diagnostics.note(span.offset, `node at ${at} has type ${shape.typeCode}, which is not known; it was passed over.`)
    return { type: 'unknown' }
  }
  const body = reader(span, shape, diagnostics)
  if (body !== undefined) return body
  const layout: StructureLayout = IORT_BODY_LAYOUTS[shape.typeCode] ?? {}
  tooShort(span, `node of type ${shape.typeCode}`, requiredLength(layout), diagnostics)
  return { type: 'unknown' }
}
