import { isJsonObject, type JsonObject } from '../json-value.js'

/** One step into a document: to a field, or to an item of a list, by what it is called there. */
export interface FieldStep {
  readonly field: string
}
export interface ItemStep {
  readonly list: string
  readonly item: string
}
export type Step = FieldStep | ItemStep
export type Path = readonly Step[]

/** A value, or an item of a list, that two documents have otherwise; `undefined` on the side that has it not. */
export interface ValueChange {
  readonly path: Path
  readonly before: unknown
  readonly after: unknown
}

/** Whether a field says nothing new, by its name and the object that has it. */
export type LeftOut = (field: string, holder: JsonObject) => boolean

/** How an item of a list is called, so that one more before it changes nothing of the others. */
const KEYS: readonly (readonly string[])[] = [
  ['address'],
  ['rule', 'subject'],
  ['path'],
  ['offset'],
  ['source'],
  ['name'],
  ['kind', 'id'],
  ['id'],
  ['code'],
  ['start', 'end'],
]

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

function ownKey(item: JsonObject): string | undefined {
  for (const names of KEYS) {
    const values = names.map((name) => item[name])
    if (values.every(isScalar)) return values.join(' ')
  }
  return undefined
}

/** Items by their keys, by their place where they have none; one that comes again is counted. */
function byKey(items: readonly JsonObject[]): ReadonlyMap<string, JsonObject> {
  const seen = new Map<string, number>()
  const keyed = new Map<string, JsonObject>()
  for (const [index, item] of items.entries()) {
    const key = ownKey(item) ?? String(index)
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    keyed.set(times === 1 ? key : `${key} #${times}`, item)
  }
  return keyed
}

/** The items of a list that has nothing but objects; undefined for everything else. */
function recordsOf(value: unknown): readonly JsonObject[] | undefined {
  if (!Array.isArray(value)) return undefined
  const items: readonly unknown[] = value
  const records = items.filter(isJsonObject)
  return records.length === items.length ? records : undefined
}

/** A value in words: a list by its items, an item of which that is an object by what it is called. */
export function valueText(value: unknown): string {
  const records = recordsOf(value)
  if (records && records.length > 0) return [...byKey(records).keys()].join(', ')
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items.map((item) => (isScalar(item) ? String(item) : JSON.stringify(item))).join(', ') || 'none'
  }
  return isScalar(value) ? String(value) : JSON.stringify(value)
}

/** The same of a side that may not have it. */
export const textOrNone = (value: unknown): string | undefined => (value === undefined ? undefined : valueText(value))

/** `chain.iommu.kind`, `memory[0x0 0xfff].type`. */
export function pathText(path: Path): string {
  return path.map((step) => ('field' in step ? step.field : `${step.list}[${step.item}]`)).join('.')
}

/**
 * What two values have otherwise, in the order of the first, then what only the second has. Items of lists are told by what
 * they are called; what came or went is told once, as a whole.
 *
 */
export function* valueChanges(before: unknown, after: unknown, path: Path, isLeftOut: LeftOut): Generator<ValueChange> {
  if (isJsonObject(before) && isJsonObject(after)) {
    yield* fieldChanges(before, after, path, isLeftOut)
  } else if (before === undefined || after === undefined) {
    if (before !== after) yield { path, before, after }
  } else if (isJsonObject(before) || isJsonObject(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after }
  } else if (valueText(before) !== valueText(after)) yield { path, before, after }
}

function* fieldChanges(before: JsonObject, after: JsonObject, path: Path, isLeftOut: LeftOut): Generator<ValueChange> {
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (isLeftOut(field, before)) continue
    const [was, is] = [before[field], after[field]]
    const [had, has] = [recordsOf(was), recordsOf(is)]
    if (!had || !has) {
      yield* valueChanges(was, is, [...path, { field }], isLeftOut)
      continue
    }
    const [old, now] = [byKey(had), byKey(has)]
    for (const item of new Set([...old.keys(), ...now.keys()])) {
      yield* valueChanges(old.get(item), now.get(item), [...path, { list: field, item }], isLeftOut)
    }
  }
}
