import { isJsonObject, type JsonObject } from '../json-value.js'

/** Values of a document by their place in it; lists of names are one value. */
export type Leaves = ReadonlyMap<string, string>

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

/** A key for each, its place where it has none; one that comes again is counted. */
function keysOf(items: readonly JsonObject[]): readonly string[] {
  const seen = new Map<string, number>()
  return items.map((item, index) => {
    const key = ownKey(item) ?? String(index)
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    return times === 1 ? key : `${key} #${times}`
  })
}

/** Adds every value below `value`; `without` names keys that say nothing new. */
export function addLeaves(
  leaves: Map<string, string>,
  value: unknown,
  path: string,
  without: ReadonlySet<string>,
): void {
  if (isScalar(value)) {
    leaves.set(path, String(value))
    return
  }
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    const records = items.filter(isJsonObject)
    if (records.length === 0 || records.length < items.length) {
      leaves.set(path, items.map((item) => (isScalar(item) ? String(item) : JSON.stringify(item))).join(', ') || 'none')
      return
    }
    const keys = keysOf(records)
    for (const [index, item] of records.entries()) addLeaves(leaves, item, `${path}[${keys[index] ?? ''}]`, without)
    return
  }
  if (!isJsonObject(value)) return
  for (const [key, item] of Object.entries(value)) {
    if (!without.has(key)) addLeaves(leaves, item, path === '' ? key : `${path}.${key}`, without)
  }
}

/** One value that differs; undefined on the side that has none. */
export interface LeafChange {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What differs, in the order of the first document, then what only the second has. */
export function changedLeaves(before: Leaves, after: Leaves): readonly LeafChange[] {
  const changes: LeafChange[] = []
  for (const [path, value] of before) {
    const now = after.get(path)
    if (now !== value) changes.push({ path, before: value, after: now })
  }
  for (const [path, value] of after) if (!before.has(path)) changes.push({ path, before: undefined, after: value })
  return changes
}
