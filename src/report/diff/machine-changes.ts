import type { DiffSide, SingleChange } from './diff-types.js'
import { addLeaves, changedLeaves, type LeafChange } from './leaves.js'

const TABLE_LEFT_OUT: ReadonlySet<string> = new Set([
  'length',
  'checksum',
  'damaged',
  'cell',
  'offset',
  'typeCode',
  'typedBy',
  'diagnostics',
])

/** Words of the command line and parameters that differ. */
export function* settingChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  for (const change of changedLeaves(before.settings, after.settings)) {
    yield { ...change, area: 'settings', subject: '', field: change.path }
  }
}

/** `nodes[0x48].fields.flags` → `0x48 flags`, `nodes[/its@0].properties[status].value.strings` → `/its@0 status`. */
function placeOf(path: string): string {
  return path
    .replace(/^(?:nodes|structures|entries|blocks|allocations)\[([^\]]*)\]\.?/, '$1 ')
    .replace(/^([^ ]* )properties\[([^\]]*)\]\.(?:value\.)?(?:strings|cells|hex)?/, '$1$2')
    .replace(/(^| )fields\./, '$1')
    .trim()
}

/** Items of a table or nodes of a tree that a leaf lies in, the outermost first; a property is no item, but a field. */
function* itemsAbove(path: string): Generator<string> {
  for (let end = path.indexOf(']'); end >= 0; end = path.indexOf(']', end + 1)) {
    const item = path.slice(0, end + 1)
    if (item.includes('.properties[')) return
    yield item
  }
}

const itemsOf = (leaves: ReadonlyMap<string, string>): ReadonlySet<string> =>
  new Set([...leaves.keys()].flatMap((path) => [...itemsAbove(path)]))

/** Fields that differ; an item that only one side has is told once, by its type. */
function* fieldChanges(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): Generator<LeafChange> {
  const [had, has] = [itemsOf(was), itemsOf(is)]
  const told = new Set<string>()
  for (const change of changedLeaves(was, is)) {
    const item = [...itemsAbove(change.path)].find((one) => had.has(one) !== has.has(one))
    if (item === undefined) yield change
    if (item === undefined || told.has(item)) continue
    told.add(item)
    const what = (leaves: ReadonlyMap<string, string>, items: ReadonlySet<string>) =>
      items.has(item) ? (leaves.get(`${item}.type`) ?? 'there') : undefined
    yield { path: item, before: what(was, had), after: what(is, has) }
  }
}

/** Tables and trees that differ, field by field. */
export function* tableChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  for (const name of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const [was, is] = [before, after].map(({ tables }) => {
      const leaves = new Map<string, string>()
      if (tables.has(name)) addLeaves(leaves, tables.get(name), '', TABLE_LEFT_OUT)
      return leaves
    })
    if (was === undefined || is === undefined) continue
    if (was.size === 0 || is.size === 0) {
      const [one, other] = [was.size > 0 ? 'there' : undefined, is.size > 0 ? 'there' : undefined]
      yield { path: name, before: one, after: other, area: 'tables', subject: name, field: 'table' }
      continue
    }
    for (const change of fieldChanges(was, is)) {
      // The command line is told word by word, and the form of a value by the value.
      if (!/\.properties\[(?:bootargs\]|[^\]]{0,64}\]\.(?:name|value\.type)$)/.test(change.path)) {
        yield { ...change, area: 'tables', subject: name, field: placeOf(change.path) }
      }
    }
  }
}
