import { isJsonObject, type JsonObject } from '../json-value.js'
import type { ComparedInPart, DiffSide, FirmwareContent, SingleChange } from './diff-types.js'
import { treeChanges } from './tree-changes.js'
import { pathText, textOrNone, valueChanges, type Path } from './value-changes.js'

/** What follows from other fields of a table, or only places and types them. */
const TABLE_LEFT_OUT: ReadonlySet<string> = new Set([
  'length',
  'checksum',
  'damaged',
  'offset',
  'typeCode',
  'diagnostics',
])

/** Inside of `fields` a length is one that firmware states. */
const isLeftOut = (field: string, holder: JsonObject): boolean => 'fields' in holder && TABLE_LEFT_OUT.has(field)

/** Words of the command line and parameters that differ. */
export function* settingChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  for (const field of new Set([...before.settings.keys(), ...after.settings.keys()])) {
    const [was, is] = [before.settings.get(field), after.settings.get(field)]
    const place = { area: 'settings', subject: '', path: [{ field }], field, kind: 'changed' } as const
    if (was !== is) yield { ...place, before: was, after: is }
  }
}

/** `nodes[0x48].fields.flags` is `0x48 flags`. */
function placeText(path: Path): string {
  const steps = path.filter((step) => !('field' in step && step.field === 'fields'))
  const [first, ...rest] = steps
  return first && 'item' in first ? [first.item, pathText(rest)].join(' ').trim() : pathText(steps)
}

/** A record that came or went is told by its type. */
function recordText(value: unknown): string | undefined {
  if (!isJsonObject(value)) return textOrNone(value)
  return typeof value['type'] === 'string' ? value['type'] : 'there'
}

/** Tables and trees that differ, field by field. */
export function* tableChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  for (const name of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    yield* contentChanges(name, before.tables.get(name), after.tables.get(name))
  }
}

/** Tables and trees that were not compared to their end. */
export function comparedInPart(before: DiffSide, after: DiffSide): readonly ComparedInPart[] {
  return [...before.tables].flatMap(([subject, { leftOut }]) => {
    const other = after.tables.get(subject)
    if (!other || leftOut + other.leftOut === 0) return []
    return [{ subject, leftOutBefore: leftOut, leftOutAfter: other.leftOut }]
  })
}

function* contentChanges(name: string, was?: FirmwareContent, is?: FirmwareContent): Generator<SingleChange> {
  const place = { area: 'tables', subject: name } as const
  if (was?.kind === 'devicetree' && is?.kind === 'devicetree') {
    for (const { node, field, before, after } of treeChanges(was.tree, is.tree)) {
      const path = [{ list: 'nodes', item: node }, ...(field === undefined ? [] : [{ field }])]
      yield { ...place, path, field: placeText(path), before, after, kind: 'changed' }
    }
  } else if (was?.kind === 'acpi' && is?.kind === 'acpi') {
    for (const { path, before, after } of valueChanges({ ...was.table }, { ...is.table }, [], isLeftOut)) {
      const [one, other] = [recordText(before), recordText(after)]
      yield { ...place, path, field: placeText(path), before: one, after: other, kind: 'changed' }
    }
  } else {
    const [before, after] = [was && 'there', is && 'there']
    yield { ...place, path: [], field: 'table', before, after, kind: was ? 'gone' : 'came' }
  }
}
